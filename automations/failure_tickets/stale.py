"""A case that somebody claimed and nobody touches: it is spoken of in its thread, twice, and then named stale.

Who claimed it is called each time. That it is stale is said once, and shown until somebody touches it; it escalates to
nobody. What is due at once of a person's cases in one group is said in one line of the group's thread. The clock speaks
only while the automation is in mode auto, and never of a case that sleeps.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from automations.domain import HANDOFF, CaseStatus, Mode
from automations.failure_tickets import journal, reminders, shadow
from automations.failure_tickets.context import Context
from automations.failure_tickets.placing import place
from automations.words import when, who
from storage import audit
from storage.models import Case

MOST: Final = 2
"""How often a case is spoken of before it is named stale."""

REMINDED: Final = "reminded"
STALE: Final = "stale"

AT_ONCE: Final = 100
"""Cases of a group that one line speaks of beside the first: they move in one transaction."""

AGAIN: Final = "nobody has touched this case since {since}; last: {last}"
MANY: Final = "{count} cases of this group: nobody has touched them since {since}"


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

    The other cases of its group that are due to the same person are spoken of with it, so their own jobs find nothing.
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
    named = case.reminders >= MOST
    group_id = place(session, case).group_id
    beside = _beside(session, case, group_id, now, ctx) if group_id is not None else []
    spoken = [one for one in (case, *beside) if _speak(session, one, now, replace(ctx, as_one=bool(beside)))]
    if group_id is not None and beside and spoken:
        since = when(max(one.last_at for one in spoken), ctx)
        text = f"{_opening(case, ctx, 'these cases', named=named)} {MANY.format(count=len(spoken), since=since)}"
        journal.tell_group(session, group_id, spoken, text=text, mention=case.claimed_by, ctx=ctx)
    return case in spoken


def _beside(session: Session, case: Case, group_id: int, now: datetime, ctx: Context) -> list[Case]:
    """Find the cases of which the same is to be said now to the same person in the same thread."""
    same = (Case.group_id == group_id, Case.id != case.id, Case.claimed_by == case.claimed_by, Case.remind_at <= now)
    alike = Case.reminders >= MOST if case.reminders >= MOST else Case.reminders < MOST
    wanted = select(Case).where(*same, alike, Case.stale_at.is_(None)).order_by(Case.id).limit(AT_ONCE)
    found = session.scalars(wanted, execution_options={"populate_existing": True}).all()
    due_now = [one for one in found if _is_due(one, now) and reminders.heard(one, now, ctx) <= now]
    return [one for one in due_now if place(session, one).group_id == group_id]


def _speak(session: Session, case: Case, now: datetime, ctx: Context) -> bool:
    """Note it of one case. False if somebody touched it meanwhile."""
    values, before, named = _next(case, now, ctx), {"reminders": case.reminders}, case.reminders >= MOST
    if not _change(session, case, values):
        return False
    last = f"{who(case.last_actor, ctx)} {case.last_act}"
    untouched = AGAIN.format(since=when(case.last_at, ctx), last=last)
    journal.note(
        session,
        case,
        verb=STALE if named else REMINDED,
        actor=HANDOFF,
        text=f"{_opening(case, ctx, 'this case', named=named)} {untouched}",
        to_desk=False,
        mention=case.claimed_by,
        ctx=ctx,
        before=before,
        after={"reminders": values["reminders"], "stale": named},
        sync=False,
    )
    return True


def _opening(case: Case, ctx: Context, what: str, *, named: bool) -> str:
    return f"calls {what} stale:" if named else f"reminds {who(case.claimed_by, ctx)}:"


def _is_due(case: Case, now: datetime) -> bool:
    if case.status != CaseStatus.CLAIMED or case.stale_at is not None or case.remind_at is None:
        return False
    return case.remind_at <= now and (case.snoozed_until is None or case.snoozed_until <= now)


def _next(case: Case, now: datetime, ctx: Context) -> dict[str, Any]:
    """What changes by speaking of it now: another reminder to come, or none after it is named stale. It calls."""
    if case.reminders >= MOST:
        return {"remind_at": None, "reminders": case.reminders, "stale_at": now, "call_owner_at": None}
    wait = reminders.wait(case, ctx)
    at = reminders.heard(case, now + wait, ctx) if wait else None
    return {"remind_at": at, "reminders": case.reminders + 1, "call_owner_at": None}


def _change(session: Session, case: Case, values: dict[str, Any]) -> bool:
    """Change it unless somebody touched it meanwhile."""
    same = (Case.status == case.status, Case.version == case.version, Case.remind_at == case.remind_at)
    moved = update(Case).where(Case.id == case.id, *same).values(values).returning(Case.id)
    return session.scalar(moved, execution_options={"synchronize_session": False}) is not None
