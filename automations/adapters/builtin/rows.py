"""Rows of the built-in desk: finding them, and refusing in words what is unknown."""

from collections.abc import Sequence

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from automations.domain import CustomerRef, TicketStatus
from automations.errors import Rejected
from storage.models import DeskCustomer, DeskGroup, DeskTicket, DeskUser

SYSTEM = "builtin"
IMPORTED = "import/"
"""What the keys of imported tickets and messages begin with."""
CHANNEL = "channel"
"""Among a ticket's fields: the way it came, in lower case."""


def ticket_row(session: Session, ticket: str, *, lock: bool = False) -> DeskTicket:
    """Find a ticket's row; with `lock` it is written first, so that concurrent changes stand in a line.

    Raises: Rejected with the code `no_ticket` if there is no ticket by that id, or it was deleted.
    """
    row = any_ticket_row(session, ticket, lock=lock)
    if row.deleted_at is not None:
        raise Rejected(f"ticket #{row.id} was deleted in the built-in desk", system=SYSTEM, code="no_ticket")
    return row


def any_ticket_row(session: Session, ticket: str, *, lock: bool = False) -> DeskTicket:
    """Find a ticket's row as `ticket_row` does, even of one that was deleted.

    A number has one spelling, so that the audit log, which is read by it, cannot be told the same ticket by another.
    """
    if ticket.isascii() and ticket.isdecimal() and len(ticket) < 19 and not ticket.startswith("0"):
        number = int(ticket)
        if lock:
            session.execute(update(DeskTicket).where(DeskTicket.id == number).values(updated_at=DeskTicket.updated_at))
        if (row := session.get(DeskTicket, number, populate_existing=True)) is not None:
            return row
    raise Rejected(f"the built-in desk has no ticket {ticket[:40]!r}", system=SYSTEM, code="no_ticket")


def open_ticket_rows(session: Session, email: str) -> Sequence[DeskTicket]:
    """The tickets of a person that are not solved, closed or deleted, oldest first."""
    done = TicketStatus.SOLVED.value, TicketStatus.CLOSED.value
    found = select(DeskTicket).join(DeskUser, DeskTicket.assignee_id == DeskUser.id).order_by(DeskTicket.id)
    still_open = DeskTicket.status.not_in(done), DeskTicket.deleted_at.is_(None)
    return session.scalars(found.where(DeskUser.email == email.lower(), *still_open)).all()


def group_id(session: Session, name: str) -> int:
    """Find a group by name. Raises Rejected, naming the known ones, if there is none."""
    if (found := session.scalar(select(DeskGroup.id).where(DeskGroup.name == name))) is not None:
        return found
    known = ", ".join(session.scalars(select(DeskGroup.name).order_by(DeskGroup.name).limit(20))) or "none yet"
    raise Rejected(f"the built-in desk has no group {name!r}; known: {known}", system=SYSTEM, code="no_group")


def assignee_id(session: Session, email: str | None) -> int | None:
    """Find an active agent by address. Raises Rejected if there is none or the agent is not active."""
    if email is None:
        return None
    user = session.scalars(select(DeskUser).where(DeskUser.email == email.lower())).one_or_none()
    if user is None:
        raise Rejected(f"the built-in desk has no agent with the address {email}", system=SYSTEM, code="no_agent")
    if user.state != "active":
        raise Rejected(f"{user.name} is {user.state} in the built-in desk", system=SYSTEM, code="agent_not_active")
    return user.id


def customer_id(session: Session, customer: CustomerRef | None) -> int | None:
    """Find the desk's customer by the failure's reference; None leaves only the sender's words on the ticket."""
    if customer is None:
        return None
    return session.scalar(select(DeskCustomer.id).where(DeskCustomer.external_ref == customer.id))


def customer_fields(customer: CustomerRef) -> dict[str, str]:
    """Write the sender's words about a customer as a ticket keeps them."""
    return {"id": customer.id, "name": customer.name, "tier": customer.tier}
