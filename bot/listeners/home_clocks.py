"""Whether time alone has changed what Home tabs show: an SLA clock that began to warn, or has run out."""

from datetime import datetime

from sqlalchemy import and_, exists, or_, select
from sqlalchemy.orm import Session

from storage.models import SlaClock


def turned(session: Session, since: datetime, now: datetime) -> bool:
    """Whether a running clock came to its warning or its end in (`since`, `now`]."""
    moments = (SlaClock.warn_at, SlaClock.due_at)
    crossed = or_(*(and_(moment > since, moment <= now) for moment in moments))
    return bool(session.scalar(select(exists().where(SlaClock.state == "running", crossed))))
