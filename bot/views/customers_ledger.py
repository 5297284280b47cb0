"""The one living list of what source and desk disagree on: both values, since when, which would win, and what to press.

Oldest first. What was settled leaves it, and stays away while both values are as they were.
"""

from typing import Final

from automations.customer_context.card_types import ConflictLine, LedgerCard
from bot.views import Block, Message
from bot.views.blocks import (
    BUDGET,
    actions,
    button,
    context,
    header,
    label,
    link,
    menu,
    message,
    new_line,
    question,
    rich,
    section,
    size,
    words,
)
from bot.views.customers import turning
from bot.views.customers_words import CONFLICTS, conflict_title, value_words
from bot.views.texts import Look, esc, moment, moment_mrkdwn, one_line
from bot.wire_customers import (
    CONFLICT_NAMES,
    SETTLING,
    ConflictAct,
    ConflictButton,
    FieldButton,
    Pages,
    field_key,
)

_SIZES: Final = ((255, 5), (120, 5), (60, 3), (30, 0))
"""Characters of each value, and settled ones shown, from what we would like to what always fits."""
MOST_FIELDS: Final = 30
"""Fields that the menu of whole fields offers, each in as many ways as there are to settle one."""
OTHERS: Final = 4
"""Ids of other customers that one conflict names."""
_WHOSE: Final = ("two_accounts", "two_customers")
"""Kinds that are about which customer it is, and not about a value that could be kept."""
_FIELD_WORDS: Final = {
    ConflictAct.TAKE_SOURCE: "take source",
    ConflictAct.KEEP_DESK: "keep desk",
    ConflictAct.IGNORE: "ignore",
}


def ledger_message(card: LedgerCard, look: Look) -> Message:
    """Render one page of it. It calls nobody."""
    for limit, settled in _SIZES:
        blocks = _blocks(card, look, limit=limit, settled=settled)
        if size(blocks) <= BUDGET:
            break
    return message(esc(ledger_words(card), 200), *blocks)


def ledger_words(card: LedgerCard) -> str:
    """`12 conflicts to decide`, `1 conflict to decide`, `Nothing left to decide`."""
    if not card.total:
        return "Nothing left to decide"
    return f"{card.total:,} {'conflict' if card.total == 1 else 'conflicts'} to decide"


def _blocks(card: LedgerCard, look: Look, *, limit: int, settled: int) -> list[Block]:
    sign = "🟠" if card.total else "🟢"
    told = "Nothing of these is changed until somebody decides." if card.total else "Sources and desk agree."
    fields = _whole_fields(card)
    return [
        header(f"{sign} {ledger_words(card)}"),
        context(f"{told} Desk: {esc(card.desk, 80)}"),
        *([actions(fields)] if fields else []),
        *(block for line in card.lines for block in conflict_blocks(line, card.desk, look, limit=limit)),
        *turning(Pages.CONFLICTS, 0, card.page, card.pages),
        *([context(f"Page {card.page} of {card.pages}")] if card.pages > 1 else []),
        *(context(_settled(line, look)) for line in card.settled[:settled]),
    ]


def conflict_blocks(line: ConflictLine, desk: str, look: Look, *, limit: int) -> list[Block]:
    """One conflict with both values, and its buttons where it is open (two blocks)."""
    parts = [words(conflict_title(line), bold=True, limit=210), words(" · since "), moment(line.since, look)]
    if line.kind not in ("differs", "blank"):
        parts += [new_line(), words(CONFLICTS.get(line.kind, line.kind), limit=120)]
    if line.kind in ("differs", "blank") or line.source_value or line.desk_value:
        parts += [
            new_line(), label(one_line(line.source, 60) or "Source"), words(value_words(line.source_value, limit)),
            new_line(), label(one_line(desk, 60) or "Desk"), words(value_words(line.desk_value, limit)),
        ]  # fmt: skip
    if line.others:
        more = f" and {len(line.others) - OTHERS:,} more" if len(line.others) > OTHERS else ""
        named = ", ".join(one_line(one, min(limit, 60)) for one in line.others[:OTHERS])
        parts += [new_line(), label("Concerned"), words(f"{named}{more}", limit=300)]
    would = one_line(line.winner, 120) or "nobody: only people can tell"
    parts += [new_line(), label("Would win"), words(would)]
    if line.state != "open":
        return [rich(section(*parts)), context(_settled(line, look))]
    return [rich(section(*parts)), actions(*_buttons(line, desk))]


