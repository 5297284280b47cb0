"""Giving open tickets another tier, as people decide for a customer: whoever follows the mirror's changes sees it."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, and_, false, func, or_, select, update
from sqlalchemy.orm import Session

from automations.customers.domains import domain_of, with_parents
from automations.domain import TicketStatus
from automations.mirror.keeping import later_than_all
from storage.models import MirrorName, MirrorTicket
from storage.upsert import insert_into

AT_ONCE: Final = 500
"""Names in one query."""
FEW: Final = 20
"""Domains up to which the database looks for their addresses; more are looked for in what it tells."""
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


def open_of_nobody(session: Session, domains: Collection[str]) -> list[MirrorTicket]:
    """Open tickets that name no customer, from an address of one of these domains, or of one below them."""
    nobody = func.coalesce(MirrorTicket.customer_id, "") == ""  # not by the index of customers: most name none
    unsolved = MirrorTicket.solved_at.is_(None), MirrorTicket.requester.is_not(None)
    asked = select(MirrorTicket.id, MirrorTicket.requester).where(nobody, *unsolved, is_open())
    if len(domains) <= FEW:
        address = func.lower(MirrorTicket.requester)
        shapes = "@{}", ".{}", "@{}>", ".{}>"
        ends = [address.endswith(shape.format(one), autoescape=True) for one in domains for shape in shapes]
        asked = asked.where(or_(false(), *ends))
    rows = session.execute(asked.order_by(MirrorTicket.id))
    mine = [number for number, told in rows if any(one in domains for one in with_parents(domain_of(told or "")))]
    found = list[MirrorTicket]()
    for start in range(0, len(mine), AT_ONCE):
        these = MirrorTicket.id.in_(mine[start : start + AT_ONCE])
        found += session.scalars(select(MirrorTicket).where(these).order_by(MirrorTicket.id))
    return found


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
