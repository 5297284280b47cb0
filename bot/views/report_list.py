"""The tickets behind a headline number, a page at a time."""

from dataclasses import replace
from typing import Final

from automations.weekly_report.card_types import TicketLine, TicketList, report_ref
from automations.weekly_report.definitions import definitions
from bot.views import Modal
from bot.views.blocks import Part, bullets, context, link, rich, saying, screen, size, words
from bot.views.paged import ROOM
from bot.views.report_sheet import turning
from bot.views.report_words import TIME_NAMES, length, name_words
from bot.views.texts import one_line
from bot.wire_report import ReportAct, ReportButton, ReportForm

_TITLES: Final = {one.name: one.title for one in definitions("solved")}
_SIZES: Final = ((120, 500), (80, 200), (60, 0), (20, 0))
"""Characters of a title and of an address, from what we would like to what always fits; a longer address is no link."""
MOST_LINES: Final = 50
"""Tickets that always fit on a page."""


def ticket_list_modal(page: TicketList) -> Modal:
    """List one page of the tickets behind a number, each with a link into the desk; `MOST_LINES` of them at most."""
    here = ReportButton(page.report, ReportAct.TICKETS, page.number, page.page)
    order = "longest first" if page.number in TIME_NAMES else "oldest first"
    told = f"{_TITLES[page.number]}: {page.count:,}, {order}, as at the period's end"
    said = f"{told} · page {page.page:,} of {page.pages:,}"
    for name, address in _SIZES:
        blocks = [rich(bullets([_entry(line, name, address) for line in page.lines]))] if page.lines else []
        if size(blocks) <= ROOM:
            break
    view = screen(
        f"Tickets of {report_ref(page.report)}"[:24],
        *turning(replace(here, page=page.page - 1), "Back", shown=page.page > 1),
        context(said) if page.lines else saying("No tickets."),
        *blocks,
        *turning(replace(here, page=page.page + 1), "Next", shown=page.page < page.pages),
        private_metadata=here.encode(),
    )
    return view | {"callback_id": ReportForm.LIST}


def _entry(line: TicketLine, name: int, address: int) -> list[Part]:
    title = one_line(line.title, name) or "no title"
    first = link(line.url, title) if line.url and len(line.url) <= address else words(title)
    told = [name_words(line.status, 20), f"group {name_words(line.group)}", f"priority {name_words(line.priority, 20)}"]
    if line.value is not None:
        told.insert(0, length(line.value))
    return [first, words(f" · {' · '.join(told)}", limit=name + 40)]
