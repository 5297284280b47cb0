"""Which ticket of the mirror people mean: by its number, `#812`, or by its address in the desk."""

import re
from typing import Final

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from storage.models import MirrorTicket

MOST: Final = 10
"""Numbers and addresses of one text that are looked up."""

_NAMED: Final = re.compile(r"https?://[^\s<>|]+|#([A-Za-z0-9_-]{1,100})")


def ticket_named(session: Session, system: str, words: str) -> str | None:
    """The id of the ticket with this number or address, None if the mirror has none (or it was deleted)."""
    named = words.strip().lstrip("#")
    mine = MirrorTicket.system == system, MirrorTicket.deleted_at.is_(None)
    wanted = select(MirrorTicket.ticket_id).where(
        *mine, or_(MirrorTicket.ticket_id == named, MirrorTicket.url == named)
    )
    return session.scalars(wanted.order_by(MirrorTicket.ticket_id).limit(1)).first() if named else None


def ticket_in(session: Session, system: str, text: str) -> str | None:
    """The first ticket that a text speaks of, as `#812` or by its address; None if it speaks of none there is."""
    for match in list(_NAMED.finditer(text))[:MOST]:
        words = match[1] or match[0].rstrip(".,;:!?)")
        if (found := ticket_named(session, system, words)) is not None:
            return found
    return None
