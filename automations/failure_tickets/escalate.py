"""Escalation: the case goes to the escalation channel and its lead is mentioned, once, by a person or by the clock.

A lead who is away is replaced by the default owner; if that is nobody else, or also away, the lead is mentioned all
the same. Either is said in the post. The clock escalates only while the automation is in mode auto: off or in shadow
it acts on nothing by itself, and what is overdue then is escalated when it is auto again. People may always escalate.

Outside working hours a case that is not urgent is posted without calling anybody. When they begin, a line under the
post calls the lead, unless somebody has claimed or closed the case since.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from automations.domain import HANDOFF, Actor, CaseStatus, Mode, case_ref
from automations.failure_tickets import calls, group_escalation, journal, shadow
from automations.failure_tickets.context import Context
from automations.failure_tickets.moves import Act, perform
from automations.failure_tickets.plan import absence_words
from automations.failure_tickets.settled import LINE
from automations.posting import put_and_deliver
from automations.words import when, who
from storage import audit
from storage.models import Case, CaseEntry, Notification

POST = "case.escalation"
CALLED = "lead_called"


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
        made = act(case, HANDOFF, f"nobody had claimed it by {when(case.escalate_at, ctx)}", ctx)
        told = case.group_id is not None and group_escalation.is_posted(session, case.group_id)
        return replace(made, values={**made.values, "call_lead_at": None}) if told else made

    grouped = session.scalar(select(Case.group_id).where(Case.id == case_id)) is not None
    outcome = perform(session, case_id, HANDOFF, replace(ctx, as_one=True) if grouped else ctx, decide)
    if outcome.changed and grouped:
        _post_for_group(session, outcome.case, ctx)
    elif outcome.changed:
        post(session, outcome.case, HANDOFF, ctx)
    return outcome.changed


def act(case: Case, actor: Actor, reason: str, ctx: Context) -> Act:
    """Say what an escalation changes. `reason` is redacted."""
    by = journal.identity(actor)
    now = ctx.clock.now()
    asked, why = _asked(by, ctx)
    values = {
        "escalated_at": now,
        "escalated_by": by,
        "escalation_reason": reason,
        "call_lead_at": None if asked == by or calls.may_call(ctx, case.priority, now) else _next_call(case, ctx),
    }
    answer = f"{case_ref(case.id)} was brought before {who(asked, ctx)}{f' ({why})' if why else ''}."
    return Act("escalated", values, f"escalated this case: {reason}", "escalated it", answer)


def post(session: Session, case: Case, actor: Actor, ctx: Context) -> None:
    """Ask for the post in the escalation channel. A lead who escalates is not called by it."""
    by, at = journal.identity(actor), ctx.clock.now()
    lead, why = _asked(by, ctx)
    put_and_deliver(
        session,
        ctx,
        key=_own_key(session, case.id),
        kind=POST,
        channel=ctx.book.escalation_channel,
        data={
            "case_id": case.id,
            "lead": lead,
            "lead_why": why,
            "mention": calls.called(ctx, case, lead, actor, at),
            "by": by,
            "reason": case.escalation_reason,
            "at": at.isoformat(),
        },
        at=at,
    )


def _post_for_group(session: Session, case: Case, ctx: Context) -> None:
    lead, why = _asked(HANDOFF.id, ctx)
    mention = calls.called(ctx, case, lead, HANDOFF, ctx.clock.now())
    group_escalation.post(session, case, lead, why, mention, ctx)


def calls_due(session: Session, ctx: Context, *, limit: int = 100) -> Sequence[tuple[str, dict[str, str | int]]]:
    """List cases whose lead is to be called now that the hours have begun: the job's key and arguments of each."""
    if shadow.mode(session, ctx) is not Mode.AUTO:
        return []
    wanted = select(Case.id, Case.call_lead_at).where(Case.call_lead_at <= ctx.clock.now())
    found = session.execute(wanted.order_by(Case.call_lead_at, Case.id).limit(limit))
    return [(f"call-lead/{case_id}/{at.isoformat()}", {"case_id": case_id}) for case_id, at in found if at is not None]


def call_lead(session: Session, args: Mapping[str, str | int], ctx: Context) -> bool:
    """Call the lead under the post of the case `case_id`, if nobody has taken it up. True if this call did it."""
    now = ctx.clock.now()
    audit.hold(session)
    case = session.get(Case, int(args["case_id"]), populate_existing=True)
    if case is None or case.call_lead_at is None or case.call_lead_at > now:
        return False
    waits = _waits_for_lead(case)
    if waits and not calls.may_call(ctx, case.priority, now):
        case.call_lead_at = _next_call(case, ctx)
        return False
    case.call_lead_at = None
    if not waits or case.escalated_by is None:
        return False
    lead, why = _asked(case.escalated_by, ctx)
    since = f"{case_ref(case.id)} was escalated outside working hours, {when(case.escalated_at, ctx)}"
    text = f"{since}, and nobody has taken it up{f' ({why})' if why else ''}."
    said = f"called {who(lead, ctx)}: the escalation came outside working hours"
    journal.write_entry(session, case, verb=CALLED, actor=HANDOFF, text=said, to_desk=False, at=now)
    journal.write_audit(session, case, CALLED, HANDOFF, now, before=None, after={"lead": lead})
    post = _post_key(session, case.id)
    put_and_deliver(
        session,
        ctx,
        key=f"{post}/call",
        kind=LINE,
        channel=ctx.book.escalation_channel,
        data={"text": text, "mention": lead},
        at=now,
        parent_key=post,
    )
    return True


def _waits_for_lead(case: Case) -> bool:
    if case.escalated_at is None or CaseStatus(case.status).closed:
        return False
    return case.claimed_at is None or case.claimed_at < case.escalated_at


def _next_call(case: Case, ctx: Context) -> datetime:
    return calls.next_call(ctx, case.priority, ctx.clock.now())


def take_back(session: Session, case: Case, actor: Actor, ctx: Context) -> None:
    """Let the last post say that the escalation was taken back, and call nobody if it has not left yet."""
    post = session.get_one(Notification, _post_key(session, case.id), populate_existing=True)
    now = ctx.clock.now()
    data = {**post.data, "mention": None, "taken_back_by": journal.identity(actor), "taken_back_at": now.isoformat()}
    put_and_deliver(session, ctx, key=post.key, kind=POST, channel=post.channel, data=data, at=now)


def _post_key(session: Session, case_id: int) -> str:
    """Name the post of the case's last escalation: its own, else that of its group."""
    own = _own_key(session, case_id)
    group_id = session.scalar(select(Case.group_id).where(Case.id == case_id))
    if (
        group_id is None
        or session.get(Notification, own) is not None
        or not group_escalation.is_posted(session, group_id)
    ):
        return own
    return group_escalation.key_of(group_id)


def _own_key(session: Session, case_id: int) -> str:
    number = session.scalar(select(func.count()).where(CaseEntry.case_id == case_id, CaseEntry.verb == "escalated"))
    return f"{journal.card_key(case_id)}/escalation/{number}"


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
