"""The built-in help desk: tickets, notes, agents and groups in our own database, behind the port real desks get.

It is a real default for a team without a desk. Groups and agents must be there before a ticket names them
(`ensure_group`, `ensure_agent`); what is unknown is refused in words. Customers are attached as a reference and are
never written to. Every change of a ticket leaves a message of kind `change`; what people do themselves in the desk is
`BuiltinDesk.work`.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from automations.adapters.builtin import feed
from automations.adapters.builtin.access import END_USER
from automations.adapters.builtin.limits import BY_HAND, CAPABILITIES, TITLE
from automations.adapters.builtin.lists import TicketPage, TicketRow, list_tickets, ticket_page
from automations.adapters.builtin.moves import history_line, move, tell
from automations.adapters.builtin.people import DeskWork
from automations.adapters.builtin.rows import (
    SYSTEM,
    any_ticket_row,
    assignee_id,
    customer_fields,
    customer_id,
    group_id,
    open_ticket_rows,
    ticket_row,
)
from automations.adapters.builtin.shown import shown
from automations.adapters.builtin.tables import DeskTables
from automations.desks import Capability, TicketMetrics
from automations.domain import (
    HANDOFF,
    Actor,
    Changed,
    DeskAgent,
    IdempotencyKey,
    Ticket,
    TicketChange,
    TicketDraft,
    TicketEvent,
    TicketField,
    TicketStatus,
)
from automations.errors import Rejected
from automations.ports import Clock
from storage.engine import Database
from storage.models import DeskGroup, DeskMembership, DeskMessage, DeskTicket, DeskUser
from storage.upsert import insert_into


class BuiltinDesk:
    """`HelpDesk` over the desk_* tables.

    `base_url` is where people reach the bot's HTTP port, without a last slash; `required` are the fields that must be
    filled in before a ticket is solved. `work` holds the acts of people in the desk, `tables` its transactions.
    """

    system: ClassVar[str] = SYSTEM
    title: ClassVar[str] = TITLE
    capabilities: ClassVar[frozenset[Capability]] = CAPABILITIES
    by_hand: ClassVar[Mapping[Capability, str]] = BY_HAND
    settle_s: ClassVar[float] = 0.0

    def __init__(self, database: Database, clock: Clock, base_url: str, required: Sequence[TicketField] = ()) -> None:
        self.tables = DeskTables(database)
        self._clock = clock
        self._base_url = base_url.rstrip("/")
        self._required = tuple(required)
        self.work = DeskWork(self.tables, clock, self._required)

    def create(self, draft: TicketDraft, *, key: IdempotencyKey) -> Ticket:
        """Make the ticket and its first note. A ticket that bears `key` already is returned as it is.

        Raises: Rejected if the draft names a group or an agent that the desk does not have.
        """
        now = self._clock.now()
        with self.tables.writing() as session:
            if (there := _by_key(session, key)) is not None:
                return self._ticket(session, there)
            row: dict[str, Any] = {
                "key": key,
                "subject": draft.subject,
                "status": TicketStatus.OPEN.value,
                "priority": draft.priority.value,
                "group_id": group_id(session, draft.group),
                "assignee_id": assignee_id(session, draft.assignee),
                "customer_id": customer_id(session, draft.customer),
                "requester": None,
                "tags": list(draft.tags),
                "fields": {"customer": customer_fields(draft.customer)} if draft.customer else {},
                "created_at": now,
                "updated_at": now,
                "solved_at": None,
            }
            statement = insert_into(session, DeskTicket).values(row).on_conflict_do_nothing().returning(DeskTicket.id)
            made = session.scalar(statement)
            ticket = session.scalars(select(DeskTicket).where(DeskTicket.key == key)).one()
            if made is not None:
                first = f"{key}/body"
                tell(session, ticket, by=HANDOFF.id, now=now, kind="internal", body=draft.body, key=first)
            return self._ticket(session, ticket)

    def me(self) -> DeskAgent:
        """The bot itself, which needs no account here."""
        return DeskAgent(HANDOFF.id, HANDOFF.name, "", "bot", "active")

    def find(self, key: IdempotencyKey, *, since: datetime | None = None) -> Ticket | None:
        """Look for the ticket that bears our own key, even a deleted one; None if there is none."""
        with self.tables.reading() as session:
            row = _by_key(session, key)
            return self._ticket(session, row) if row else None

    def get(self, ticket: str) -> Ticket:
        """Read one ticket back. Raises Rejected if there is none by that id, or it was deleted."""
        with self.tables.reading() as session:
            return self._ticket(session, ticket_row(session, ticket))

    def update(self, ticket: str, change: TicketChange, *, key: IdempotencyKey) -> None:
        """Make the change true and write a line of history. Already true is success and leaves no line."""
        now = self._clock.now()
        with self.tables.writing() as session:
            row = ticket_row(session, ticket, lock=True)
            if not (moved := move(session, row, change, self._required, now)):
                return
            used = session.scalar(select(func.count()).where(DeskMessage.ticket_id == row.id, DeskMessage.key == key))
            once, body = None if used else key, history_line(moved)
            tell(session, row, by=HANDOFF.id, now=now, kind="change", body=body, changes=moved, key=once)

    def note(self, ticket: str, text: str, *, author: str | None, key: IdempotencyKey) -> None:
        """Add an internal note once per `key`, under the author's address, else under the bot's name."""
        now = self._clock.now()
        with self.tables.writing() as session:
            row = ticket_row(session, ticket, lock=True)
            noted = select(func.count()).where(DeskMessage.ticket_id == row.id, DeskMessage.key == key)
            if not session.scalar(noted):
                tell(session, row, by=(author or HANDOFF.id).lower(), now=now, kind="internal", body=text, key=key)
                row.updated_at = now

    def reply(self, ticket: str, text: str, *, confirmed_by: Actor, key: IdempotencyKey) -> None:
        """Raises Rejected: this desk writes to nobody."""
        raise Rejected("the built-in desk writes to nobody", system=SYSTEM, code="cannot")

    def metrics(self, ticket: str) -> TicketMetrics:
        """Raises Rejected: this desk measures nothing itself."""
        raise Rejected("the built-in desk measures no times itself", system=SYSTEM, code="cannot")

    def writing_triggers(self) -> Iterator[str]:
        """None: this desk writes to nobody."""
        return iter(())

    def agents(self) -> Iterator[DeskAgent]:
        """List all people of the desk, by name."""
        with self.tables.reading() as session:
            users = session.scalars(
                select(DeskUser).where(DeskUser.role != END_USER).order_by(DeskUser.name, DeskUser.id)
            ).all()
        return (DeskAgent(str(user.id), user.name, user.email, user.role, user.state) for user in users)

    def groups(self) -> Iterator[str]:
        """Name all groups, in order."""
        with self.tables.reading() as session:
            return iter(session.scalars(select(DeskGroup.name).order_by(DeskGroup.name)).all())

    def changed(self, since: str | None) -> Changed:
        """Tickets that changed since the cursor, deleted and merged ones included; None begins now."""
        with self.tables.reading() as session:
            return feed.changed(session, since, lambda rows: shown(session, rows, self._base_url))

    def events(self, ticket: str, *, after: str | None) -> Iterator[TicketEvent]:
        """What happened to a ticket after that event, even to a deleted one. Raises Rejected if there was none ever."""
        with self.tables.reading() as session:
            return feed.events(session, any_ticket_row(session, ticket).id, after)

    def events_of(self, tickets: Sequence[str]) -> Mapping[str, tuple[TicketEvent, ...]]:
        """What happened to several tickets, without what was said."""
        with self.tables.reading() as session:
            return feed.events_of(session, tickets)

    def required_fields(self) -> Iterator[TicketField]:
        """List the fields that the settings ask for."""
        return iter(self._required)

    def assigned(self, email: str) -> Iterator[Ticket]:
        """The open tickets of a person, oldest first; also of one who was removed, since their tickets stay theirs."""
        with self.tables.reading() as session:
            return iter(shown(session, open_ticket_rows(session, email), self._base_url))

    def ensure_group(self, name: str) -> None:
        """Have a group of this name."""
        with self.tables.writing() as session:
            session.execute(insert_into(session, DeskGroup).values({"name": name}).on_conflict_do_nothing())

    def ensure_agent(self, name: str, email: str, *, groups: tuple[str, ...] = (), role: str = "agent") -> None:
        """Have an active agent with this address in these groups; a known one keeps its name and role."""
        row = {"name": name, "email": email.lower(), "role": role, "state": "active"}
        with self.tables.writing() as session:
            session.execute(insert_into(session, DeskUser).values(row).on_conflict_do_nothing())
            user = session.scalars(select(DeskUser.id).where(DeskUser.email == email.lower())).one()
            for group in groups:
                member = {"user_id": user, "group_id": group_id(session, group)}
                session.execute(insert_into(session, DeskMembership).values(member).on_conflict_do_nothing())

    def list_tickets(
        self,
        *,
        status: TicketStatus | None = None,
        group: str | None = None,
        assignee: str | None = None,
        words: str = "",
        page: int = 1,
        per_page: int = 50,
    ) -> tuple[list[TicketRow], int]:
        """One page of tickets, newest change first, and how many there are in all. `page` counts from 1."""
        with self.tables.reading() as session:
            return list_tickets(session, status, group, assignee, words, page=page, per_page=per_page)

    def ticket_page(self, ticket: str) -> TicketPage:
        """One ticket with its messages, oldest first. Raises Rejected if there is none by that id."""
        with self.tables.reading() as session:
            return ticket_page(session, ticket_row(session, ticket))

    def _ticket(self, session: Session, row: DeskTicket) -> Ticket:
        return shown(session, [row], self._base_url)[0]


def _by_key(session: Session, key: str) -> DeskTicket | None:
    return session.scalars(select(DeskTicket).where(DeskTicket.key == key)).one_or_none()
