"""The SLA clocks of one person's Home tab, and whether time alone has changed what tabs show of them."""

from datetime import datetime

from sqlalchemy import and_, exists, or_, select
from sqlalchemy.orm import Session

from automations.escalation.card import clocks_about_to_run_out
from automations.escalation.card_types import ClockLine
from automations.escalation.context import EscalationContext
from bot.views.home import HOME_CLOCKS
from storage.models import SlaClock


def clocks_for(
    session: Session, email: str, ctx: EscalationContext
) -> tuple[tuple[ClockLine, ...], tuple[ClockLine, ...]]:
    """The clocks of this person's tickets that run out next, and those of the team's other tickets."""
    mine = clocks_about_to_run_out(session, ctx, email=email, limit=HOME_CLOCKS)
    own = {(one.ticket_id, one.kind) for one in mine}
    every = clocks_about_to_run_out(session, ctx, limit=2 * HOME_CLOCKS)
    return mine, tuple(one for one in every if (one.ticket_id, one.kind) not in own)[:HOME_CLOCKS]


def turned(session: Session, since: datetime, now: datetime) -> bool:
    """Whether a running clock came to its warning or its end in (`since`, `now`]."""
    moments = (SlaClock.warn_at, SlaClock.due_at)
    crossed = or_(*(and_(moment > since, moment <= now) for moment in moments))
    return bool(session.scalar(select(exists().where(SlaClock.state == "running", crossed))))
