"""The doors toward the outside world and the engine. Everything behind them raises only `AdapterError`."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Protocol, runtime_checkable

from sqlalchemy.orm import Session

from automations.desks import Customer, CustomerChange, Declared, TicketMetrics
from automations.domain import (
    Actor,
    Changed,
    DeskAgent,
    IdempotencyKey,
    Ticket,
    TicketChange,
    TicketDraft,
    TicketEvent,
    TicketField,
)


class Clock(Protocol):
    """Tells the time. Tests move it."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""


class Jobs(Protocol):
    """The durable job engine, as automations see it."""

    def enqueue(self, session: Session, job: str, key: str, args: Mapping[str, str | int]) -> None:
        """Ask for one run of `job` in the caller's transaction. The same `key` runs once, however often asked for.

        `args` are ids and counts, at most 4 KB as JSON.
        """


class RateBudget(Protocol):
    """How often an outside system may be called, counted for all replicas together."""

    def take(self, name: str, per_minute: int | None) -> float:
        """Take one unit of what `name` allows. 0.0 if there was one, else the seconds until a look is worth while.

        Without a limit (None) only a pause holds anybody back.
        """

    def pause(self, name: str, seconds: float) -> None:
        """The system asked for a pause: nobody gets a unit of `name` for so long. A longer pause is never shortened."""


class HelpDesk(Declared, Protocol):
    """Where tickets live. Writes are idempotent by `key`; methods raise only `AdapterError`.

    What needs a capability is not asked of a desk that does not declare it; an adapter raises `Rejected` with the code
    `cannot` if it is all the same.
    """

    @property
    def settle_s(self) -> float:
        """Seconds after a create that got no answer in which `find` may still miss what it made.

        What was sent may be under way for so long, or the desk's list may lag.
        """

    def me(self) -> DeskAgent:
        """Whom the ordinary credential acts as: the integration user."""

    def create(self, draft: TicketDraft, *, key: IdempotencyKey) -> Ticket:
        """Make a ticket that bears `key`. A ticket that bears it already is returned, not made again."""

    def find(self, key: IdempotencyKey, *, since: datetime | None = None) -> Ticket | None:
        """The ticket that bears our own key, or None. A deleted one may be found, so that it is not made again.

        Needs `keys`. `since`: no ticket of this key is older.
        """

    def get(self, ticket: str) -> Ticket:
        """Read one ticket back. Raises `Rejected` with the code `no_ticket` if there is none by that id any more.

        A merged ticket is shown closed, with the id of the one it went into.
        """

    def update(self, ticket: str, change: TicketChange, *, key: IdempotencyKey) -> None:
        """Make the change true. Already true is success.

        Raises `Rejected` with the code `fields_missing`, naming their labels, if required fields are still empty.
        """

    def note(self, ticket: str, text: str, *, author: str | None, key: IdempotencyKey) -> None:
        """Add an internal note once per `key`. `author` is the e-mail of the person it is written for.

        Without `authors` their name stands in the text.
        """

    def reply(self, ticket: str, text: str, *, confirmed_by: Actor, key: IdempotencyKey) -> None:
        """Send a public reply (Markdown) to the customer, once per `key`, after that person confirmed it.

        Needs `replies`.
        """

    def agents(self) -> Iterator[DeskAgent]:
        """All people of the desk, across all pages."""

    def groups(self) -> Iterator[str]:
        """The names of all groups (queues)."""

    def changed(self, since: str | None) -> Changed:
        """Tickets that changed since the cursor, oldest change first. Needs `changes`.

        None begins now and tells nothing yet, "" begins with the desk's oldest ticket.

        No change is passed over, however late it is committed; one may be told twice. Deleted tickets are told too
        where the desk has `deletions`.
        """

    def events(self, ticket: str, *, after: str | None) -> Iterator[TicketEvent]:
        """What happened to a ticket after the event of this id (None: from the beginning), in order. Needs `events`.

        Changes of fields are among them where the desk has `history`.
        """

    def required_fields(self) -> Iterator[TicketField]:
        """The desk's own fields that must be filled in before a ticket is solved. Needs `fields`."""

    def assigned(self, email: str) -> Iterator[Ticket]:
        """The tickets of an agent that are not solved or closed, across all pages. Needs `assigned`.

        Nothing for somebody who is not in the desk. A ticket that changed a moment ago may lag where the desk searches.

        Raises `Rejected` where the desk would give only some of them: with the code `too_many` if there are more than
        its search tells, `hidden` if our credential is not shown all.
        """

    def metrics(self, ticket: str) -> TicketMetrics:
        """The ticket's times as the desk itself measures them. Needs `metrics`."""

    def writing_triggers(self) -> Iterator[str]:
        """The desk's own rules that could write to customers about our tickets, by name. Needs `triggers`."""


