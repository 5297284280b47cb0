"""Writing a case down: opening it, adding a line to its history, asking for its message and ticket to follow.

Everything happens in the caller's transaction, so state, history, audit, message and ticket request stand or fall
together. Rows are locked in one order, here and wherever cases move: audit head, case, notification, ticket. So a
transaction that will write an audit row about an existing case calls `storage.audit.hold` before it touches the case.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from automations.domain import HANDOFF, Actor, CaseStatus, case_ref
from automations.failure_tickets.context import Context
from automations.failure_tickets.event import FailureEvent
from automations.failure_tickets.plan import Routing
from storage import audit, notifications
from storage.boundaries import reach
from storage.models import Case, CaseEntry, CaseTicket, Notification

CARD = "case.card"
ENTRY = "case.entry"
DELIVER = "slack.deliver"
SYNC = "ticket.sync"


def card_key(case_id: int) -> str:
    """Name the notification that is the case's one living message."""
    return f"case/{case_id}"


def identity(actor: Actor) -> str:
    """How an actor is written into rows: the e-mail address in lower case, else the id."""
    return actor.email.lower() if actor.email else actor.id


def open_case(session: Session, event: FailureEvent, routing: Routing, previous: Case | None, ctx: Context) -> Case:
    """Open a case for an event that crossed the threshold: its row, first line, ticket request and living message.

    `event` is redacted already; `previous` is the closed case of the same key that this one follows.
    Raises: sqlalchemy.exc.IntegrityError if another transaction opened a case of this key first. The insert is the
    first change made, so a caller inside a savepoint loses nothing and joins the winner.
    """
    now = ctx.clock.now()
    audit.hold(session)
    case = _case_row(event, routing, previous, now)
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
    _entry(session, case, verb="opened", actor=HANDOFF, text=text, to_desk=False, at=now)
    after = {field: getattr(case, field) for field in ("status", "owner", "priority", "queue", "rule")}
    _audit(session, case, "opened", HANDOFF, now, before=None, after=after)
    _put_card(session, case, ctx, now)
    _request_sync(session, case, ctx)
    reach("case.opened")
    return case


def note(
    session: Session,
    case: Case,
    *,
    verb: str,
    actor: Actor,
    text: str,
    to_desk: bool,
    mention: str | None,
    ctx: Context,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    act: str | None = None,
    sync: bool = True,
) -> CaseEntry:
    """Add one line to the history, with all that follows from it: audit row, thread line, living message, ticket sync.

    Args: `text` is redacted and reads on from the actor's name ("claimed this case", "saw this failure 100 times");
    `mention` is the e-mail of whom it calls (dropped for the actor's own act, and while the living message has not
    left, since that will mention the owner itself); `before` and `after` go to the audit log; `act` is the short form
    shown on the card ("claimed it"), given if this counts as the last thing somebody did. Without `sync` the ticket is
    left alone: what is said concerns it in nothing.
    """
    now = ctx.clock.now()
    _bump(session, case, last=(identity(actor), act, now) if act else None)
    entry = _entry(session, case, verb=verb, actor=actor, text=text, to_desk=to_desk, at=now)
    _audit(session, case, verb, actor, now, before=before, after=after)
    _put_card(session, case, ctx, now)
    put_and_deliver(
        session,
        ctx,
        key=f"{card_key(case.id)}/entry/{entry.seq}",
        kind=ENTRY,
        channel=case.channel,
        data={"case_id": case.id, "seq": entry.seq, "mention": _called(session, case, mention, actor)},
        at=now,
        parent_key=card_key(case.id),
    )
    if sync:
        _request_sync(session, case, ctx)
    return entry


def refresh(session: Session, case: Case, ctx: Context) -> None:
    """Let the living message follow the case: the version grows, and a delivery is asked for unless one is pending."""
    _bump(session, case, last=None)
    _put_card(session, case, ctx, ctx.clock.now())


def put_and_deliver(
    session: Session,
    ctx: Context,
    *,
    key: str,
    kind: str,
    channel: str,
    data: dict[str, Any],
    at: datetime,
    parent_key: str | None = None,
) -> None:
    """Store a notification and enqueue its delivery when none is pending. The job's name carries the row's version."""
    if notifications.put(session, key=key, kind=kind, channel=channel, data=data, at=at, parent_key=parent_key):
        ctx.jobs.enqueue(session, DELIVER, f"deliver/{key}/{notifications.version(session, key)}", {"key": key})


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
        last_actor=identity(HANDOFF),
        last_act="opened it",
        last_at=now,
    )


def _bump(session: Session, case: Case, *, last: tuple[str, str, datetime] | None) -> None:
    """Grow the version in the database, which also locks the row, and bring `case` up to date with it."""
    changes: dict[str, Any] = {"version": Case.version + 1}
    if last is not None:
        changes |= dict(zip(("last_actor", "last_act", "last_at"), last, strict=True))
    session.flush()
    session.execute(
        update(Case).where(Case.id == case.id).values(changes), execution_options={"synchronize_session": False}
    )
    session.refresh(case)


def _entry(
    session: Session, case: Case, *, verb: str, actor: Actor, text: str, to_desk: bool, at: datetime
) -> CaseEntry:
    last = session.scalar(select(func.max(CaseEntry.seq)).where(CaseEntry.case_id == case.id)) or 0
    entry = CaseEntry(
        case_id=case.id, seq=last + 1, at=at, actor=identity(actor), verb=verb, text=text, to_desk=to_desk
    )
    session.add(entry)
    session.flush()
    return entry


def _audit(
    session: Session,
    case: Case,
    verb: str,
    actor: Actor,
    at: datetime,
    *,
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any] | None,
) -> None:
    audit.append(
        session,
        at=at,
        actor=identity(actor),
        action=f"case.{verb}",
        target=case_ref(case.id),
        outcome="done",
        correlation_id=case.correlation_id,
        before=dict(before) if before is not None else None,
        after=dict(after) if after is not None else None,
    )


def _put_card(session: Session, case: Case, ctx: Context, at: datetime) -> None:
    put_and_deliver(
        session, ctx, key=card_key(case.id), kind=CARD, channel=case.channel, data={"case_id": case.id}, at=at
    )


def _called(session: Session, case: Case, email: str | None, actor: Actor) -> str | None:
    if email is None or email == identity(actor):
        return None
    card = session.get_one(Notification, card_key(case.id), populate_existing=True)
    return email if card.ts is not None or card.attempt_at is not None else None


def _request_sync(session: Session, case: Case, ctx: Context) -> None:
    session.execute(
        update(CaseTicket).where(CaseTicket.case_id == case.id).values(wanted_version=case.version),
        execution_options={"synchronize_session": False},
    )
    ctx.jobs.enqueue(session, SYNC, f"ticket/{case.id}/{case.version}", {"case_id": case.id})
    reach("job.enqueued")
