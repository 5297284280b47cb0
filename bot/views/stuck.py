"""The failure queue as people see it: what could not be done, whose it is, why, and what they can do about it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from automations.words import PersonRef
from bot.views import Block, Message, Modal
from bot.views.blocks import actions, button, context, header, message, modal, rich, section, text_input, words
from bot.views.case_acts import UNCLEAR
from bot.views.texts import Look, moment, times
from bot.wire import ACT_NAMES, FIELD_REASON, STUCK_NAMES, CaseAct, CaseButton, StuckAct, StuckButton

PAGE = 10
"""Items on one list."""

WORK = {
    "slack.deliver": "Bring a message to Slack",
    "ticket.sync": "Bring the ticket up to date",
    "case.escalate": "Escalate",
    "run.left": "Look at what a rollback left",
}
"""What the most frequent jobs do; others are shown by their name."""


@dataclass(frozen=True, slots=True)
class StuckRow:
    """One item. `may` says whether the reader may settle it.

    `unclear` is the case whose ticket somebody has to look for first, None for all other work.
    """

    id: int
    target: str
    job: str
    owner: PersonRef
    reason: str
    attempts: int
    last_at: datetime
    may: bool
    unclear: int | None = None


def stuck_lines(row: StuckRow, look: Look) -> list[Block]:
    """Show one item, with its buttons for those who may settle it (one or two blocks)."""
    what = rich(
        section(
            words(f"🟠 {row.target} · {WORK.get(row.job, row.job)}", bold=True, limit=200),
            {"type": "text", "text": "\n"},
            words(row.reason, limit=300),
            words(f" · tried {times(row.attempts)}, last ", limit=60), moment(row.last_at, look),
            words(f" · owner {row.owner.name}", limit=120),
        )
    )  # fmt: skip
    if not row.may:
        return [what]
    looked = [] if row.unclear is None else [
        button(f"{ACT_NAMES[act]} …", act, CaseButton(row.unclear, act).encode(),
               style="primary" if act is CaseAct.TICKET_FOUND else None)
        for act in UNCLEAR
    ]  # fmt: skip
    made = [
        button(STUCK_NAMES[act] + (" …" if act is StuckAct.DISCARD else ""), act, StuckButton(row.id, act).encode(),
               style="primary" if act is StuckAct.RETRY else None)
        for act in StuckAct
        if act is StuckAct.DISCARD or row.unclear is None
    ]  # fmt: skip
    return [what, actions(*looked, *made)]


def stuck_list(rows: Sequence[StuckRow], total: int, look: Look) -> Message:
    """Show the failure queue, oldest first."""
    if not rows:
        return message("Nothing is stuck.", rich(section(words("Nothing is stuck.", bold=True))))
    more = [context(f"The oldest {len(rows)} of {total}")] if total > len(rows) else []
    body = [block for row in rows for block in stuck_lines(row, look)]
    return message(f"{total} stuck", header(f"Stuck work: {total}"), *body, *more)


def discard_form(row: StuckRow) -> Modal:
    """Ask why stuck work is given up."""
    about = section(words(f"{row.target} · {WORK.get(row.job, row.job)}: ", bold=True), words(row.reason, limit=400))
    hint = "Kept in the audit log. Nobody tries it again after this."
    return modal(
        "Discard",
        "Discard",
        rich(about),
        text_input(FIELD_REASON, "Why does nobody have to do it any more?", hint=hint),
        callback_id=StuckAct.DISCARD,
        private_metadata=StuckButton(row.id, StuckAct.DISCARD).encode(),
    )
