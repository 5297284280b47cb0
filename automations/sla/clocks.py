"""The clocks of a ticket: how long they have run, and when they warn and are breached. Pure.

*What runs.* `first_reply` runs on a ticket that a customer opened, from its creation to the first public reply of an
agent. `next_reply` runs from the first customer message that nobody has answered to the next public reply of an agent:
after the first reply, or from the beginning on a ticket that no customer opened. `resolution` runs on every ticket from
its creation until it is solved or closed. A bot's message answers nobody, and no internal note does.

*What stands still.* All clocks stand still while the ticket is pending, by its status alone; on hold they run, since
then the customer waits. Solved or closed ends them. One that is reopened goes on with what its clocks had run; but if
the customer has written again by then, or does later, that is a new wait and a new turn of `next_reply`. Merged or
deleted ends all clocks for good, unless the desk takes it back.

*What was promised.* The first target that matches the ticket's tier, priority and group of now counts, for all of its
life; so a change of priority moves what is due, also into the past. `working` time is that of the team's hours without
its holidays: an hour that the clocks repeat counts twice, one that they skip not at all. A clock warns when a share of
its target has run and is breached when all of it has; what fills a day's hours is due when they end.

What happened at one moment counts as: first what was said, then what the ticket became.

Sources. Waiting for the requester pauses and on hold does not: requester wait time in
https://developer.zendesk.com/documentation/ticketing/reference-guides/ticket-metric-event-types-reference.
First reply: https://support.zendesk.com/hc/en-us/articles/4408834848154. Next reply from the oldest unanswered message:
https://support.zendesk.com/hc/en-us/articles/4408829459866. Going on after a reopening:
https://www.plain.com/docs/graphql-reference/types/TotalResolutionTimeServiceLevelAgreement.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal, NamedTuple

from automations.sla.life import Life, Period, Standing
from automations.sla.policy import ClockKind, Counted, SlaPolicy, SlaTarget
from automations.sla.worked import WorkedHours

ClockState = Literal["running", "paused", "met", "ended"]

_NONE: Final = timedelta()


@dataclass(frozen=True, slots=True)
class ClockNow:
    """A clock as of a moment. `turn` counts the waits of `next_reply`, 1 for the others.

    `state`: running, paused (the ticket waits for the customer), met, ended (nobody need answer any more). It warns
    after `warn_after` and is breached after `length`. `spent` is what has run of it, `late` how much more than `length`
    that was when it was met or ended. While it runs `warn_at` and `due_at` say when it warns and is breached if nothing
    happens, or when that was; None if it takes a century. `ended_at`: when it was met or ended.
    """

    kind: ClockKind
    turn: int
    target: str
    counted: Counted
    length: timedelta
    warn_after: timedelta
    state: ClockState
    started_at: datetime
    spent: timedelta
    warn_at: datetime | None
    due_at: datetime | None
    ended_at: datetime | None
    late: timedelta


class _Wait(NamedTuple):
    """Somebody waits since `since`, until `until`; None for still."""

    turn: int
    since: datetime
    until: datetime | None


class _Run(NamedTuple):
    """A part of a wait in which its clock runs: how much time counts in it, None if it has not ended."""

    start: datetime
    length: timedelta | None


def clocks(life: Life, policy: SlaPolicy, worked: WorkedHours, now: datetime) -> tuple[ClockNow, ...]:
    """The clocks of a ticket, in the order of their kinds; none of a kind that nobody was promised or waits for.

    All that is known of the ticket counts, also where the desk's clock is ahead of `now`.
    """
    target = policy.target(life.tier, life.now.priority, life.now.group)
    if target is None:
        return ()
    periods = life.periods()
    found = []
    for kind in ClockKind:
        length = target.length(kind)
        wait = _wait(kind, life, periods) if length is not None else None
        if length is not None and wait is not None:
            found.append(_clock(kind, wait, periods, _Promise(target, length, length * policy.warn_at), worked, now))
    return tuple(found)


class _Promise(NamedTuple):
    target: SlaTarget
    length: timedelta
    warn_after: timedelta


def _clock(
    kind: ClockKind,
    wait: _Wait,
    periods: Sequence[Period],
    promise: _Promise,
    worked: WorkedHours,
    now: datetime,
) -> ClockNow:
    state, ended_at = _state(kind, wait, periods)
    counted = promise.target.count
    runs = [
        _Run(start, worked.between(start, end, counted) if end is not None else None)
        for start, end in _runs(wait, periods)
    ]
    spent = sum((one.length for one in runs if one.length is not None), _NONE)
    warn_at = due_at = None
    if state == "running":
        spent += worked.between(runs[-1].start, now, counted)
        warn_at = _reached(promise.warn_after, runs, worked, counted)
        due_at = _reached(promise.length, runs, worked, counted)
    return ClockNow(
        kind,
        wait.turn,
        promise.target.name,
        counted,
        promise.length,
        promise.warn_after,
        state,
        wait.since,
        spent,
        warn_at,
        due_at,
        ended_at,
        max(spent - promise.length, _NONE) if ended_at is not None else _NONE,
    )


def _wait(kind: ClockKind, life: Life, periods: Sequence[Period]) -> _Wait | None:
    """Who waits for what, or did last."""
    first = next((one.at for one in life.heard() if one.side == "agent"), None)
    match kind:
        case ClockKind.RESOLUTION:
            return _Wait(1, life.created_at, None)
        case ClockKind.FIRST_REPLY:
            return _Wait(1, life.created_at, first) if life.opened_by == "customer" else None
        case ClockKind.NEXT_REPLY:
            return _next_wait(life, periods)


def _next_wait(life: Life, periods: Sequence[Period]) -> _Wait | None:
    """The last wait after the first reply. A customer who writes after the ticket had stopped begins another."""
    stops = [one.start for one in _stops(periods)]
    wait: _Wait | None = None
    replied = life.opened_by != "customer"
    for at, side in life.heard():
        if side == "agent":
            replied = True
            if wait is not None and wait.until is None:
                wait = wait._replace(until=at)
        elif side == "customer" and replied:
            over = wait is None or wait.until is not None or any(wait.since <= stop < at for stop in stops)
            if over:
                wait = _Wait(wait.turn + 1 if wait else 1, at, None)
    return wait


def _state(kind: ClockKind, wait: _Wait, periods: Sequence[Period]) -> tuple[ClockState, datetime | None]:
    """Its state, and when it was met or ended."""
    if wait.until is not None:
        return "met", wait.until
    match periods[-1].standing:
        case Standing.RUNS:
            return "running", None
        case Standing.WAITS:
            return "paused", None
    *_, stop = _stops(periods)
    met = kind is ClockKind.RESOLUTION and stop.standing is Standing.DONE
    return "met" if met else "ended", max(stop.start, wait.since)


def _stops(periods: Sequence[Period]) -> Iterator[Period]:
    """The periods with which a ticket stopped: what is merged or deleted when solved had stopped before."""
    stopped = False
    for one in periods:
        if one.standing.stopped and not stopped:
            yield one
        stopped = one.standing.stopped


def _runs(wait: _Wait, periods: Sequence[Period]) -> Iterator[tuple[datetime, datetime | None]]:
    """The parts of a wait in which its clock runs; the last has no end if it still does."""
    for start, end, standing in periods:
        if standing is not Standing.RUNS or (end is not None and end <= wait.since):
            continue
        begin = max(start, wait.since)
        if wait.until is not None and (end is None or wait.until < end):
            end = wait.until
        if end is None or begin < end:
            yield begin, end


def _reached(length: timedelta, runs: Sequence[_Run], worked: WorkedHours, counted: Counted) -> datetime | None:
    """When so much has run, the last of `runs` being without end."""
    left = length
    for one in runs:
        if one.length is None or one.length >= left:
            return worked.after(one.start, left, counted)
        left -= one.length
    return None
