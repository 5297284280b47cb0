"""The failure queue as one person may see it: what stands on a page, what of it is one cause, what was tried.

Of runs nobody is shown anything that is not for them to decide: work of a run that is about them, or of any to those
who are no lead.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from automations.domain import Actor, Role
from automations.failure_tickets import unclear
from automations.failure_tickets.context import Context
from automations.failure_tickets.journal import SYNC
from automations.runs import approve
from automations.words import person, who
from bot import stuck_acts, stuck_edits, stuck_reminders
from bot.run_jobs import RUN_JOBS
from bot.views.stuck import CauseRow, StuckRow, Tried
from bot.views.stuck_forms import ReminderCard, SettledLine
from storage import stuck, stuck_lists
from storage.models import StuckItem
from storage.stuck_lists import Cause

LAST_TRIES = 2
"""How many of the times it was given up stand in a list."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One page of the list. `total` counts all that this person may see, `singles` those that are in no cause shown."""

    causes: tuple[CauseRow, ...]
    rows: tuple[StuckRow, ...]
    total: int
    singles: int


def seen_by(session: Session, actor: Actor, ctx: Context) -> ColumnElement[bool]:
    """Which items this person may see, as a condition."""
    of_runs = StuckItem.job.in_(sorted(RUN_JOBS))
    if stuck_acts.is_terminal(actor):
        return stuck_lists.ALL
    if not actor.may(Role.LEAD):
        return ~of_runs
    hidden = [item.id for item in _of_runs(session) if not may_see(session, item, actor, ctx)]
    return or_(~of_runs, and_(of_runs, StuckItem.id.not_in(hidden)))


def shown(session: Session, actor: Actor, ctx: Context, *, limit: int, page: int = 1) -> Shown:
    """What stands on a page (from 1), oldest first; causes that hit many stand on the first."""
    seen = seen_by(session, actor, ctx)
    found = stuck_lists.causes(session, seen=seen)
    items = stuck_lists.page(
        session, limit=limit, offset=(page - 1) * limit, seen=seen, but=[one.cause for one in found]
    )
    total = stuck_lists.count(session, seen=seen)
    causes = tuple(cause_row(session, one, actor, ctx) for one in found)
    rows = tuple(row(session, item, actor, ctx) for item in items)
    return Shown(causes if page == 1 else (), rows, total, total - sum(one.items for one in found))


def rows(session: Session, actor: Actor, ctx: Context, *, limit: int) -> list[StuckRow]:
    """The oldest items, causes not joined."""
    found = stuck_lists.page(session, limit=limit, seen=seen_by(session, actor, ctx))
    return [row(session, item, actor, ctx) for item in found]


def may_see(session: Session, item: StuckItem, actor: Actor, ctx: Context) -> bool:
    """Whether this person may see an item."""
    run = stuck_acts.run_of(session, item)
    return run is None or stuck_acts.is_terminal(actor) or approve.may_see(session, run, actor, ctx)


def of_cause(session: Session, cause: str, upto: int, actor: Actor, ctx: Context, *, limit: int) -> Sequence[StuckItem]:
    """The open items of one cause that this person may see, up to the newest they were shown, oldest first."""
    seen = seen_by(session, actor, ctx)
    return stuck_lists.page(session, limit=limit, seen=seen, cause=cause, upto=upto)


def cause_row(session: Session, cause: Cause, actor: Actor, ctx: Context) -> CauseRow:
    """A cause as the list shows it: by its oldest item."""
    first = stuck.get(session, cause.first)
    assert first is not None, "it was read in this transaction"
    owners = session.scalars(
        select(StuckItem.owner).where(StuckItem.state == "open", StuckItem.cause == cause.cause).distinct().limit(20)
    ).all()
    return CauseRow(
        cause=cause.cause,
        upto=cause.upto,
        items=cause.items,
        job=first.job,
        reason=first.reason,
        owners=tuple(person(owner, ctx) for owner in sorted(owners)),
        since=cause.since,
        may=actor.may(Role.LEAD) or any(stuck_acts.is_owner(owner, actor) for owner in owners),
    )


def row(session: Session, item: StuckItem, actor: Actor, ctx: Context, *, tries: int = LAST_TRIES) -> StuckRow:
    """One item as the list shows it, with what was tried last. Buttons are for those whom the act would let."""
    tried = stuck.tried(session, item, limit=tries)
    return StuckRow(
        id=item.id,
        target=item.target,
        job=item.job,
        owner=person(item.owner, ctx),
        reason=item.reason,
        attempts=item.attempts,
        last_at=item.last_at,
        may=may_settle(session, item, actor, ctx),
        unclear=unclear_case(session, item),
        since=item.first_at,
        tried=tuple(Tried(one.at, one.tries, one.reason) for one in tried),
        editable=stuck_edits.may_edit(session, item),
    )


def reminder_card(session: Session, data: Mapping[str, str], ctx: Context) -> ReminderCard:
    """What a reminder shows now, from its notification's data."""
    found = stuck_reminders.shown(session, data, ctx)
    owner = Actor(found.owner, found.owner, found.owner)
    return ReminderCard(
        tuple(row(session, item, owner, ctx, tries=1) for item in found.items),
        found.total,
        tuple(
            SettledLine(
                item.target, item.job, item.state, who(item.settled_by, ctx), item.settled_at, item.settled_note or ""
            )
            for item in found.settled
            if item.settled_at is not None
        ),
    )


def may_settle(session: Session, item: StuckItem, actor: Actor, ctx: Context) -> bool:
    """Whether the acts would let this person, as far as can be said beforehand."""
    if not stuck_acts.is_theirs(item, actor):
        return False
    run = stuck_acts.run_of(session, item)
    if run is None or stuck_acts.is_terminal(actor):
        return True
    return stuck_acts.lets(lambda: approve.may_decide(session, run, actor, ctx))


def unclear_case(session: Session, item: StuckItem) -> int | None:
    """The case whose ticket somebody has to look for before it is made again; None for all other work."""
    case_id = item.args.get("case_id") if item.job == SYNC else None
    return int(case_id) if case_id is not None and unclear.asked(session, case_id) else None


def _of_runs(session: Session) -> Sequence[StuckItem]:
    """There are few: a run has at most as many as it has steps."""
    of_runs = StuckItem.job.in_(sorted(RUN_JOBS))
    return session.scalars(select(StuckItem).where(StuckItem.state == "open", of_runs)).all()
