"""Tickets of the built-in desk as the port shows them."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from automations.adapters.builtin.moves import OWN
from automations.adapters.builtin.rows import CHANNEL, SYSTEM
from automations.domain import CustomerRef, Priority, Ticket, TicketStatus
from storage.models import DeskCustomer, DeskGroup, DeskTicket, DeskUser


def shown(session: Session, rows: Sequence[DeskTicket], base_url: str) -> tuple[Ticket, ...]:
    """The tickets of these rows, whose pages are below `base_url`: whom they name is read together."""
    users = select(DeskUser.id, DeskUser.email).where(DeskUser.id.in_({row.assignee_id for row in rows}))
    groups = select(DeskGroup.id, DeskGroup.name).where(DeskGroup.id.in_({row.group_id for row in rows}))
    of = select(DeskCustomer.id, DeskCustomer.name, DeskCustomer.tier)
    of = of.where(DeskCustomer.id.in_({row.customer_id for row in rows}))
    people = {one.id: one.email for one in session.execute(users)}
    names = {one.id: one.name for one in session.execute(groups)}
    customers = {one.id: CustomerRef(str(one.id), one.name, one.tier or "") for one in session.execute(of)}
    return tuple(
        Ticket(
            system=SYSTEM,
            id=str(row.id),
            url=f"{base_url}/desk/tickets/{row.id}",
            subject=row.subject,
            status=TicketStatus(row.status),
            priority=Priority(row.priority),
            assignee=people[row.assignee_id] if row.assignee_id else None,
            group=names[row.group_id] if row.group_id else None,
            key=row.key,
            updated_at=row.updated_at,
            status_word=row.status,
            tags=tuple(row.tags),
            parent=str(row.parent_id) if row.parent_id else None,
            merged_into=str(row.merged_into_id) if row.merged_into_id else None,
            fields=tuple(row.fields.get(OWN, {}).items()),
            created_at=row.created_at,
            requester=row.requester,
            customer=customers[row.customer_id] if row.customer_id else _said(row),
            channel=str(row.fields.get(CHANNEL, "")),
        )
        for row in rows
    )


def _said(row: DeskTicket) -> CustomerRef | None:
    """The customer in the sender's own words, where the desk has nobody of that reference."""
    said = row.fields.get("customer")
    return CustomerRef(str(said["id"]), str(said["name"]), str(said["tier"])) if said else None
