"""Tickets whose words or whose mirror changed since the last look, as the rules on words see them. From rows alone."""

from collections.abc import Iterator, Sequence, Set
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from automations.escalation.context import EscalationContext
from automations.escalation.subjects import DONE
from automations.escalation.text_rules import Observed
from automations.escalation.watch import Watch
from automations.ticket_texts.contacts import contacts
from storage.models import MirrorMessage, MirrorTicket, TicketText

PUBLIC: Final = ("customer", "agent")
OVERLAP: Final = timedelta(minutes=2)
PER_LOOK: Final = 500


def changed(session: Session, ctx: EscalationContext, watch: Watch) -> list[Observed]:
    """Unsolved tickets that changed since the last look, of those that the desk has touched since it was switched on.

    Looks overlap, since a change may be committed a while after the moment that it bears.
    """
    begin = watch.swept - OVERLAP
    newer = MirrorTicket.system == ctx.desk_system, MirrorTicket.changed_at >= begin
    read = TicketText.system == ctx.desk_system, TicketText.read_at >= begin
    by_mirror = session.scalars(select(MirrorTicket.ticket_id).where(*newer))
    by_text = session.scalars(select(TicketText.ticket_id).where(*read))
    ids = list(dict.fromkeys([*by_mirror, *by_text]))
    found: list[Observed] = []
    for first in range(0, len(ids), PER_LOOK):
        found += _observed(session, ctx, ids[first : first + PER_LOOK], watch.since)
    return found


def _observed(session: Session, ctx: EscalationContext, ids: Sequence[str], since: datetime) -> Iterator[Observed]:
    mine = (TicketText.system == MirrorTicket.system) & (TicketText.ticket_id == MirrorTicket.ticket_id)
    unsolved = (
        select(MirrorTicket, TicketText)
        .outerjoin(TicketText, mine)
        .where(MirrorTicket.system == ctx.desk_system, MirrorTicket.ticket_id.in_(ids))
        .where(MirrorTicket.status.not_in(DONE), MirrorTicket.deleted_at.is_(None))
        .where(MirrorTicket.merged_into.is_(None), MirrorTicket.updated_at >= since)
        .order_by(MirrorTicket.id)
    )
    rows = session.execute(unsolved).all()
    talks = _talks(session, [ticket.id for ticket, _ in rows])
    busy = _busy(session, ctx, {ticket.requester for ticket, _ in rows if ticket.requester})
    for ticket, text in rows:
        exchanged, last = talks.get(ticket.id, (0, None))
        yield _one(session, ctx, ticket, text, exchanged, last, since, busy)


def _one(
    session: Session,
    ctx: EscalationContext,
    ticket: MirrorTicket,
    text: TicketText | None,
    exchanged: int,
    last: datetime | None,
    since: datetime,
    busy: Set[str],
) -> Observed:
    by_customer = ticket.opened_by == "customer"
    words, said_at = "", ticket.created_at
    if text is not None and text.latest:
        words, said_at = text.latest, text.latest_at or ticket.created_at
    elif text is not None and by_customer:
        words = text.opening
    asked = by_customer or (text is not None and bool(text.latest))
    return Observed(
        system=ticket.system,
        ticket_id=ticket.ticket_id,
        created_at=ticket.created_at,
        customer_id=ticket.customer_id,
        customer_name=ticket.customer_name,
        tier=ticket.tier,
        requester=ticket.requester or "",
        words=words,
        said_at=said_at,
        language=text.language if text is not None else "",
        tone=text.tone if text is not None else 0.0,
        tone_words=tuple(text.tone_words) if text is not None else (),
        exchanged=exchanged,
        last_public_at=last,
        contacts=_contacts(session, ctx, ticket, said_at, busy) if asked and said_at >= since else None,
    )


def _contacts(
    session: Session, ctx: EscalationContext, ticket: MirrorTicket, said_at: datetime, busy: Set[str]
) -> int | None:
    """Contacts within the time before the newest words; None if nobody asks, or it is too few at a glance."""
    known = ticket.requester in busy if ticket.requester else bool(ticket.customer_id)
    if ctx.rules.contacts is None or not known:
        return None
    begin = said_at - ctx.rules.contacts_within
    return contacts(session, ticket.system, begin, requester=ticket.requester, customer=ticket.customer_id)


def _busy(session: Session, ctx: EscalationContext, requesters: Set[str]) -> set[str]:
    """Those of these requesters who have messages and tickets enough to be counted, in one look at all of them."""
    if ctx.rules.contacts is None or not requesters:
        return set()
    told = (MirrorMessage.ticket == MirrorTicket.id) & (MirrorMessage.side == "customer")
    theirs = MirrorTicket.system == ctx.desk_system, MirrorTicket.requester.in_(requesters)
    number = func.count(MirrorMessage.n) + func.count(MirrorTicket.id.distinct())
    counted = select(MirrorTicket.requester).select_from(MirrorTicket).outerjoin(MirrorMessage, told).where(*theirs)
    return set(session.scalars(counted.group_by(MirrorTicket.requester).having(number > ctx.rules.contacts)))


def _talks(session: Session, tickets: Sequence[int]) -> dict[int, tuple[int, datetime]]:
    """How many public messages of people each ticket has, and when the last came."""
    said = select(MirrorMessage.ticket, func.count(), func.max(MirrorMessage.at)).where(
        MirrorMessage.ticket.in_(tickets), MirrorMessage.side.in_(PUBLIC)
    )
    return {row[0]: (int(row[1]), row[2]) for row in session.execute(said.group_by(MirrorMessage.ticket))}
