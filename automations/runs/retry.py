"""What people do about single steps: try again, say that it is done by hand, send an invitation once more."""

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from automations.domain import Actor
from automations.errors import Refused
from automations.plan import RunState, StepState
from automations.runs.approve import may_decide
from automations.runs.ask import acts, already
from automations.runs.context import RunContext
from automations.runs.failures import retried
from automations.runs.journal import follow, write_down
from automations.runs.rows import OPEN_KEY, STEP, blocked, found, move, move_step, run_ref, step_row, undone_by
from automations.words import identity
from storage import audit
from storage.models import Run, RunStep

LOOK = "run.look"
"""Job: look at a step that waits. Arguments: `run_id`, `step`, and `stated_by` for an e-mail address that says so."""
INVITE = "run.invite"
"""Job: send an invitation again. Arguments: `run_id`, `step`."""


def retry_step(session: Session, run_id: int, number: int, actor: Actor, ctx: RunContext) -> str:
    """Have a failed step tried again.

    Raises: NotFound; Refused if it is not failed, not the actor's to decide, the automation is switched off, the run
    is being taken back, or the same was asked for anew since.
    """
    audit.hold(session)
    run, row = found(session, run_id), step_row(session, run_id, number)
    may_decide(session, run, actor, ctx)
    if run.state == RunState.RUNNING and row.state == StepState.UNKNOWN:
        raise Refused(f"Step {number} of {run_ref(run.id)} is being looked up already. Nothing was changed.")
    if not reopen(session, run_id, number, actor, ctx):
        raise Refused(f"Step {number} of {run_ref(run.id)} is {_state(row.state)}; there is nothing to try again.")
    args = {"run_id": run.id, "step": number}
    ctx.jobs.enqueue(session, STEP, f"run/{run.id}/step/{number}/{row.tries}", args)
    return f"{run_ref(run.id)}, step {number}: it is tried again now."


def reopen(session: Session, run_id: int, number: int, actor: Actor, ctx: RunContext) -> bool:
    """Let a failed step be tried again, or one of which nothing is known. True if it was that, and now is to be made.

    Raises: Refused if nothing may be applied now, or the run is being taken back, or was asked for anew.
    """
    audit.hold(session)
    run, row = found(session, run_id), step_row(session, run_id, number)
    rests, state = run.state in (RunState.PARTIAL, RunState.FAILED), StepState(row.state)
    unknown = rests and state is StepState.UNKNOWN
    if not (state is StepState.FAILED or unknown) or not (rests or run.state == RunState.RUNNING):
        return False
    refuse_unless_applied(session, run, row, ctx)
    values = {} if unknown else {"error": None, "due_at": None}
    if not move_step(session, row, {state}, state if unknown else StepState.PLANNED, **values):
        return False
    if rests:
        run_again(session, run, ctx)
    retried(session, row, actor, ctx.clock.now())
    after = {"step": number}
    write_down(session, run, actor, "step.retry", "retried", ctx, before={"state": state.value}, after=after)
    follow(session, run, ctx)
    return True


def run_again(session: Session, run: Run, ctx: RunContext) -> None:
    """Open a run again that had come to rest. Raises: Refused if another one is open for the same by now."""
    key = str(run.plan[OPEN_KEY])
    values = {"open_key": key, "settled_at": None, "settled_by": None}
    try:
        with session.begin_nested():
            move(session, run, {RunState.PARTIAL, RunState.FAILED}, RunState.RUNNING, **values)
    except IntegrityError as exc:
        raise already(session, key, ctx) from exc


