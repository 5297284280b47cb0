"""A desk that tells what a test has it tell: with or without history, and with odd tickets in it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import cast

from automations.desks import Capability
from automations.domain import Changed, Ticket, TicketEvent
from automations.errors import AdapterError, Rejected
from automations.ports import HelpDesk

FED = frozenset({Capability.CHANGES, Capability.EVENTS, Capability.DELETIONS})


@dataclass
class Scripted:
    """Tickets with their events. `told` are the ids in the order of changes; `broken` raises for a ticket, once."""

    capabilities: frozenset[Capability] = FED
    tickets: dict[str, Ticket] = field(default_factory=dict)
    events_by: dict[str, list[TicketEvent]] = field(default_factory=dict)
    told: list[str] = field(default_factory=list)
    broken: dict[str, AdapterError] = field(default_factory=dict)
    read: list[str] = field(default_factory=list)
    page: int = 2
    system: str = "scripted"
    title: str = "The scripted desk"

    @property
    def desk(self) -> HelpDesk:
        return cast("HelpDesk", self)

    def put(self, ticket: Ticket, *events: TicketEvent) -> None:
        """Have a ticket as it is now, and tell that it changed."""
        self.tickets[ticket.id] = ticket
        self.events_by[ticket.id] = list(events)
        self.told.append(ticket.id)

    def changed(self, since: str | None) -> Changed:
        start = int(since or 0)
        some = self.told[start : start + self.page]
        end = start + len(some)
        return Changed(tuple(dict.fromkeys(some)), str(end), end < len(self.told))

    def get(self, ticket: str) -> Ticket:
        if (found := self.tickets.get(ticket)) is None:
            raise Rejected(f"no ticket {ticket}", system=self.system, code="no_ticket")
        return found

    def events(self, ticket: str, *, after: str | None) -> Iterator[TicketEvent]:
        assert after is None
        if (wrong := self.broken.pop(ticket, None)) is not None:
            raise wrong
        self.read.append(ticket)
        return iter(self.events_by[ticket])


class ScriptedList(Scripted):
    """One without a feed, which lists its tickets."""

    def listed(self) -> Iterator[Ticket]:
        return iter(list(self.tickets.values()))
