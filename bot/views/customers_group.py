"""One group of changes of a sync: what would change, which decision it changes, its buttons; all of it in Details."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from automations.customer_context.card_types import GroupLine
from bot.views import Block, Modal
from bot.views.blocks import (
    MAX_TEXT,
    Part,
    actions,
    bullets,
    button,
    context,
    divider,
    link,
    question,
    rich,
    screen,
    section,
    words,
)
from bot.views.customers_words import (
    changes_open_tickets,
    customers,
    effects_words,
    group_sign,
    group_stands,
    small,
    told,
    value_words,
)
from bot.views.paged import gathered, pages, paragraphs
from bot.views.texts import Look, one_line
from bot.wire_customers import CHANGES_FORMS, CHANGES_NAMES, ChangesAct, ChangesButton

BUTTONS: Final = {
    "open": (ChangesAct.APPROVE, ChangesAct.HOLD, ChangesAct.REJECT),
    "held": (ChangesAct.LET_GO, ChangesAct.REJECT),
}
"""What can be done to a group in each state, beside Details."""
ONLY_TICKED: Final = "only with the tick"
LISTED: Final = 20
"""Lines of one list in the details."""


def group_texts(line: GroupLine) -> tuple[str, ...]:
    """What would change, which decision that changes, and what it would do to open tickets, whole."""
    touched = effects_words(line.effects)
    return (
        one_line(line.words, MAX_TEXT) or "Changes",
        *([f"Decides: {one_line(line.decision, MAX_TEXT)}"] if line.decision.strip() else []),
        *([f"⚠️ {touched}: {ONLY_TICKED}"] if touched and line.state in BUTTONS else []),
    )


def group_blocks(
    line: GroupLine, texts: Sequence[str], run_id: int, look: Look, *, limit: int, live: bool
) -> list[Block]:
    """Show a group, with its buttons where it waits and may be decided (two to four blocks).

    `texts` are its `group_texts`, of which `limit` characters have room; where they are longer, Details has them, and
    Approve is there and not here.
    """
    whole = sum(map(len, texts)) <= limit
    pressed = live and line.state in BUTTONS
    more = "Details shows all of it, before you approve." if pressed else "There is more of it."
    name, rest = (texts[0], texts[1:]) if whole else (one_line(texts[0], limit), (more,))
    parts = [words(name, bold=True, limit=MAX_TEXT), told(f" · {customers(line.size)}", *rest)]
    shown = [divider(), rich(section(*parts))]
    if line.state != "open":
        shown.append(_decided(line, look))
    if not pressed:
        return shown
    acts = [act for act in BUTTONS[line.state] if whole or act is not ChangesAct.APPROVE]
    return [*shown, actions(*(_button(line, act, run_id) for act in (*acts, ChangesAct.DETAILS)))]


def group_details(line: GroupLine, run_id: int, look: Look, page: int = 1, *, live: bool = True) -> Modal:
    """Show one group whole, a page at a time, with its buttons on the last one."""
    dealt = pages([*_whole(line, look)])
    shown = min(max(page, 1), len(dealt))
    acts = [*BUTTONS[line.state]] if live and line.state in BUTTONS and shown == len(dealt) else []
    return screen(
        "Group of changes",
        context(f"{customers(line.size)} · page {shown} of {len(dealt)}"),
        *dealt[shown - 1],
        *([actions(*(_button(line, act, run_id) for act in acts))] if acts else []),
        *_turning(line, run_id, shown, len(dealt)),
        private_metadata=ChangesButton(line.id, ChangesAct.DETAILS, "", run_id, shown).encode(),
    )


def _whole(line: GroupLine, look: Look) -> Iterator[Block]:
    yield from gathered([
        *paragraphs("What", line.words),
        *paragraphs("Decides", line.decision),
        *paragraphs("Open tickets", _touched(line)),
        *paragraphs("Reason", line.reason),
    ])  # fmt: skip
    yield _decided(replace(line, reason=""), look)
    tickets = [[link(url, f"#{one_line(number, 40)}"), words(f" {said}", limit=200)] for number, url, said in
               line.effects.samples[:LISTED]]  # fmt: skip
    if tickets:
        yield rich(section(words("Some of these tickets", bold=True)), bullets(tickets))
    for first in range(0, len(line.samples), LISTED):
        part = line.samples[first : first + LISTED]
        named = "Some of them" if len(line.samples) < line.size else "All of them"
        head = [] if first else [section(words(named, bold=True))]
        yield rich(*head, bullets([_sample(*one) for one in part]))
    if len(line.samples) < line.size:
        yield context("The file in the thread of the sync lists every change.")


def _touched(line: GroupLine) -> str:
    if not changes_open_tickets(line.effects):
        return "none would change"
    return f"{effects_words(line.effects)}: {ONLY_TICKED}, which is off. {line.effects.tickets:,} are open."


def _sample(account: str, name: str, before: str, after: str) -> list[Part]:
    whom = f"{one_line(name, 80)} ({one_line(account, 60)})" if name.strip() else one_line(account, 80)
    change = f": {value_words(before)} → {value_words(after)}" if before or after else ""
    return [words(f"{whom}{change}", limit=400)]


def _decided(line: GroupLine, look: Look) -> Block:
    """What became of it, who decided, why and when."""
    by = f" · {one_line(line.decided_by.name, 60)}" if line.decided_by else ""
    why = f": {one_line(line.reason, 200)}" if line.reason.strip() else ""
    return small(f"{group_sign(line)} {group_stands(line)}{by}{why}", line.decided_at, look)


def _turning(line: GroupLine, run_id: int, page: int, last: int) -> list[Block]:
    """One button that goes on, and from the last page back to the first: two of one act cannot stand side by side."""
    if last == 1:
        return []
    name, other = ("Next page", page + 1) if page < last else ("First page", 1)
    act = ChangesAct.DETAILS
    return [actions(button(name, act, ChangesButton(line.id, act, "", run_id, other).encode()))]


def _button(line: GroupLine, act: ChangesAct, run_id: int) -> Block:
    asks = act in CHANGES_FORMS and (act is not ChangesAct.APPROVE or changes_open_tickets(line.effects))
    name = f"{CHANGES_NAMES[act]} …" if asks else CHANGES_NAMES[act]
    value = ChangesButton(line.id, act, line.digest, run_id).encode()
    style = "primary" if act is ChangesAct.APPROVE else None
    return button(name, act, value, style=style, confirm=None if asks else _really(line, act))


def _really(line: GroupLine, act: ChangesAct) -> Block | None:
    if act is not ChangesAct.APPROVE:
        return None
    text = f"{customers(line.size)}. Begins at once, and each is read back. No open ticket changes."
    return question(f"{one_line(line.words, 60)}?", text, CHANGES_NAMES[act])
