"""The one living list of what source and desk disagree on: both values, since when, which would win, and what to press.

Oldest first. What was settled leaves it, and stays away while both values are as they were.
"""

from collections.abc import Iterator
from typing import Final

from automations.customer_context.card_types import ConflictLine, LedgerCard
from automations.runs.card import run_ref
from bot.views import Block, Message
from bot.views.blocks import (
    BUDGET,
    Part,
    actions,
    button,
    context,
    divider,
    header,
    link,
    menu,
    message,
    question,
    rich,
    section,
    size,
    words,
)
from bot.views.customers import turning
from bot.views.customers_words import CONFLICTS, conflict_title, customer_words, small, told, value_words
from bot.views.texts import Look, esc, moment, one_line, written
from bot.wire_customers import (
    CONFLICT_NAMES,
    SETTLING,
    ConflictAct,
    ConflictButton,
    FieldButton,
    Pages,
    field_key,
)

_SIZES: Final = ((255, 5, 8), (120, 5, 8), (60, 3, 5), (40, 0, 3), (20, 0, 0))
"""Characters of each text, settled ones shown, fields in the menu: from what we would like to what always fits."""
MOST_URL: Final = 500
"""Characters of an address that a button may open; Slack takes 2,083, and eight of those would fill a message."""
OTHERS: Final = 4
"""Ids of other customers that one conflict names."""
_WHOSE: Final = ("two_accounts", "two_customers")
"""Kinds that are about which customer it is, and not about a value that could be kept."""
_ASKING: Final = (ConflictAct.KEEP_DESK, ConflictAct.IGNORE)
"""Acts that open a form; three dots say so."""
_FIELD_WORDS: Final = {
    ConflictAct.TAKE_SOURCE: "take source",
    ConflictAct.KEEP_DESK: "keep desk",
    ConflictAct.IGNORE: "ignore",
}


def ledger_message(card: LedgerCard, look: Look) -> Message:
    """Render one page of it. It calls nobody."""
    for limit, settled, fields in _SIZES:
        blocks = _blocks(card, look, limit=limit, settled=settled, fields=fields)
        if size(blocks) <= BUDGET:
            break
    return message(esc(ledger_words(card), 200), *blocks)


def ledger_words(card: LedgerCard) -> str:
    """`12 conflicts to decide`, `1 conflict to decide`, `Nothing left to decide`."""
    taking = sum(line.state == "taking" for line in card.lines)
    waiting = card.total - taking
    if not waiting:
        return f"Nothing left to decide{f', {taking:,} being taken' if taking else ''}"
    return f"{waiting:,} {'conflict' if waiting == 1 else 'conflicts'} to decide"


def _blocks(card: LedgerCard, look: Look, *, limit: int, settled: int, fields: int) -> list[Block]:
    sign = "🟠" if card.total else "🟢"
    told = "Nothing of these is changed until somebody decides." if card.total else "Sources and desk agree."
    offered = _whole_fields(card, fields)
    return [
        header(f"{sign} {ledger_words(card)}"),
        context(f"{told} Desk: {esc(card.desk, 80)}"),
        *([actions(offered)] if offered else []),
        *(block for line in card.lines for block in conflict_blocks(line, card.desk, look, limit=limit)),
        *turning(Pages.CONFLICTS, 0, card.page, card.pages),
        *([context(f"Page {card.page} of {card.pages}")] if card.pages > 1 else []),
        *([divider()] if card.lines and settled and card.settled else []),
        *(_settled(line, look) for line in card.settled[:settled]),
    ]


def conflict_blocks(line: ConflictLine, desk: str, look: Look, *, limit: int) -> list[Block]:
    """One conflict with both values, and its buttons where it is open (three blocks)."""
    shown = [divider(), rich(section(*_told(line, desk, look, limit=limit)))]
    if line.state != "open":
        return [*shown, _settled(line, look)]
    return [*shown, actions(*_buttons(line, desk, limit=limit))]


