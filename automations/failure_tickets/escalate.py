"""Escalation: the case goes to the escalation channel and its lead is mentioned, once, by a person or by the clock.

A lead who is away is replaced by the default owner; if that is nobody else, or also away, the lead is mentioned all
the same. Either is said in the post. The clock escalates only while the automation is in mode auto: off or in shadow
it acts on nothing by itself, and what is overdue then is escalated when it is auto again. People may always escalate.
"""

from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from automations.domain import HANDOFF, Actor, CaseStatus, Mode, case_ref
from automations.failure_tickets import journal, shadow
from automations.failure_tickets.context import Context
from automations.failure_tickets.moves import Act, perform
from automations.failure_tickets.plan import absence_words
from automations.failure_tickets.words import when, who
from storage.models import Case, CaseEntry

POST = "case.escalation"


def due(session: Session, ctx: Context, *, limit: int = 100) -> list[int]:
    """List cases whose escalation time has passed unclaimed and that were not escalated yet, longest overdue first.

    None while the automation may not act.
    """
    if shadow.mode(session, ctx) is not Mode.AUTO:
        return []
    overdue = (
        select(Case.id)
        .where(Case.status == CaseStatus.OPEN.value, Case.escalated_at.is_(None), Case.escalate_at <= ctx.clock.now())
        .order_by(Case.escalate_at, Case.id)
        .limit(limit)
    )
    return list(session.scalars(overdue))


def escalate_overdue(session: Session, case_id: int, ctx: Context) -> bool:
    """Escalate a case by rule if it still is overdue and the automation may act. True if this call did it."""
    if shadow.mode(session, ctx) is not Mode.AUTO:
        return False

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
    asked, why = _asked(by, ctx)
    answer = f"{case_ref(case.id)} was brought before {who(asked, ctx)}{f' ({why})' if why else ''}."
    return Act("escalated", values, f"escalated this case: {reason}", "escalated it", answer)


def post(session: Session, case: Case, actor: Actor, ctx: Context) -> None:
    """Ask for the post in the escalation channel. A lead who escalates is not called by it."""
    number = session.scalar(select(func.count()).where(CaseEntry.case_id == case.id, CaseEntry.verb == "escalated"))
    by, at = journal.identity(actor), ctx.clock.now()
    lead, why = _asked(by, ctx)
    journal.put_and_deliver(
        session,
        ctx,
        key=f"{journal.card_key(case.id)}/escalation/{number}",
        kind=POST,
        channel=ctx.book.escalation_channel,
        data={
            "case_id": case.id,
            "lead": lead,
            "lead_why": why,
            "mention": None if lead == by else lead,
            "by": by,
            "reason": case.escalation_reason,
            "at": at.isoformat(),
        },
        at=at,
    )


def _asked(by: str, ctx: Context) -> tuple[str, str]:
    """Choose whom an escalation calls, by e-mail address, and say why it is not simply the lead; else nothing.

    A lead who escalates is there, whatever the list of absences says.
    """
    lead, deputy, now = ctx.book.lead.lower(), ctx.book.default_owner.lower(), ctx.clock.now()
    if lead == by or ctx.roster.available(lead, now):
        return lead, ""
    gone = absence_words(lead, ctx.roster, now, ZoneInfo(ctx.book.zone))
    if deputy not in (lead, by) and ctx.roster.available(deputy, now):
        return deputy, f"{gone}; the default owner is asked instead"
    return lead, f"{gone}, and nobody stands in"
