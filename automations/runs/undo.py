"""Taking a run back: a run of its own, with the inverse steps in reverse order, confirmed and read back like any other.

Only what a reading verified or a person stated is taken back, and only while it still is as the run left it. What has
changed since is left alone and named; what cannot be undone is named too.
"""

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from automations.domain import HANDOFF, Actor
from automations.errors import Refused
from automations.plan import Plan, RunState, Step, StepState
from automations.runs.approve import may_decide
from automations.runs.ask import ask
from automations.runs.context import RunContext
from automations.runs.failures import args_of, settle
from automations.runs.journal import follow, tell, write_down
from automations.runs.kinds import Actions, Asked, Kinds, RunKind, let_hear
from automations.runs.left import OF, ask_to_look, may_be_left, queue_refused, reason, seen
from automations.runs.rows import PLAN, REVIEWED, SLACK, STEP, found, in_part, move, move_step, run_ref, steps_of
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
    audit.hold(session)
    run = found(session, run_id)
    may_decide(session, run, actor, ctx)
    if RunState(run.state) not in CAN_BE:
        raise Refused(f"{run_ref(run.id)} is {run.state.replace('_', ' ')}; only what was done can be undone.")
    if run.kind == UNDO:
        raise Refused(f"{run_ref(run.id)} is an undo itself. Ask for the same again instead. Nothing was changed.")
    if not any(_may_be_undone(run, row) for row in steps_of(session, run_id)):
        raise Refused(f"Nothing that {run_ref(run.id)} did can be undone. Nothing was changed.")
    options = {RUN: run.id, SLACK: str(run.asked.get(SLACK) or "")}
    asked = ask(session, UNDO, run.subject, options, actor, ctx, name=str(run.id), undo_of=run.id)
    return f"{run_ref(asked.id)}: the undo of {run_ref(run.id)} is being planned; its card comes to the same place."


def undo_kind(database: Database, actions: Actions, kinds: Kinds) -> RunKind:
    """The kind of run that takes another one back; `kinds` are those of the others, which hear of it."""

    def plan(asked: Asked, _ctx: RunContext) -> Plan:
        with database.read() as session:
            run = found(session, int(asked.options[RUN]))
            rows = steps_of(session, run.id)
        if RunState(run.state) not in CAN_BE:
            raise Refused(f"{run_ref(run.id)} is {run.state.replace('_', ' ')} by now. Nothing was changed.")
        return _plan(run, rows, actions)

    def rested(session: Session, undoing: Run, ctx: RunContext) -> None:
        taken_back(session, undoing, kinds, ctx)

    return RunKind(UNDO, plan, hidden=True, undoable=False, rested=rested)


def taken_back(session: Session, undoing: Run, kinds: Kinds, ctx: RunContext) -> None:
    """Let the run that was taken back say so, step by step. What still waited or failed in it is of no use any more.

    What the undo does not take back is looked at, and named in the failure queue if it is not as it was before.
    """
    if undoing.undo_of is None:
        return
    audit.hold(session)
    run, rows = found(session, undoing.undo_of), steps_of(session, undoing.undo_of)
    if RunState(run.state) in CAN_BE and undoing.state == RunState.REFUSED:
        queue_refused(session, run, undoing, ctx)
    if undoing.state in (RunState.DONE, RunState.PARTIAL, RunState.FAILED):
        ask_to_look(session, run, undoing, ctx)
    if RunState(undoing.state) not in CAN_BE:
        return
    numbers = {int(row.args[OF]) for row in steps_of(session, undoing.id) if row.state in _TAKEN_BACK}
    now = ctx.clock.now()
    for row in rows:
        if row.number in numbers and row.state != StepState.ROLLED_BACK:
            move_step(session, row, {StepState(row.state)}, StepState.ROLLED_BACK, changed_at=now)
    after = {"by": run_ref(undoing.id), "steps": sorted(numbers)}
    if undoing.state != RunState.DONE:
        write_down(session, run, HANDOFF, "run.taken_back_in_part", undoing.state, ctx, after=after)
        follow(session, run, ctx)
        return
    if not move(session, run, CAN_BE, RunState.ROLLED_BACK, settled_at=now, settled_by=HANDOFF.id):
        return
    for row in rows:
        if row.state in _OF_NO_USE:
            move_step(session, row, {StepState(row.state)}, StepState.SKIPPED, changed_at=now)
        settle(session, STEP, args_of(row), f"taken back by {run_ref(undoing.id)}", now)
    _settle_earlier(session, run, undoing, ctx)
    write_down(session, run, HANDOFF, "run.rolled_back", "rolled_back", ctx, after=after)
    if run.requested_by != undoing.requested_by:
        text = f"{run_ref(run.id)} ({run.title}) was taken back by {run_ref(undoing.id)}."
        tell(session, run, run.requested_by, text, ctx, name="taken_back")
    let_hear(kinds.get(run.kind), session, run, ctx)
    follow(session, run, ctx)


