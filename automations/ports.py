"""The doors toward the outside world and the engine. Everything behind them raises only `AdapterError`."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Protocol

from sqlalchemy.orm import Session

from automations.domain import (
    Capability,
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

    def take(self, name: str, per_minute: int) -> float:
        """Take one unit of what `name` allows. 0.0 if there was one, else the seconds until a look is worth while."""


class HelpDesk(Protocol):
    """Where tickets live. Writes are idempotent by `key`; methods raise only `AdapterError`."""

    @property
    def system(self) -> str:
        """The desk's name in one word, as rows keep it."""

    @property
    def capabilities(self) -> frozenset[Capability]:
        """What this desk can do beside the common things. What is not declared is not asked of it."""

    def create(self, draft: TicketDraft, *, key: IdempotencyKey) -> Ticket:
        """Make a ticket that bears `key`. A ticket that bears it already is returned, not made again."""

    def find(self, key: IdempotencyKey) -> Ticket | None:
        """The ticket that bears our own key, or None. A deleted one may be found, so that it is not made again."""

    def get(self, ticket: str) -> Ticket:
        """Read one ticket back. Raises `Rejected` with the code `no_ticket` if there is none by that id any more.

        A merged ticket is shown closed, with the id of the one it went into.
        """

    def update(self, ticket: str, change: TicketChange, *, key: IdempotencyKey) -> None:
        """Make the change true. Already true is success.

        Raises `Rejected` with the code `fields_missing`, naming their labels, if required fields are still empty.
        """

    def note(self, ticket: str, text: str, *, author: str | None, key: IdempotencyKey) -> None:
        """Add an internal note once per `key`. `author` is the e-mail of the person it is written for."""

    def agents(self) -> Iterator[DeskAgent]:
        """All people of the desk, across all pages."""

    def groups(self) -> Iterator[str]:
        """The names of all groups (queues)."""

    def changed(self, since: str | None) -> Changed:
        """Tickets that changed since the cursor, oldest change first; None begins now. Needs `changes`.

        No change is passed over, however late it is committed; one may be told twice. Deleted tickets are told too.
        """

    def events(self, ticket: str, *, after: str | None) -> Iterator[TicketEvent]:
        """What happened to a ticket after the event of this id (None: from the beginning), in order. Needs `events`."""

    def required_fields(self) -> Iterator[TicketField]:
        """The desk's own fields that must be filled in before a ticket is solved. Needs `fields`."""
