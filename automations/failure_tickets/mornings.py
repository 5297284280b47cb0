"""What came outside working hours calls its owner when they begin, or once it is urgent.

Nobody is called at night for what can wait; without this nobody would be called for it at all. `calls` says when it is
to happen, in the column `call_owner_at`. The cases that come due at once to the same person call once, and those of one
group are told in one line of its thread. What its owner has acted on, closed or put off calls nobody. The clock calls
only while the automation is in mode auto.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from automations.domain import HANDOFF, CaseStatus, Mode, Priority
from automations.failure_tickets import calls, journal, shadow, told
from automations.failure_tickets.context import Context
from automations.failure_tickets.placing import place
from automations.words import who
from storage import audit
from storage.models import Case

AT_ONCE: Final = 100
"""Cases of a group that one line speaks of beside the first: they move in one transaction."""


def due(session: Session, ctx: Context, *, limit: int = 100) -> Sequence[tuple[str, dict[str, str | int]]]:
    """List cases whose owner is to be called now: the job's key and arguments of each.

    None while the automation may not act.
    """
    if shadow.mode(session, ctx) is not Mode.AUTO:
        return []
    now_or_urgent = or_(Case.call_owner_at <= ctx.clock.now(), Case.priority == Priority.URGENT.value)
    wanted = select(Case.id, Case.call_owner_at).where(Case.call_owner_at.is_not(None), now_or_urgent)
    found = session.execute(wanted.order_by(Case.call_owner_at, Case.id).limit(limit))
    return [(f"call-owner/{case_id}/{at.isoformat()}", {"case_id": case_id}) for case_id, at in found if at is not None]


def call(session: Session, args: Mapping[str, str | int], ctx: Context) -> bool:
    """Call the owner of the case `case_id` in its thread, if it waits for that still. True if this call did it."""
    audit.hold(session)
    case = session.get(Case, int(args["case_id"]), populate_existing=True)
    if case is None or not _is_due(case, ctx):
        return False
    owner, group_id = case.owner, place(session, case).group_id
    whom = None if told.called_lately(session, owner, ctx, but=case.id) else owner
    beside = _beside(session, case, group_id, ctx) if group_id is not None else []
    spoken = [one for one in (case, *beside) if _speak(session, one, whom, replace(ctx, as_one=bool(beside)))]
    if group_id is not None and beside and spoken:
        text = f"tells {who(owner, ctx)}: {len(spoken)} cases of this group came outside working hours"
        journal.tell_group(session, group_id, spoken, text=text, mention=whom, ctx=ctx)
    return case in spoken


def _is_due(case: Case, ctx: Context) -> bool:
    """Say whether its moment has come. Where nobody can be called now after all, it is put off."""
    now = ctx.clock.now()
    if case.call_owner_at is None or (case.call_owner_at > now and case.priority != Priority.URGENT):
        return False
    absence = ctx.roster.away(case.owner, now)
    later = absence.end if absence else calls.next_call(ctx, case.priority, now)
    if later > now:
        case.call_owner_at = later
        return False
    return True


def _beside(session: Session, case: Case, group_id: int, ctx: Context) -> list[Case]:
    """Find the cases of which the same is to be said now to the same person in the same thread."""
    same = (Case.group_id == group_id, Case.id != case.id, Case.owner == case.owner)
    wanted = select(Case).where(*same, Case.call_owner_at <= ctx.clock.now()).order_by(Case.id).limit(AT_ONCE)
    found = session.scalars(wanted, execution_options={"populate_existing": True}).all()
    return [one for one in found if place(session, one).group_id == group_id]


def _speak(session: Session, case: Case, whom: str | None, ctx: Context) -> bool:
    """Note it of one case. False if nobody has to hear of it any more."""
    case.call_owner_at = None
    session.flush()
    if CaseStatus(case.status).closed or case.last_actor == case.owner or case.snoozed_until is not None:
        return False
    if case.remind_at is not None and case.remind_at <= ctx.clock.now():  # the reminder says more, and calls too
        return False
    came = "is urgent now" if case.priority == Priority.URGENT else "came outside working hours"
    what = f"this case {came}, and nobody has claimed it"
    if case.status == CaseStatus.CLAIMED:
        what = f"outside working hours {who(case.last_actor, ctx)} {case.last_act}"
    text = f"tells {who(case.owner, ctx)}: {what}"
    journal.note(
        session, case, verb=told.CALLED, actor=HANDOFF, text=text, to_desk=False, mention=whom, ctx=ctx, sync=False
    )
    return True