def _settle_earlier(session: Session, run: Run, undoing: Run, ctx: RunContext) -> None:
    """What waits of undos that came to nothing is of no use any more: this one did it."""
    note, now = f"taken back by {run_ref(undoing.id)}", ctx.clock.now()
    for earlier in session.scalars(select(Run.id).where(Run.undo_of == run.id, Run.id != undoing.id)):
        settle(session, PLAN, {"run_id": earlier}, note, now)
        for row in steps_of(session, earlier):
            settle(session, STEP, args_of(row), note, now)


_TAKEN_BACK = frozenset({StepState.VERIFIED, StepState.STATED, StepState.BY_HAND})
_OF_NO_USE = frozenset({StepState.PLANNED, StepState.WAITING})


def _plan(run: Run, rows: list[RunStep], actions: Actions) -> Plan:
    steps, changed = [], []
    for row in reversed(rows):
        if _in_part(run, row):
            steps.append(_inverse(row, None))
        elif may_be_left(row) and (row.undo or row.state not in _TAKEN_BACK):
            value, unread = seen(row, actions)
            if _goes_back(row, value, unread):
                steps.append(_inverse(row, value))
            elif value != row.before and (value is not None or unread or row.state != StepState.FAILED):
                changed.append(f"{row.words}: {unread or reason(row, value)}")
    if not steps:
        raise Refused(f"Nothing of {run_ref(run.id)} can be taken back. {' '.join(changed)} Nothing was changed.")
    return Plan(
        kind=UNDO,
        subject=run.subject,
        title=f"Undo {run_ref(run.id)}: {run.title}",
        steps=tuple(steps),
        warnings=(*changed, *_final(rows)),
        approvals=needed_to_undo(run),
        why_two=run.plan.get("why_two", ""),
    )


def needed_to_undo(run: Run) -> int:
    """How many people have to confirm that a run is taken back: two where one carried it out and others look later."""
    return 2 if run.plan.get(REVIEWED) else run.needed


def _inverse(row: RunStep, value: str | None) -> Step:
    by_hand = row.undo if row.by_hand else ""
    return Step(
        kind=row.kind,
        target=row.target,
        before=row.after if value is None else value,
        after=row.before,
        words=row.undo,
        args=tuple(sorted({**row.args, OF: str(row.number)}.items())),
        by_hand=by_hand,
        owner=row.owner if by_hand else "",
    )


def _final(rows: list[RunStep]) -> Iterator[str]:
    for row in rows:
        if row.state in _TAKEN_BACK and row.before != row.after and not row.undo:
            yield f"{row.words}: cannot be undone."


def _in_part(run: Run, row: RunStep) -> bool:
    return bool(row.undo) and in_part(run, row)


def _goes_back(row: RunStep, value: str | None, unread: str) -> bool:
    """Whether a step that reads so now is taken back. One that failed may have come true after it was looked at."""
    if not row.undo or row.waits or unread:
        return False
    if row.state in _TAKEN_BACK:
        return value in (None, row.before, row.after)
    return value == row.after or (row.state == StepState.UNKNOWN and value == row.before)


def _may_be_undone(run: Run, row: RunStep) -> bool:
    return _in_part(run, row) or (bool(row.undo) and may_be_left(row) and not row.waits)
