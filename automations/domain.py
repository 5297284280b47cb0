"""The vocabulary every automation shares: people, priorities, tickets, references."""

import re
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NewType

from automations.errors import NotFound

IdempotencyKey = NewType("IdempotencyKey", str)
"""Our own name for one remote write; the same write carries the same key on every try."""


class Role(StrEnum):
    """What a person may do in Handoff. Each role includes the ones before it."""

    AGENT = "agent"
    LEAD = "lead"
    ADMIN = "admin"


ROLE_ORDER: tuple[Role, ...] = (Role.AGENT, Role.LEAD, Role.ADMIN)


class Priority(StrEnum):
    """How urgent a ticket is, lowest first; the words are the ones desks use."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    URGENT = "urgent"


class CaseStatus(StrEnum):
    """The life of a case: open, claimed (acknowledged), then closed as resolved or not needed."""

    OPEN = "open"
    CLAIMED = "claimed"
    RESOLVED = "resolved"
    NOT_NEEDED = "not_needed"

    @property
    def closed(self) -> bool:
        """True once nobody has to do anything about the case."""
        return self in (CaseStatus.RESOLVED, CaseStatus.NOT_NEEDED)


class TicketStatus(StrEnum):
    """The statuses desks have in common; an adapter keeps the desk's own word beside it."""

    OPEN = "open"
    PENDING = "pending"
    ON_HOLD = "on_hold"
    SOLVED = "solved"
    CLOSED = "closed"


class Mode(StrEnum):
    """How far an automation may go by itself."""

    OFF = "off"
    SHADOW = "shadow"
    ASK = "ask"
    AUTO = "auto"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did something. `id` is a Slack user id, an e-mail address, `os:<user>` or `handoff` itself."""

    id: str
    name: str
    email: str | None = None
    role: Role | None = None

    def may(self, needed: Role) -> bool:
        """True if this person's role includes `needed`."""
        return self.role is not None and ROLE_ORDER.index(self.role) >= ROLE_ORDER.index(needed)


HANDOFF = Actor(id="handoff", name="Handoff")
"""The bot acting by rule; never a person."""


@dataclass(frozen=True, slots=True)
class CustomerRef:
    """The customer named by a failure. All three are the sender's words; `tier` is compared in lower case."""

    id: str
    name: str = ""
    tier: str = ""


@dataclass(frozen=True, slots=True)
class TicketDraft:
    """A ticket to be made. `assignee` is an e-mail address, `body` plain text that becomes an internal note.

    `since`: no ticket of this key is older, so that a desk without an index of our keys need not look further back.
    """

    subject: str
    body: str
    priority: Priority
    group: str
    assignee: str | None
    customer: CustomerRef | None = None
    tags: tuple[str, ...] = ()
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class TicketField:
    """A field of the desk's own that has to be filled in before a ticket is solved.

    `options` are the values allowed, none for free text.
    """

    id: str
    label: str
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TicketChange:
    """What should become true of a ticket. None leaves a field as it is.

    An empty `assignee` is nobody. `parent` is the id of the ticket this one belongs under, empty for none; `fields` are
    values of the desk's own fields by their id.
    """

    status: TicketStatus | None = None
    priority: Priority | None = None
    assignee: str | None = None
    group: str | None = None
    parent: str | None = None
    fields: tuple[tuple[str, str], ...] = ()

    @property
    def empty(self) -> bool:
        """True if nothing is asked for."""
        return self == TicketChange()


@dataclass(frozen=True, slots=True)
class Ticket:
    """A ticket as the desk shows it now. `key` is our own key, `assignee` an e-mail address, `url` opens it.

    `parent` and `merged_into` are ids of other tickets; a merged one is closed. `fields` are the desk's own, by id.
    `status_word` and `priority_word` are the desk's own words. A desk that lacks a field shows None for it, as one
    does that does not tell it (`created_at`). `requester` is an e-mail address, else the desk's word for who asked;
    `customer` is their organization by the desk's id, with name and tier where the ticket itself tells them. `channel`
    is the desk's word for the way it came (email, chat, phone, web), in lower case, empty where it does not tell.
    """

    system: str
    id: str
    url: str
    subject: str
    status: TicketStatus
    priority: Priority | None
    assignee: str | None
    group: str | None
    key: str | None
    updated_at: datetime
    status_word: str = ""
    priority_word: str = ""
    tags: tuple[str, ...] = field(default=())
    parent: str | None = None
    merged_into: str | None = None
    fields: tuple[tuple[str, str], ...] = ()
    created_at: datetime | None = None
    requester: str | None = None
    customer: CustomerRef | None = None
    channel: str = ""


@dataclass(frozen=True, slots=True)
class TicketEvent:
    """Something that happened to a ticket, as the desk tells it. `id` is the event's place among those of one ticket.

    `kind`: change, internal (a note), public (a reply to the customer), customer (a reply of theirs), merged, deleted.
    `author` is a name for people, `author_email` their address, None where the desk does not say; `ours` is True for
    what we did ourselves. `changes` are (field, before, after) with our words for fields and values, empty for nothing:
    status, priority, assignee (e-mail), group, parent, merged_into (ids), deleted, or the id of one of the desk's own.
    `automatic`: words that a program wrote and no person sent or confirmed.
    """

    id: str
    at: datetime
    kind: str
    author: str
    author_email: str | None
    ours: bool
    body: str = ""
    changes: tuple[tuple[str, str, str], ...] = ()
    automatic: bool = False


@dataclass(frozen=True, slots=True)
class Changed:
    """Tickets that changed since a cursor, by id, each once; `cursor` is where the next look begins.

    `shown` are those of them that the page itself told whole, so that reading many costs no call for each.
    """

    tickets: tuple[str, ...]
    cursor: str
    more: bool = False
    shown: tuple[Ticket, ...] = ()


@dataclass(frozen=True, slots=True)
class DeskAgent:
    """A person in the desk. `state` is `active`, `invited` or `suspended`.

    `last_seen` is when they last signed in, None for never or where the desk does not tell.
    """

    id: str
    name: str
    email: str
    role: str
    state: str
    last_seen: datetime | None = None


_CASE_REF = re.compile(r"(?:case[- ]?|#)?([1-9][0-9]{0,17})", re.IGNORECASE)


def case_ref(number: int) -> str:
    """The name people use for a case: `CASE-42`."""
    return f"CASE-{number}"


def parse_case_ref(text: str) -> int:
    """Read `CASE-42`, `case 42`, `#42` or `42`.

    Raises: NotFound if the text names no case.
    """
    if (match := _CASE_REF.fullmatch(text.strip())) is None:
        raise NotFound(f"{text!r} is not a case. A case looks like CASE-42.")
    return int(match.group(1))
