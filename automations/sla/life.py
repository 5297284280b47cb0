"""What SLA clocks look at: a ticket's life, as far as it is known. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum, auto
from typing import Final, NamedTuple

from automations.domain import TicketStatus


class Standing(Enum):
    """What a ticket's status means for its clocks. `GONE`: it was merged into another, or deleted."""

    RUNS = auto()
    WAITS = auto()
    DONE = auto()
    GONE = auto()

    @property
    def stopped(self) -> bool:
        """Nobody need answer any more."""
        return self in (Standing.DONE, Standing.GONE)


_STANDINGS: Final = {
    TicketStatus.PENDING.value: Standing.WAITS,
    TicketStatus.SOLVED.value: Standing.DONE,
    TicketStatus.CLOSED.value: Standing.DONE,
}


class Said(NamedTuple):
    """A public message. `side`: customer, agent, bot."""

    at: datetime
    side: str


class Stood(NamedTuple):
    """What a ticket was from a moment on. Empty words stand for none."""

    at: datetime
    status: str
    priority: str
    group: str
    merged: bool = False

    @property
    def standing(self) -> Standing:
        """What that means for its clocks."""
        return Standing.GONE if self.merged else _STANDINGS.get(self.status, Standing.RUNS)


class Period(NamedTuple):
    """[start, end) in which a ticket's standing stayed the same; `end` None for what has not ended."""

    start: datetime
    end: datetime | None
    standing: Standing


@dataclass(frozen=True, slots=True)
class Life:
    """A ticket's life. `stood` is in order and begins with its creation, `said` is in order.

    `opened_by`: customer, agent, bot. `tier` is that of now.
    """

    opened_by: str
    tier: str
    stood: tuple[Stood, ...]
    said: tuple[Said, ...] = ()
    deleted_at: datetime | None = None

    @property
    def created_at(self) -> datetime:
        """When the ticket was made."""
        return self.stood[0].at

    @property
    def now(self) -> Stood:
        """What it was last."""
        return self.stood[-1]

    @property
    def moments(self) -> tuple[datetime, ...]:
        """When something happened, in order, its creation first."""
        told = {*(one.at for one in self.stood), *(one.at for one in self.said)}
        if self.deleted_at is not None:
            told.add(self.deleted_at)
        return tuple(sorted(at for at in told if at >= self.created_at))

    def until(self, at: datetime) -> "Life":
        """The life as it was known at a moment not before its creation: with what happened then, and nothing later."""
        return replace(
            self,
            stood=tuple(one for one in self.stood if one.at <= at),
            said=tuple(one for one in self.said if one.at <= at),
            deleted_at=self.deleted_at if self.deleted_at is not None and self.deleted_at <= at else None,
        )

    def periods(self) -> tuple[Period, ...]:
        """Its standings, one after the other. A ticket that was deleted is gone from then on."""
        stood = [(one.at, one.standing) for one in self.stood]
        if self.deleted_at is not None:
            stood = [one for one in stood if one[0] < self.deleted_at] + [(self.deleted_at, Standing.GONE)]
        begun = stood[:1]
        for at, standing in stood[1:]:
            if standing is not begun[-1][1]:
                begun.append((at, standing))
        ends = [*(at for at, _ in begun[1:]), None]
        return tuple(Period(at, end, standing) for (at, standing), end in zip(begun, ends, strict=True))

    def heard(self) -> Iterator[Said]:
        """What counts of what was said: nothing after the ticket was deleted."""
        return (one for one in self.said if self.deleted_at is None or one.at <= self.deleted_at)
