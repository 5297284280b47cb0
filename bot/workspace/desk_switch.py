"""A switch in front of the demo's help desk: while a file lies in the data folder, the desk does not answer.

Only the demo's own bot (`bot.demo_bot`) has one; `handoff serve` never sees this module.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path

from automations.desks import Capability, TicketMetrics
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
from automations.errors import Unavailable
from automations.ports import HelpDesk

OFF_FILE = "desk-is-off"
"""The file whose presence switches the desk off."""


def switch_desk(folder: Path, *, on: bool) -> None:
    """Switch the desk of this data folder on or off; no matter how it is now."""
    if on:
        (folder / OFF_FILE).unlink(missing_ok=True)
    else:
        (folder / OFF_FILE).touch()


def desk_is_on(folder: Path) -> bool:
    """Whether the desk of this data folder answers."""
    return not (folder / OFF_FILE).exists()


class SwitchedDesk:
    """Any desk, which is away while it is switched off. Raises: Unavailable then, else what the desk raises."""

    def __init__(self, desk: HelpDesk, folder: Path) -> None:
        self._behind = desk
        self._folder = folder

    @property
    def system(self) -> str:
        """The desk's own name: a switch makes no other system of it."""
        return self._behind.system

    @property
    def capabilities(self) -> frozenset[Capability]:
        """As `HelpDesk.capabilities`."""
        return self._behind.capabilities

    @property
    def title(self) -> str:
        """As `HelpDesk.title`."""
        return self._behind.title

    @property
    def by_hand(self) -> Mapping[Capability, str]:
        """As `HelpDesk.by_hand`."""
        return self._behind.by_hand

    @property
    def settle_s(self) -> float:
        """As `HelpDesk.settle_s`."""
        return self._behind.settle_s

    def me(self) -> DeskAgent:
        """As `HelpDesk.me`."""
        return self._desk.me()

    def create(self, draft: TicketDraft, *, key: IdempotencyKey) -> Ticket:
        """As `HelpDesk.create`."""
        return self._desk.create(draft, key=key)

    def find(self, key: IdempotencyKey, *, since: datetime | None = None) -> Ticket | None:
        """As `HelpDesk.find`."""
        return self._desk.find(key, since=since)

    def get(self, ticket: str) -> Ticket:
        """As `HelpDesk.get`."""
        return self._desk.get(ticket)

    def update(self, ticket: str, change: TicketChange, *, key: IdempotencyKey) -> None:
        """As `HelpDesk.update`."""
        self._desk.update(ticket, change, key=key)

    def note(self, ticket: str, text: str, *, author: str | None, key: IdempotencyKey) -> None:
        """As `HelpDesk.note`."""
        self._desk.note(ticket, text, author=author, key=key)

    def agents(self) -> Iterator[DeskAgent]:
        """As `HelpDesk.agents`."""
        return self._desk.agents()

    def groups(self) -> Iterator[str]:
        """As `HelpDesk.groups`."""
        return self._desk.groups()

    def changed(self, since: str | None) -> Changed:
        """As `HelpDesk.changed`."""
        return self._desk.changed(since)

    def events(self, ticket: str, *, after: str | None) -> Iterator[TicketEvent]:
        """As `HelpDesk.events`."""
        return self._desk.events(ticket, after=after)

    def required_fields(self) -> Iterator[TicketField]:
        """As `HelpDesk.required_fields`."""
        return self._desk.required_fields()

    def assigned(self, email: str) -> Iterator[Ticket]:
        """As `HelpDesk.assigned`."""
        return self._desk.assigned(email)

    def reply(self, ticket: str, text: str, *, confirmed_by: Actor, key: IdempotencyKey) -> None:
        """As `HelpDesk.reply`."""
        self._desk.reply(ticket, text, confirmed_by=confirmed_by, key=key)

    def metrics(self, ticket: str) -> TicketMetrics:
        """As `HelpDesk.metrics`."""
        return self._desk.metrics(ticket)

    def writing_triggers(self) -> Iterator[str]:
        """As `HelpDesk.writing_triggers`."""
        return self._desk.writing_triggers()

    @property
    def _desk(self) -> HelpDesk:
        if not desk_is_on(self._folder):
            raise Unavailable("the desk is switched off", system=self.system)
        return self._behind
