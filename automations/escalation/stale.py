"""An escalation that somebody claimed and nobody touches: spoken of twice, then named stale, and then left in peace.

So nobody is ever woken by something forgotten: the chain has stopped for good, and that it lies there was said long
before. It is said in working hours, urgent or not. Who claimed it is called; the lead if they are not there.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from automations.domain import HANDOFF
from automations.escalation import hours
from automations.escalation.context import EscalationContext
from automations.escalation.journal import found, move, say, show, write_down
from automations.words import when, who
from storage import audit
from storage.models import Escalation

MOST: Final = 2
"""How often it is spoken of before it is named stale."""


def is_stale(row: Escalation) -> bool:
    """Whether it was named stale and nobody has touched it since."""
    return row.state == "claimed" and row.reminders > MOST


def due(session: Session, now: datetime, *, limit: int = 100) -> Sequence[int]:
    """Claimed ones that are to be spoken of now, longest overdue first; none that sleeps."""
    wanted = (
        select(Escalation.id)
        .where(Escalation.state == "claimed", Escalation.stale_at <= now)
        .where(or_(Escalation.snoozed_until.is_(None), Escalation.snoozed_until <= now))
        .order_by(Escalation.stale_at, Escalation.id)
        .limit(limit)
    )
    return session.scalars(wanted).all()


def remind(session: Session, escalation_id: int, ctx: EscalationContext) -> bool:
    """Speak of it if nobody has touched it in time. True if this call did it."""
    audit.hold(session)
    row, now = found(session, escalation_id), ctx.clock.now()
    asleep = row.snoozed_until is not None and row.snoozed_until > now
    if row.state != "claimed" or row.stale_at is None or row.stale_at > now or asleep:
        return False
    if ctx.hours is not None and not ctx.hours.covers(now):
        move(session, row, stale_at=ctx.hours.next_start(now))
        return False
    named, before = row.reminders >= MOST, {"reminders": row.reminders}
    again = None if named else hours.worked(ctx.hours, now, ctx.rules.stale_after)
    if not move(session, row, reminders=row.reminders + 1, stale_at=again):
        return False
    action = "escalation.stale" if named else "escalation.reminded"
    write_down(session, row, HANDOFF, action, ctx, before=before, after={"reminders": row.reminders})
    since = f"{who(row.claimed_by, ctx)} claimed this at {when(row.claimed_at, ctx)}"
    untouched = f"nobody has touched it since {when(row.touched_at, ctx)}"
    end = " It is stale now; this is said no more." if named else ""
    name = f"stale/{row.version}"
    say(session, row, f"{since}, and {untouched}.{end}", ctx, name=name, mention=_whom(row, ctx))
    show(session, row, ctx)
    return True


def _whom(row: Escalation, ctx: EscalationContext) -> str | None:
    now, claimer, lead = ctx.clock.now(), row.claimed_by or "", ctx.lead.lower()
    return next((one for one in (claimer, lead) if one and ctx.roster.available(one, now)), None)