def done_by_hand(session: Session, run_id: int, number: int, actor: Actor, ctx: RunContext) -> str:
    """Say that a step is done by hand. It is looked at in a job, if anything can read it.

    Raises: NotFound; Refused if it does not wait for a person, or for this one: its owner, or a lead.
    """
    audit.hold(session)
    run, row = found(session, run_id), step_row(session, run_id, number)
    by = identity(actor)
    if by != row.owner.lower():
        may_decide(session, run, actor, ctx)
    elif run.subject == by or actor.role is None or blocked(session, by) is not None:
        raise Refused("This is not yours to decide. Nothing was changed.")
    if row.state != StepState.WAITING or not row.by_hand:
        raise Refused(f"Step {number} of {run_ref(run.id)} is {_state(row.state)}; it waits for nobody's hand.")
    write_down(session, run, actor, "step.stated", "stated", ctx, after={"step": number, "words": row.words})
    args: dict[str, str | int] = {"run_id": run.id, "step": number, "stated_by": by}
    ctx.jobs.enqueue(session, LOOK, f"run/{run.id}/stated/{number}/{ctx.clock.now().isoformat()}", args)
    checked = "It is checked now." if row.after else "Nothing can check it, so it is shown as stated by you."
    return f"{run_ref(run.id)}, step {number}: thank you. {checked}"


def invite_again(session: Session, run_id: int, number: int, actor: Actor, ctx: RunContext) -> str:
    """Have an invitation sent once more, and wait for it anew. Two clicks within a minute are one.

    Raises: NotFound; Refused as for `retry_step`.
    """
    audit.hold(session)
    run, row = found(session, run_id), step_row(session, run_id, number)
    may_decide(session, run, actor, ctx)
    if not row.waits or row.state not in (StepState.WAITING, StepState.FAILED):
        raise Refused(f"Step {number} of {run_ref(run.id)} is {_state(row.state)}; no invitation waits there.")
    refuse_unless_applied(session, run, row, ctx)
    write_down(session, run, actor, "invitation.resend", "asked", ctx, after={"step": number})
    minute = ctx.clock.now().replace(second=0, microsecond=0).isoformat()
    args = {"run_id": run.id, "step": number}
    ctx.jobs.enqueue(session, INVITE, f"run/{run.id}/invite/{number}/{row.tries}/{minute}", args)
    return f"{run_ref(run.id)}: the invitation is sent again now."


def refuse_unless_applied(session: Session, run: Run, row: RunStep, ctx: RunContext) -> None:
    """Raise Refused where this step of a run may not be applied now: switched off, taken back, or asked for anew."""
    if not acts(session, run, ctx):
        raise Refused(f"{ctx.automation.capitalize()} is switched off, so nothing is applied. Nothing was changed.")
    if (undoing := undone_by(session, run)) is not None:
        raise Refused(f"{run_ref(undoing.id)} takes {run_ref(run.id)} back. Nothing was changed.")
    if run.state == RunState.ROLLED_BACK:
        raise Refused(f"{run_ref(run.id)} was taken back. Nothing was changed.")
    key = str(run.plan[OPEN_KEY])
    other = session.scalar(select(Run.id).where(Run.open_key == key, Run.id != run.id))
    if other is not None:
        raise already(session, key, ctx)
    if (newer := _newer(session, run, row)) is not None:
        raise Refused(
            f"{run_ref(newer)} has changed {row.target} since {run_ref(run.id)} was confirmed, so what that planned may"
            " be wrong by now. Ask for it anew. Nothing was changed."
        )


def _newer(session: Session, run: Run, row: RunStep) -> int | None:
    """A run about the same target that was confirmed later and changed something, or may have."""
    later = (Run.approved_at > run.approved_at) | ((Run.approved_at == run.approved_at) & (Run.id > run.id))
    changed = Run.state.in_([one.value for one in (RunState.RUNNING, *_CHANGED)])
    same = select(Run.id).join(RunStep, RunStep.run_id == Run.id).where(RunStep.target == row.target)
    return session.scalar(same.where(later, changed, Run.id != run.id).order_by(Run.id.desc()).limit(1))


_CHANGED = (RunState.DONE, RunState.PARTIAL, RunState.ROLLED_BACK)


def _state(state: str) -> str:
    return state.replace("_", " ")
