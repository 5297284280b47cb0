"""What the pages of the built-in desk read: lists of tickets, and one ticket with everything said about it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from automations.domain import CustomerRef, Priority, TicketStatus
from storage.models import DeskCustomer, DeskGroup, DeskMessage, DeskTicket, DeskUser


@dataclass(frozen=True, slots=True)
class TicketRow:
    """One line of a list. `assignee` is a name; times are UTC; nothing here is escaped."""

    id: int
    subject: str
    status: TicketStatus
    priority: Priority
    group: str | None
    assignee: str | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class TicketMessage:
    """One message. `author` is a name where the desk knows the address; `kind` is internal, public or change."""

    at: datetime
    author: str
    kind: str
    body: str


@dataclass(frozen=True, slots=True)
class TicketPage:
    """A ticket as its page shows it. `customer` is the reference the ticket was made with; `key` our own key."""

    row: TicketRow
    key: str | None
    customer: CustomerRef | None
    requester: str | None
    assignee_email: str | None
    tags: tuple[str, ...]
    solved_at: datetime | None
    messages: tuple[TicketMessage, ...]


def list_tickets(
    session: Session,
    status: TicketStatus | None,
    group: str | None,
    assignee: str | None,
    words: str,
    *,
    page: int,
    per_page: int,
) -> tuple[list[TicketRow], int]:
    """One page of tickets, newest change first, and how many match in all.

    Args: `assignee` is an e-mail address; `words` must all occur in the subject; `page` counts from 1; `per_page` is
    at most 200.
    """
    found = _joined()
    if status is not None:
        found = found.where(DeskTicket.status == status.value)
    if group is not None:
        found = found.where(DeskGroup.name == group)
    if assignee is not None:
        found = found.where(DeskUser.email == assignee.lower())
    for word in words.split():
        found = found.where(DeskTicket.subject.icontains(word, autoescape=True))
    total = session.scalar(select(func.count()).select_from(found.subquery())) or 0
    size = min(max(per_page, 1), 200)
    newest = found.order_by(DeskTicket.updated_at.desc(), DeskTicket.id.desc())
    rows = session.execute(newest.limit(size).offset((max(page, 1) - 1) * size))
    return [_row(ticket, group, user) for ticket, group, user in rows], total


def ticket_page(session: Session, ticket: DeskTicket) -> TicketPage:
    """One ticket with all its messages, oldest first."""
    group = session.get(DeskGroup, ticket.group_id) if ticket.group_id else None
    user = session.get(DeskUser, ticket.assignee_id) if ticket.assignee_id else None
    said = (
        select(DeskMessage, DeskUser.name)
        .outerjoin(DeskUser, DeskUser.email == DeskMessage.author)
        .where(DeskMessage.ticket_id == ticket.id)
        .order_by(DeskMessage.id)
    )
    messages = tuple(
        TicketMessage(message.at, name or message.author, message.kind, message.body)
        for message, name in session.execute(said)
    )
    return TicketPage(
        row=_row(ticket, group, user),
        key=ticket.key,
        customer=_customer(session, ticket),
        requester=ticket.requester,
        assignee_email=user.email if user else None,
        tags=tuple(ticket.tags),
        solved_at=ticket.solved_at,
        messages=messages,
    )


def _joined() -> Select[DeskTicket, DeskGroup, DeskUser]:
    return (
        select(DeskTicket, DeskGroup, DeskUser)
        .outerjoin(DeskGroup, DeskGroup.id == DeskTicket.group_id)
        .outerjoin(DeskUser, DeskUser.id == DeskTicket.assignee_id)
        .where(DeskTicket.deleted_at.is_(None))
    )


def _row(ticket: DeskTicket, group: DeskGroup | None, user: DeskUser | None) -> TicketRow:
    return TicketRow(
        id=ticket.id,
        subject=ticket.subject,
        status=TicketStatus(ticket.status),
        priority=Priority(ticket.priority),
        group=group.name if group else None,
        assignee=user.name if user else None,
        created_at=ticket.created_at,
        updated_at=ticket.updated_at,
    )


def _customer(session: Session, ticket: DeskTicket) -> CustomerRef | None:
    if ticket.customer_id is not None:
        known = session.get_one(DeskCustomer, ticket.customer_id)
        return CustomerRef(known.external_ref or "", known.name, known.tier or "")
    said: dict[str, Any] | None = ticket.fields.get("customer")
    return CustomerRef(said["id"], said["name"], said["tier"]) if said else None
