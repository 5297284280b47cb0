"""A case that somebody claimed and nobody touches: it is spoken of in its thread, twice, and then named stale.

Who claimed it is called each time. That it is stale is said once, and shown until somebody touches it; it escalates to
nobody. The clock speaks only while the automation is in mode auto, and never of a case that sleeps.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from automations.domain import HANDOFF, CaseStatus, Mode
from automations.failure_tickets import journal, reminders, shadow
from automations.failure_tickets.context import Context
from automations.failure_tickets.words import when, who
from storage import audit
from storage.models import Case

MOST: Final = 2
"""How often a case is spoken of before it is named stale."""

REMINDED: Final = "reminded"
STALE: Final = "stale"

AGAIN: Final = "nobody has touched this case since {since}; last: {last}"


def due(session: Session, ctx: Context, *, limit: int = 100) -> Sequence[tuple[str, dict[str, str | int]]]:
    """List claimed cases that are to be spoken of now, longest overdue first: the job's key and arguments of each.

    None while the automation may not act.
    """
    if shadow.mode(session, ctx) is not Mode.AUTO:
        return []
    now = ctx.clock.now()
    wanted = (
        select(Case.id, Case.remind_at)
        .where(Case.status == CaseStatus.CLAIMED.value, Case.remind_at <= now, Case.stale_at.is_(None))
        .where(or_(Case.snoozed_until.is_(None), Case.snoozed_until <= now))
        .order_by(Case.remind_at, Case.id)
        .limit(limit)
    )
    found = session.execute(wanted)
    return [(f"remind/{case_id}/{at.isoformat()}", {"case_id": case_id}) for case_id, at in found if at is not None]


def remind(session: Session, args: Mapping[str, str | int], ctx: Context) -> bool:
    """Speak of the case `case_id` if nobody has touched it in time. True if this call did it.

    Outside the hours in which it would be heard it is put off to the next of them.
    """
    now = ctx.clock.now()
    audit.hold(session)
    case = session.get(Case, int(args["case_id"]), populate_existing=True)
    if case is None or not _is_due(case, now):
        return False
    if (later := reminders.heard(case, now, ctx)) > now:
        _change(session, case, {"remind_at": later})
        return False
    values = _next(case, now, ctx)
    before = {"reminders": case.reminders}
    if not _change(session, case, values):
        return False
    named = "stale_at" in values
    untouched = AGAIN.format(since=when(case.last_at, ctx), last=f"{who(case.last_actor, ctx)} {case.last_act}")
    text = f"calls this case stale: {untouched}" if named else f"reminds {who(case.claimed_by, ctx)}: {untouched}"
    journal.note(
        session,
        case,
        verb=STALE if named else REMINDED,
        actor=HANDOFF,
        text=text,
        to_desk=False,
        mention=case.claimed_by,
        ctx=ctx,
        before=before,
        after={"reminders": values["reminders"], "stale": named},
        sync=False,
    )
    return True


def _is_due(case: Case, now: datetime) -> bool:
    if case.status != CaseStatus.CLAIMED or case.stale_at is not None or case.remind_at is None:
        return False
    return case.remind_at <= now and (case.snoozed_until is None or case.snoozed_until <= now)


def _next(case: Case, now: datetime, ctx: Context) -> dict[str, Any]:
    """What changes by speaking of it now: another reminder to come, or none after it is named stale."""
    if case.reminders >= MOST:
        return {"remind_at": None, "reminders": case.reminders, "stale_at": now}
    wait = reminders.wait(case, ctx)
    at = reminders.heard(case, now + wait, ctx) if wait else None
    return {"remind_at": at, "reminders": case.reminders + 1}


def _change(session: Session, case: Case, values: dict[str, Any]) -> bool:
    """Change it unless somebody touched it meanwhile."""
    same = (Case.status == case.status, Case.version == case.version, Case.remind_at == case.remind_at)
    moved = update(Case).where(Case.id == case.id, *same).values(values).returning(Case.id)
    return session.scalar(moved, execution_options={"synchronize_session": False}) is not None
