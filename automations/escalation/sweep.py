"""The sweep: everything about escalations that happens by the clock, from rows alone, without a call to the desk.

Each part may run twice: a firing has a key, every other change is made only in the state it was decided on. So a crash
anywhere, or a second sweep beside this one, changes nothing.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from automations.apart import Apart
from automations.domain import Mode
from automations.escalation import chain, stale, waking
from automations.escalation.cases import cases_due, follow_cases
from automations.escalation.clock_rules import clocks_due
from automations.escalation.context import EscalationContext
from automations.escalation.ending import follow_desk
from automations.escalation.firing import fire, unfired
from automations.escalation.found import Found
from automations.escalation.observing import changed
from automations.escalation.summary import fire_gathered, gathers, is_late
from automations.escalation.text_rules import look
from automations.escalation.watch import Watch, keep, mode, switch, watched
from automations.sla.keeping import DueClock, tell
from storage.engine import Database

MOST: Final = 500
"""Clocks and cases that are looked at in one sweep; the next one goes on."""
NOTED_EVERY: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Swept:
    """What a sweep did. `late` of the firings were found late, `gathered` says whether they came as one summary.

    `passed_over` are rows that nobody can work with; everything else was done, and the next sweep finds them again.
    """

    fired: int = 0
    late: int = 0
    gathered: bool = False
    called: int = 0
    ended: int = 0
    reminded: int = 0
    woken: int = 0
    passed_over: Apart = field(default_factory=Apart)


@dataclass(frozen=True, slots=True)
class _Seen:
    """What this sweep found and has not fired yet, and the clocks that are told by it, each with its finding's key.

    `more`: there may be others.
    """

    found: tuple[Found, ...]
    clocks: tuple[tuple[DueClock, str], ...]
    more: bool


@dataclass(frozen=True, slots=True)
class _Fired:
    """How many fired, how many were found late, whether those came as one summary, and whom that calls."""

    fired: int
    late: int
    gathered: bool
    calls: frozenset[str]


def sweep(database: Database, ctx: EscalationContext, *, read_at: datetime | None) -> Swept:
    """Do what is due. `ctx` has the roster of now; `read_at` is when the mirror was last read to the desk's end.

    In mode off nothing happens; in shadow firings are kept and told once a day, and nobody is called.
    """
    began = ctx.clock.now()
    with database.read() as session:
        chosen = mode(session, ctx)
        watch = watched(session, ctx)
    if (watch is None) != (chosen is Mode.OFF):
        with database.begin() as session:
            watch = switch(session, ctx, chosen)
    if watch is None:
        return Swept()
    apart = Apart()
    ended = follow_desk(database, ctx, apart) + follow_cases(database, ctx, apart)
    with database.read() as session:
        seen = _find(session, ctx, watch, read_at, apart)
    done = _fire(database, seen, watch, chosen, ctx, apart)
    _keep(database, watch, began, seen, ctx, apart)
    if chosen is not Mode.AUTO:
        return Swept(done.fired, done.late, ended=ended, passed_over=apart)
    woken = _each(database, ctx, waking.due, waking.wake, apart)
    called = _call(database, done, ctx, apart)
    reminded = _each(database, ctx, stale.due, stale.remind, apart)
    return Swept(done.fired, done.late, done.gathered, called, ended, reminded, woken, apart)


def _keep(
    database: Database, before: Watch, began: datetime, seen: _Seen, ctx: EscalationContext, apart: Apart
) -> None:
    """Note what was told and when this sweep began; a quiet one writes down once a minute that it was there.

    One that could not look at everything, or passed something over, is gone on with by the next, so that the rest joins
    the same summary.
    """
    if not seen.clocks and not seen.found and began - before.swept < NOTED_EVERY:
        return
    with database.begin() as session:
        for clock, key in seen.clocks:
            if not apart.holds(key):
                tell(session, clock)
        keep(session, ctx, before if seen.more or apart.rows else replace(before, swept=began))


def _find(session: Session, ctx: EscalationContext, watch: Watch, read_at: datetime | None, apart: Apart) -> _Seen:
    clocks = tuple(clocks_due(session, ctx, read_at=read_at, limit=MOST))
    found = [one for _, one in clocks]
    for ticket in changed(session, ctx, watch):
        with apart.row(f"ticket {ticket.ticket_id}"):
            found += look(ticket, ctx.rules)
    found += cases_due(session, ctx, watch.since, limit=MOST)
    new = [one for one in found if one.due_at >= watch.since]
    return _Seen(unfired(session, new), tuple((clock, one.key) for clock, one in clocks), len(clocks) == MOST)


def _fire(database: Database, seen: _Seen, watch: Watch, chosen: Mode, ctx: EscalationContext, apart: Apart) -> _Fired:
    now = ctx.clock.now()
    late = [one for one in seen.found if is_late(one, now)]
    gathered = chosen is Mode.AUTO and gathers(late, ctx)
    fired, calls = fire_gathered(database, late, watch, ctx, apart) if gathered else (0, frozenset[str]())
    for found in seen.found:
        if gathered and is_late(found, now):
            continue
        with apart.row(found.key), database.begin() as session:
            fired += fire(session, found, ctx, chosen) is not None
    return _Fired(fired, len(late), gathered, calls)


def _call(database: Database, done: _Fired, ctx: EscalationContext, apart: Apart) -> int:
    """Take the steps whose time has come. What is late, as after an outage, mentions each person once in all.

    So do many at once: those that one summary gathered come to their next step together, and so does a night's at nine.
    """
    with database.read() as session:
        steps = chain.due(session, ctx.clock.now())
    called, spared, crowd = 0, set(done.calls), len(steps) >= ctx.rules.gather_from
    for escalation_id, late in steps:
        quiet = late or crowd or done.gathered
        email: str | None = None
        with apart.row(f"escalation {escalation_id}"), database.begin() as session:
            email = chain.call_next(session, escalation_id, ctx, spared=spared if quiet else frozenset())
        called += email is not None
        if quiet and email is not None:
            spared.add(email)
    return called


def _each(
    database: Database,
    ctx: EscalationContext,
    due: Callable[[Session, datetime], Sequence[int]],
    act: Callable[[Session, int, EscalationContext], bool],
    apart: Apart,
) -> int:
    """Do something to each escalation for which it is due, in a transaction of its own. Says how often it was done."""
    with database.read() as session:
        ids = due(session, ctx.clock.now())
    done = 0
    for escalation_id in ids:
        with apart.row(f"escalation {escalation_id}"), database.begin() as session:
            done += act(session, escalation_id, ctx)
    return done
