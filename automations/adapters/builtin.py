"""The built-in help desk: tickets, notes, agents and groups in our own database, behind the port real desks get.

It is a real default for a team without a desk. Groups and agents must be there before a ticket names them
(`ensure_group`, `ensure_agent`); what is unknown is refused in words. Customers are attached as a reference and are
never written to. Every change of a ticket leaves a message of kind `change`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from automations.adapters.builtin_lists import TicketPage, TicketRow, list_tickets, ticket_page
from automations.adapters.builtin_rows import (
    MOVES,
    SYSTEM,
    assignee_id,
    customer_fields,
    customer_id,
    group_id,
    ticket_row,
)
from automations.domain import (
    HANDOFF,
    Capability,
    DeskAgent,
    IdempotencyKey,
    Priority,
    Ticket,
    TicketChange,
    TicketDraft,
    TicketStatus,
)
from automations.errors import OutcomeUnknown, Unavailable
from automations.ports import Clock
from storage.engine import Database
from storage.models import DeskGroup, DeskMembership, DeskMessage, DeskTicket, DeskUser
from storage.upsert import insert_into


class BuiltinDesk:
    """`HelpDesk` over the desk_* tables. `base_url` is where people reach the bot's HTTP port, without a last slash."""

    system: ClassVar[str] = SYSTEM
    capabilities: ClassVar[frozenset[Capability]] = frozenset()

    def __init__(self, database: Database, clock: Clock, base_url: str) -> None:
        self._database = database
        self._clock = clock
        self._base_url = base_url.rstrip("/")

    def create(self, draft: TicketDraft, *, key: IdempotencyKey) -> Ticket:
        """Make the ticket and its first note. A ticket that bears `key` already is returned as it is.

        Raises: Rejected if the draft names a group or an agent that the desk does not have.
        """
        now = self._clock.now()
        with self._writing() as session:
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
            if (made := session.scalar(statement)) is not None:
                body = {"ticket_id": made, "key": f"{key}/body", "at": now, "author": HANDOFF.id}
                session.add(DeskMessage(**body, kind="internal", body=draft.body))
            return self._ticket(session, session.scalars(select(DeskTicket).where(DeskTicket.key == key)).one())

    def find(self, key: IdempotencyKey) -> Ticket | None:
        """Look for the ticket that bears our own key; None if there is none."""
        with self._reading() as session:
            row = _by_key(session, key)
            return self._ticket(session, row) if row else None

    def get(self, ticket: str) -> Ticket:
        """Read one ticket back. Raises Rejected if there is none by that id."""
        with self._reading() as session:
            return self._ticket(session, ticket_row(session, ticket))

    def update(self, ticket: str, change: TicketChange, *, key: IdempotencyKey) -> None:
        """Make the change true and write a line of history. Already true is success and leaves no line."""
        now = self._clock.now()
        with self._writing() as session:
            row = ticket_row(session, ticket, lock=True)
            lines = [line for line in (move(session, row, change) for move in MOVES) if line]
            if not lines:
                return
            row.updated_at = now
            row.solved_at = (row.solved_at or now) if row.status in ("solved", "closed") else None
            used = session.scalar(select(func.count()).where(DeskMessage.ticket_id == row.id, DeskMessage.key == key))
            line = {"ticket_id": row.id, "key": None if used else key, "at": now, "author": HANDOFF.id}
            session.add(DeskMessage(**line, kind="change", body="; ".join(lines)))

    def note(self, ticket: str, text: str, *, author: str | None, key: IdempotencyKey) -> None:
        """Add an internal note once per `key`, under the author's address, else under the bot's name."""
        now = self._clock.now()
        with self._writing() as session:
            row = ticket_row(session, ticket, lock=True)
            by = (author or HANDOFF.id).lower()
            message = {"ticket_id": row.id, "key": key, "at": now, "author": by, "kind": "internal", "body": text}
            added = insert_into(session, DeskMessage).values(message).on_conflict_do_nothing().returning(DeskMessage.id)
            if session.scalar(added) is not None:
                row.updated_at = now

    def agents(self) -> Iterator[DeskAgent]:
        """List all people of the desk, by name."""
        with self._reading() as session:
            users = session.scalars(select(DeskUser).order_by(DeskUser.name, DeskUser.id)).all()
        return (DeskAgent(str(user.id), user.name, user.email, user.role, user.state) for user in users)

    def groups(self) -> Iterator[str]:
        """Name all groups, in order."""
        with self._reading() as session:
            return iter(session.scalars(select(DeskGroup.name).order_by(DeskGroup.name)).all())

    def ensure_group(self, name: str) -> None:
        """Have a group of this name."""
        with self._writing() as session:
            session.execute(insert_into(session, DeskGroup).values({"name": name}).on_conflict_do_nothing())

    def ensure_agent(self, name: str, email: str, *, groups: tuple[str, ...] = (), role: str = "agent") -> None:
        """Have an active agent with this address in these groups; a known one keeps its name and role."""
        row = {"name": name, "email": email.lower(), "role": role, "state": "active"}
        with self._writing() as session:
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
        with self._reading() as session:
            return list_tickets(session, status, group, assignee, words, page=page, per_page=per_page)

    def ticket_page(self, ticket: str) -> TicketPage:
        """One ticket with its messages, oldest first. Raises Rejected if there is none by that id."""
        with self._reading() as session:
            return ticket_page(session, ticket_row(session, ticket))

    def _ticket(self, session: Session, row: DeskTicket) -> Ticket:
        assignee = session.get_one(DeskUser, row.assignee_id).email if row.assignee_id else None
        group = session.get_one(DeskGroup, row.group_id).name if row.group_id else None
        return Ticket(
            system=SYSTEM,
            id=str(row.id),
            url=f"{self._base_url}/desk/tickets/{row.id}",
            subject=row.subject,
            status=TicketStatus(row.status),
            priority=Priority(row.priority),
            assignee=assignee,
            group=group,
            key=row.key,
            updated_at=row.updated_at,
            status_word=row.status,
            tags=tuple(row.tags),
        )

    @contextmanager
    def _writing(self) -> Iterator[Session]:
        with _translated(writing=True), self._database.begin() as session:
            yield session

    @contextmanager
    def _reading(self) -> Iterator[Session]:
        with _translated(writing=False), self._database.read() as session:
            yield session


@contextmanager
def _translated(*, writing: bool) -> Iterator[None]:
    """Raise our errors for the database driver's. A write on a broken connection may have been committed."""
    try:
        yield
    except DBAPIError as exc:
        if writing and exc.connection_invalidated:
            raise OutcomeUnknown("the built-in desk lost its database while writing", system=SYSTEM) from exc
        raise Unavailable("the built-in desk could not use its database", system=SYSTEM) from exc


def _by_key(session: Session, key: str) -> DeskTicket | None:
    return session.scalars(select(DeskTicket).where(DeskTicket.key == key)).one_or_none()
