"""What a report comes to: frozen models, stored as JSON and hashed. No words that judge, no causes: numbers.

Times are seconds. A spread of nothing (`n` 0) has no values. Lists are in the order in which people read them.
"""

import json
from datetime import datetime
from hashlib import sha256
from typing import Any, Literal, NamedTuple, Self

from pydantic import BaseModel, ConfigDict

TimeName = Literal["first_reply", "response", "resolution"]
CountName = Literal["created", "reopened", "solved", "resolved", "closed", "backlog_start", "backlog_end"]
NumberName = CountName | TimeName

Seconds = float | None


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Share(_Frozen):
    """So many of one name."""

    name: str
    n: int


class Spread(_Frozen):
    """How a number of times lie.

    `p90`: nine tenths are no longer (nearest rank). `median`: of an even n the mean of the two in the middle.
    """

    n: int = 0
    mean: Seconds = None
    median: Seconds = None
    p90: Seconds = None


class Times(_Frozen):
    """One of the three times. `business` counts working hours alone, None where the team has none.

    `uncounted` says how many the figures cannot contain, and why.
    """

    calendar: Spread = Spread()
    business: Spread | None = None
    uncounted: tuple[Share, ...] = ()


class Counts(_Frozen):
    """How many tickets.

    `backlog_start + created + reopened - left = backlog_end`, where `left` is `solved`, or
    `closed` where only closing ends a ticket: then `solved` is None. `resolved` are tickets solved for the last time
    (so far) in the period, `merged` those of the left ones that went into another ticket.
    """

    created: int = 0
    reopened: int = 0
    solved: int | None = 0
    resolved: int = 0
    closed: int = 0
    merged: int = 0
    backlog_start: int = 0
    backlog_end: int = 0


class Row(_Frozen):
    """One line of a breakdown: the numbers of the tickets of one name. `name` is empty for tickets without any."""

    name: str
    counts: Counts
    first_reply: Spread = Spread()
    response: Spread = Spread()
    resolution: Spread = Spread()


class Breakdown(_Frozen):
    """The same numbers by one property: group, priority, tier, assignee. Each ticket is in one row."""

    by: Literal["group", "priority", "tier", "assignee"]
    rows: tuple[Row, ...]


class Day(_Frozen):
    """One day (in the period's zone) of the period or of the one before it, for the picture.

    `backlog` is at its end. `date` is ISO 8601; `current`: it is a day of the report's own period. The medians are
    calendar seconds.
    """

    date: str
    current: bool
    backlog: int
    created: int
    left: int
    first_reply_median: Seconds = None
    resolution_median: Seconds = None


class CaseQueue(_Frozen):
    """Our own cases of one queue."""

    queue: str
    opened: int
    resolved: int
    open_at_end: int


class Signal(_Frozen):
    """A category of tickets (a tag), or a kind of failure, with its count in the period and in the one before.

    `link` opens one that can be opened: the newest ticket or case. `before` is None where it cannot be compared.
    """

    kind: Literal["tag", "failure"]
    name: str
    n: int
    before: int | None
    link: str


class DeskFigure(_Frozen):
    """Our figure beside the desk's own over the same tickets. `compared` of `of` tickets were asked for.

    `ours`, `desk`: means in seconds over the tickets for which both say one. `differing`: tickets on which the two are
    more than a minute apart. For a desk that tells only means over all its tickets, `compared` is None.
    """

    name: TimeName
    compared: int | None
    of: int
    ours: Seconds
    desk: Seconds
    differing: int | None
    words: str = ""


class Result(_Frozen):
    """Everything that was counted. `deleted`: tickets the desk has deleted, which no number contains.

    `before` is the period before, counted by the same rules at the same moment (without its breakdowns and days);
    None where it could not be counted. `deleted` are those that were open, made or ended within the period.
    """

    counts: Counts
    by_age: tuple[Share, ...]
    by_status: tuple[Share, ...]
    by_priority: tuple[Share, ...]
    first_reply: Times
    response: Times
    resolution: Times
    breakdowns: tuple[Breakdown, ...]
    days: tuple[Day, ...]
    own_cases: tuple[CaseQueue, ...] = ()
    signals: tuple[Signal, ...] = ()
    desk_figures: tuple[DeskFigure, ...] = ()
    deleted: int = 0
    before: "Result | None" = None

    def stored(self) -> dict[str, Any]:
        """The result as JSON."""
        return self.model_dump(mode="json")

    @classmethod
    def of(cls, stored: dict[str, Any]) -> Self:
        """Read back what `stored` wrote."""
        return cls.model_validate(stored)

    @property
    def hash(self) -> str:
        """SHA-256, in hex, of the canonical JSON (sorted keys, no blanks) of what was counted of the period itself.

        What stands beside it is left out, since it may become another without any number of the period becoming so:
        the period before, and the desk's own figures, which a desk that is away cannot tell.
        """
        own = self.model_copy(
            update={
                "before": None,
                "days": tuple(day for day in self.days if day.current),
                "signals": tuple(one.model_copy(update={"before": None, "link": ""}) for one in self.signals),
                "desk_figures": (),
            }
        )
        canonical = json.dumps(own.stored(), sort_keys=True, separators=(",", ":"), allow_nan=False)
        return sha256(canonical.encode()).hexdigest()


class Judged(NamedTuple):
    """By which of its properties a ticket was counted: those at the end of the period, and the tier known then.

    `unanswered`, `waiting`, `unsolved` say why a ticket has no first reply, no response or no resolution that the
    figures contain; empty where it is none of those.
    """

    status: str
    group: str
    priority: str
    tier: str
    assignee: str
    unanswered: str
    waiting: str
    unsolved: str


class Member(NamedTuple):
    """A ticket behind a number. `ticket` is the desk's id of it, which stays when the mirror is made anew.

    `at` is when it came to count: the event's time, for a backlog the ticket's creation. `value` are the seconds of a
    time, None of a count. A ticket that counts twice (solved, reopened, solved again) is a member twice.
    """

    ticket: str
    at: datetime
    judged: Judged
    value: float | None = None


Members = dict[NumberName, tuple[Member, ...]]
"""For each number the tickets behind it, in order of ticket and time."""
