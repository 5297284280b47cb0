"""The forms of customer context: approve with or without open tickets, hold, reject, keep the desk's value, a field.

None of them has a box ticked: what changes open tickets is said first, and only done for who ticks it.
"""

from collections.abc import Sequence
from typing import Final

from automations.customer_context.card_types import ConflictLine, GroupLine
from automations.customer_context.context import Effects
from bot.views import Block, Modal
from bot.views.blocks import bullets, context, modal, rich, section, text_input, words
from bot.views.customers_words import (
    CONFLICTS,
    changes_open_tickets,
    conflict_title,
    customers,
    effects_words,
    value_words,
)
from bot.views.inputs import tick_input, unfocused
from bot.views.texts import one_line
from bot.wire import FIELD_REASON, FIELD_UNTIL
from bot.wire_customers import (
    CHANGES_NAMES,
    CONFLICT_NAMES,
    FIELD_OPEN_TOO,
    ChangesAct,
    ChangesButton,
    ConflictAct,
    ConflictButton,
    FieldButton,
)

NAMED: Final = 10
"""Groups and tickets that a form lists."""
_KEPT = "Shown on the card, and kept in the audit log."
_NEW_ONLY = "Without the tick new tickets go by it, and open ones stay as they are."


def approve_form(line: GroupLine, run_id: int) -> Modal:
    """Approve one group: what it would do to open tickets, and the box that lets it."""
    named = [[words(f"#{one_line(number, 40)} {one_line(said, 150)}")] for number, _, said in line.effects.samples]
    return modal(
        CHANGES_NAMES[ChangesAct.APPROVE],
        CHANGES_NAMES[ChangesAct.APPROVE],
        rich(section(words(line.words, bold=True, limit=600)), section(words(_what(line), limit=600))),
        *_open_too(line.effects, named),
        context("Begins at once; each change is read back, and the run can be taken back."),
        callback_id=ChangesAct.APPROVE,
        private_metadata=ChangesButton(line.id, ChangesAct.APPROVE, line.digest, run_id).encode(),
    )


def approve_all_form(lines: Sequence[GroupLine], total: int, run_id: int, digest: str) -> Modal:
    """Approve every open group of a sync. `lines` are those that are known here, `total` counts all of them."""
    shown = [[words(f"{one_line(line.words, 200)} · {customers(line.size)}")] for line in lines[:NAMED]]
    more = total - len(shown)
    if more > 0:
        shown.append([words(f"and {more:,} more")])
    return modal(
        CHANGES_NAMES[ChangesAct.APPROVE_ALL],
        CHANGES_NAMES[ChangesAct.APPROVE_ALL],
        rich(section(words("Everything that is open in this sync:", bold=True)), bullets(shown)),
        *_open_too(_together(lines), []),
        context("Begins at once; each change is read back, and the run can be taken back. Held groups stay held."),
        callback_id=ChangesAct.APPROVE_ALL,
        private_metadata=ChangesButton(0, ChangesAct.APPROVE_ALL, digest, run_id).encode(),
    )


def hold_form(line: GroupLine, run_id: int) -> Modal:
    """Ask why a group waits."""
    hint = "No sync asks again until somebody lets it go."
    return _group_form(line, run_id, ChangesAct.HOLD, text_input(FIELD_REASON, "Why does it wait?", hint=hint))


def reject_form(line: GroupLine, run_id: int) -> Modal:
    """Ask why a group is not wanted."""
    hint = "Not asked again until a value changes."
    return _group_form(line, run_id, ChangesAct.REJECT, text_input(FIELD_REASON, "Why not?", hint=hint))


def keep_desk_form(line: ConflictLine) -> Modal:
    """Ask why the desk's value stays, and until when."""
    return modal(
        CONFLICT_NAMES[ConflictAct.KEEP_DESK],
        CONFLICT_NAMES[ConflictAct.KEEP_DESK],
        rich(section(words(conflict_title(line), bold=True, limit=210)), section(words(_both(line), limit=600))),
        *_why_and_until(),
        callback_id=ConflictAct.KEEP_DESK,
        private_metadata=ConflictButton(line.id, ConflictAct.KEEP_DESK, line.version).encode(),
    )


