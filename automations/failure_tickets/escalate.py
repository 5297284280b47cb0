"""Escalation: the case goes to the escalation channel and its lead is mentioned, once, by a person or by the clock."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from automations.domain import HANDOFF, Actor, CaseStatus, case_ref
from automations.failure_tickets import journal
from automations.failure_tickets.context import Context
from automations.failure_tickets.moves import Act, perform
from automations.failure_tickets.words import when, who
from storage.models import Case, CaseEntry

POST = "case.escalation"


def due(session: Session, at: datetime, *, limit: int = 100) -> list[int]:
    """List cases whose escalation time has passed unclaimed and that were not escalated yet, longest overdue first."""
    overdue = (
        select(Case.id)
        .where(Case.status == CaseStatus.OPEN.value, Case.escalated_at.is_(None), Case.escalate_at <= at)
        .order_by(Case.escalate_at, Case.id)
        .limit(limit)
    )
    return list(session.scalars(overdue))


def escalate_overdue(session: Session, case_id: int, ctx: Context) -> bool:
    """Escalate a case by rule if it still is overdue. True if this call did it."""

    def decide(case: Case) -> Act | str:
        in_time = case.escalate_at is None or case.escalate_at > ctx.clock.now()
        if case.status != CaseStatus.OPEN or case.escalated_at is not None or in_time:
            return f"{case_ref(case.id)} does not need to be escalated."
        return act(case, HANDOFF, f"nobody had claimed it by {when(case.escalate_at, ctx)}", ctx)

    outcome = perform(session, case_id, HANDOFF, ctx, decide)
    if outcome.changed:
        post(session, outcome.case, HANDOFF, ctx)
    return outcome.changed


def act(case: Case, actor: Actor, reason: str, ctx: Context) -> Act:
    """Say what an escalation changes. `reason` is redacted."""
    by = journal.identity(actor)
    values = {"escalated_at": ctx.clock.now(), "escalated_by": by, "escalation_reason": reason}
    answer = f"{case_ref(case.id)} was brought before {who(ctx.book.lead.lower(), ctx)}."
    return Act("escalated", values, f"escalated this case: {reason}", "escalated it", answer)


def post(session: Session, case: Case, actor: Actor, ctx: Context) -> None:
    """Ask for the post in the escalation channel. A lead who escalates is not called by it."""
    number = session.scalar(select(func.count()).where(CaseEntry.case_id == case.id, CaseEntry.verb == "escalated"))
    lead, by = ctx.book.lead.lower(), journal.identity(actor)
    at = ctx.clock.now()
    journal.put_and_deliver(
        session,
        ctx,
        key=f"{journal.card_key(case.id)}/escalation/{number}",
        kind=POST,
        channel=ctx.book.escalation_channel,
        data={
            "case_id": case.id,
            "lead": lead,
            "mention": None if lead == by else lead,
            "by": by,
            "reason": case.escalation_reason,
            "at": at.isoformat(),
        },
        at=at,
    )
