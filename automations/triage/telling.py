"""What triage says in Slack: one living message for each day, with a line in its thread for each ticket.

Nobody is mentioned, but the owner once a day if something waits for too long.
"""

from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from automations.calendar import WorkedTime
from automations.domain import Mode
from automations.posting import put_and_deliver
from automations.triage.context import TriageContext
from automations.triage.decisions import WAITING, day_of, mode
from automations.triage.linting import FEWEST, recent
from storage import notifications
from storage.models import Notification, TriageDecision

DAY: Final = "triage.day"
DECISION: Final = "triage.decision"
WAITS: Final = "triage.waits"

PATIENCE: Final = timedelta(hours=4)
"""How much working time a proposal may wait before its owner hears of it."""


def day_key(day: date) -> str:
    """The notification that is the message of a day."""
    return f"triage/day/{day.isoformat()}"


def decision_key(decision_id: int) -> str:
    """The notification that is a decision's line in the thread of its day."""
    return f"triage/{decision_id}"


def follow(session: Session, row: TriageDecision, ctx: TriageContext) -> None:
    """Let a decision's line, and the message of its day, show what is true now."""
    session.flush()
    day = date.fromisoformat(row.day)
    _tell_day(session, day, ctx)
    key, now, data = decision_key(row.id), ctx.clock.now(), {"decision_id": row.id}
    parent = day_key(day)
    put_and_deliver(session, ctx, key=key, kind=DECISION, channel=ctx.channel, data=data, at=now, parent_key=parent)


def keep(session: Session, ctx: TriageContext) -> bool:
    """Bring the message of today up to date with what waits from other days, and call its owner if it is time to.

    For the clock, once a minute: without news nothing is written. True if something was.
    """
    today = day_of(ctx.clock.now(), ctx)
    shown = notifications.get(session, day_key(today))
    stale = shown is not None and any(shown.data.get(name) != value for name, value in _waiting(session).items())
    if stale:
        _tell_day(session, today, ctx)
    return _call_owner(session, today, ctx) or stale


def oldest_waiting(session: Session) -> TriageDecision | None:
    """The proposal that waits longest for a person."""
    waiting = select(TriageDecision).where(TriageDecision.state.in_(WAITING)).order_by(TriageDecision.id).limit(1)
    return session.scalars(waiting).one_or_none()


def count_waiting(session: Session) -> int:
    """How many decisions wait for a person."""
    return session.scalar(select(func.count()).where(TriageDecision.state.in_(WAITING))) or 0


def link_to(session: Session, decision_id: int) -> str | None:
    """Where Slack shows a decision, None while it does not."""
    shown = notifications.get(session, decision_key(decision_id))
    return shown.permalink if shown is not None else None


def _tell_day(session: Session, day: date, ctx: TriageContext) -> None:
    """Post or renew the message of a day. Its lint is looked for once, when the day's first decision is made."""
    key = day_key(day)
    shown: Notification | None = notifications.get(session, key)
    lint = shown.data["lint"] if shown is not None else list(recent(session, ctx, fewest=FEWEST))
    data = {"day": day.isoformat(), "lint": lint} | _waiting(session)
    put_and_deliver(session, ctx, key=key, kind=DAY, channel=ctx.channel, data=data, at=ctx.clock.now())


def _waiting(session: Session) -> dict[str, Any]:
    """What the message of a day says of all that waits: how many, and where the oldest is."""
    oldest = oldest_waiting(session)
    first = link_to(session, oldest.id) if oldest is not None else None
    return {"waiting": count_waiting(session), "first": first}


def _call_owner(session: Session, today: date, ctx: TriageContext) -> bool:
    """Mention the owner in the thread of today, once, if something waits for longer than PATIENCE."""
    now, key = ctx.clock.now(), f"{day_key(today)}/waits"
    oldest = oldest_waiting(session)
    if (
        mode(session, ctx) not in (Mode.ASK, Mode.AUTO)
        or oldest is None
        or _waited(oldest.decided_at, now, ctx) <= PATIENCE
    ):
        return False
    if ctx.hours is not None and not ctx.hours.covers(now):
        return False
    if notifications.get(session, key) is not None:
        return False
    if notifications.get(session, day_key(today)) is None:
        _tell_day(session, today, ctx)
    data = {"decision_id": oldest.id, "mention": ctx.owner, **_waiting(session)}
    parent = day_key(today)
    put_and_deliver(session, ctx, key=key, kind=WAITS, channel=ctx.channel, data=data, at=now, parent_key=parent)
    return True


def _waited(since: datetime, now: datetime, ctx: TriageContext) -> timedelta:
    """Working time since then; all time where the team has no hours."""
    if ctx.hours is None or since >= now:
        return now - since
    return timedelta(seconds=WorkedTime(ctx.hours, since, now).between(since, now))
