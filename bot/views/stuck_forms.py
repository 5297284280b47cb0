"""Forms and screens of stuck work: why it is given up, what is corrected, what was tried, each of one cause.

And the private messages: the reminder to an owner.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.views import Message, Modal
from bot.views.blocks import (
    bullets,
    choice_input,
    context,
    header,
    input_block,
    message,
    modal,
    rich,
    screen,
    section,
    text_input,
    words,
)
from bot.views.stuck import StuckRow, Tried, stuck_lines, tried_line, work_of
from bot.views.texts import Look, clip, esc, moment, tame
from bot.wire import FIELD_REASON
from bot.wire_stuck import FIELD_NEW, CauseButton, StuckAct, StuckButton

SETTLED = {"retried": "tried again", "discarded": "given up", "done": "done after all"}


@dataclass(frozen=True, slots=True)
class EditShown:
    """What can be corrected. With `choices` (text, value) one of them is chosen, else it is typed."""

    label: str
    present: str
    hint: str
    choices: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class SettledLine:
    """One item that has left the queue: what, how, by whom and when."""

    target: str
    job: str
    state: str
    by: str
    at: datetime
    note: str = ""


@dataclass(frozen=True, slots=True)
class ReminderCard:
    """What waits for one owner: the oldest of `total`, and what was settled since the message was sent."""

    rows: tuple[StuckRow, ...]
    total: int
    settled: tuple[SettledLine, ...]


def discard_form(row: StuckRow) -> Modal:
    """Ask why stuck work is given up."""
    about = section(words(f"{row.target} · {work_of(row.job)}: ", bold=True), words(row.reason, limit=400))
    hint = "Kept in the audit log. Nobody tries it again after this."
    return modal(
        "Discard",
        "Discard",
        rich(about),
        text_input(FIELD_REASON, "Why does nobody have to do it any more?", hint=hint),
        callback_id=StuckAct.DISCARD,
        private_metadata=StuckButton(row.id, StuckAct.DISCARD).encode(),
    )


def discard_all_form(asked: CauseButton, reason: str, count: int, others: int) -> Modal:
    """Ask why everything of one cause is given up. `count` are the reader's to settle, `others` stay."""
    stays = f" {others} more are for their owners or a lead and stay." if others else ""
    about = section(
        words(f"{count} stuck for one cause: ", bold=True), words(reason, limit=400), words(stays, limit=200)
    )
    hint = "Kept with each in the audit log. Nobody tries them again after this."
    return modal(
        "Discard all",
        "Discard all",
        rich(about),
        text_input(FIELD_REASON, "Why does nobody have to do them any more?", hint=hint),
        callback_id=StuckAct.DISCARD_ALL,
        private_metadata=CauseButton(asked.cause, asked.upto, StuckAct.DISCARD_ALL).encode(),
    )


def edit_form(row: StuckRow, edit: EditShown) -> Modal:
    """Show the present value, to be corrected."""
    about = section(words(f"{row.target} · {work_of(row.job)}: ", bold=True), words(row.reason, limit=400))
    if edit.choices:
        field = choice_input(FIELD_NEW, edit.label, edit.choices, few=False)
        known = [one for one in field["element"]["options"] if one["value"] == edit.present]
        if known:
            field["element"]["initial_option"] = known[0]
    else:
        present = clip(tame(edit.present), 255)
        element = {"type": "plain_text_input", "action_id": FIELD_NEW, "max_length": 255, "focus_on_load": True}
        element |= {"initial_value": present} if present else {}
        field = input_block(FIELD_NEW, edit.label, element, hint=edit.hint)
    return modal(
        "Edit and retry",
        "Retry",
        rich(about),
        field,
        callback_id=StuckAct.EDIT,
        private_metadata=StuckButton(row.id, StuckAct.EDIT).encode(),
    )


def tried_screen(row: StuckRow, look: Look) -> Modal:
    """Show each time it was given up, the newest last."""
    about = section(words(f"{row.target} · {work_of(row.job)}", bold=True, limit=200))
    tried: Sequence[Tried] = row.tried
    lines = [tried_line(one, look, limit=160) for one in tried]
    shown = [rich(about, bullets(lines))] if lines else [rich(about, section(words("Nothing was kept of its tries.")))]
    return screen("What was tried", *shown, context(f"Owner {esc(row.owner.name, 80)}"))


def cause_screen(rows: Sequence[StuckRow], total: int, look: Look) -> Modal:
    """Show each item of one cause, oldest first."""
    body = [block for row in rows for block in stuck_lines(row, look)]
    more = [context(f"The oldest {len(rows)} of {total:,}")] if total > len(rows) else []
    return screen("Stuck for one cause", *body, *more)


def reminder_message(card: ReminderCard, look: Look) -> Message:
    """Remind an owner: what waits, then what became of the rest. It calls by being new; edits call nobody."""
    if not card.total:
        title = "Nothing of yours is stuck any more"
        head = [header(f"🟢 {title}")]
    else:
        title = f"{card.total:,} {'piece' if card.total == 1 else 'pieces'} of work stuck with you"
        head = [header(f"🟠 {title}")]
    open_lines = [
        [words(f"{row.target} · {work_of(row.job)}: ", bold=True, limit=160), words(row.reason, limit=160)]
        + ([words(" · since "), moment(row.since, look)] if row.since else [])
        for row in card.rows
    ]
    if card.total > len(card.rows):
        open_lines.append([words(f"and {card.total - len(card.rows):,} more")])
    left = [
        [
            words(f"{one.target} · {work_of(one.job)}: ", limit=160), words(SETTLED[one.state], bold=True),
            words(f" by {one.by}, ", limit=100), moment(one.at, look),
            *([words(f" ({one.note})", limit=160)] if one.note else []),
        ]
        for one in card.settled
    ]  # fmt: skip
    return message(
        title,
        *head,
        *([rich(bullets(open_lines))] if open_lines else []),
        *([rich(section(words("Settled since:")), bullets(left))] if left else []),
        context(f"`/{look.prefix}-stuck` has Retry, Edit and Discard"),
    )
