"""Lives of tickets, read from the mirror's rows: a few selects for many tickets."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from automations.domain import TicketStatus
from automations.sla.life import Life, Said, Stood
from storage.models import MirrorMessage, MirrorSpan, MirrorTicket

KEPT = timedelta(days=90)
"""How long after a ticket was solved or deleted, and not touched since, its clocks are kept."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A ticket of the mirror: the number of its row, the desk's id, and when it last became different there."""

    number: int
    ticket_id: str
    changed_at: datetime
    opened_by: str
    tier: str
    deleted_at: datetime | None


def over(now: datetime) -> ColumnElement[bool]:
    """Tickets that have been done with for so long that they have no clocks any more."""
    solved = MirrorTicket.status.in_((TicketStatus.SOLVED.value, TicketStatus.CLOSED.value))
    untouched = MirrorTicket.updated_at < now - KEPT
    return or_(
        and_(solved, untouched), and_(MirrorTicket.deleted_at.is_not(None), MirrorTicket.deleted_at < now - KEPT)
    )


def tickets(session: Session, *where: ColumnElement[bool], order: Sequence[Any], limit: int) -> list[Seen]:
    """Tickets of the mirror."""
    columns = (
        MirrorTicket.id,
        MirrorTicket.ticket_id,
        MirrorTicket.changed_at,
        MirrorTicket.opened_by,
        MirrorTicket.tier,
        MirrorTicket.deleted_at,
    )
    return [Seen(*row) for row in session.execute(select(*columns).where(*where).order_by(*order).limit(limit))]


def lives(session: Session, seen: Sequence[Seen]) -> list[tuple[Seen, Life]]:
    """What the mirror knows of these tickets."""
    numbers = [one.number for one in seen]
    spans = select(
        MirrorSpan.ticket,
        MirrorSpan.from_at,
        MirrorSpan.status,
        MirrorSpan.priority,
        MirrorSpan.group_name,
        MirrorSpan.merged,
    )
    of_these = session.execute(spans.where(MirrorSpan.ticket.in_(numbers)).order_by(MirrorSpan.ticket, MirrorSpan.n))
    stood = {number: tuple(Stood(*row[1:]) for row in rows) for number, rows in groupby(of_these, key=_ticket)}
    messages = select(MirrorMessage.ticket, MirrorMessage.at, MirrorMessage.side)
    in_order = messages.where(MirrorMessage.ticket.in_(numbers)).order_by(
        MirrorMessage.ticket, MirrorMessage.at, MirrorMessage.n
    )
    said = {
        number: tuple(Said(*row[1:]) for row in rows)
        for number, rows in groupby(session.execute(in_order), key=_ticket)
    }
    return [
        (one, Life(one.opened_by, one.tier, stood[one.number], said.get(one.number, ()), one.deleted_at))
        for one in seen
    ]


def _ticket(row: Any) -> int:
    return int(row[0])
