"""A ticket of the built-in desk as the port shows it."""

from sqlalchemy.orm import Session

from automations.adapters.builtin.moves import OWN
from automations.adapters.builtin.rows import SYSTEM
from automations.domain import CustomerRef, Priority, Ticket, TicketStatus
from storage.models import DeskCustomer, DeskGroup, DeskTicket, DeskUser


def shown(session: Session, row: DeskTicket, base_url: str) -> Ticket:
    """The ticket; its page is below `base_url`. People, groups and customers are read once for a session."""
    assignee = session.get_one(DeskUser, row.assignee_id).email if row.assignee_id else None
    group = session.get_one(DeskGroup, row.group_id).name if row.group_id else None
    return Ticket(
        system=SYSTEM,
        id=str(row.id),
        url=f"{base_url}/desk/tickets/{row.id}",
        subject=row.subject,
        status=TicketStatus(row.status),
        priority=Priority(row.priority),
        assignee=assignee,
        group=group,
        key=row.key,
        updated_at=row.updated_at,
        status_word=row.status,
        tags=tuple(row.tags),
        parent=str(row.parent_id) if row.parent_id else None,
        merged_into=str(row.merged_into_id) if row.merged_into_id else None,
        fields=tuple(row.fields.get(OWN, {}).items()),
        created_at=row.created_at,
        requester=row.requester,
        customer=_customer(session, row),
    )


def _customer(session: Session, ticket: DeskTicket) -> CustomerRef | None:
    """The ticket's customer by the desk's id; by the sender's own words where the desk has none of that reference."""
    if ticket.customer_id is not None:
        known = session.get_one(DeskCustomer, ticket.customer_id)
        return CustomerRef(str(known.id), known.name, known.tier or "")
    said = ticket.fields.get("customer")
    return CustomerRef(str(said["id"]), str(said["name"]), str(said["tier"])) if said else None
