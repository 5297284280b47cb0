"""What people get to see of a case, as plain frozen values: no session, no blocks, no words of any channel.

`card.py` fills them from storage; the bot's views turn them into messages, the command line into tables.
All times are aware UTC. Texts are redacted already but not escaped: that is the view's work.
"""

from dataclasses import dataclass
from datetime import datetime

from automations.domain import CaseStatus, CustomerRef, Priority
from automations.words import PersonRef


@dataclass(frozen=True, slots=True)
class AttemptLine:
    """One try the application made before it reported the failure."""

    at: datetime
    outcome: str


@dataclass(frozen=True, slots=True)
class TicketLine:
    """The case's one ticket as last known.

    `state` is the row's own word (wanted, creating, unknown, created, verified). `current` is True exactly while the
    last reading showed the case's present state (verified_version = wanted_version). `missing` says in words what the
    reading did not show, or, if the ticket is `gone`, what became of it. `asked`: a person has to say whether the desk
    made it, and `missing` says what to look for; `found_by` is who found it then, `named` the number they gave.
    `read_at` is when it was read last, None for a desk that tells its changes by itself.
    """

    system: str
    state: str
    id: str | None = None
    url: str | None = None
    current: bool = False
    verified_at: datetime | None = None
    missing: str | None = None
    gone: bool = False
    asked: bool = False
    named: str | None = None
    found_by: str | None = None
    read_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class CaseCard:
    """Everything the living message of a case shows.

    `priority_why` is the arithmetic, (label, points) in the order it was added up. `previous_permalink` opens the
    Slack message of the case this one follows. `permalink` opens this case's own message once it is posted.
    `flaps` counts how often it came back by itself; `next_id` is the case as which the failure came back.
    `group_id` is the group it is part of, `group_permalink` opens that one's message.
    `call_owner`: the first post mentions the owner. `reminders` counts how often it was spoken of since anybody touched
    it; `stale`: nobody has touched it even so.
    `standing`: the customer's tier and status as they are kept, with their age; empty where no customers are kept.
    """

    id: int
    status: CaseStatus
    version: int
    source: str
    reason: str
    summary: str
    details: str
    job_id: str | None
    job_name: str | None
    customer: CustomerRef | None
    attempts: tuple[AttemptLine, ...]
    checks: tuple[str, ...]
    diagnostics_url: str | None
    count: int
    first_seen: datetime
    last_seen: datetime
    rule: str
    queue: str
    priority: Priority
    priority_why: tuple[tuple[str, int], ...]
    owner: PersonRef
    owner_why: str
    opened_at: datetime
    claimed_by: PersonRef | None
    claimed_at: datetime | None
    closed_by: PersonRef | None
    closed_at: datetime | None
    close_note: str | None
    escalate_at: datetime | None
    escalated_at: datetime | None
    escalated_by: PersonRef | None
    escalation_reason: str | None
    previous_id: int | None
    previous_permalink: str | None
    last_actor: PersonRef
    last_act: str
    last_at: datetime
    ticket: TicketLine
    permalink: str | None = None
    flaps: int = 0
    next_id: int | None = None
    next_permalink: str | None = None
    group_id: int | None = None
    group_permalink: str | None = None
    snoozed_until: datetime | None = None
    snoozed_by: PersonRef | None = None
    hold_until: datetime | None = None
    call_owner: bool = True
    reminders: int = 0
    stale: bool = False
    standing: str = ""


@dataclass(frozen=True, slots=True)
class EntryLine:
    """One line of a case's history. `mention` is whom this line calls, None for nobody.

    `link` is (text, address) where the line speaks of another case, or of what was written in the ticket.
    """

    case_id: int
    seq: int
    at: datetime
    actor: PersonRef
    verb: str
    text: str
    mention: PersonRef | None = None
    link: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class EscalationCard:
    """An escalation as the escalation channel shows it. `lead` is mentioned in its first post and never again.

    `lead_why` says who is away where that matters, else it is empty. `taken_back_by`: it was a wrong click of theirs.
    """

    case: CaseCard
    lead: PersonRef
    reason: str
    at: datetime
    by: PersonRef
    lead_why: str = ""
    taken_back_by: PersonRef | None = None
    taken_back_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ShadowCard:
    """What would have been opened while the automation only looks on. `owner` is a name."""

    summary: str
    source: str
    owner: str
    owner_why: str
    queue: str
    rule: str
    priority_why: str
    count: int


@dataclass(frozen=True, slots=True)
class CaseRow:
    """One line of a list of cases."""

    id: int
    status: CaseStatus
    priority: Priority
    summary: str
    owner: PersonRef
    count: int
    opened_at: datetime
    last_seen: datetime
    escalated: bool
    ticket_current: bool
    permalink: str | None = None
    reminders: int = 0
    stale: bool = False
    customer: str = ""


@dataclass(frozen=True, slots=True)
class MovedLine:
    """A case that went to somebody else while its owner was away. `permalink` opens its message."""

    id: int
    summary: str
    to: PersonRef
    permalink: str | None = None
