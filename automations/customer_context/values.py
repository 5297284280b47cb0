"""The vocabulary of a sync, as plain values: what sources and desk say, what differs, what should become true. Pure.

Every value is canonical text: an empty one is a blank, domains are lower case, sorted and joined with a comma and a
blank. A name that a mapping lacks was not told.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from automations.plan import digest_of

_PART: Final = 80
"""Characters of a field or value in a group's key."""


class ChangeKind(StrEnum):
    """What a group of changes does. `taken` and `restored` come from people, the others from a sync."""

    ADDED = "added"
    LINKED = "linked"
    CHANGED = "changed"
    CLEARED = "cleared"
    SUSPENDED = "suspended"
    RESUMED = "resumed"
    TAKEN = "taken"
    RESTORED = "restored"


class ConflictKind(StrEnum):
    """What is not clear."""

    DIFFERS = "differs"
    BLANK = "blank"
    TWO_ROWS = "two_rows"
    TWO_ACCOUNTS = "two_accounts"
    TWO_CUSTOMERS = "two_customers"


@dataclass(slots=True)
class Account:
    """One customer as all its sources together tell of it: the values of the fields they are the truth of."""

    account: str
    values: dict[str, str]


@dataclass(slots=True)
class DeskSide:
    """One customer as the desk shows it."""

    id: str
    reference: str
    values: dict[str, str]
    url: str = ""


@dataclass(slots=True)
class Remembered:
    """One customer as Handoff knows it: `kept` are the values in force here, the others as in `KnownCustomer`."""

    account: str
    desk_id: str | None
    source: dict[str, str]
    base: dict[str, str]
    kept: dict[str, str]
    gone: bool = False


@dataclass(frozen=True, slots=True)
class Settled:
    """A conflict that people settled, or a change they rejected: it stays away while both values are as they were."""

    source_value: str
    desk_value: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """One value of one customer that should become true; `values` are those of one that is made."""

    account: str
    name: str
    desk_id: str | None
    field: str
    before: str
    after: str
    values: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """Changes that are decided about together, in the order of accounts. `before` and `after`: those of all of them."""

    kind: ChangeKind
    field: str
    before: str
    after: str
    changes: tuple[Change, ...]
    digest: str

    @property
    def key(self) -> str:
        """The same in every sync, and in it that of no other group: kind, field and transition, at most 255 characters.

        Long values, and those with the mark between the parts, stand in it as a digest.
        """
        parts = (self.field, self.before, self.after)
        if any(len(part) > _PART or "/" in part for part in parts):
            return f"{self.kind}/{digest_of(*parts)}"
        return "/".join((self.kind, *parts))


@dataclass(frozen=True, slots=True)
class Conflict:
    """Something that only people can settle. `winner`: source, desk, or empty. `others` are ids of all concerned."""

    account: str
    name: str
    field: str
    kind: ConflictKind
    source: str
    source_value: str
    desk_value: str
    winner: str
    desk_id: str | None = None
    url: str = ""
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """A row of a source that could not be taken, and why. `row` is what it said of the fields in use."""

    source: str
    row_key: str
    reason: str
    row: Mapping[str, str]


@dataclass(slots=True)
class Record:
    """What Handoff should know of a customer from now on, without anybody's yes: what was read, and where it is.

    Values that people decide about (`to_handoff` fields, a status) are not in it before they did.
    """

    account: str
    desk_id: str | None
    source: dict[str, str]
    base: dict[str, str]
    kept: dict[str, str]
    gone: bool


@dataclass(frozen=True, slots=True)
class Counts:
    """How the customers of one sync fall: each is counted once, in the first that holds, in this order."""

    rejected: int = 0
    conflicted: int = 0
    added: int = 0
    suspended: int = 0
    changed: int = 0
    unchanged: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return self.rejected + self.conflicted + self.added + self.suspended + self.changed + self.unchanged


@dataclass(slots=True)
class SyncPlan:
    """What a sync found. `records` are only those that differ from what Handoff knows; `held` were decided before.

    `brake` says in words why people have to look first, empty if nobody has to. `population` is how many customers
    Handoff or the desk knew before, `touched` how many of them would be changed or suspended.
    """

    groups: tuple[Group, ...]
    conflicts: tuple[Conflict, ...]
    rejected: tuple[RejectedRow, ...]
    records: list[Record]
    counts: Counts
    population: int
    touched: int
    brake: str = ""
    blanks_kept: Mapping[str, int] = field(default_factory=dict)
