"""What a ticket's clocks must say, told by somebody who sits beside it and looks at the wall clock every minute.

It knows nothing of intervals. Where something happens within a minute, that minute is cut there.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from automations.calendar import WorkingHours
from automations.sla.life import Life, Said
from automations.sla.policy import ClockKind, Counted

MINUTE = timedelta(minutes=1)
ENOUGH = 45 * 1440
"""Minutes after which it goes home: 45 days after the last thing that happened."""


@dataclass
class Told:
    """A clock, as seen. `ticks` are the pieces of time that counted: when each began, and its length."""

    turn: int
    since: datetime
    state: str = "running"
    ended_at: datetime | None = None
    stopped_since: bool = False
    ticks: list[tuple[datetime, timedelta]] = field(default_factory=list)

    @property
    def spent(self) -> timedelta:
        return sum((length for _, length in self.ticks), timedelta())

    def reached(self, length: timedelta) -> datetime | None:
        """When so much had run."""
        passed = timedelta()
        for at, tick in self.ticks:
            if passed + tick >= length:
                return at + (length - passed)
            passed += tick
        return None


class Watcher:
    """Sees a ticket's life happen and runs its three clocks, in one way of counting."""

    def __init__(self, life: Life, hours: WorkingHours | None, counted: Counted) -> None:
        self.life, self.hours = life, hours if counted == "working" else None
        self.status, self.merged, self.deleted, self.replied = "", False, False, life.opened_by != "customer"
        self.clocks = {ClockKind.RESOLUTION: Told(1, life.created_at)}
        if life.opened_by == "customer":
            self.clocks[ClockKind.FIRST_REPLY] = Told(1, life.created_at)

    def watch(self, until: datetime) -> None:
        """Live through the ticket's life, and then until a moment, at the wall clock's pace."""
        happens = self.life.moments
        for begin, end in _pieces(self.life.created_at, until, happens):
            if begin in happens:
                self._happens(begin)
            if self.hours is None or _covered(self.hours, begin.replace(second=0, microsecond=0)):
                for clock in self.clocks.values():
                    if clock.state == "running":
                        clock.ticks.append((begin, end - begin))
        if until in happens:
            self._happens(until)

    def _happens(self, at: datetime) -> None:
        if self.deleted:
            return
        had_stopped = self._stopped
        for one in self.life.said:
            if one.at == at:
                self._said(one)
        for stood in self.life.stood:
            if stood.at == at:
                self.status, self.merged = stood.status, stood.merged
        self.deleted = self.life.deleted_at == at
        for kind, clock in self.clocks.items():
            clock.stopped_since |= self._stopped and not had_stopped
            self._stands(kind, clock, at)

    @property
    def _stopped(self) -> bool:
        return self.merged or self.deleted or self.status in ("solved", "closed")

    def _said(self, one: Said) -> None:
        if one.side == "agent":
            self.replied = True
            for kind in (ClockKind.FIRST_REPLY, ClockKind.NEXT_REPLY):
                clock = self.clocks.get(kind)
                if clock is not None and clock.state != "met":
                    clock.state, clock.ended_at = "met", one.at
        elif one.side == "customer" and self.replied:
            before = self.clocks.get(ClockKind.NEXT_REPLY)
            if before is None or before.state == "met" or before.stopped_since:
                self.clocks[ClockKind.NEXT_REPLY] = Told(before.turn + 1 if before else 1, one.at)

    def _stands(self, kind: ClockKind, clock: Told, at: datetime) -> None:
        """What the ticket is now makes a clock run, stand still or end; answered ones are answered."""
        if clock.state == "met" and kind is not ClockKind.RESOLUTION:
            return
        if self._stopped:
            if clock.state not in ("met", "ended"):
                gone = self.merged or self.deleted
                clock.state = "met" if kind is ClockKind.RESOLUTION and not gone else "ended"
                clock.ended_at = at
        else:
            clock.state, clock.ended_at = "paused" if self.status == "pending" else "running", None


def _pieces(start: datetime, until: datetime, cuts: tuple[datetime, ...]) -> Iterator[tuple[datetime, datetime]]:
    """Minutes of the wall clock, the first and the last cut short, and cut where something happens."""
    at = start
    while at < until:
        end = min([at.replace(second=0, microsecond=0) + MINUTE, until, *(cut for cut in cuts if cut > at)])
        yield at, end
        at = end


@lru_cache(maxsize=100_000)
def _covered(hours: WorkingHours, minute: datetime) -> bool:
    return hours.covers(minute.astimezone(UTC))
