"""Bursts: more than a few new cases of one source, reason and channel within minutes are one outage, and one group.

The audit head is held while a case opens, so openings come one after the other and are counted at each. A group holds
its key while a member is open and no newer group has taken it over.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from automations.failure_tickets import group_life, groups
from automations.failure_tickets.context import Context
from automations.failure_tickets.timing import Timing
from storage.models import Case, CaseGroup


def is_burst(openings: Sequence[datetime], now: datetime, timing: Timing) -> bool:
    """Say whether these openings, the newest at `now`, are too many within the time to be told one by one. Pure."""
    return sum(now - at < timing.burst_within for at in openings) > timing.burst_over


def goes_on(last_joined_at: datetime, now: datetime, timing: Timing) -> bool:
    """Say whether a new case still belongs to the outage whose last one joined then. Pure."""
    return now - last_joined_at < timing.burst_within


def gather(session: Session, case: Case, ctx: Context) -> CaseGroup | None:
    """Put a case that opens now into the group it belongs to, made anew if this opening is the one too many.

    None: it is a case by itself. The cases of the burst that are open already are taken in and keep their messages.
    The audit head must be held.
    """
    now = ctx.clock.now()
    if (group := _standing(session, case)) is not None and goes_on(group.last_joined_at, now, ctx.timing):
        groups.join(session, group, case, ctx)
        return group
    openings = _lately(session, case, now, ctx.timing)
    if not is_burst([one.opened_at for one in openings], now, ctx.timing):
        return None
    if group is not None:
        group_life.give_up_key(session, group)
    return _begin(session, case, [one for one in openings if one.open_key is not None and one.id != case.id], ctx)


def _begin(session: Session, case: Case, earlier: Sequence[Case], ctx: Context) -> CaseGroup:
    now = ctx.clock.now()
    group = CaseGroup(
        open_key=group_life.key_of(case.source, case.reason, case.channel),
        source=case.source,
        reason=case.reason,
        channel=case.channel,
        queue=case.queue,
        correlation_id=uuid4().hex,
        version=1,
        opened_at=now,
        last_joined_at=now,
        called=[],
        ticket_key=f"handoff-{uuid4().hex[:16]}",
        ticket_system=ctx.desk_system,
        ticket_state="wanted",
        ticket_wanted=1,
        ticket_verified=0,
    )
    session.add(group)
    session.flush()
    groups.begin(session, group, case, earlier, ctx)
    return group


def _standing(session: Session, case: Case) -> CaseGroup | None:
    held = CaseGroup.open_key == group_life.key_of(case.source, case.reason, case.channel)
    return session.scalars(select(CaseGroup).where(held), execution_options={"populate_existing": True}).one_or_none()


def _lately(session: Session, case: Case, now: datetime, timing: Timing) -> list[Case]:
    """The cases like this one that opened a short while ago and are in no group, this one with them, oldest first."""
    alike = Case.source == case.source, Case.reason == case.reason, Case.channel == case.channel
    lately = select(Case).where(*alike, Case.opened_at > now - timing.burst_within, Case.group_id.is_(None))
    return list(session.scalars(lately.order_by(Case.id), execution_options={"populate_existing": True}))
