"""What a ticket's clocks would have fired over its whole life, had somebody looked at every moment. Pure."""

from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise
from typing import Final, Literal, NamedTuple

from automations.calendar import WorkingHours
from automations.sla.clocks import ClockNow, clocks
from automations.sla.life import Life
from automations.sla.policy import ClockKind, SlaPolicy
from automations.sla.worked import WorkedHours

Which = Literal["warn", "breach"]

TOLD: Final[dict[Which, str]] = {"warn": "warned", "breach": "breached"}
"""What is noted of a clock once this was told."""


class Firing(NamedTuple):
    """A clock warned or was breached at a moment. `target` names what was promised."""

    at: datetime
    kind: ClockKind
    turn: int
    which: Which
    target: str


def firings(life: Life, policy: SlaPolicy, hours: WorkingHours | WorkedHours | None) -> tuple[Firing, ...]:
    """All that the clocks of a ticket fire, in order, as the ticket was known at each moment; `hours` None: always.

    A turn of a clock warns once and is breached once; what is breached no longer warns. One that is overdue already
    when something changes (the priority, say) fires then. What is running at the end of the life goes on for ever.
    """
    worked = hours if isinstance(hours, WorkedHours) else WorkedHours(hours)
    told: dict[tuple[ClockKind, int], str] = {}
    fired: list[Firing] = []
    for begin, end in pairwise([*life.moments, None]):
        assert begin is not None, "only the last moment has none after it"
        found = [
            firing
            for clock in clocks(life.until(begin), policy, worked, begin)
            for firing in _firings(clock, begin, end, told.get((clock.kind, clock.turn), ""))
        ]
        for one in sorted(found):
            told[one.kind, one.turn] = TOLD[one.which]
        fired += sorted(found)
    return tuple(fired)


def due_now(now: datetime, warn_at: datetime | None, due_at: datetime | None, told: str) -> Which | None:
    """What there is to tell of a running clock of which `told` is told: nothing twice, no warning after a breach."""
    if due_at is not None and due_at <= now:
        return "breach" if told != "breached" else None
    return "warn" if warn_at is not None and warn_at <= now and told == "" else None


def _firings(clock: ClockNow, begin: datetime, end: datetime | None, told: str) -> Iterator[Firing]:
    """What a clock fires in [begin, end), in which nothing happens to the ticket."""
    for moment in (clock.warn_at, clock.due_at):
        at = max(moment, begin) if moment is not None else None
        if at is None or (end is not None and at >= end):
            continue
        if (which := due_now(at, clock.warn_at, clock.due_at, told)) is not None:
            told = TOLD[which]
            yield Firing(at, clock.kind, clock.turn, which, clock.target)
