"""What people do in the built-in desk itself, each act by a person the desk knows, each leaving a line of history."""

from collections.abc import Callable, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from automations.adapters.builtin.moves import DONE, Moved, history_line, move, tell, touch
from automations.adapters.builtin.rows import SYSTEM, ticket_row
from automations.adapters.builtin.tables import DeskTables
from automations.domain import TicketChange, TicketField, TicketStatus
from automations.errors import Rejected
from automations.ports import Clock
from automations.redact import redact
from storage.models import DeskTicket, DeskUser


class DeskWork:
    """The acts of people on tickets. `by` is the e-mail address of an active agent of the desk.

    Every method raises Rejected, in words and with nothing changed, if there is no such ticket or agent, or the
    ticket's state forbids the act; Unavailable or OutcomeUnknown for a failing database.
    """

    def __init__(
        self,
        tables: DeskTables,
        clock: Clock,
        required: Sequence[TicketField] = (),
        redact: Callable[[str], str] = redact,
    ) -> None:
        """`redact` takes secrets out of what people write before it is kept."""
        self._redact = redact
        self._tables = tables
        self._clock = clock
        self._required = tuple(required)

    def change(self, ticket: str, change: TicketChange, *, by: str) -> None:
        """Change status, priority, assignee ("" for nobody), group, parent ("" for none) or the desk's own fields.

        Raises: Rejected with the code `fields_missing`, naming labels, if it would be solved with one of them empty.
        """
        now = self._clock.now()
        with self._tables.writing() as session:
            author = _agent(session, by)
            row = ticket_row(session, ticket, lock=True)
            if moved := move(session, row, change, self._required, now):
                tell(session, row, by=author, now=now, kind="change", body=history_line(moved), changes=moved)

    def note(self, ticket: str, text: str, *, by: str) -> None:
        """Add an internal note."""
        self._say(ticket, text, by=by, kind="internal")

    def reply(self, ticket: str, text: str, *, by: str) -> None:
        """Answer the customer, for everybody to read."""
        self._say(ticket, text, by=by, kind="public")

    def customer_replies(self, ticket: str, text: str) -> None:
        """Take in what the customer wrote. A ticket that waits for them, or is solved, opens again by that.

        Raises: Rejected for a closed ticket: the customer would have to write anew.
        """
        now, words = self._clock.now(), self._redact(_said(text))
        with self._tables.writing() as session:
            row = ticket_row(session, ticket, lock=True)
            author = _customer_of(row)
            if row.status == TicketStatus.CLOSED:
                raise Rejected(f"ticket #{row.id} is closed; a new one is needed", system=SYSTEM, code="closed")
            tell(session, row, by=author, now=now, kind="public", body=words, from_customer=True)
            moved = move(session, row, TicketChange(status=TicketStatus.OPEN), self._required, now)
            if moved:
                tell(session, row, by=author, now=now, kind="change", body=history_line(moved), changes=moved)
            touch(row, now)

    def merge(self, ticket: str, into: str, *, by: str) -> None:
        """Close a ticket as a part of another one, which says so in a note. Neither may be merged already."""
        now = self._clock.now()
        with self._tables.writing() as session:
            author = _agent(session, by)
            row, target = _both(session, ticket, into)
            moved: list[Moved] = [("merged_into", "", str(target.id))]
            if row.status != TicketStatus.CLOSED:
                moved.append(("status", row.status, TicketStatus.CLOSED.value))
            row.merged_into_id, row.status = target.id, TicketStatus.CLOSED.value
            touch(row, now)
            touch(target, now)
            body = f"merged into #{target.id}"
            tell(session, row, by=author, now=now, kind="change", body=body, changes=moved)
            body = f"#{row.id} was merged into this ticket: {row.subject}"
            tell(session, target, by=author, now=now, kind="internal", body=body)

    def delete(self, ticket: str, *, by: str) -> None:
        """Take a ticket away. It is kept, but nobody is shown it."""
        now = self._clock.now()
        with self._tables.writing() as session:
            author = _agent(session, by)
            row = ticket_row(session, ticket, lock=True)
            row.deleted_at = row.updated_at = now
            deleted: list[Moved] = [("deleted", "", "yes")]
            tell(session, row, by=author, now=now, kind="change", body="deleted this ticket", changes=deleted)

    def _say(self, ticket: str, text: str, *, by: str, kind: str) -> None:
        now, words = self._clock.now(), self._redact(_said(text))
        with self._tables.writing() as session:
            author = _agent(session, by)
            row = ticket_row(session, ticket, lock=True)
            tell(session, row, by=author, now=now, kind=kind, body=words)
            row.updated_at = now


def _both(session: Session, ticket: str, into: str) -> tuple[DeskTicket, DeskTicket]:
    """The two tickets of a merge, locked in order of their numbers so that two merges never wait for each other."""
    rows = {one: ticket_row(session, one, lock=True) for one in sorted({ticket, into}, key=lambda one: (len(one), one))}
    row, target = rows[ticket], rows[into]
    if row is target:
        raise Rejected(f"ticket #{row.id} cannot be merged into itself", system=SYSTEM, code="bad_merge")
    for one in (row, target):
        if one.merged_into_id is not None:
            words = f"ticket #{one.id} was merged into #{one.merged_into_id} already"
            raise Rejected(words, system=SYSTEM, code="merged")
    if target.status in DONE and target.status == TicketStatus.CLOSED:
        raise Rejected(f"ticket #{target.id} is closed and takes no other in", system=SYSTEM, code="closed")
    return row, target


def _agent(session: Session, email: str) -> str:
    """The address of an active agent in lower case. Raises Rejected if there is none by that address."""
    user = session.scalars(select(DeskUser).where(DeskUser.email == email.lower())).one_or_none()
    if user is None:
        words = f"the built-in desk has no agent with the address {email[:80]}"
        raise Rejected(words, system=SYSTEM, code="no_agent")
    if user.state != "active":
        raise Rejected(f"{user.name} is {user.state} in the built-in desk", system=SYSTEM, code="agent_not_active")
    return user.email


def _customer_of(row: DeskTicket) -> str:
    said = row.fields.get("customer") or {}
    return str(row.requester or said.get("name") or said.get("id") or "the customer")[:255]


def _said(text: str) -> str:
    words = text.replace("\x00", "").strip()
    if not words:
        raise Rejected("an empty message says nothing, so it was not added", system=SYSTEM, code="empty")
    return words
