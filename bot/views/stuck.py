"""The failure queue as people see it: what could not be done, whose it is, why, what was tried, what they can do."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from automations.words import PersonRef
from bot.views import Block, Message
from bot.views.blocks import (
    Part,
    actions,
    button,
    context,
    header,
    message,
    new_line,
    question,
    rich,
    section,
    words,
)
from bot.views.case_acts import UNCLEAR
from bot.views.texts import Look, moment, times
from bot.wire import ACT_NAMES, CaseAct, CaseButton
from bot.wire_stuck import STUCK_NAMES, CauseButton, StuckAct, StuckButton

PAGE = 5
"""Items on one list: what fits beside the causes, with buttons and what was tried."""
OWNERS = 3
"""Owners of a cause that are named; the rest are counted."""

WORK = {
    "slack.deliver": "Bring a message to Slack",
    "slack.upload": "Bring a file to Slack",
    "ticket.sync": "Bring the ticket up to date",
    "ticket.clocks": "Make the SLA clocks of a ticket",
    "ticket.watch.again": "Look at what is due",
    "case.escalate": "Escalate",
    "stuck.owner": "Stuck work without an owner",
    "run.plan": "Plan a run",
    "run.advance": "Carry a run out",
    "run.step": "Try a step of a run again",
    "run.left": "Look at what a rollback left",
}
"""What the most frequent jobs do; others are shown by their name."""


@dataclass(frozen=True, slots=True)
class Tried:
    """One time it was given up: after how many tries, and why."""

    at: datetime
    tries: int
    reason: str


@dataclass(frozen=True, slots=True)
class StuckRow:
    """One item. `may` says whether the reader may settle it, `editable` whether something of it can be corrected.

    `unclear` is the case whose ticket somebody has to look for first, None for all other work. `tried`: the last times
    it was given up, oldest first; the newest of them is `reason`.
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
    since: datetime | None = None
    tried: tuple[Tried, ...] = field(default=())
    editable: bool = False


@dataclass(frozen=True, slots=True)
class CauseRow:
    """Items that failed alike. `may`: the reader may settle at least one of them."""

    cause: str
    upto: int
    items: int
    job: str
    reason: str
    owners: tuple[PersonRef, ...]
    since: datetime
    may: bool


def work_of(job: str) -> str:
    """What this kind of work does, in words."""
    return WORK.get(job, job)


def stuck_lines(row: StuckRow, look: Look) -> list[Block]:
    """Show one item, with its buttons for those who may settle it (one or two blocks)."""
    earlier = row.tried[:-1][-1:]
    what = rich(
        section(
            words(f"🟠 {row.target} · {work_of(row.job)}", bold=True, limit=200), new_line(),
            words(row.reason, limit=160), new_line(),
            words(f"Tried {times(row.attempts)}, last ", limit=60), moment(row.last_at, look),
            words(f" · owner {row.owner.name}", limit=120),
            *([words(" · stuck since "), moment(row.since, look)] if row.since and row.since != row.last_at else []),
            *(part for one in earlier for part in (new_line(), words("Before: "), *tried_line(one, look, limit=100))),
        ),
    )  # fmt: skip
    if not row.may:
        return [what]
    looked = [] if row.unclear is None else [
        button(f"{ACT_NAMES[act]} …", act, CaseButton(row.unclear, act).encode(),
               style="primary" if act is CaseAct.TICKET_FOUND else None)
        for act in UNCLEAR
    ]  # fmt: skip
    return [what, actions(*looked, *_buttons(row))]


def cause_lines(row: CauseRow, look: Look) -> list[Block]:
    """Show all items of one cause as one, with buttons for all of them (one or two blocks)."""
    named = ", ".join(one.name for one in row.owners[:OWNERS])
    more = f" and {len(row.owners) - OWNERS} more" if len(row.owners) > OWNERS else ""
    what = rich(
        section(
            words(f"🔴 {row.items:,} stuck for one cause · {work_of(row.job)}", bold=True, limit=200), new_line(),
            words(row.reason, limit=160), new_line(),
            words("Since "), moment(row.since, look), words(f" · owner {named}{more}", limit=120),
        )
    )  # fmt: skip
    shown = button(STUCK_NAMES[StuckAct.SHOW_ALL], StuckAct.SHOW_ALL, _of(row, StuckAct.SHOW_ALL))
    if not row.may:
        return [what, actions(shown)]
    sure = question(
        "Retry all", "Is the cause mended? Each of yours is tried once more, from where it failed.", "Retry"
    )
    return [
        what,
        actions(
            button(STUCK_NAMES[StuckAct.RETRY_ALL], StuckAct.RETRY_ALL, _of(row, StuckAct.RETRY_ALL),
                   style="primary", confirm=sure),
            button(f"{STUCK_NAMES[StuckAct.DISCARD_ALL]} …", StuckAct.DISCARD_ALL, _of(row, StuckAct.DISCARD_ALL)),
            shown,
        ),
    ]  # fmt: skip


def stuck_list(
    rows: Sequence[StuckRow],
    total: int,
    look: Look,
    *,
    causes: Sequence[CauseRow] = (),
    page: int = 1,
    singles: int | None = None,
) -> Message:
    """Show one page of the failure queue: causes that hit many, then the others, oldest first.

    `singles` counts the others; all of `total` if unset.
    """
    singles = total if singles is None else singles
    if not total:
        return message("Nothing is stuck.", rich(section(words("Nothing is stuck.", bold=True))))
    if not rows and not causes:
        none = f"There is no page {page} of stuck work."
        return message(none, rich(section(words(none))))
    body = [block for cause in causes for block in cause_lines(cause, look)]
    body += [block for row in rows for block in stuck_lines(row, look)]
    before = (page - 1) * PAGE
    left = singles - before - len(rows)
    title = f"Stuck work: {total:,}" + (f", page {page}" if page > 1 else "")
    more = f"{left:,} more: `/{look.prefix}-stuck {page + 1}`"
    return message(f"{total:,} stuck", header(title), *body, *([context(more)] if left > 0 else []))


def tried_line(one: Tried, look: Look, *, limit: int) -> list[Part]:
    """One time it was given up, in a line."""
    return [moment(one.at, look), words(f", tried {times(one.tries)}: "), words(one.reason, limit=limit)]


def _buttons(row: StuckRow) -> list[Block]:
    """Where somebody has to look first there is neither Retry nor Edit: that would make it a second time."""
    acts = [StuckAct.RETRY] if row.unclear is None else []
    acts += [StuckAct.EDIT] if row.editable and row.unclear is None else []
    acts += [StuckAct.DISCARD]
    acts += [StuckAct.SHOW] if len(row.tried) > 1 else []
    return [
        button(STUCK_NAMES[act] + (" …" if act in (StuckAct.EDIT, StuckAct.DISCARD) else ""), act,
               StuckButton(row.id, act).encode(), style="primary" if act is StuckAct.RETRY else None)
        for act in acts
    ]  # fmt: skip


def _of(row: CauseRow, act: StuckAct) -> str:
    return CauseButton(row.cause, row.upto, act).encode()
