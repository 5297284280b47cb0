"""Who may be mentioned, and when: the one place that decides it. A mention is a call, and a call has to be worth it.

- Outside working hours only an urgent case calls anybody; whose other case came then is called when they begin.
- Nobody is called for what they did themselves.
- One outage calls each owner once: further cases of its source and reason name their owner without calling.

What is decided is kept with the row it is for, so a message that Slack gets late calls whom it was written to call.
"""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from automations.domain import HANDOFF, Actor, Priority
from automations.failure_tickets.context import Context
from storage.models import Case


def may_call(ctx: Context, priority: str, at: datetime) -> bool:
    """Say whether a case of this priority may call anybody at `at`."""
    return priority == Priority.URGENT or ctx.hours is None or ctx.hours.covers(at)


def called(ctx: Context, case: Case, email: str | None, actor: Actor, at: datetime) -> str | None:
    """Whom a message about what `actor` did at `at` may call: the e-mail address in lower case, or nobody."""
    if email is None or _is(ctx, actor, email) or not may_call(ctx, case.priority, at):
        return None
    return email.lower()


def later(ctx: Context, case: Case, email: str | None, actor: Actor, at: datetime) -> datetime | None:
    """When somebody is called whom `called` leaves alone for the hours' sake; None if that is not the reason."""
    if email is None or _is(ctx, actor, email) or may_call(ctx, case.priority, at):
        return None
    return next_call(ctx, case.priority, at)


def calls_owner(session: Session, case: Case, ctx: Context, *, actor: Actor = HANDOFF) -> bool:
    """Say whether the first post of a case that is about to be added may call its owner. `actor` is who opens it."""
    if _is(ctx, actor, case.owner) or not may_call(ctx, case.priority, case.opened_at):
        return False
    earlier = (
        select(Case.id)
        .where(Case.source == case.source, Case.reason == case.reason, Case.owner == case.owner, Case.call_owner)
        .where(Case.opened_at > case.opened_at - ctx.timing.burst_within)
        .limit(1)
    )
    return session.scalar(earlier) is None


def next_call(ctx: Context, priority: str, at: datetime) -> datetime:
    """The first moment from `at` on at which a case of this priority may call somebody."""
    return at if ctx.hours is None or priority == Priority.URGENT else ctx.hours.next_start(at)


def _is(ctx: Context, actor: Actor, email: str) -> bool:
    known = ctx.roster.by_email(actor.email) or ctx.roster.by_slack(actor.id)
    mine = {actor.id.lower(), (actor.email or "").lower(), known.email.lower() if known else ""}
    return email.lower() in mine
