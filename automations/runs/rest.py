"""How a run comes to rest: which step is next, and when none is, how it ended. Waiting steps keep it running."""

from typing import Final

from sqlalchemy.orm import Session

from automations.domain import HANDOFF
from automations.plan import SETTLED, RunState, StepState
from automations.runs.context import RunContext
from automations.runs.doing import READY, brief
from automations.runs.failures import queue, settle
from automations.runs.journal import follow, tell, write_down
from automations.runs.kinds import RunKind, let_hear
from automations.runs.rows import ADVANCE, found, in_part, move, move_step, run_ref, step_row, steps_of
from storage import audit
from storage.models import Run, RunStep

SHORT: Final = frozenset({StepState.FAILED, StepState.UNKNOWN})
"""States of a step that keep a run from being done."""


def ready(steps: list[RunStep]) -> int | None:
    """The number of the next step for the bot, of those whose needs are settled. What did not answer comes last."""
    settled = {row.number for row in steps if row.state in SETTLED}
    todo = [row for row in steps if row.state in READY and all(need in settled for need in row.needs)]
    todo.sort(key=lambda row: (row.error is not None, row.tries if row.error is not None else 0, row.number))
    return todo[0].number if todo else None


def able(steps: list[RunStep], number: int) -> bool:
    """Whether everything that this step needs is settled."""
    settled = {row.number for row in steps if row.state in SETTLED}
    return all(need in settled for row in steps if row.number == number for need in row.needs)


def rest(session: Session, run_id: int, kind: RunKind | None, ctx: RunContext, *, gave_up: bool = False) -> None:
    """Say how a run ended, if nothing of it is left to be done by the bot."""
    audit.hold(session)
    run, steps = found(session, run_id), steps_of(session, run_id)
    failed = [row for row in steps if row.state in SHORT]
    waits = any(row.state == StepState.WAITING for row in steps)
    if (ready(steps) is not None and not gave_up) or (waits and not failed):
        return
    end = RunState.DONE
    if failed:
        some = waits or any(_may_have_changed(run, row) for row in steps)
        end = RunState.PARTIAL if some else RunState.FAILED
    if not move(session, run, {RunState.RUNNING}, end, settled_at=ctx.clock.now(), settled_by=HANDOFF.id):
        return
    ended = {str(row.number): row.state for row in steps}
    write_down(session, run, HANDOFF, f"run.{end}", end.value, ctx, after={"steps": ended})
    tell(session, run, run.requested_by, _ending(run, failed, end), ctx, name=f"rest/{run.version}")
    let_hear(kind, session, run, ctx)
    follow(session, run, ctx)


def give_up(session: Session, run_id: int, why: str, kind: RunKind | None, ctx: RunContext) -> None:
    """The job that carries a run out has given up: what it was at is failed, and so is what it did not come to.

    What nobody knows stays unknown. What needs a step that failed stays planned. The engine's own line in the failure
    queue goes, since each step has one.
    """
    audit.hold(session)
    run = found(session, run_id)
    if run.state != RunState.RUNNING:
        return
    steps = steps_of(session, run_id)
    settled = {row.number for row in steps if row.state in SETTLED}
    for row in steps:
        if row.state != StepState.PLANNED or all(need in settled for need in row.needs):
            _fail(session, run, row, why, ctx)
    settle(session, ADVANCE, {"run_id": run_id}, "each step that failed has a line of its own", ctx.clock.now())
    rest(session, run_id, kind, ctx, gave_up=True)


def give_up_step(session: Session, run_id: int, number: int, why: str, ctx: RunContext) -> None:
    """The job that tries one step again has given up: that step is failed, and the run goes on without it."""
    audit.hold(session)
    run, row = found(session, run_id), step_row(session, run_id, number)
    if run.state == RunState.RUNNING:
        _fail(session, run, row, why, ctx)
        go_on(session, row, ctx)


def go_on(session: Session, row: RunStep, ctx: RunContext) -> None:
    """Ask for what comes after a step that a person or the clock has settled, or that was tried again."""
    ctx.jobs.enqueue(session, ADVANCE, f"run/{row.run_id}/after/{row.number}/{row.tries}", {"run_id": row.run_id})


def _fail(session: Session, run: Run, row: RunStep, why: str, ctx: RunContext) -> None:
    state = StepState(row.state)
    if state not in READY:
        return
    if state is StepState.UNKNOWN:
        queue(session, run, row, ctx)
        return
    error = brief(f"Not tried: {why}" if state is StepState.PLANNED else row.error or why, ctx)
    if move_step(session, row, {state}, StepState.FAILED, error=error, changed_at=ctx.clock.now()):
        after = {"step": row.number, "kind": row.kind, "target": row.target, "wanted": row.after, "error": error}
        write_down(session, run, HANDOFF, "step.failed", "failed", ctx, before={"state": state.value}, after=after)
        queue(session, run, row, ctx)


def _may_have_changed(run: Run, row: RunStep) -> bool:
    """Whether something is other than before the run, as far as anybody knows."""
    if row.state in (StepState.UNKNOWN, StepState.BY_HAND) or in_part(run, row):
        return True
    return row.state in SETTLED and row.before != row.after


def _ending(run: Run, failed: list[RunStep], end: RunState) -> str:
    if end is RunState.DONE:
        return f"{run_ref(run.id)} is done: {run.title}."
    more = f" and {len(failed) - 5} more" if len(failed) > 5 else ""
    return (
        f"{run_ref(run.id)} is {end.value}: {run.title}. Not done: {'; '.join(_why(row) for row in failed[:5])}{more}."
    )


def _why(row: RunStep) -> str:
    return f"{row.words} (not known)" if row.state == StepState.UNKNOWN else row.words
