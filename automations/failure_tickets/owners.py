"""A case whose owner left the team, is blocked, or has been away past the team's limit gets a new owner by its rule.

A claimed case is open again by it, and its time until escalation starts anew. Nobody gets a case back by coming back.
Who claims a case although they are away keeps it.
Where the rule finds nobody, the default owner has it, away or not, and that is said once. Whom the desk assigned a
ticket to from outside the team keeps it: that was a person's word. `told` tells both of it when they may be called.

The clock does this only while the automation is in mode auto. What an offboarding is about to hand over it leaves to
that run, since people confirmed to whom.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from automations.domain import HANDOFF, Mode, case_ref
from automations.failure_tickets import calls, journal, shadow, told
from automations.failure_tickets.closing import chosen_anew
from automations.failure_tickets.context import Context
from automations.failure_tickets.moves import Act, perform, unclaimed
from automations.plan import RunState, StepState
from automations.words import who
from storage import audit
from storage.models import Case, CaseEntry, CaseTicket, Run, RunStep

KEPT: Final = "kept"
HANDS_OVER: Final = "handoff.cases"
"""The kind of a run's step that gives somebody's cases to whom people confirmed."""

UNCLOSED: Final = Case.open_key.is_not(None)


def due(session: Session, ctx: Context, *, limit: int = 100) -> Sequence[tuple[str, dict[str, str | int]]]:
    """List unclosed cases whose owner is gone too long, oldest first: the job's key and arguments of each.

    None while the automation may not act. A key is good for a day, so that what could not be done is tried again.
    """
    if shadow.mode(session, ctx) is not Mode.AUTO:
        return []
    now = ctx.clock.now()
    found: list[tuple[str, dict[str, str | int]]] = []
    for owner in session.scalars(select(Case.owner).where(UNCLOSED).distinct()).all():
        if not is_gone(owner, ctx, now) or _by_a_run(session, owner):
            continue
        wanted = select(Case, CaseTicket.accepted).join(CaseTicket, CaseTicket.case_id == Case.id)
        for case, accepted in session.execute(wanted.where(UNCLOSED, Case.owner == owner).order_by(Case.id)):
            if _may_move(session, case, accepted, ctx, now):
                found.append((f"owner/{case.id}/{owner}/{told.since(owner, ctx)}/{now.date()}", {"case_id": case.id}))
    return sorted(found, key=lambda one: one[1]["case_id"])[:limit]


def move(session: Session, args: Mapping[str, str | int], ctx: Context) -> bool:
    """Give the case `case_id` to somebody else if its owner still is gone. True if this call did it."""
    now, case_id = ctx.clock.now(), int(args["case_id"])
    audit.hold(session)
    case = session.get(Case, case_id, populate_existing=True)
    if case is None:
        return False
    before, accepted = case.owner, session.get_one(CaseTicket, case_id, populate_existing=True).accepted
    may_move = case.open_key is not None and is_gone(before, ctx, now) and _may_move(session, case, accepted, ctx, now)
    if not may_move or (anew := chosen_anew(session, case, ctx)) is None:
        return False
    if anew[0] == before:
        return _keep(session, case, ctx)
    later = not calls.may_call(ctx, case.priority, now)
    call = None if later or told.called_lately(session, anew[0], ctx) else anew[0]

    def decide(case: Case) -> Act | str:
        if case.open_key is None or case.owner != before:
            return f"{case_ref(case.id)} is with somebody else already."
        values = {**unclaimed(case, ctx), "owner": anew[0], "owner_why": anew[1], "call_owner_at": None}
        values["moved_from"] = before if later else None
        text = f"moved this case from {who(before, ctx)} to {who(anew[0], ctx)} ({anew[1]})"
        return Act(told.MOVED, values, text, f"moved it to {who(anew[0], ctx)}", "", mention=call)

    outcome = perform(session, case_id, HANDOFF, ctx, decide)
    if outcome.changed and not later:
        told.tell(session, outcome.case, before, ctx)
    return outcome.changed


def is_gone(owner: str, ctx: Context, at: datetime) -> bool:
    """Say whether somebody has left the team, is blocked, or has been away for longer than the team allows."""
    if ctx.roster.by_email(owner) is None or ctx.roster.blocked(owner):
        return True
    absence = ctx.roster.away(owner, at)
    return absence is not None and at - absence.start > ctx.timing.away_after


def took_while_away(case: Case, ctx: Context, at: datetime) -> bool:
    """Say whether the owner claimed it after their absence began: whoever claims is there, for this case."""
    absence = ctx.roster.away(case.owner, at)
    if absence is None or case.claimed_by != case.owner or case.claimed_at is None:
        return False
    return case.claimed_at > absence.start


def _by_a_run(session: Session, owner: str) -> bool:
    """Whether a run that is carried out now has still to hand this person's cases over."""
    theirs = RunStep.kind == HANDS_OVER, func.lower(RunStep.target) == owner.lower()
    ahead = RunStep.state.in_((StepState.PLANNED.value, StepState.IN_PROGRESS.value))
    steps = select(RunStep.number).join(Run, Run.id == RunStep.run_id)
    return session.scalar(steps.where(*theirs, ahead, Run.state == RunState.RUNNING.value).limit(1)) is not None


def _may_move(session: Session, case: Case, accepted: Mapping[str, Any] | None, ctx: Context, at: datetime) -> bool:
    """Not what the desk settled, and not the default owner's of whose absence it was said already."""
    if ctx.roster.by_email(case.owner) is None:
        return "assignee" not in (accepted or {})
    absence, blocked = ctx.roster.away(case.owner, at), ctx.roster.blocked(case.owner)
    if not blocked and took_while_away(case, ctx, at):
        return False
    if case.owner != ctx.book.default_owner.lower() or not (blocked or absence):
        return blocked or absence is not None
    said = select(CaseEntry.id).where(CaseEntry.case_id == case.id)
    if blocked or absence is None:
        return session.scalar(said.where(CaseEntry.verb == KEPT).limit(1)) is None
    lately = CaseEntry.verb.in_((told.MOVED, KEPT)), CaseEntry.at >= absence.start
    return session.scalar(said.where(*lately).limit(1)) is None


def _keep(session: Session, case: Case, ctx: Context) -> bool:
    """Say that nobody else can take it, without calling who is away."""
    anew = chosen_anew(session, case, ctx)
    text = f"left this case with {who(case.owner, ctx)} ({anew[1] if anew else case.owner_why})"
    journal.note(session, case, verb=KEPT, actor=HANDOFF, text=text, to_desk=False, mention=None, ctx=ctx, sync=False)
    return True
