"""What people get to see of a group of cases, as plain frozen values. All times are aware UTC."""

from dataclasses import dataclass
from datetime import datetime

from automations.domain import Priority
from automations.failure_tickets.card_types import CaseRow, TicketLine
from automations.words import PersonRef

PAGE = 10
"""Cases on one page of the list of a group's cases."""


@dataclass(frozen=True, slots=True)
class OwnerLine:
    """How many of the group's cases somebody has: of those not closed, or of all once every one is.

    `called`: the group's first post mentions them.
    """

    person: PersonRef
    cases: int
    called: bool = False


@dataclass(frozen=True, slots=True)
class GroupCard:
    """Everything the living message of a group shows.

    `summary` is what the first case says; `priority` is the highest of the cases that are not closed, else of all.
    `tiers` are (tier, cases), the best known first and "unknown" last. `verified` counts the tickets whose last reading
    showed their case's present state. `ticket` is the parent ticket, None where the desk (`system`) has no parents.
    `first` are the first few cases; `last` says who did what last to any of them.
    """

    id: int
    source: str
    reason: str
    summary: str
    priority: Priority
    total: int
    open: int
    claimed: int
    resolved: int
    not_needed: int
    verified: int
    tiers: tuple[tuple[str, int], ...]
    owners: tuple[OwnerLine, ...]
    system: str
    ticket: TicketLine | None
    first: tuple[CaseRow, ...]
    opened_at: datetime
    last_joined_at: datetime
    closed_at: datetime | None = None
    last_line: str | None = None
    last_at: datetime | None = None

    @property
    def closed(self) -> bool:
        """True once nobody has to do anything about any of its cases."""
        return self.open + self.claimed == 0

    @property
    def all_verified(self) -> bool:
        """True exactly if the desk was seen to show every case's present state, and the parent ticket's too."""
        parent = self.ticket is None or (self.ticket.state == "verified" and self.ticket.current)
        return self.verified == self.total and parent


@dataclass(frozen=True, slots=True)
class GroupPage:
    """One page of a group's cases, page 1 first. `total` and `pages` count all of them."""

    group_id: int
    page: int
    pages: int
    total: int
    rows: tuple[CaseRow, ...]


@dataclass(frozen=True, slots=True)
class GroupLine:
    """One line of a group's thread. `text` is a whole sentence; `mention` is whom it calls."""

    at: datetime
    text: str
    mention: PersonRef | None = None


@dataclass(frozen=True, slots=True)
class GroupEscalation:
    """A group that was brought before the lead. `lead` is mentioned in its first post only.

    `lead_why` says who is away; `escalated` counts cases not claimed in time; `permalink` opens the group's message.
    """

    card: GroupCard
    lead: PersonRef
    lead_why: str
    at: datetime
    escalated: int
    permalink: str | None = None