def _told(line: ConflictLine, desk: str, look: Look, *, limit: int) -> Iterator[Part]:
    """Which customer and field, since when, both values, and which would win."""
    name = f" · {one_line(line.field, limit)}" if line.field else ""
    yield words(f"{customer_words(line, limit)}{name}", bold=True)
    yield told(" · since ")
    yield moment(line.since, look)
    if line.kind not in ("differs", "blank"):
        yield told("", CONFLICTS.get(line.kind, one_line(line.kind, 40)))
    if line.kind not in _WHOSE:
        for side, value in ((line.source or "Source", line.source_value), (desk or "Desk", line.desk_value)):
            yield told("", f"{one_line(side, min(limit, 60))}: ")
            yield words(value_words(value, limit), bold=True)
    others = ""
    if line.others:
        more = f" and {len(line.others) - OTHERS:,} more" if len(line.others) > OTHERS else ""
        others = f"Concerned: {', '.join(one_line(one, min(limit, 60)) for one in line.others[:OTHERS])}{more}"
    would = one_line(line.winner, min(limit, 120)) or "nobody: only people can tell"
    yield told("", *filter(None, (others, f"Would win: {would}")))


def _buttons(line: ConflictLine, desk: str, *, limit: int) -> list[Block]:
    acts = [ConflictAct.TAKE_SOURCE] if line.takeable else []
    acts += [ConflictAct.KEEP_DESK] if line.kind not in _WHOSE else []
    made = [_button(line, act, desk, limit=limit) for act in (*acts, ConflictAct.IGNORE)]
    if len(line.url) > MOST_URL or link(line.url, "there")["type"] != "link":
        return made
    return [*made, _button(line, ConflictAct.MERGE, desk, limit=limit) | {"url": line.url}]


def _button(line: ConflictLine, act: ConflictAct, desk: str, *, limit: int) -> Block:
    name = f"{CONFLICT_NAMES[act]} …" if act in _ASKING else CONFLICT_NAMES[act]
    value = ConflictButton(line.id, act, line.version).encode()
    if act is not ConflictAct.TAKE_SOURCE:
        return button(name, act, value)
    text = f"{one_line(desk, min(limit, 40)) or 'The desk'} gets it at once, and it is read back."
    dialog = question(f"{line.field[:40]}: {value_words(line.source_value, min(limit, 60))}?", text, name)
    return button(name, act, value, style="primary", confirm=dialog)


def _whole_fields(card: LedgerCard, most: int) -> Block | None:
    """The menu that settles all of a field together; only where a field has several."""
    offered = [one for one in card.fields if one[0].strip() and one[1] > 1][:most]
    options = [
        (
            f"{one_line(name, 45)}: {_FIELD_WORDS[act]}, all {count:,} …",
            FieldButton(act, field_key(name), digest).encode(),
        )
        for name, count, digest in offered
        for act in SETTLING
    ]
    return menu(ConflictAct.FIELD, f"{CONFLICT_NAMES[ConflictAct.FIELD]} …", options) if options else None


def _settled(line: ConflictLine, look: Look) -> Block:
    """What became of one, by whom, why and when."""
    by = f" by {one_line(line.decided_by.name, 60)}" if line.decided_by else ""
    until = f", until {written(line.until, look.zone)}" if line.until else ""
    why = f": {one_line(line.reason, 150)}" if line.reason.strip() else ""
    run = f" ({run_ref(line.run_id)})" if line.run_id and line.state in ("taking", "taken") else ""
    what = {
        "taking": f"🟠 The source's {value_words(line.source_value, 60)} is being taken{run}",
        "taken": f"🟢 Took the source's {value_words(line.source_value, 60)}{run}",
        "kept": f"⚪ Kept the desk's {value_words(line.desk_value, 60)}{until}",
        "ignored": "⚪ Ignored while both values stay",
        "gone": "⚪ Not so any more",
    }.get(line.state, "🟠 Open")
    return small(f"{what} · {conflict_title(line)}{by}{why}", line.decided_at, look)
