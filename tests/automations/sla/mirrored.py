"""Lives of tickets, written into the mirror's tables as the mirror writes them."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from automations.mirror.messages import Message
from automations.mirror.rows import message_rows, span_rows
from automations.mirror.stretches import Stretch, Values
from automations.sla.life import Life
from storage.models import MirrorMessage, MirrorSpan, MirrorTicket

SYSTEM = "desk"


def put(session: Session, ticket_id: str, life: Life, now: datetime, *, system: str = SYSTEM) -> datetime:
    """Put a life in the place of what the mirror has of this ticket. Says the `changed_at` it was given."""
    newest = session.scalar(select(func.max(MirrorTicket.changed_at)))
    changed_at = now if newest is None else max(now, newest + timedelta(microseconds=1))
    mine = MirrorTicket.system == system, MirrorTicket.ticket_id == ticket_id
    row = {**ticket_row(ticket_id, life, changed_at), "system": system}
    number = session.scalar(select(MirrorTicket.id).where(*mine))
    if number is None:
        number = session.execute(insert(MirrorTicket).values(row).returning(MirrorTicket.id)).scalar_one()
    else:
        session.execute(update(MirrorTicket).where(MirrorTicket.id == number).values(row))
        for part in (MirrorSpan, MirrorMessage):
            session.execute(delete(part).where(part.ticket == number))
    session.execute(insert(MirrorSpan), spans(number, life))
    if life.said:
        session.execute(insert(MirrorMessage), messages(number, life))
    return changed_at


def spans(number: int, life: Life) -> list[dict[str, Any]]:
    """The rows of its stretches."""
    before, found = "", []
    for one, following in pairwise([*life.stood, None]):
        assert one is not None, "only the last has none after it"
        values = Values(one.status, one.priority, one.group, "", one.merged)
        found.append(Stretch(one.at, following.at if following else None, before, values))
        before = one.status
    return list(span_rows(number, found))


def messages(number: int, life: Life) -> list[dict[str, Any]]:
    """The rows of its messages."""
    return list(message_rows(number, [Message(one.at, one.side, "") for one in life.said]))  # type: ignore[arg-type]  # one of the three


def ticket_row(ticket_id: str, life: Life, changed_at: datetime, **values: Any) -> Mapping[str, Any]:
    """The row of the ticket itself."""
    now, updated = life.now, max(one for one in life.moments)
    return {
        "system": SYSTEM, "ticket_id": ticket_id, "url": f"https://desk.example/{ticket_id}",
        "subject": f"Ticket {ticket_id}", "requester": None, "opened_by": life.opened_by, "channel": "email",
        "created_at": life.created_at, "updated_at": updated, "status": now.status, "priority": now.priority,
        "group_name": now.group, "assignee": "", "tags": [], "customer_id": "", "customer_name": "",
        "tier": life.tier.lower(), "first_reply_at": None, "waiting_since": None, "solved_at": None, "closed_at": None,
        "merged_into": "other" if now.merged else None, "deleted_at": life.deleted_at, "told_by": "history",
        "changed_at": changed_at, **values,
    }  # fmt: skip
