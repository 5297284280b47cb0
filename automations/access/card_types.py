"""What is shown of a reconciliation, as plain values: rendered by the bot's views and the command line."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from automations.runs.card_types import Approval
from automations.words import PersonRef


class FindingKind(StrEnum):
    """How identity source and desk may differ."""

    MISSING = "missing"
    ORPHANED = "orphaned"
    LEFT_ACTIVE = "left_active"
    ROLE_HIGH = "role_high"
    ROLE_LOW = "role_low"
    GROUPS = "groups"
    INVITATION = "invitation"
    TOKEN = "token"  # noqa: S105 - a kind of finding, no secret
    INACTIVE = "inactive"
    AMBIGUOUS = "ambiguous"


@dataclass(frozen=True, slots=True)
class FindingLine:
    """One finding as people see it. `words` say what differs and what Confirm would do.

    `state` is the row's: open, confirmed, kept, fixed, gone. `fixable` is False where only a person can settle it, and
    no Confirm is offered. `steps` are what Confirm would do, in words.
    """

    id: int
    kind: str
    subject: str
    name: str
    words: str
    digest: str
    state: str
    fixable: bool
    privileged: bool
    first_seen: datetime
    steps: tuple[str, ...] = ()
    owner: PersonRef | None = None
    decided_by: PersonRef | None = None
    decided_at: datetime | None = None
    reason: str = ""
    until: datetime | None = None
    fixed_by: int | None = None


@dataclass(frozen=True, slots=True)
class FindingsCard:
    """A reconciliation and one page of its findings.

    `state` is that of its run: done (its findings may be confirmed), proposed (stopped by the brake: two people have to
    release it), failed, refused. `counts` are (kind, how many) of the open ones, in the order of `FindingKind`;
    `kept` are those that somebody decided to leave until a time. `lines` are those of `page`, of `pages`, of `total`.
    `bulk` are the kinds for which Confirm all is offered. `left_out` are (kind, how many of those it does not touch),
    since they are about administrators or only a person can settle them.
    """

    run_id: int
    state: str
    requested_by: PersonRef
    requested_at: datetime
    source: str
    desk: str
    population: int
    agents: int
    counts: tuple[tuple[str, int], ...]
    kept: int
    lines: tuple[FindingLine, ...]
    page: int
    pages: int
    total: int
    digest: str
    words: str = ""
    brake: str = ""
    approvals: tuple[Approval, ...] = ()
    needed: int = 1
    expires_at: datetime | None = None
    settled_at: datetime | None = None
    bulk: tuple[str, ...] = ()
    left_out: tuple[tuple[str, int], ...] = ()
