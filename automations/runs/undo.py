"""Taking a run back: a run of its own, with the inverse steps in reverse order, confirmed and read back like any other.

Only what a reading verified or a person stated is taken back, and only while it still is as the run left it. What has
changed since is left alone and named; what cannot be undone is named too.
"""

from collections.abc import Iterator

from sqlalchemy.orm import Session

from automations.domain import HANDOFF, Actor
from automations.errors import Refused
from automations.plan import Plan, RunState, Step, StepState
from automations.runs.approve import may_decide
from automations.runs.ask import ask
from automations.runs.context import RunContext
from automations.runs.journal import follow, write_down
from automations.runs.kinds import Actions, Asked, RunKind
from automations.runs.rows import found, move, move_step, run_ref, step_of, steps_of
from storage import audit
from storage.engine import Database
from storage.models import Run, RunStep

UNDO = "undo"
RUN = "run_id"
"""Option of an undo: the number of the run it takes back."""
CAN_BE = frozenset({RunState.DONE, RunState.PARTIAL})


def undo(session: Session, run_id: int, actor: Actor, ctx: RunContext) -> str:
    """Ask for a run to be taken back. Returns what happens now, in words.

    Raises: NotFound; Refused if nothing of it can be undone, it is not the actor's to decide, or it is being undone.
    """
    run = found(session, run_id)
    may_decide(session, run, actor)
    if RunState(run.state) not in CAN_BE:
        raise Refused(f"{run_ref(run.id)} is {run.state.replace('_', ' ')}; only what was done can be undone.")
    if run.kind == UNDO:
        raise Refused(f"{run_ref(run.id)} is an undo itself. Ask for the same again instead. Nothing was changed.")
    if not any(_undoable(row) for row in steps_of(session, run_id)):
        raise Refused(f"Nothing that {run_ref(run.id)} did can be undone. Nothing was changed.")
    asked = ask(session, UNDO, run.subject, {RUN: run.id}, actor, ctx, name=str(run.id), undo_of=run.id)
    return f"{run_ref(asked.id)}: the undo of {run_ref(run.id)} is being planned; its card comes to the same place."


def undo_kind(database: Database, actions: Actions) -> RunKind:
    """The kind of run that takes another one back."""

    def plan(asked: Asked, _ctx: RunContext) -> Plan:
        with database.read() as session:
            run = found(session, int(asked.options[RUN]))
            rows = steps_of(session, run.id)
        if RunState(run.state) not in CAN_BE:
            raise Refused(f"{run_ref(run.id)} is {run.state.replace('_', ' ')} by now. Nothing was changed.")
        return _plan(run, rows, actions)

    return RunKind(UNDO, plan, hidden=True, undoable=False, rested=taken_back)


def taken_back(session: Session, undoing: Run, ctx: RunContext) -> None:
    """Let the run that was taken back say so, step by step."""
    if undoing.undo_of is None or RunState(undoing.state) not in CAN_BE:
        return
    audit.hold(session)
    run, rows = found(session, undoing.undo_of), steps_of(session, undoing.undo_of)
    numbers = {int(row.args["of"]) for row in steps_of(session, undoing.id) if row.state in _TAKEN_BACK}
    for row in rows:
        if row.number in numbers:
            values = {"changed_at": ctx.clock.now()}
            move_step(session, row, {StepState(row.state)}, StepState.ROLLED_BACK, **values)
    if undoing.state != RunState.DONE:
        follow(session, run, ctx)
        return
    if move(session, run, CAN_BE, RunState.ROLLED_BACK, settled_at=ctx.clock.now(), settled_by=HANDOFF.id):
        after = {"by": run_ref(undoing.id), "steps": sorted(numbers)}
        write_down(session, run, HANDOFF, "run.rolled_back", "rolled_back", ctx, after=after)
        follow(session, run, ctx)


_TAKEN_BACK = frozenset({StepState.VERIFIED, StepState.STATED, StepState.BY_HAND})


def _plan(run: Run, rows: list[RunStep], actions: Actions) -> Plan:
    steps, changed = [], []
    for row in (row for row in reversed(rows) if _undoable(row)):
        value = actions[row.kind].look(step_of(row)) if row.after and row.state == StepState.VERIFIED else None
        if value is not None and value not in (row.before, row.after):
            changed.append(f"{row.words}: it is {value!r} by now, so it is left alone.")
            continue
        steps.append(_inverse(row, value))
    return Plan(
        kind=UNDO,
        subject=run.subject,
        title=f"Undo {run_ref(run.id)}: {run.title}",
        steps=tuple(steps),
        warnings=(*changed, *_final(rows)),
        approvals=run.needed,
        why_two=run.plan.get("why_two", ""),
    )


def _inverse(row: RunStep, value: str | None) -> Step:
    by_hand = row.undo if row.state == StepState.BY_HAND else ""
    return Step(
        kind=row.kind,
        target=row.target,
        before=row.after if value is None else value,
        after=row.before,
        words=row.undo,
        args=tuple(sorted({**row.args, "of": str(row.number)}.items())),
        by_hand=by_hand,
        owner=row.owner if by_hand else "",
    )


def _final(rows: list[RunStep]) -> Iterator[str]:
    for row in rows:
        if row.state in _TAKEN_BACK and row.before != row.after and not row.undo:
            yield f"{row.words}: cannot be undone."


def _undoable(row: RunStep) -> bool:
    return bool(row.undo) and row.state in _TAKEN_BACK and row.before != row.after and not row.waits
