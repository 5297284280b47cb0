"""Keeping the clocks of a desk's tickets: made anew where something happened, found when they come due.

What changed since the last look is taken in first. Then all tickets are walked through if what was promised or the
team's hours have become others, and once a day. Each step is a transaction of a few hundred tickets that moves the
place from which the next goes on: a crash repeats one step, and two workers keep nothing twice. No desk is called.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, select, update
from sqlalchemy.orm import Session

from automations.calendar import WorkingHours
from automations.ports import Clock
from automations.sla.places import Overtaken, begin, place_of
from automations.sla.policy import ClockKind, SlaPolicy
from automations.sla.replay import TOLD, Which
from automations.sla.rows import version_of
from automations.sla.taking import PassOver, Taker, stop_at
from automations.sla.worked import WorkedHours
from storage.boundaries import reach
from storage.engine import Database
from storage.models import MirrorTicket, SlaClock

MOST: Final = 20_000
"""Tickets looked at in one call of `refresh`."""
_TICKET: Final = and_(MirrorTicket.system == SlaClock.system, MirrorTicket.ticket_id == SlaClock.ticket_id)


def refresh(
    database: Database,
    system: str,
    policy: SlaPolicy,
    hours: WorkingHours | None,
    clock: Clock,
    *,
    most: int = MOST,
    pass_over: PassOver = stop_at,
) -> int:
    """Make the clocks anew of tickets to which something happened, or for which the policy or the hours did.

    Looks at about `most` tickets and says how many have other clocks now; the next call goes on. 0: nothing was left to
    do, or another worker was at it. `hours` None: the team always works. A ticket of which no clocks can be made is
    told to `pass_over`, whose caller has it tried again (`refresh_one`).
    """
    version = version_of(policy, hours)
    with database.read() as session:
        begun = place_of(session, system) is not None
    if not begun and not policy.targets:
        return 0
    if not begun:
        with database.begin() as session:
            begin(session, system, version, clock.now())
    taker = Taker(database, system, policy, version, WorkedHours(hours), clock.now(), pass_over)
    try:
        while taker.looked < most and (taker.take_changes() or taker.walk_on()):
            pass
    except Overtaken:
        return taker.made
    return taker.made


def refresh_one(
    database: Database, system: str, ticket_id: str, policy: SlaPolicy, hours: WorkingHours | None, clock: Clock
) -> None:
    """Make the clocks of one ticket that was passed over. Raises what stands in the way."""
    Taker(database, system, policy, version_of(policy, hours), WorkedHours(hours), clock.now()).take_one(ticket_id)


@dataclass(frozen=True, slots=True)
class DueClock:
    """A running clock that has come due and of which that was not told yet. Times are UTC.

    `which`: it warned, or was breached, `at` this moment; by then `spent_s` seconds of `target_s` had run. `told` is
    what was told of it before.
    """

    system: str
    ticket_id: str
    kind: str
    turn: int
    target: str
    target_s: int
    counted: str
    which: Which
    at: datetime
    spent_s: int
    due_at: datetime
    told: str


def due(session: Session, system: str, now: datetime, limit: int) -> Sequence[DueClock]:
    """Clocks that have come due at `now`, at most so many: breached ones before warnings, each by their time.

    Of a clock that is breached no warning is told any more. Left out are those of tickets that changed since their
    clocks were made: `refresh` has not come to them yet. `tell` notes that one was told.
    """
    breached, warned = SlaClock.due_at <= now, and_(SlaClock.warn_at <= now, SlaClock.due_at > now)
    found = [
        *_due(session, system, "breach", SlaClock.due_at, and_(SlaClock.told == "", breached), limit),
        *_due(session, system, "breach", SlaClock.due_at, and_(SlaClock.told == "warned", breached), limit),
    ]
    found.sort(key=lambda one: (one.at, one.ticket_id, one.kind))
    found += _due(session, system, "warn", SlaClock.warn_at, and_(SlaClock.told == "", warned), limit)
    return found[:limit]


def tell(session: Session, clock: DueClock) -> bool:
    """Note that what has come due was told. False if somebody else did, or the clock has become another since."""
    same = (
        SlaClock.system == clock.system,
        SlaClock.ticket_id == clock.ticket_id,
        SlaClock.kind == clock.kind,
        SlaClock.turn == clock.turn,
        SlaClock.told == clock.told,
        SlaClock.due_at == clock.due_at,
    )
    noted = update(SlaClock).where(*same).values(told=TOLD[clock.which]).returning(SlaClock.ticket_id)
    was_ours = session.execute(noted, execution_options={"synchronize_session": False}).scalar() is not None
    reach("sla.told")
    return was_ours


@dataclass(frozen=True, slots=True)
class ShownClock:
    """A clock for people. `left_s` are calendar seconds until it is due, negative once overdue, None unless it runs.

    `late_s`: seconds of its own hours over the target when it was met or ended. The rest is as in `SlaClock`; texts are
    redacted but not escaped.
    """

    ticket_id: str
    title: str
    url: str
    assignee: str
    kind: str
    turn: int
    target: str
    target_s: int
    counted: str
    state: str
    warn_at: datetime | None
    due_at: datetime | None
    left_s: float | None
    ended_at: datetime | None
    late_s: int


def clock_lines(
    session: Session, system: str, tickets: Collection[str], now: datetime
) -> dict[str, tuple[ShownClock, ...]]:
    """The clocks of these tickets, by the desk's id, in the order of their kinds. One without any is left out."""
    found: dict[str, list[ShownClock]] = {}
    order = list(ClockKind)
    mine = SlaClock.system == system, SlaClock.ticket_id.in_(tickets)
    for one in _shown(session, select(SlaClock).where(*mine), now):
        found.setdefault(one.ticket_id, []).append(one)
    return {name: tuple(sorted(some, key=lambda one: order.index(ClockKind(one.kind)))) for name, some in found.items()}


