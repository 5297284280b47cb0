"""What a rollback leaves: every step whose effect may still be there is looked at, and named in the failure queue.

A step is left where it cannot be undone, where somebody changed it since, or where nobody knows what became of it. Each
is looked at by a job of its own: as it was before is the end of it, anything else waits for a person, who may have it
looked at again, or gives it up with a reason.
"""

from typing import Final

from sqlalchemy.orm import Session

from automations.domain import HANDOFF
from automations.errors import NotFound, Refused, Rejected
from automations.plan import RunState, StepState
from automations.runs.context import RunContext
from automations.runs.doing import action_of
from automations.runs.failures import args_of
from automations.runs.journal import follow, write_down
from automations.runs.kinds import Actions
from automations.runs.rows import PLAN, found, move_step, run_ref, step_of, step_row, steps_of
from storage import audit, stuck
from storage.engine import Database
from storage.models import Run, RunStep

LEFT: Final = "run.left"
"""Job: look at a step that a rollback left, and name it if it is not as it was before. Arguments: `run_id`, `step`."""

OF: Final = "of"
"""Argument of a step of an undo: the number of the step that it takes back."""

UNREAD: Final = frozenset({StepState.STATED, StepState.BY_HAND})
"""What somebody's word settled: there is no reading of it."""

_SETTLED: Final = frozenset({StepState.VERIFIED, *UNREAD})
_NOT_BEGUN: Final = frozenset({StepState.PLANNED, StepState.ROLLED_BACK})


def may_be_left(row: RunStep) -> bool:
    """Whether something of this step may be other than before it: it was done, tried, or given to somebody to do."""
    if row.state in _NOT_BEGUN or (row.after and row.before == row.after):
        return False
    return row.state != StepState.FAILED or row.tries > 0


def ask_to_look(session: Session, run: Run, undoing: Run, ctx: RunContext) -> None:
    """Ask for a look at every step that the undo does not take back. What it was to take back has lines of its own."""
    covered = {int(row.args[OF]) for row in steps_of(session, undoing.id)}
    for row in steps_of(session, run.id):
        if row.number in covered or not may_be_left(row):
            continue
        if stuck.last_state(session, job=LEFT, args=args_of(row)) not in ("open", "discarded"):
            key = f"run/{run.id}/left/{row.number}/{undoing.id}/{undoing.version}"
            ctx.jobs.enqueue(session, LEFT, key, args_of(row))


def look_at_left(database: Database, run_id: int, number: int, actions: Actions, ctx: RunContext) -> None:
    """Look at a step that was left. Raises: Refused if it is not as it was before, in words; Unavailable."""
    with database.read() as session:
        row, run = step_row(session, run_id, number), found(session, run_id)
        session.expunge(row)
        session.expunge(run)
    if row.state == StepState.ROLLED_BACK:
        return
    value, why = seen(row, actions)
    if value is not None and value == row.before:
        _back(database, row, ctx)
    elif value is not None or why or row.state != StepState.FAILED:  # what failed, and nothing reads, was refused
        said = f"{row.words} ({row.target}): {why or reason(row, value)}"
        raise Refused(f"{run_ref(run_id)} was taken back, but this is left. {said} {_TO_DO}")


_TO_DO: Final = "Put it right by hand where that is needed; Retry looks again, Discard keeps it as it is."


def seen(row: RunStep, actions: Actions) -> tuple[str | None, str]:
    """What a step is outside now, None if nothing can read it; and why it cannot be read. Raises: Unavailable."""
    if not row.after or row.state in UNREAD:
        return None, ""
    try:
        return action_of(actions, row).look(step_of(row)), ""
    except (Rejected, Refused, NotFound) as exc:
        return None, f"it cannot be looked at ({str(exc).rstrip('.')}), so it is left alone."


def reason(row: RunStep, value: str | None) -> str:
    """Why a step is left alone that reads so now: a sentence without its subject."""
    if value is not None and value not in (row.before, row.after):
        return f"it is {value!r} by now, so it is left alone."
    if row.state == StepState.UNKNOWN and value is None:
        return "nobody knows whether it was done, so it is left alone."
    if row.by_hand and row.state not in _SETTLED and value is None:
        return "it was given to somebody to do by hand, and nobody said whether they did."
    if row.by_hand:
        return "what was done by hand is taken back by hand."
    return "cannot be undone."


def queue_refused(session: Session, run: Run, undoing: Run, ctx: RunContext) -> None:
    """Name an undo in the failure queue that could not even be planned; Retry there asks for it anew."""
    args = {"run_id": undoing.id}
    if undoing.state != RunState.REFUSED or stuck.last_state(session, job=PLAN, args=args) is not None:
        return
    stuck.add(
        session,
        job=PLAN,
        key=f"plan/{undoing.id}",
        args=args,
        target=run_ref(undoing.id),
        owner=run.owner if "@" in run.owner else ctx.owner,
        reason=undoing.words,
        attempts=1,
        at=ctx.clock.now(),
    )
    write_down(session, undoing, HANDOFF, "job.stuck", "stuck", ctx, after={"reason": undoing.words})


def _back(database: Database, row: RunStep, ctx: RunContext) -> None:
    """Say that a step which was true is as before: it went with what it needed, or somebody put it right."""
    state = StepState(row.state)
    if state not in _SETTLED:
        return
    with database.begin() as session:
        audit.hold(session)
        run, here = found(session, row.run_id), step_row(session, row.run_id, row.number)
        if run.state == RunState.ROLLED_BACK and move_step(
            session, here, {state}, StepState.ROLLED_BACK, changed_at=ctx.clock.now()
        ):
            after = {"step": row.number, "found": row.before}
            write_down(session, run, HANDOFF, "step.rolled_back", "verified", ctx, after=after)
            follow(session, run, ctx)