def _buttons(line: ConflictLine, desk: str) -> list[Block]:
    there = link(line.url, "there")["type"] == "link"
    acts = [ConflictAct.TAKE_SOURCE] if line.takeable else []
    acts += [ConflictAct.KEEP_DESK] if line.kind not in _WHOSE else []
    made = [_button(line, act, desk) for act in (*acts, ConflictAct.IGNORE)]
    return [*made, _button(line, ConflictAct.MERGE, desk) | {"url": line.url}] if there else made


def _button(line: ConflictLine, act: ConflictAct, desk: str) -> Block:
    name = f"{CONFLICT_NAMES[act]} …" if act is ConflictAct.KEEP_DESK else CONFLICT_NAMES[act]
    value = ConflictButton(line.id, act, line.version).encode()
    style = "primary" if act is ConflictAct.TAKE_SOURCE else None
    return button(name, act, value, style=style, confirm=_really(line, act, desk))


def _really(line: ConflictLine, act: ConflictAct, desk: str) -> Block | None:
    title = one_line(conflict_title(line), 90)
    if act is ConflictAct.TAKE_SOURCE:
        change = f"{value_words(line.desk_value, 80)} → {value_words(line.source_value, 80)}"
        text = f"{change}. Begins at once: it is written to {one_line(desk, 40) or 'the desk'} and read back."
        return question(f"{title}?", text, CONFLICT_NAMES[act])
    if act is ConflictAct.IGNORE:
        text = "Nothing is changed. It comes back when one of the two values changes."
        return question(f"{title}?", text, CONFLICT_NAMES[act])
    return None


def _whole_fields(card: LedgerCard) -> Block | None:
    """The menu that settles all of a field together; only where a field has several."""
    offered = [one for one in card.fields if one[0].strip() and one[1] > 1][:MOST_FIELDS]
    options = [
        (
            f"{one_line(name, 45)}: {_FIELD_WORDS[act]}, all {count:,} …",
            FieldButton(act, field_key(name), digest).encode(),
        )
        for name, count, digest in offered
        for act in SETTLING
    ]
    return menu(ConflictAct.FIELD, f"{CONFLICT_NAMES[ConflictAct.FIELD]} …", options) if options else None


def _settled(line: ConflictLine, look: Look) -> str:
    """What became of one, escaped."""
    by = f" by {esc(line.decided_by.name, 60)}" if line.decided_by else ""
    at = f" {moment_mrkdwn(line.decided_at, look)}" if line.decided_at else ""
    until = f", until {moment_mrkdwn(line.until, look)}" if line.until else ""
    why = f": {esc(line.reason, 150)}" if line.reason.strip() else ""
    run = f" (RUN-{line.run_id})" if line.run_id and line.state in ("taking", "taken") else ""
    what = {
        "taking": f"🟠 The source's {esc(value_words(line.source_value, 60), 120)} is being taken{run}",
        "taken": f"🟢 Took the source's {esc(value_words(line.source_value, 60), 120)}{run}",
        "kept": f"⚪ Kept the desk's {esc(value_words(line.desk_value, 60), 120)}{until}",
        "ignored": "⚪ Ignored while both values stay",
        "gone": "⚪ Not so any more",
    }.get(line.state, "🟠 Open")
    return f"{what}{by}{at}{why} · {esc(conflict_title(line), 200)}"
