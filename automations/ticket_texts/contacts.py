"""How often a customer got in touch, counted in the mirror without a look at the desk."""

from datetime import datetime

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from automations.mirror.messages import OPENING
from storage.models import MirrorMessage, MirrorTicket


def contacts(session: Session, system: str, since: datetime, *, requester: str | None, customer: str = "") -> int:
    """How many contacts a customer made from `since` on: tickets that they opened, and what they wrote on tickets.

    Counted for the requester; for the whole customer (by the desk's id) only where nobody knows who asked. What a
    ticket was opened with is one contact with it. Deleted tickets count for nothing.
    """
    whose = MirrorTicket.requester == requester if requester else MirrorTicket.customer_id == customer
    if not requester and not customer:
        return 0
    theirs = MirrorTicket.system == system, whose, MirrorTicket.deleted_at.is_(None)
    told = and_(MirrorMessage.ticket == MirrorTicket.id, MirrorMessage.side == "customer")
    wrote = select(func.count()).select_from(MirrorTicket).join(MirrorMessage, told)
    messages = session.scalar(wrote.where(*theirs, MirrorMessage.at >= since)) or 0
    opened = (
        select(MirrorTicket.created_at, MirrorMessage.at)
        .outerjoin(MirrorMessage, and_(told, MirrorMessage.n == 0))
        .where(*theirs, MirrorTicket.created_at >= since, MirrorTicket.opened_by == "customer")
    )
    return messages + sum(_untold(*row) for row in session.execute(opened))


def _untold(made: datetime, first: datetime | None) -> bool:
    """Whether the words that a ticket was opened with are told as no message, whose first is from that time."""
    return first is None or first > made + OPENING
