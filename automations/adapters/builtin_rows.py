"""Rows of the built-in desk: finding them, refusing what is unknown, and moving a ticket field by field."""

from collections.abc import Callable

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from automations.domain import CustomerRef, TicketChange
from automations.errors import Rejected
from storage.models import DeskCustomer, DeskGroup, DeskTicket, DeskUser

SYSTEM = "builtin"


def ticket_row(session: Session, ticket: str, *, lock: bool = False) -> DeskTicket:
    """Find a ticket's row; with `lock` it is written first, so that concurrent changes stand in a line.

    Raises: Rejected if there is no ticket by that id.
    """
    if ticket.isascii() and ticket.isdecimal() and len(ticket) < 19:
        number = int(ticket)
        if lock:
            session.execute(update(DeskTicket).where(DeskTicket.id == number).values(updated_at=DeskTicket.updated_at))
        if (row := session.get(DeskTicket, number, populate_existing=True)) is not None:
            return row
    raise Rejected(f"the built-in desk has no ticket {ticket[:40]!r}", system=SYSTEM, code="no_ticket")


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


def _status(_session: Session, row: DeskTicket, change: TicketChange) -> str | None:
    if change.status is None or row.status == change.status:
        return None
    line = f"status {row.status} → {change.status}"
    row.status = change.status.value
    return line


def _priority(_session: Session, row: DeskTicket, change: TicketChange) -> str | None:
    if change.priority is None or row.priority == change.priority:
        return None
    line = f"priority {row.priority} → {change.priority}"
    row.priority = change.priority.value
    return line


def _assignee(session: Session, row: DeskTicket, change: TicketChange) -> str | None:
    if change.assignee is None or (wanted := assignee_id(session, change.assignee)) == row.assignee_id:
        return None
    before = session.get_one(DeskUser, row.assignee_id).email if row.assignee_id else "nobody"
    row.assignee_id = wanted
    return f"assignee {before} → {change.assignee}"


def _group(session: Session, row: DeskTicket, change: TicketChange) -> str | None:
    if change.group is None or (wanted := group_id(session, change.group)) == row.group_id:
        return None
    before = session.get_one(DeskGroup, row.group_id).name if row.group_id else "none"
    row.group_id = wanted
    return f"group {before} → {change.group}"


MOVES: tuple[Callable[[Session, DeskTicket, TicketChange], str | None], ...] = (_status, _priority, _assignee, _group)
"""Each makes one field true and returns a line of history, or None where it was true already."""
