"""Past tickets for a replay, from the mirror, with the words that the desk still tells."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from automations.escalation.replaying import PastTicket
from automations.ports import HelpDesk
from automations.redact import Redactor
from automations.sla.reading import lives, tickets
from automations.texts.plain import written
from storage.models import MirrorTicket

AT_ONCE: Final = 500


def past_tickets(session: Session, system: str, since: datetime | None) -> Iterator[PastTicket]:
    """All tickets of the mirror that were made since then, in order, without their words."""
    where = [MirrorTicket.system == system]
    if since is not None:
        where.append(MirrorTicket.created_at >= since)
    last = 0
    while seen := tickets(session, *where, MirrorTicket.id > last, order=(MirrorTicket.id,), limit=AT_ONCE):
        last = seen[-1].number
        rows = session.scalars(select(MirrorTicket).where(MirrorTicket.id.in_([one.number for one in seen])))
        known = {row.id: row for row in rows}
        for one, life in lives(session, seen):
            row = known[one.number]
            yield PastTicket(
                system=system,
                ticket_id=row.ticket_id,
                title=row.subject,
                customer_id=row.customer_id,
                customer_name=row.customer_name,
                requester=row.requester or "",
                life=life,
                words={},
            )


def words_of(desk: HelpDesk, ticket: str, redactor: Redactor) -> Mapping[datetime, str]:
    """What customers wrote on a ticket, by the moment of each message. One call of the desk. Raises: AdapterError."""
    told = (event for event in desk.events(ticket, after=None) if event.kind == "customer" and event.body)
    return {event.at: written(redactor.text(event.body)).words for event in told}
