"""Who may do nothing in Handoff any more."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.models import AccessBlock


def blocked(session: Session) -> frozenset[str]:
    """The e-mail addresses of everybody who is blocked now, in lower case."""
    return frozenset(session.scalars(select(AccessBlock.email).where(AccessBlock.lifted_at.is_(None))))
