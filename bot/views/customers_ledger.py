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
    link,
    menu,
    message,
    question,
    size,
)
from bot.views.customers import turning
from bot.views.customers_words import CONFLICTS, conflict_title, customer_words, value_words
from bot.views.texts import Look, esc, moment_mrkdwn, one_line
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
    if not card.total:
        return "Nothing left to decide"
    return f"{card.total:,} {'conflict' if card.total == 1 else 'conflicts'} to decide"


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
        *(context(_settled(line, look)) for line in card.settled[:settled]),
    ]


def conflict_blocks(line: ConflictLine, desk: str, look: Look, *, limit: int) -> list[Block]:
    """One conflict with both values, and its buttons where it is open (two blocks)."""
    text = {"type": "mrkdwn", "text": _told(line, desk, look, limit=limit), "verbatim": True}
    shown: Block = {"type": "section", "text": text}
    if line.state != "open":
        return [shown, context(_settled(line, look))]
    return [shown, actions(*_buttons(line, desk, limit=limit))]


def _told(line: ConflictLine, desk: str, look: Look, *, limit: int) -> str:
    """Which customer and field, since when, both values, and which would win; escaped."""
    whom, field = customer_words(line, limit), esc(line.field, limit)
    lines = [f"*{esc(whom, limit * 2)}*{f' · *{field}*' if field else ''} · since {moment_mrkdwn(line.since, look)}"]
    if line.kind not in ("differs", "blank"):
        lines.append(esc(CONFLICTS.get(line.kind, line.kind), 100))
    if line.kind not in _WHOSE:
        sides = ((line.source or "Source", line.source_value), (desk or "Desk", line.desk_value))
        told = (f"{esc(name, min(limit, 60))}: *{esc(value_words(value, limit), limit)}*" for name, value in sides)
        lines.append("\n".join(told))
    if line.others:
        more = f" and {len(line.others) - OTHERS:,} more" if len(line.others) > OTHERS else ""
        named = ", ".join(esc(one, min(limit, 60)) for one in line.others[:OTHERS])
        lines.append(f"Concerned: {named}{more}")
    lines.append(f"Would win: {esc(line.winner, min(limit, 120)) or 'nobody: only people can tell'}")
    return "\n".join(lines)


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
