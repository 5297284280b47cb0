"""What every act on a case is given: the rules, the people, the doors outside, the clock. Built once by `bot.app`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from automations.calendar import WorkingHours
from automations.desks import Capability
from automations.domain import (
    Mode,
)
from automations.failure_tickets.rules import RuleBook
from automations.failure_tickets.timing import Timing
from automations.people import Roster
from automations.ports import Clock, Jobs
from automations.redact import Redactor


@dataclass(frozen=True, slots=True)
class Context:
    """Frozen, so that one reload of the settings is one new context and nobody sees half of it.

    `desk_system` names the help desk that new tickets go to; `case_url` gives the address of a case's page; `mode` says
    whether failures open cases (auto), would (shadow), or are only recorded (off). `timing` holds the team's numbers,
    `hours` when people work (None: always), `desk_can` what the help desk is able to do beside the common things, and
    `desk_cannot` the words for a person who asks for one of the others.
    `as_one` marks an act as one of many done at once: history and audit get each, the threads are told of all in one.
    `checkpoints_every` is how often the audit log is signed into a file, None where it is not. `listening_since` is
    when this process began to hear failures, None for one that hears none.

    The roster and the book are those of the settings until `present` has added what people settled since.
    """

    book: RuleBook
    roster: Roster
    jobs: Jobs
    clock: Clock
    redactor: Redactor
    desk_system: str
    case_url: Callable[[int], str]
    mode: Mode = Mode.AUTO
    timing: Timing = field(default_factory=Timing)
    hours: WorkingHours | None = None
    desk_can: frozenset[Capability] = frozenset()
    desk_cannot: Mapping[Capability, str] = field(default_factory=dict)
    as_one: bool = False
    checkpoints_every: timedelta | None = None
    listening_since: datetime | None = None

    @property
    def zone(self) -> str:
        """The team's zone."""
        return self.book.zone
