"""Private answers about customers: rows that were rejected, one customer's sheet, customers by name, and usage."""

from collections.abc import Mapping, Sequence
from typing import Final

from automations.customer_context.card_types import CustomerSheet, RejectedLine
from automations.customer_context.search import PER_PAGE, CustomerRow
from bot.grammar_customers import CustomersVerb
from bot.views import Block, Message
from bot.views.blocks import (
    BUDGET,
    MAX_TEXT,
    Part,
    bullets,
    button,
    context,
    divider,
    header,
    label,
    link,
    message,
    new_line,
    plain,
    question,
    rich,
    saying,
    section,
    size,
    words,
)
from bot.views.customers import turning
from bot.views.customers_ledger import conflict_blocks
from bot.views.customers_words import customers, small, value_words
from bot.views.texts import Look, esc, moment, one_line, times
from bot.wire_customers import LIST_NAMES, ListAct, ListButton, Pages

REJECTED: Final = 8
"""Rows of one page."""
COLUMNS: Final = 6
HISTORY: Final = 8
CONFLICTS: Final = 3
FIELDS: Final = 20
DOMAINS: Final = 10
"""How much of each a row or a sheet shows."""
_LIMITS: Final = (300, 120, 60, 30)

USAGE: Final[Mapping[CustomersVerb, tuple[tuple[str, str], ...]]] = {
    CustomersVerb.SYNC: (
        ("", "compares the sources with the desk and shows what would change; nothing changes by it"),
        ("sync whole", "the same, and lists every source whole, so that who is gone is seen"),
    ),
    CustomersVerb.STATUS: (("status", "shows the newest sync again"),),
    CustomersVerb.LIST: (("list [words] [page]", "customers with tier and status, by name, account or domain"),),
    CustomersVerb.SHOW: (("show ACCOUNT", "one customer: every field, where it comes from, and what changed"),),
    CustomersVerb.CONFLICTS: (("conflicts [page]", "what source and desk disagree on"),),
    CustomersVerb.REJECTED: (("rejected [page]", "rows that could not be taken, and why"),),
    CustomersVerb.ROLLBACK: (
        ("rollback last", "takes back what was carried out last, where nobody changed it since"),
        ("rollback ACCOUNT", "the same for one customer"),
    ),
    CustomersVerb.HELP: (("help", "this list"),),
}
"""What can be typed after the command, and what it does."""


