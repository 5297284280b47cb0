"""Opening a case: its row, its first line, its ticket request, and its living message or its place in a group's.

Everything happens in the caller's transaction, under the audit head, so openings come one after the other.
"""

from datetime import datetime
from uuid import uuid4

from sqlalchemy.orm import Session

from automations.domain import HANDOFF, CaseStatus, case_ref
from automations.failure_tickets import bursts, calls, groups, journal
from automations.failure_tickets.context import Context
from automations.failure_tickets.event import FailureEvent
from automations.failure_tickets.placing import group_ref, place, show
from automations.failure_tickets.plan import Routing
from storage import audit
from storage.boundaries import reach
from storage.models import Case, CaseTicket


def open_case(session: Session, event: FailureEvent, routing: Routing, previous: Case | None, ctx: Context) -> Case:
    """Open a case for an event that crossed the threshold: its row, first line, ticket request and living message.

    `event` is redacted already; `previous` is the closed case of the same key that this one follows.
    Raises: sqlalchemy.exc.IntegrityError if another transaction opened a case of this key first. The insert is the
    first change made, so a caller inside a savepoint loses nothing and joins the winner.
    """
    now = ctx.clock.now()
    audit.hold(session)
    case = _case_row(event, routing, previous, now)
    case.call_owner = calls.calls_owner(session, case, ctx)
    case.call_owner_at = calls.later(ctx, case, case.owner, HANDOFF, now)
    session.add(case)
    session.flush()
    session.add(
        CaseTicket(
            case_id=case.id,
            key=f"handoff-{uuid4().hex[:16]}",
            system=ctx.desk_system,
            state="wanted",
            wanted_version=case.version,
            verified_version=0,
            seen={},
        )
    )
    text = f"opened this case for {ctx.roster.name(case.owner)} ({case.owner_why})"
    if previous is not None:
        text += f"; it follows {case_ref(previous.id)}, which was closed"
    if (group := bursts.gather(session, case, ctx)) is not None:
        text += f"; it is part of {group_ref(group.id)}"
    journal.write_entry(session, case, verb="opened", actor=HANDOFF, text=text, to_desk=False, at=now)
    after = {field: getattr(case, field) for field in ("status", "owner", "priority", "queue", "rule")}
    if group is not None:
        after["group"] = group_ref(group.id)
    journal.write_audit(session, case, "opened", HANDOFF, now, before=None, after=after)
    show(session, place(session, case), ctx, now)
    if group is not None:
        groups.settle(session, group, case, ctx)
    journal.request_sync(session, case, ctx)
    reach("case.opened")
    return case


def _case_row(event: FailureEvent, routing: Routing, previous: Case | None, now: datetime) -> Case:
    customer = event.customer
    return Case(
        case_key=event.case_key,
        open_key=event.case_key,
        status=CaseStatus.OPEN.value,
        version=1,
        correlation_id=uuid4().hex,
        source=event.source,
        reason=event.reason.value,
        summary=event.summary,
        details=event.details,
        job_id=event.job.id,
        job_name=event.job.name,
        customer_id=customer.id if customer else None,
        customer_name=customer.name if customer else None,
        customer_tier=customer.tier.lower() if customer else None,
        attempts=[attempt.model_dump(mode="json") for attempt in event.attempts],
        checks=list(event.checks),
        impact=event.impact.model_dump(mode="json"),
        diagnostics_url=event.diagnostics_url,
        count=1,
        first_seen=event.occurred_at,
        last_seen=event.occurred_at,
        rule=routing.rule,
        queue=routing.queue,
        channel=routing.channel,
        priority=routing.assessment.priority.value,
        priority_why=[[label, points] for label, points in routing.assessment.points],
        owner=routing.owner,
        owner_why=routing.owner_why,
        opened_at=now,
        escalate_at=now + routing.escalate_after if routing.escalate_after else None,
        previous_id=previous.id if previous else None,
        last_actor=journal.identity(HANDOFF),
        last_act="opened it",
        last_at=now,
    )
