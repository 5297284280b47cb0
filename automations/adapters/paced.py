"""A help desk that is called no more often than it allows, however many replicas call it."""

from collections.abc import Iterator

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
from automations.errors import OverBudget
from automations.ports import HelpDesk, RateBudget


class Paced:
    """Any desk, with one unit of its budget taken before each call.

    Raises: OverBudget, before the call, while there is no unit; else what the desk raises.
    """

    def __init__(self, desk: HelpDesk, budget: RateBudget, per_minute: int) -> None:
        self._desk = desk
        self._budget = budget
        self._per_minute = per_minute

    @property
    def system(self) -> str:
        """The desk's own name: pacing makes no other system of it."""
        return self._desk.system

    @property
    def capabilities(self) -> frozenset[Capability]:
        """As `HelpDesk.capabilities`."""
        return self._desk.capabilities

    def create(self, draft: TicketDraft, *, key: IdempotencyKey) -> Ticket:
        """As `HelpDesk.create`."""
        self._take()
        return self._desk.create(draft, key=key)

    def find(self, key: IdempotencyKey) -> Ticket | None:
        """As `HelpDesk.find`."""
        self._take()
        return self._desk.find(key)

    def get(self, ticket: str) -> Ticket:
        """As `HelpDesk.get`."""
        self._take()
        return self._desk.get(ticket)

    def update(self, ticket: str, change: TicketChange, *, key: IdempotencyKey) -> None:
        """As `HelpDesk.update`."""
        self._take()
        self._desk.update(ticket, change, key=key)

    def note(self, ticket: str, text: str, *, author: str | None, key: IdempotencyKey) -> None:
        """As `HelpDesk.note`."""
        self._take()
        self._desk.note(ticket, text, author=author, key=key)

    def agents(self) -> Iterator[DeskAgent]:
        """As `HelpDesk.agents`."""
        self._take()
        return self._desk.agents()

    def groups(self) -> Iterator[str]:
        """As `HelpDesk.groups`."""
        self._take()
        return self._desk.groups()

    def changed(self, since: str | None) -> Changed:
        """As `HelpDesk.changed`."""
        self._take()
        return self._desk.changed(since)

    def events(self, ticket: str, *, after: str | None) -> Iterator[TicketEvent]:
        """As `HelpDesk.events`."""
        self._take()
        return self._desk.events(ticket, after=after)

    def required_fields(self) -> Iterator[TicketField]:
        """As `HelpDesk.required_fields`."""
        self._take()
        return self._desk.required_fields()

    def _take(self) -> None:
        wait_s = self._budget.take(f"desk/{self.system}", self._per_minute)
        if wait_s > 0:
            words = f"{self.system} may be called {self._per_minute} times a minute, and that is used up"
            raise OverBudget(words, system=self.system, retry_after_s=wait_s)