def ignore_form(line: ConflictLine) -> Modal:
    """Say what Ignore does, and ask why."""
    return modal(
        CONFLICT_NAMES[ConflictAct.IGNORE],
        CONFLICT_NAMES[ConflictAct.IGNORE],
        rich(section(words(conflict_title(line), bold=True, limit=210)), section(words(_both(line), limit=600))),
        text_input(FIELD_REASON, "Why?", hint=_KEPT, optional=True),
        context("Nothing is changed. It comes back when one of the two values changes."),
        callback_id=ConflictAct.IGNORE,
        private_metadata=ConflictButton(line.id, ConflictAct.IGNORE, line.version).encode(),
    )


def field_form(name: str, count: int, button: FieldButton, desk: str) -> Modal:
    """Settle all open conflicts of a field: says what that does, and asks what it needs."""
    done = {
        ConflictAct.TAKE_SOURCE: f"The source's value goes to {one_line(desk, 60) or 'the desk'}. None is emptied.",
        ConflictAct.KEEP_DESK: "The desk's value stays for all of them.",
        ConflictAct.IGNORE: "Nothing is changed. Each comes back when one of its two values changes.",
    }[button.act]
    asked = {
        ConflictAct.KEEP_DESK: _why_and_until(),
        ConflictAct.IGNORE: [text_input(FIELD_REASON, "Why?", hint=_KEPT, optional=True)],
    }.get(button.act, [])
    return modal(
        CONFLICT_NAMES[button.act],
        f"{CONFLICT_NAMES[button.act]}: all",
        rich(
            section(words(f"{one_line(name, 64)}: {count:,} conflicts", bold=True)),
            section(words(done, limit=200)),
        ),
        *asked,
        callback_id=ConflictAct.FIELD,
        private_metadata=button.encode(),
    )


def _group_form(line: GroupLine, run_id: int, act: ChangesAct, asked: Block) -> Modal:
    return modal(
        CHANGES_NAMES[act],
        CHANGES_NAMES[act],
        rich(section(words(line.words, bold=True, limit=600)), section(words(customers(line.size)))),
        asked,
        context(_KEPT),
        callback_id=act,
        private_metadata=ChangesButton(line.id, act, line.digest, run_id).encode(),
    )


def _what(line: GroupLine) -> str:
    decides = f" · decides: {one_line(line.decision, 300)}" if line.decision.strip() else ""
    return f"{customers(line.size)}{decides}"


def _open_too(effects: Effects, named: Sequence[Sequence[Block]]) -> list[Block]:
    """The box, with what would happen; nothing where no open ticket would change."""
    if not changes_open_tickets(effects):
        return []
    listed = [bullets([list(one) for one in named[:NAMED]])] if named else []
    told = rich(section(words(f"{effects_words(effects)}.", bold=True), words(f" {_NEW_ONLY}")), *listed)
    return [told, tick_input(FIELD_OPEN_TOO, "Open tickets", "Also on open tickets, at once")]


def _together(lines: Sequence[GroupLine]) -> Effects:
    """The effects of several groups. A ticket in two of them counts twice, which says at most too much."""
    each = [line.effects for line in lines]
    return Effects(
        tickets=sum(one.tickets for one in each),
        priorities=sum(one.priorities for one in each),
        clocks=sum(one.clocks for one in each),
        escalations=sum(one.escalations for one in each),
    )


def _why_and_until() -> list[Block]:
    return [
        text_input(FIELD_REASON, "Why is the desk right?", hint=_KEPT),
        unfocused(text_input(FIELD_UNTIL, "Until when?", hint="Such as 30 Nov or 90d. Then it is shown again.",
                             lines=False)),
    ]  # fmt: skip


def _both(line: ConflictLine) -> str:
    if not (line.source_value or line.desk_value):
        return CONFLICTS.get(line.kind, line.kind)
    source = f"{one_line(line.source, 60) or 'source'}: {value_words(line.source_value)}"
    return f"{source} · desk: {value_words(line.desk_value)}"
