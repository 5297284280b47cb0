"""What becomes of a `resolved` event: it ends the open case of its key, is told there, or is only recorded."""

from typing import Literal
from uuid import uuid4

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from automations.domain import HANDOFF, Mode
from automations.failure_tickets import closing, journal, occurrences, shadow
from automations.failure_tickets.accepted import Accepted
from automations.failure_tickets.context import Context
from storage import audit
from storage.models import Case, CaseEntry

TOLD = "reported_over"


def end(
    session: Session, row: int, accepted: Accepted, ctx: Context
) -> tuple[Literal["resolved", "recorded"], int | None]:
    """End the open case if there is one, nothing speaks against it, and the rule says so. Returns status and case.

    `row` is the event's number. The audit head must be held: whatever becomes of the event is audited.
    """
    event = accepted.event
    case = occurrences.open_case_of(session, event.case_key)
    if case is None:
        closed = occurrences.last_closed_of(session, event.case_key)
        return _recorded(session, row, accepted, closed, "no open case", ctx)
    if event.occurred_at < case.last_seen:
        return _recorded(session, row, accepted, case, "older than the last failure", ctx)
    if (mode := shadow.mode(session, ctx)) is not Mode.AUTO:
        return _recorded(session, row, accepted, case, f"the automation is in mode {mode}", ctx)
    closes = ctx.book.closes_on_resolved(ctx.book.rule(case.rule))
    why = closing.waits_for_a_person(session, case.id, ctx) if closes else "The rule leaves the case open"
    if not why and closing.close_by_event(session, case, event, ctx).changed:
        occurrences.settle(session, [row], case.id, "resolved")
        return "resolved", case.id
    if _told_already(session, case.id):
        return _recorded(session, row, accepted, case, "told already", ctx)
    occurrences.settle(session, [row], case.id, "recorded")
    text = f"heard from {event.source} that this failure is over: {event.summary}. {why}"
    journal.note(session, case, verb=TOLD, actor=HANDOFF, text=text, to_desk=False, mention=None, ctx=ctx)
    return "recorded", case.id


def _told_already(session: Session, case_id: int) -> bool:
    """Say whether the thread has heard of an end since the last failure; both by our own clock."""
    of_case = select(func.max(CaseEntry.at)).where(CaseEntry.case_id == case_id, CaseEntry.verb == TOLD)
    told, failed = session.scalar(of_case), occurrences.last_failure_at(session, case_id)
    return told is not None and failed is not None and failed <= told


def _recorded(
    session: Session, row: int, accepted: Accepted, case: Case | None, why: str, ctx: Context
) -> tuple[Literal["recorded"], int | None]:
    """Keep the event beside its case without effect, and write down why."""
    if case is not None:
        occurrences.settle(session, [row], case.id, "recorded")
    audit.append(
        session,
        at=ctx.clock.now(),
        actor=HANDOFF.id,
        action="event.resolved_ignored",
        target=f"event/{row}",
        outcome=why,
        correlation_id=case.correlation_id if case else uuid4().hex,
        after={"source": accepted.event.source, "event_id": accepted.id},
    )
    return "recorded", case.id if case else None
