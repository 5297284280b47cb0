"""Escalations and clocks as lines of lists: on the Home tab, for commands, in the terminal."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from automations.escalation.card_types import ClockLine, EscalationRow
from automations.escalation.case_posts import post_of
from automations.escalation.context import EscalationContext
from automations.escalation.found import said
from automations.escalation.journal import card_key, subject_ref
from automations.escalation.reasons import EscalationReason
from automations.escalation.stale import is_stale
from automations.sla.keeping import running_out
from automations.words import person
from storage import notifications
from storage.models import Escalation, EscalationFiring


def my_escalations(
    session: Session, email: str, ctx: EscalationContext, *, limit: int = 20
) -> tuple[EscalationRow, ...]:
    """Those that somebody has claimed, whose ticket they have, or that called them last and nobody has yet."""
    me = email.lower()
    return tuple(_row(session, row, ctx) for row in [one for one in _unended(session) if _is_of(one, me)][:limit])


def escalation_rows(
    session: Session, ctx: EscalationContext, *, ended: bool = False, limit: int = 50
) -> tuple[EscalationRow, ...]:
    """All that have not ended, oldest first; with `ended` the newest of all."""
    if not ended:
        return tuple(_row(session, row, ctx) for row in _unended(session)[:limit])
    newest = select(Escalation).order_by(Escalation.id.desc()).limit(limit)
    return tuple(_row(session, row, ctx) for row in session.scalars(newest))


def clocks_about_to_run_out(
    session: Session, ctx: EscalationContext, *, email: str | None = None, limit: int = 10
) -> tuple[ClockLine, ...]:
    """Running clocks in the order in which they come due, overdue ones first; of one person's tickets if named."""
    who = ctx.roster.by_email(email) if email else None
    assignee = (who.desk or who.email).lower() if who is not None else email
    found = running_out(session, ctx.desk_system, ctx.clock.now(), assignee=assignee, limit=limit)
    return tuple(
        ClockLine(
            one.ticket_id, one.title, one.url, one.kind, one.target, one.state, one.due_at, one.left_s, one.counted
        )
        for one in found
    )


def _unended(session: Session) -> Sequence[Escalation]:
    wanted = select(Escalation).where(Escalation.open_key.is_not(None)).order_by(Escalation.id)
    return session.scalars(wanted, execution_options={"populate_existing": True}).all()


def _is_of(row: Escalation, me: str) -> bool:
    if row.claimed_by is not None:
        return row.claimed_by == me
    return row.owner == me or bool(row.called and row.called[-1]["email"] == me)


def _row(session: Session, row: Escalation, ctx: EscalationContext) -> EscalationRow:
    reason = EscalationReason(row.reason)
    leading = (
        select(EscalationFiring.evidence)
        .where(EscalationFiring.escalation_id == row.id, EscalationFiring.reason == row.reason)
        .order_by(EscalationFiring.id)
        .limit(1)
    )
    shown = (
        post_of(session, int(row.subject_id)) if row.subject == "case" else notifications.get(session, card_key(row.id))
    )
    return EscalationRow(
        id=row.id,
        ref=subject_ref(row),
        title=row.title,
        url=row.url,
        state=row.state,
        reason=reason,
        said=said(reason, tuple(session.scalar(leading) or ())),
        priority=row.priority,
        owner=person(row.owner, ctx) if row.owner else None,
        claimed_by=person(row.claimed_by, ctx) if row.claimed_by else None,
        opened_at=row.opened_at,
        next_at=row.next_at,
        stale=is_stale(row),
        permalink=shown.permalink if shown is not None else None,
        subject=row.subject,
    )
