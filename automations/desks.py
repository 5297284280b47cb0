"""What help desks can do beyond the common things, and the vocabulary of their agents, customers and figures.

A desk declares what it can as a set of `Capability`, and for each one that it lacks a sentence on what a person does by
hand instead. `require` says that in words before anything is changed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, Protocol

from automations.domain import DeskAgent
from automations.errors import Refused


class Capability(StrEnum):
    """What a help desk can do beside the common things. What it cannot is said in words before anything is changed.

    `keys`: a ticket bears our own key and is found by it at any time. `authors`: a note bears a person's own name, not
    the integration's with theirs in the text. `events`: messages of a ticket are listed. `history`: so are changes of
    its fields, with who made them. `merges`: a merged ticket says which one it went into. `deletions`: `changed` tells
    of deleted tickets too. `invitations`: an agent is `invited` until they accept; without it they are active at once.
    """

    KEYS = "keys"
    PRIORITIES = "priorities"
    GROUPS = "groups"
    ON_HOLD = "on_hold"
    TAGS = "tags"
    AUTHORS = "authors"
    REPLIES = "replies"
    CHANGES = "changes"
    DELETIONS = "deletions"
    EVENTS = "events"
    HISTORY = "history"
    PARENTS = "parents"
    MERGES = "merges"
    FIELDS = "fields"
    METRICS = "metrics"
    ASSIGNED = "assigned"
    TRIGGERS = "triggers"
    INVITES = "invites"
    ROLES = "roles"
    SUSPENDS = "suspends"
    REMOVES = "removes"
    MEMBERSHIPS = "memberships"
    SESSIONS = "sessions"
    TOKENS = "tokens"
    INVITATIONS = "invitations"
    REINVITES = "reinvites"
    LAST_SEEN = "last_seen"
    SEATS = "seats"
    CUSTOMERS = "customers"
    CUSTOMER_LIST = "customer_list"
    DOMAINS = "domains"
    REFERENCES = "references"
    CUSTOMER_FIELDS = "customer_fields"
    CUSTOMER_SUSPENDS = "customer_suspends"


ABILITY: Final[Mapping[Capability, str]] = {
    Capability.KEYS: "find a ticket by our own key",
    Capability.PRIORITIES: "give a ticket a priority",
    Capability.GROUPS: "put a ticket into a group",
    Capability.ON_HOLD: "put a ticket on hold",
    Capability.TAGS: "tag a ticket",
    Capability.AUTHORS: "write a note under a person's own name",
    Capability.REPLIES: "send a public reply",
    Capability.CHANGES: "tell which tickets changed",
    Capability.DELETIONS: "tell which tickets were deleted",
    Capability.EVENTS: "list the messages of a ticket",
    Capability.HISTORY: "tell who changed a field of a ticket",
    Capability.PARENTS: "link tickets under a parent ticket",
    Capability.MERGES: "tell which ticket a merged one went into",
    Capability.FIELDS: "list the fields required before a ticket is solved",
    Capability.METRICS: "give its own reply and resolution times",
    Capability.ASSIGNED: "list the open tickets of an agent",
    Capability.TRIGGERS: "list its own triggers that could write to customers",
    Capability.INVITES: "create or invite an agent",
    Capability.ROLES: "change an agent's role",
    Capability.SUSPENDS: "suspend an agent and take that back",
    Capability.REMOVES: "remove an agent or make an end user of them",
    Capability.MEMBERSHIPS: "change who is in a group",
    Capability.SESSIONS: "sign an agent out everywhere",
    Capability.TOKENS: "list and revoke an agent's tokens",
    Capability.INVITATIONS: "tell whether an invitation was accepted",
    Capability.REINVITES: "send an invitation again",
    Capability.LAST_SEEN: "tell when an agent was last signed in",
    Capability.SEATS: "tell how many seats are left",
    Capability.CUSTOMERS: "create and update customers",
    Capability.CUSTOMER_LIST: "list all customers",
    Capability.DOMAINS: "keep a customer's domains",
    Capability.REFERENCES: "keep our own reference of a customer",
    Capability.CUSTOMER_FIELDS: "keep a customer's tier, status and named fields",
    Capability.CUSTOMER_SUSPENDS: "suspend a customer",
}
"""Each capability as it reads on after "can" and "cannot"."""

ACCESS: Final = frozenset(
    {
        Capability.INVITES,
        Capability.ROLES,
        Capability.SUSPENDS,
        Capability.REMOVES,
        Capability.MEMBERSHIPS,
        Capability.SESSIONS,
        Capability.TOKENS,
        Capability.INVITATIONS,
        Capability.REINVITES,
        Capability.LAST_SEEN,
        Capability.SEATS,
    }
)
"""Those that need the administrative credential."""


class Declared(Protocol):
    """A door of a desk, which declares what it can."""

    @property
    def system(self) -> str:
        """The desk's name in one word, as rows keep it."""

    @property
    def title(self) -> str:
        """The desk's name as people write it."""

    @property
    def capabilities(self) -> frozenset[Capability]:
        """What this desk can do beside the common things. What is not declared is not asked of it."""

    @property
    def by_hand(self) -> Mapping[Capability, str]:
        """For each capability that is not declared: what a person does instead, one sentence."""


