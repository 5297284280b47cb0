"""What people get to see of the team's day, as plain frozen values: duty, absences, pauses, hand-overs, status.

All times are aware UTC, stretches half-open. Texts are redacted already but not escaped: that is the view's work.
"""

from dataclasses import dataclass
from datetime import datetime

from automations.domain import Mode, Priority
from automations.failure_tickets.card_types import CaseRow
from automations.words import PersonRef


@dataclass(frozen=True, slots=True)
class CoverLine:
    """Somebody has a rotation's duty, [start, until), in place of whose turn it is. `kind`: cover or swap."""

    person: PersonRef
    start: datetime
    until: datetime
    kind: str = "cover"


@dataclass(frozen=True, slots=True)
class DutyLine:
    """Who has a rotation now. `until` is when somebody else may come: the next hand-over, or a cover's edge.

    `person` is None when everybody in it is away, or, with `begun` False, when its first shift is still to come.
    `covers_for` is whose shift it is, if the person has it by a cover; `then` is who comes at `until`; `covers` are
    those that are still to begin.
    """

    rotation: str
    person: PersonRef | None
    until: datetime | None
    begun: bool = True
    covers_for: PersonRef | None = None
    then: PersonRef | None = None
    covers: tuple[CoverLine, ...] = ()


@dataclass(frozen=True, slots=True)
class AwayLine:
    """Somebody is away, [start, until), or will be (`ahead`). `by` is who said so, None for the settings."""

    person: PersonRef
    start: datetime
    until: datetime
    by: PersonRef | None = None
    ahead: bool = False


@dataclass(frozen=True, slots=True)
class PauseLine:
    """An automation or a source that acts on nothing until `until`. `kind`: automation or source."""

    kind: str
    target: str
    start: datetime
    until: datetime
    because: str
    by: PersonRef


@dataclass(frozen=True, slots=True)
class StuckLine:
    """One piece of work in the failure queue: what it is about, why it could not be done, after how many tries."""

    target: str
    reason: str
    attempts: int


@dataclass(frozen=True, slots=True)
class HandOverCard:
    """What the message of a hand-over shows.

    `before` hands over to `after` (None: nobody), who has the duty until `until`; `since` is the hand-over before `at`.
    `unclaimed`, `claimed` and `stale` count all open cases. `new` counts cases opened since, `new_closed` those of them
    that are closed already, `older` open ones from before; `newest`, `oldest` and `stuck_first` are the first of each.
    `waiting` counts plans that wait for somebody's approval. `late`: the bot was down at the time.
    """

    rotation: str
    at: datetime
    since: datetime
    late: bool
    before: PersonRef | None
    after: PersonRef | None
    until: datetime | None
    unclaimed: int
    claimed: int
    stale: int
    new: int
    new_closed: int
    newest: tuple[CaseRow, ...]
    older: int
    oldest: tuple[CaseRow, ...]
    stuck: int
    stuck_first: tuple[StuckLine, ...]
    waiting: int = 0


@dataclass(frozen=True, slots=True)
class AuditLine:
    """The audit log's last signed checkpoint, and how many rows are in none. `late`: for too long."""

    last: datetime | None
    rows: int
    late: bool


@dataclass(frozen=True, slots=True)
class StatusSummary:
    """How things stand now.

    `unverified` counts cases, open or closed, whose ticket does not show the present state yet; `stuck` the open rows
    of the failure queue; `waiting_for_slack` the messages not delivered in their newest version.
    `oldest_unclaimed` is the open case nobody has claimed for the longest time. `pauses` are the open ones, `away`
    those who are away now, `mode` what the automation may do; `stale` counts claimed cases that nobody touches. `audit`
    is None where no checkpoints are made.
    """

    open: int
    claimed: int
    escalated: int
    unverified: int
    stuck: int
    waiting_for_slack: int
    oldest_unclaimed: CaseRow | None = None
    by_priority: tuple[tuple[Priority, int], ...] = ()
    pauses: tuple[PauseLine, ...] = ()
    away: tuple[AwayLine, ...] = ()
    mode: Mode = Mode.AUTO
    stale: int = 0
    audit: AuditLine | None = None