def rejected_message(lines: Sequence[RejectedLine], page: int, look: Look) -> Message:
    """Show one page of the rows that wait to be fixed, from 1; a page that is not there is the nearest that is."""
    pages = max(1, -(-len(lines) // REJECTED))
    page = min(max(page, 1), pages)
    shown = lines[(page - 1) * REJECTED : page * REJECTED]
    if not lines:
        return message("No row is rejected", header("🟢 No row is rejected"), context("Every row could be taken."))
    said = f"{len(lines):,} {'row' if len(lines) == 1 else 'rows'} could not be taken"
    for limit in _LIMITS:
        blocks = [
            header(f"🟠 {said}"),
            context("Each is tried again in every sync, until the source has it right or somebody dismisses it."),
            *(block for line in shown for block in _rejected(line, look, limit=limit)),
            *turning(Pages.REJECTED, 0, page, pages),
            *([context(f"Page {page} of {pages}")] if pages > 1 else []),
        ]
        if size(blocks) <= BUDGET:
            break
    return message(said, *blocks)


def _rejected(line: RejectedLine, look: Look, *, limit: int) -> list[Block]:
    """A row with its button beside it, and below how often it was tried; literal, since ids are full of signs."""
    named = [f"{one_line(name, 60)} = {value_words(text, limit)}" for name, text in line.row.items()]
    more = f", and {len(named) - COLUMNS} more" if len(named) > COLUMNS else ""
    shown = [f"{', '.join(named[:COLUMNS])}{more}"] if named else []
    about = f"{one_line(line.row_key, min(limit, 80))} in {one_line(line.source, 60)}: {one_line(line.reason, limit)}"
    dialog = question(
        f"Dismiss {one_line(line.row_key, 60)}?",
        "It is not shown any more, until the row changes.",
        LIST_NAMES[ListAct.DISMISS],
    )
    value = ListButton(ListAct.DISMISS, Pages.REJECTED, line.id).encode()
    made = button(LIST_NAMES[ListAct.DISMISS], ListAct.DISMISS, value, confirm=dialog)
    text = plain("\n".join((about, *shown)), MAX_TEXT, keep_lines=True)
    tried = small(f"Tried {times(line.tries)}, first", line.first_seen, look)
    return [divider(), {"type": "section", "text": text, "accessory": made}, tried]


def sheet_message(sheet: CustomerSheet, desk: str, look: Look) -> Message:
    """Show one customer: what is in force, where it comes from, what it decides, and what changed lately."""
    for limit in _LIMITS:
        blocks = _sheet(sheet, desk, look, limit=limit)
        if size(blocks) <= BUDGET:
            break
    said = ", ".join(filter(None, (one_line(sheet.tier, 60), one_line(sheet.status, 60))))
    return message(f"{esc(sheet.name or sheet.account, 120)}: {esc(said, 200)}", *blocks)


def _sheet(sheet: CustomerSheet, desk: str, look: Look, *, limit: int) -> list[Block]:
    title = one_line(sheet.name, 100) or one_line(sheet.account, 100)
    parts: list[Part] = [label("Account"), words(sheet.account, limit=120)]
    parts += [new_line(), label("Tier"), words(value_words(sheet.tier), bold=True)]
    parts += [words(" · "), label("Status"), words(value_words(sheet.status), bold=True)]
    if sheet.gone_since is not None:
        parts += [words(" (not in the source since "), moment(sheet.gone_since, look), words(")")]
    if sheet.as_of is not None:
        parts += [new_line(), label("As of"), moment(sheet.as_of, look)]
    if sheet.domains:
        more = f" and {len(sheet.domains) - DOMAINS:,} more" if len(sheet.domains) > DOMAINS else ""
        named = ", ".join(one_line(one, 60) for one in sheet.domains[:DOMAINS])
        parts += [new_line(), label("Domains"), words(f"{named}{more}", limit=limit * 3)]
    there = one_line(desk, 60) or "the desk"
    where = link(sheet.url, f"open in {there}") if sheet.desk_id else words(f"not in {there} yet")
    parts += [new_line(), label("Desk"), where]
    return [
        header(title),
        rich(section(*parts)),
        *([rich(bullets([_field(one, limit) for one in sheet.fields[:FIELDS]]))] if sheet.fields else []),
        *(block for line in sheet.conflicts[:CONFLICTS] for block in conflict_blocks(line, desk, look, limit=limit)),
        *_history(sheet, look, limit=limit),
    ]


def _field(one: tuple[str, str, str, str, str], limit: int) -> list[Part]:
    """`tier: enterprise`, with where it comes from, what that says if it differs, and what it decides."""
    name, value, source, theirs, decision = one
    differs = f", which says {value_words(theirs, limit)}" if theirs != value else ""
    origin = f" · {one_line(source, 60)}{differs}" if source else ""
    decides = f" · {one_line(decision, limit)}" if decision else ""
    return [
        label(one_line(name, 64) or "…"), words(value_words(value, limit), bold=True),
        words(f"{origin}{decides} ", limit=limit * 3),
    ]  # fmt: skip


def _history(sheet: CustomerSheet, look: Look, *, limit: int) -> list[Block]:
    if not sheet.history:
        return []
    lines: list[list[Part]] = []
    for at, name, before, after, how in sheet.history[:HISTORY]:
        change = f"{value_words(before, limit)} → {value_words(after, limit)}"
        said = f" · {one_line(name, 64) or 'customer'}: {change} · {one_line(how, limit)}"
        lines.append([moment(at, look), words(said, limit=limit * 3)])
    return [rich(section(words("What changed", bold=True)), bullets(lines))]


def customers_message(rows: Sequence[CustomerRow], total: int, searched: str, page: int, look: Look) -> Message:
    """Show one page of customers. `total` counts all that were found for the words `searched`."""
    about = f" for “{one_line(searched, 60)}”" if searched else ""
    title = f"{customers(total)}{about}"
    if not rows:
        none = f"No customer{about}" if page == 1 else f"There is no page {page}{about}"
        return message(esc(none), rich(section(words(f"{none}."))))
    lines = [[words(one_line(one.name, 80) or one_line(one.account, 80), bold=True), words(_row(one))] for one in rows]
    more = f"list {searched} {page + 1}" if searched else f"list {page + 1}"
    foot = [f"`/{esc(look.prefix, 40)}-customers show ACCOUNT` shows one"]
    if total > page * PER_PAGE:
        foot.append(f"`/{esc(look.prefix, 40)}-customers {esc(more, 80)}` shows more")
    return message(esc(title), rich(section(words(title, bold=True)), bullets(lines)), context(" · ".join(foot)))


def _row(one: CustomerRow) -> str:
    said = [one_line(one.account, 80), one_line(one.tier, 60) or "no tier", one_line(one.status, 60)]
    return f" · {' · '.join(part for part in said if part)}"


def usage_message(look: Look, *, problem: str = "") -> Message:
    """Show what can be typed; `problem` says first what was not understood."""
    name = f"/{look.prefix}-customers"
    lines = [
        [words(f"{name} {more}".strip(), bold=True), words(f"  {text}")]
        for told in USAGE.values()
        for more, text in told
    ]
    return message(
        esc(problem, 300) or f"What {name} knows",
        *([saying(problem)] if problem else []),
        rich(bullets(lines), section(words("Everybody may look; leads ask for a sync, decide and roll back."))),
        context("A sync changes nothing: each group of changes waits until a lead approves it."),
    )
