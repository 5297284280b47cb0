"""Taking tickets into the mirror: look at them, compare with what is kept, store what differs with the step taken."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.exc import IntegrityError

from automations.customers.known import Standing
from automations.desks import Capability
from automations.domain import CustomerRef, Ticket, TicketEvent
from automations.mirror.customers import CustomerNames, by_context, standings
from automations.mirror.keeping import Known, Page, known, store
from automations.mirror.looking import Seen, look
from automations.mirror.places import Step, move, overtaken
from automations.mirror.rows import kept
from automations.mirror.stretches import began
from automations.ports import Clock, HelpDesk
from automations.redact import Redactor
from storage.boundaries import reach
from storage.engine import Database


@dataclass(slots=True)
class Taker:
    """Takes tickets of one desk during one reading, and counts: those read, those kept differently, those refused."""

    database: Database
    desk: HelpDesk
    customers: CustomerNames
    clock: Clock
    redactor: Redactor
    on_progress: Callable[[int], None]
    read: int = 0
    changed: int = 0
    refused: int = 0
    read_at: datetime | None = None

    def take(self, tickets: Sequence[str], shown: Mapping[str, Ticket], step: Step) -> None:
        """Keep these tickets as they are now and take the step, in one transaction. Raises: AdapterError."""
        seen = look(self.desk, tickets, shown)
        with self.database.read() as session:
            there = known(session, self.desk.system, tickets)
            clear = standings(session, (ticket for ticket, _ in seen.there))
        now = self.clock.now()
        page = self._page(seen, there, clear, now)
        try:
            with self.database.begin() as session:
                changed = store(session, page, there, now)
                move(session, self.desk.system, step, len(tickets))
                reach("mirror.taken")
        except IntegrityError as exc:  # a command beside the bot on SQLite, or a lock lost with its connection
            raise overtaken(self.desk.system) from exc
        reach("mirror.kept")
        self.changed += changed
        self.refused += len(seen.refused)
        self.read += len(tickets)
        if tickets:
            self.on_progress(self.read)

    def go(self, step: Step) -> None:
        """Take a step on which nothing was read."""
        with self.database.begin() as session:
            move(session, self.desk.system, step, 0)
        self.read_at = step.read_at

    def _page(self, seen: Seen, there: Mapping[str, Known], clear: Mapping[str, Standing], now: datetime) -> Page:
        page = Page()
        whole = Capability.HISTORY in self.desk.capabilities
        for ticket, events in seen.there:
            before = there.get(ticket.id)
            customer = self._customer(ticket, events, _customer(before), clear.get(ticket.id))
            stretches = before.kept.stretches if before else ()
            page.kept[ticket.id] = kept(ticket, events, stretches, customer, self.redactor, whole=whole)
        page.gone = {one: _deleted(events, now) for one, events in seen.gone.items()}
        return page

    def _customer(
        self, ticket: Ticket, events: Sequence[TicketEvent], before: CustomerRef | None, standing: Standing | None
    ) -> CustomerRef | None:
        told = ticket.customer
        if standing is None or not standing.knows_tier:
            told = self.customers.of(told, before)
        return told if standing is None else by_context(told, standing, began(ticket, events), before)


def _customer(before: Known | None) -> CustomerRef | None:
    if before is None:
        return None
    columns = before.kept.columns
    return CustomerRef(columns["customer_id"], columns["customer_name"], columns["tier"])


def _deleted(events: Sequence[TicketEvent], now: datetime) -> datetime:
    """When a ticket was deleted; when that was seen, where nobody says."""
    return max((event.at for event in events if event.kind == "deleted"), default=now)
