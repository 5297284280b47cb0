"""Giving open tickets another tier, as people decide for a customer: whoever follows the mirror's changes sees it."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, and_, false, func, or_, select, update
from sqlalchemy.orm import Session

from automations.domain import TicketStatus
from automations.mirror.keeping import later_than_all
from storage.models import MirrorName, MirrorTicket
from storage.upsert import insert_into

AT_ONCE: Final = 500
"""Names in one query."""
_DONE: Final = (TicketStatus.SOLVED.value, TicketStatus.CLOSED.value)


def is_open() -> ColumnElement[bool]:
    """Tickets that nobody has solved, merged or deleted."""
    return and_(
        MirrorTicket.status.not_in(_DONE), MirrorTicket.deleted_at.is_(None), MirrorTicket.merged_into.is_(None)
    )


def open_of(session: Session, customers: Iterable[str]) -> list[MirrorTicket]:
    """Open tickets that name one of these customers."""
    names, found = sorted(set(customers)), list[MirrorTicket]()
    for start in range(0, len(names), AT_ONCE):
        mine = MirrorTicket.customer_id.in_(names[start : start + AT_ONCE])
        found += session.scalars(select(MirrorTicket).where(mine, is_open()).order_by(MirrorTicket.id))
    return found


def open_of_nobody(session: Session, domains: Sequence[str] | None = None) -> list[MirrorTicket]:
    """Open tickets that name no customer but a requester; with an address of these domains, or below them, if named."""
    nobody = func.coalesce(MirrorTicket.customer_id, "") == ""  # not by the index of customers: most name none
    unsolved = MirrorTicket.solved_at.is_(None), MirrorTicket.requester.is_not(None)
    asked = select(MirrorTicket).where(nobody, *unsolved, is_open())
    if domains is not None:
        address = func.lower(MirrorTicket.requester)
        shapes = "@{}", ".{}", "@{}>", ".{}>"
        ends = [address.endswith(shape.format(one), autoescape=True) for one in domains for shape in shapes]
        asked = asked.where(or_(false(), *ends))
    return list(session.scalars(asked.order_by(MirrorTicket.id)))


def retier(session: Session, tickets: Iterable[MirrorTicket], tier: str, now: datetime) -> int:
    """Let these tickets go by this tier (lower case). Says how many went by another."""
    others = sorted((one for one in tickets if one.tier != tier), key=lambda one: one.id)
    if not others:
        return 0
    changed_at = later_than_all(session, now)
    session.execute(update(MirrorTicket), [{"id": one.id, "tier": tier, "changed_at": changed_at} for one in others])
    if tier:
        names = [{"system": one, "key": "tier", "value": tier} for one in sorted({ticket.system for ticket in others})]
        session.execute(insert_into(session, MirrorName).on_conflict_do_nothing(), names)
    return len(others)
