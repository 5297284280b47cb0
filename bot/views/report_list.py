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
from bot.views.texts import Look, esc, moment_mrkdwn, one_line
from bot.wire_report import ReportAct, ReportButton, ReportForm

_TITLES: Final = {one.name: one.title for one in definitions("solved")}
_SIZES: Final = ((120, 500, 120), (80, 200, 80), (60, 0, 40), (20, 0, 0))
"""Characters of a title, of an address and of the customer, from what we would like to what always fits.

A longer address is no link.
"""
MOST_LINES: Final = 50
"""Tickets that always fit on a page."""


def ticket_list_modal(page: TicketList, look: Look) -> Modal:
    """List one page of the tickets behind a number, each with a link into the desk; `MOST_LINES` of them at most.

    Whose they are is as of now, and says how old that is.
    """
    here = ReportButton(page.report, ReportAct.TICKETS, page.number, page.page)
    order = "longest first" if page.number in TIME_NAMES else "oldest first"
    told = f"{_TITLES[page.number]}: {page.count:,}, {order}, as at the period's end"
    said = f"{told} · page {page.page:,} of {page.pages:,}"
    if page.customers_as_of is not None:
        said += f" · customers by {esc(page.customers_by, 60)}, as of {moment_mrkdwn(page.customers_as_of, look)}"
    for name, address, whose in _SIZES:
        blocks = [rich(bullets([_entry(line, name, address, whose) for line in page.lines]))] if page.lines else []
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


def _entry(line: TicketLine, name: int, address: int, whose: int) -> list[Part]:
    title = one_line(line.title, name) or "no title"
    first = link(line.url, title) if line.url and len(line.url) <= address else words(title)
    told = [name_words(line.status, 20), f"group {name_words(line.group)}", f"priority {name_words(line.priority, 20)}"]
    if line.value is not None:
        told.insert(0, length(line.value))
    customer = [words(f" · {one_line(line.customer, whose)}")] if line.customer and whose else []
    return [first, words(f" · {' · '.join(told)}", limit=name + 40), *customer]
