"""A failure that comes back: soon after its source had called it over the same case reopens, later a new one follows.

What a person closed stays closed, since somebody judged it; the new case and the old one name each other. Reopening is
an act like any other, done by Handoff; the constraint "one open case per key" keeps it to one.
"""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from automations.domain import HANDOFF, CaseStatus, case_ref
from automations.durations import in_words
from automations.failure_tickets import closing, journal
from automations.failure_tickets.context import Context
from automations.failure_tickets.event import FailureEvent
from automations.failure_tickets.moves import Act, perform, unclaimed
from automations.words import who
from storage.models import Case, CaseEntry

FLAPPED = "flapped"
CAME_BACK = "came_back"


def reopen(session: Session, case: Case, event: FailureEvent, ctx: Context) -> bool:
    """Open `case` again if its source had closed it a short while ago. True if this call did it.

    The owner is mentioned when it comes back for the first time; from the second time on nobody is, unless the owner
    is another. The time until escalation starts anew with the first time only, so that flapping cannot put it off, and
    what was escalated already is not escalated again. The audit head must be held.
    """
    if not _may_reopen(case, ctx):
        return False

    def decide(case: Case) -> Act | str:
        if not _may_reopen(case, ctx):
            return f"{case_ref(case.id)} is not one that reopens by itself."
        emptied = ("closed_at", "closed_by", "close_note", "hold_until", "close_fields", "withdrawn_run")
        values = {**unclaimed(case, ctx), **dict.fromkeys(emptied), "open_key": case.case_key, "flaps": case.flaps + 1}
        if case.flaps and not _claimed_since(session, case):
            del values["escalate_at"]
        owner, text = case.owner, f"reopened this case: {_in_words(case, event, ctx.clock.now())}"
        if (anew := closing.chosen_anew(session, case, ctx)) is not None:
            owner, why = anew
            values |= {"owner": owner, "owner_why": why}
            text = f"{text}; it is with {who(owner, ctx)} ({why})"
        called = owner if case.flaps == 0 or owner != case.owner else None
        return Act("flapped", values, text, "reopened it: the failure came back", "", mention=called)

    try:
        with session.begin_nested():
            return perform(session, case.id, HANDOFF, ctx, decide).changed
    except IntegrityError:  # somebody else opened a case of this key: that one takes the failure
        return False


def tell_predecessor(session: Session, previous: Case, case: Case, ctx: Context) -> None:
    """Write on a closed case as which new one its failure came back; its ticket stays as it was closed."""
    text = f"saw this failure come back as {case_ref(case.id)}"
    journal.note(
        session, previous, verb="came_back", actor=HANDOFF, text=text, to_desk=False, mention=None, ctx=ctx, sync=False
    )


def next_case_of(session: Session, case_id: int) -> int | None:
    """The newest case that follows this one, None if the failure has not come back as another."""
    return session.scalar(select(func.max(Case.id)).where(Case.previous_id == case_id))


def _may_reopen(case: Case, ctx: Context) -> bool:
    """Closed by the word of its source, and not long ago by our clock."""
    if case.status != CaseStatus.RESOLVED or case.closed_by != HANDOFF.id or case.closed_at is None:
        return False
    return ctx.clock.now() - case.closed_at < ctx.timing.reopen_within


def _claimed_since(session: Session, case: Case) -> bool:
    """Say whether somebody has taken it since it last came back."""
    of_case = select(func.max(CaseEntry.seq)).where(CaseEntry.case_id == case.id)
    back = session.scalar(of_case.where(CaseEntry.verb == FLAPPED)) or 0
    return (session.scalar(of_case.where(CaseEntry.verb == "claimed")) or 0) > back


def _in_words(case: Case, event: FailureEvent, now: datetime) -> str:
    closed_at = case.closed_at or now
    back = f"the failure came back {in_words(now - closed_at)} after {event.source} had reported it over"
    return f"{back} (flapping, came back {case.flaps + 1} times)" if case.flaps else back
