"""Tickets whose words or whose mirror changed since the last look, as the rules on words see them. From rows alone."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
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
OVERLAP: Final = timedelta(minutes=1)
PER_LOOK: Final = 500


@dataclass(frozen=True, slots=True)
class Changed:
    """Tickets to look at, and up to which change this look has come."""

    tickets: tuple[Observed, ...]
    mirror_at: datetime
    texts_at: datetime


def changed(session: Session, ctx: EscalationContext, watch: Watch) -> Changed:
    """Unsolved tickets that changed since the last look, of those that the desk has touched since it was switched on.

    Looks overlap by a minute, since a change may be committed a moment after a later one was seen.
    """
    newer = MirrorTicket.system == ctx.desk_system, MirrorTicket.changed_at >= watch.tickets - OVERLAP
    by_mirror = session.execute(select(MirrorTicket.ticket_id, MirrorTicket.changed_at).where(*newer)).all()
    read = TicketText.system == ctx.desk_system, TicketText.read_at >= watch.texts - OVERLAP
    by_text = session.execute(select(TicketText.ticket_id, TicketText.read_at).where(*read)).all()
    ids = list(dict.fromkeys([*(row.ticket_id for row in by_mirror), *(row.ticket_id for row in by_text)]))
    tickets: list[Observed] = []
    for begin in range(0, len(ids), PER_LOOK):
        tickets += _observed(session, ctx, ids[begin : begin + PER_LOOK], watch.since)
    mirror_at = max([watch.tickets, *(row.changed_at for row in by_mirror)])
    texts_at = max([watch.texts, *(row.read_at for row in by_text)])
    return Changed(tuple(tickets), mirror_at, texts_at)


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
    for ticket, text in rows:
        exchanged, last = talks.get(ticket.id, (0, None))
        yield _one(session, ctx, ticket, text, exchanged, last, since)


def _one(
    session: Session,
    ctx: EscalationContext,
    ticket: MirrorTicket,
    text: TicketText | None,
    exchanged: int,
    last: datetime | None,
    since: datetime,
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
        contacts=_contacts(session, ctx, ticket, said_at) if asked and said_at >= since else None,
    )


def _contacts(session: Session, ctx: EscalationContext, ticket: MirrorTicket, said_at: datetime) -> int | None:
    """Contacts within the time before the newest words; None if nobody asks, or nobody knows who the customer is."""
    if ctx.rules.contacts is None or not (ticket.requester or ticket.customer_id):
        return None
    begin = said_at - ctx.rules.contacts_within
    return contacts(session, ticket.system, begin, requester=ticket.requester, customer=ticket.customer_id)


def _talks(session: Session, tickets: Sequence[int]) -> dict[int, tuple[int, datetime]]:
    """How many public messages of people each ticket has, and when the last came."""
    said = select(MirrorMessage.ticket, func.count(), func.max(MirrorMessage.at)).where(
        MirrorMessage.ticket.in_(tickets), MirrorMessage.side.in_(PUBLIC)
    )
    return {row[0]: (int(row[1]), row[2]) for row in session.execute(said.group_by(MirrorMessage.ticket))}