@runtime_checkable
class LookedThrough(Protocol):
    """What a desk without `keys` may offer beside `HelpDesk` to a person who settles an unclear create."""

    def by_number(self, number: str) -> Ticket:
        """The ticket of this id, or of the number that people see. Raises `Rejected` with the code `no_ticket`."""

    def candidates(self, subject: str, since: datetime) -> Iterator[Ticket]:
        """A few tickets whose subject begins so, made since then: a hint for people, and no proof of anything."""


@runtime_checkable
class Listed(Protocol):
    """What a desk without `changes` may offer to whoever reads all of it once."""

    def listed(self) -> Iterator[Ticket]:
        """All tickets that the credential may see, across all pages."""


@runtime_checkable
class ToldTogether(Protocol):
    """What a desk close at hand may offer to whoever reads many tickets: the events of several in one look."""

    def events_of(self, tickets: Sequence[str]) -> Mapping[str, tuple[TicketEvent, ...]]:
        """For each of these tickets, deleted ones too, all that happened to it, in order, with bodies left empty."""


@runtime_checkable
class Analytics(Protocol):
    """What a desk without `metrics` may offer beside `HelpDesk`: means over all its tickets."""

    @property
    def means_words(self) -> str:
        """Over what these means are, for people: never over the same tickets as ours."""

    def means(self, first: date, last: date) -> Mapping[str, float]:
        """Mean seconds of `first_reply`, `response` and `resolution` for these days, both included.

        What the desk does not tell is left out.
        """


@runtime_checkable
class ToldWhole(Protocol):
    """What a desk may offer where reading the events reads the ticket anyway, or where its pages show too little."""

    def whole(self, ticket: str) -> tuple[Ticket, tuple[TicketEvent, ...]]:
        """One ticket as `get` shows it, with all that happened to it. Raises as `get`."""


@runtime_checkable
class Warns(Protocol):
    """What an adapter may offer beside its port to `handoff doctor`."""

    def warnings(self) -> Iterator[str]:
        """What a person who installs this has to know about the credential, a sentence each."""


class CustomerBook(Declared, Protocol):
    """The customers (organizations, companies) a desk knows. Needs `customers`; raises only `AdapterError`.

    Nothing here deletes. Raises `Rejected` with the code `no_customer` for one that the desk does not have.
    """

    def customers(self) -> Iterator[Customer]:
        """All customers, across all pages. Needs `customer_list`."""

    def customer(self, customer: str) -> Customer:
        """Read one customer by the desk's id."""

    def find_customer(self, *, reference: str | None = None, domain: str | None = None) -> Customer | None:
        """The customer that bears our reference, or this mail domain; None if there is none.

        Exactly one is given. Needs `references` or `domains`.
        """

    def create_customer(self, customer: CustomerChange, *, key: IdempotencyKey) -> Customer:
        """Make a customer. One with the same reference (else the same name) is returned, not made again."""

    def update_customer(self, customer: str, change: CustomerChange) -> None:
        """Make the change true. Already true is success."""

    def suspend_customer(self, customer: str) -> None:
        """Set a customer's status to suspended. Needs `customer_suspends`, as `resume_customer` does."""

    def resume_customer(self, customer: str) -> None:
        """Set a customer's status to active again."""