def cannot(title: str, by_hand: Mapping[Capability, str]) -> dict[Capability, str]:
    """What a desk of this title cannot do, each in the words for the person who asks for it."""
    return {one: f"{title} cannot {ABILITY[one]}. {words}" for one, words in by_hand.items()}


def require(desk: Declared, *needed: Capability) -> None:
    """Let pass what the desk can do. Raises: Refused, naming each thing it cannot and what to do by hand instead."""
    lacking = [one for one in needed if one not in desk.capabilities]
    if lacking:
        said = cannot(desk.title, desk.by_hand)
        raise Refused(f"{' '.join(said[one] for one in lacking)} Nothing was changed.")


@dataclass(frozen=True, slots=True)
class DeskToken:
    """A token that lets a program act as an agent. `last_used` is None where the desk does not say."""

    id: str
    name: str
    created_at: datetime | None = None
    last_used: datetime | None = None


@dataclass(frozen=True, slots=True)
class AgentAccess:
    """An agent with all they have, as the desk's lists tell it. None: the lists tell nothing of it.

    `groups` are names, in order. `tokens` are those that still work. The agent's role is empty where the lists leave
    it out; `DeskAccess.agent` tells it.
    """

    agent: DeskAgent
    groups: tuple[str, ...] | None
    tokens: tuple[DeskToken, ...] | None


@dataclass(frozen=True, slots=True)
class Seats:
    """How many agents the desk has and may have. `total` is None where their number is not limited."""

    used: int
    total: int | None


@dataclass(frozen=True, slots=True)
class Customer:
    """A customer (organization, company) as the desk shows it. `reference` is our own id of it, None if it has none.

    `status` is `active` or `suspended`; `tier` and `fields` are the desk's values as text, empty for none.
    """

    id: str
    name: str
    reference: str | None
    domains: tuple[str, ...]
    tier: str
    status: str
    fields: tuple[tuple[str, str], ...]
    url: str = ""


@dataclass(frozen=True, slots=True)
class CustomerChange:
    """What should become true of a customer. None leaves a value as it is; an empty text or tuple empties it."""

    name: str | None = None
    reference: str | None = None
    domains: tuple[str, ...] | None = None
    tier: str | None = None
    fields: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class SourceRow:
    """One row of a source of customers, as it stands there: each column as text, None for one without a value.

    `place` is where it stands, for people (`row 17`). `cursor` is where a look begins that tells all later ones, this
    one perhaps again; empty where the source has none.
    """

    place: str
    columns: Mapping[str, str | None]
    cursor: str = ""


@dataclass(frozen=True, slots=True)
class TicketMetrics:
    """A ticket's times as the desk itself measures them, in seconds of the calendar; None for not yet or not told."""

    ticket: str
    first_reply_s: float | None
    resolution_s: float | None