def running_out(
    session: Session, system: str, now: datetime, *, assignee: str | None = None, limit: int
) -> Sequence[ShownClock]:
    """Running clocks in the order in which they come due, overdue ones first; of one agent's tickets if named.

    `assignee`: an agent's address in lower case, or the desk's name for one.
    """
    running = select(SlaClock).where(SlaClock.system == system, SlaClock.state == "running")
    if assignee is not None:
        running = running.where(MirrorTicket.assignee == assignee)
    return _shown(session, running.order_by(SlaClock.due_at, SlaClock.ticket_id, SlaClock.kind).limit(limit), now)


def _due(
    session: Session, system: str, which: Which, at: Any, where: ColumnElement[bool], limit: int
) -> Iterator[DueClock]:
    found = select(SlaClock).join(MirrorTicket, and_(_TICKET, MirrorTicket.changed_at == SlaClock.seen_at))
    found = found.where(SlaClock.system == system, where).order_by(at).limit(limit)
    for row in session.scalars(found):
        assert row.warn_at is not None, "a clock that comes due runs"
        assert row.due_at is not None, "a clock that comes due runs"
        came, spent_s = (row.warn_at, row.warn_s) if which == "warn" else (row.due_at, row.target_s)
        names = row.system, row.ticket_id, row.kind, row.turn, row.target, row.target_s, row.hours
        yield DueClock(*names, which, came, spent_s, row.due_at, row.told)


def _shown(session: Session, found: Select[SlaClock], now: datetime) -> list[ShownClock]:
    told = found.join(MirrorTicket, _TICKET).add_columns(MirrorTicket.subject, MirrorTicket.url, MirrorTicket.assignee)
    return [
        ShownClock(
            one.ticket_id,
            subject,
            url,
            assignee,
            one.kind,
            one.turn,
            one.target,
            one.target_s,
            one.hours,
            one.state,
            one.warn_at,
            one.due_at,
            (one.due_at - now).total_seconds() if one.due_at is not None else None,
            one.ended_at,
            one.late_s,
        )
        for one, subject, url, assignee in session.execute(told)
    ]
