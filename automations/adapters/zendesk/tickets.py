"""Tickets between us and Zendesk: its words for status and priority, what it shows, and what is sent to it."""

from collections.abc import Iterable, Mapping
from datetime import UTC
from typing import Any, Final

from automations.adapters.markup import plain_as_html
from automations.adapters.zendesk.connect import cannot, number
from automations.adapters.zendesk.limits import SYSTEM
from automations.adapters.zendesk.marks import marked, without_marks
from automations.adapters.zendesk.roster import Roster
from automations.adapters.zendesk.shapes import DeskTicket, Group, User
from automations.domain import CustomerRef, Priority, Ticket, TicketChange, TicketDraft, TicketStatus

STATUSES: Final[Mapping[str, TicketStatus]] = {
    "new": TicketStatus.OPEN,
    "open": TicketStatus.OPEN,
    "pending": TicketStatus.PENDING,
    "hold": TicketStatus.ON_HOLD,
    "solved": TicketStatus.SOLVED,
    "closed": TicketStatus.CLOSED,
}
_WORDS: Final[Mapping[TicketStatus, str]] = {
    **{status: word for word, status in STATUSES.items()},
    TicketStatus.OPEN: "open",
}
DONE: Final = frozenset({TicketStatus.SOLVED, TicketStatus.CLOSED})

SIDELOADS: Final = "users,groups"
"""Asked for with tickets, so that names come in the same answer."""


def shown(ticket: DeskTicket, url: str, users: Iterable[User], groups: Iterable[Group]) -> Ticket:
    """A ticket as the port shows it. An unknown status counts as open, an unknown priority as none.

    Its channel is the name of its via object, as the vendor's reference of that lists them: email, web, chat, voice,
    api, …
    """
    emails = {user.id: (user.email or "").lower() or None for user in users}
    names = {group.id: group.name for group in groups}
    priority = ticket.priority or ""
    return Ticket(
        system=SYSTEM,
        id=str(ticket.id),
        url=f"{url.rstrip('/')}/agent/tickets/{ticket.id}",
        subject=ticket.subject or "",
        status=STATUSES.get(ticket.status, TicketStatus.OPEN),
        priority=Priority(priority) if priority in set(Priority) else None,
        assignee=emails.get(ticket.assignee_id),
        group=names.get(ticket.group_id) if ticket.group_id is not None else None,
        key=ticket.external_id,
        updated_at=ticket.updated_at.astimezone(UTC),
        created_at=ticket.created_at.astimezone(UTC) if ticket.created_at else None,
        status_word=ticket.status,
        priority_word=priority,
        tags=without_marks(ticket.tags),
        fields=tuple(
            (str(one.id), _text(one.value)) for one in ticket.custom_fields if one.value not in (None, "", [])
        ),
        requester=(emails.get(ticket.requester_id) or str(ticket.requester_id)) if ticket.requester_id else None,
        customer=CustomerRef(str(ticket.organization_id)) if ticket.organization_id else None,
        channel=ticket.via.channel.lower(),
    )


def drafted(draft: TicketDraft, key: str, requester: str, organization: int | None, roster: Roster) -> dict[str, Any]:
    """A new ticket as it is sent: by our own address, its text an internal note, the customer as organization.

    Raises: Rejected with the code `no_agent` or `no_group`.
    """
    body = draft.body if organization is not None else _naming(draft.customer, draft.body)
    return {
        "subject": draft.subject,
        "comment": {"html_body": plain_as_html(marked(body, key)), "public": False},
        "requester": {"name": requester.partition("@")[0], "email": requester},
        "group_id": roster.group_id(draft.group),
        "priority": draft.priority.value,
        "external_id": key,
        "tags": list(draft.tags),
        **({"assignee_id": roster.agent_id(draft.assignee)} if draft.assignee else {}),
        **({"organization_id": organization} if organization is not None else {}),
    }


def differing(ticket: DeskTicket, change: TicketChange, roster: Roster) -> dict[str, Any]:
    """What of a change is not true yet, as it is sent. A closed ticket is solved already, and a new one open.

    Raises: Rejected with the code `no_agent` or `no_group`, or `cannot` for a parent.
    """
    if change.parent is not None:
        raise cannot("links no tickets under a parent through its API")
    sent: dict[str, Any] = {}
    have = STATUSES.get(ticket.status, TicketStatus.OPEN)
    if change.status is not None and change.status != have and not (change.status in DONE and have in DONE):
        sent["status"] = _WORDS[change.status]
    if change.priority is not None and change.priority.value != ticket.priority:
        sent["priority"] = change.priority.value
    if change.assignee is not None:
        wanted = roster.agent_id(change.assignee) if change.assignee else None
        sent |= {"assignee_id": wanted} if wanted != ticket.assignee_id else {}
    if change.group is not None:
        group = roster.group_id(change.group)
        sent |= {"group_id": group} if group != ticket.group_id else {}
    filled = {str(one.id): _text(one.value) for one in ticket.custom_fields}
    if fields := [(name, value) for name, value in change.fields if filled.get(name, "") != value]:
        ids = [(int(number(name, code="no_field", what="ticket field")), value) for name, value in fields]
        sent["custom_fields"] = [{"id": field, "value": value} for field, value in ids]
    return sent


def unless_changed(ticket: DeskTicket) -> dict[str, Any]:
    """What makes the desk refuse an update with 409 if the ticket is not as it was read, to the second."""
    stamp = ticket.updated_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {"safe_update": True, "updated_stamp": stamp}


def _naming(customer: CustomerRef | None, body: str) -> str:
    """The text names the customer where no organization does."""
    if customer is None or customer.id in body:
        return body
    return f"{body}\n\nCustomer: {', '.join(part for part in (customer.name, customer.id, customer.tier) if part)}"


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return ", ".join(str(one) for one in value)
    return "" if value is None else str(value)
