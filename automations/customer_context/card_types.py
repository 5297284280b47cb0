"""What people get to see of customers, as plain frozen values. Texts are redacted already but not escaped.

Times are UTC.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from automations.customer_context.context import NO_EFFECTS, Effects
from automations.runs.card_types import Approval
from automations.words import PersonRef


@dataclass(frozen=True, slots=True)
class GroupLine:
    """One group of changes. `words` say it in a line ("tier pro → enterprise"), `decision` what the field decides.

    `state` is the row's. `samples` are a few of its customers: (account, name, before, after). `applied_by` is the
    number of the run that carries it out; `verified` and `refused` of its `size` are read back or not taken so far.
    `asks_twice`: Approve asks first, since open tickets would get another priority or SLA.
    """

    id: int
    kind: str
    field: str
    words: str
    decision: str
    size: int
    digest: str
    state: str
    effects: Effects = NO_EFFECTS
    samples: tuple[tuple[str, str, str, str], ...] = ()
    open_too: bool = False
    decided_by: PersonRef | None = None
    decided_at: datetime | None = None
    reason: str = ""
    applied_by: int | None = None
    verified: int = 0
    refused: int = 0


@dataclass(frozen=True, slots=True)
class SyncCard:
    """A sync with its groups, as its one living message shows it.

    `state` is that of its run: done (its groups may be decided), proposed (the brake: two people have to let it go on),
    refused, failed, asked (it is being read; `words` say how far). `sources` are (title, rows read, how old its data
    is). `counts` are (word, how many) in the order added, changed, suspended, unchanged, conflicted, rejected; each
    customer is in one of them. `groups` are those of `page` of `pages`, of `total`.
    """

    run_id: int
    state: str
    mode: str
    requested_by: PersonRef
    requested_at: datetime
    desk: str
    sources: tuple[tuple[str, int, datetime], ...]
    counts: tuple[tuple[str, int], ...]
    groups: tuple[GroupLine, ...]
    page: int
    pages: int
    total: int
    digest: str
    open_conflicts: int = 0
    open_rejected: int = 0
    blanks_kept: Mapping[str, int] = field(default_factory=dict)
    words: str = ""
    brake: str = ""
    approvals: tuple[Approval, ...] = ()
    needed: int = 1
    expires_at: datetime | None = None
    settled_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ConflictLine:
    """One entry of the ledger. `kind` and `state` are the row's; `winner` in words ("crm, the source of truth").

    `version` is what a button carries, so that one made for other values does nothing. `url` opens the customer in the
    desk, where it is merged by hand. `takeable`: Take source can settle it.
    """

    id: int
    account: str
    name: str
    field: str
    kind: str
    source: str
    source_value: str
    desk_value: str
    winner: str
    since: datetime
    state: str
    version: int
    takeable: bool
    url: str = ""
    others: tuple[str, ...] = ()
    decided_by: PersonRef | None = None
    decided_at: datetime | None = None
    reason: str = ""
    until: datetime | None = None
    run_id: int | None = None


@dataclass(frozen=True, slots=True)
class LedgerCard:
    """The living list of conflicts. `fields` are (field, open ones, digest of all of them) for deciding a whole field.

    `lines` are the open ones of `page` of `pages`, oldest first, of `total`; `settled` lately settled ones.
    """

    desk: str
    lines: tuple[ConflictLine, ...]
    page: int
    pages: int
    total: int
    fields: tuple[tuple[str, int, str], ...]
    settled: tuple[ConflictLine, ...] = ()


@dataclass(frozen=True, slots=True)
class RejectedLine:
    """A row that could not be taken, with why, since when, and how often it was tried."""

    id: int
    source: str
    row_key: str
    reason: str
    row: Mapping[str, str]
    first_seen: datetime
    last_seen: datetime
    tries: int
    state: str
    decided_by: PersonRef | None = None


@dataclass(frozen=True, slots=True)
class CustomerSheet:
    """One customer with every field: (field, value in force, source of truth, the source's value, decision).

    `history` are the newest changes: (when, field, before, after, how it came: RUN-7, or a conflict settled).
    """

    account: str
    name: str
    status: str
    tier: str
    desk_id: str | None
    url: str
    as_of: datetime | None
    gone_since: datetime | None
    fields: tuple[tuple[str, str, str, str, str], ...]
    domains: tuple[str, ...]
    conflicts: tuple[ConflictLine, ...] = ()
    history: tuple[tuple[datetime, str, str, str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class WroteIn:
    """A customer with an open case wrote on a ticket. `in_group`: it stands in a thread of several cases.

    `state` is that of the ticket's internal note: planned, noted (read back), failed (`error` says why).
    """

    case_id: int
    in_group: bool
    account: str
    name: str
    ticket_id: str
    title: str
    url: str
    at: datetime
    desk: str
    state: str
    error: str = ""
