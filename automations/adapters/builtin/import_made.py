"""What an import makes in the desk: a ticket with its outside id, its messages, and who and what it names."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import insert
from sqlalchemy.orm import Session

from automations.adapters.builtin.import_fields import About
from automations.adapters.builtin.import_names import Names
from automations.adapters.builtin.rows import IMPORTED, customer_fields, customer_id
from automations.domain import CustomerRef
from automations.redact import Redactor
from storage.models import DeskMessage, DeskTicket
from storage.upsert import insert_into

NOBODY: Final = "imported"
"""The author of what nobody is named for."""


def ticket_key(outside: str) -> str:
    """The key of the ticket with this id outside."""
    return f"{IMPORTED}{outside}"


def make_ticket(
    session: Session,
    outside: str,
    about: About,
    names: Names,
    redactor: Redactor,
    *,
    status: str,
    created_at: datetime,
    updated_at: datetime,
    solved_at: datetime | None,
) -> int | None:
    """Make a ticket and return its number, None if it is there already."""
    customer = about.customer and CustomerRef(
        about.customer.id, redactor.text(about.customer.name), about.customer.tier
    )
    values = {
        "key": ticket_key(outside),
        "subject": redactor.text(about.subject),
        "status": status,
        "priority": about.priority.value,
        "group_id": names.group(session, about.group),
        "assignee_id": names.person(session, about.assignee),
        "customer_id": customer_id(session, customer),
        "requester": about.requester,
        "tags": list(about.tags),
        "fields": {"customer": customer_fields(customer)} if customer else {},
        "created_at": created_at,
        "updated_at": updated_at,
        "solved_at": solved_at,
    }
    return session.scalar(insert_into(session, DeskTicket).on_conflict_do_nothing().returning(DeskTicket.id), values)


def message(ticket: int, key: str, at: datetime, author: str, body: str, **more: Any) -> dict[str, Any]:
    """A message as a row, a line of history if `more` does not say otherwise."""
    row = {"kind": "change", "from_customer": False, "changes": None, **more}
    return {"ticket_id": ticket, "key": f"{IMPORTED}{key}", "at": at, "author": author, "body": body, **row}


def add_messages(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Add messages, numbered in this order."""
    if rows:
        session.execute(insert(DeskMessage), rows)
