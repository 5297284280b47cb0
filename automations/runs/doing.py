"""One step: look, make, look again. Only a reading verifies it, and nothing is made that was not looked at first.

The step's row says, committed, that it was begun before anything leaves. Whoever finds it so (after a crash, a lost
answer) begins with the look, so that a repeat is safe.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy.orm import Session

from automations.domain import HANDOFF, IdempotencyKey
from automations.errors import AdapterError, NotFound, OutcomeUnknown, Refused, Rejected
from automations.plan import StepState
from automations.runs.context import RunContext
from automations.runs.journal import follow, tell, write_down
from automations.runs.kinds import Action, Actions
from automations.runs.rows import STEP, found, move_step, run_ref, step_of, step_row
from storage import audit, stuck
from storage.boundaries import reach
from storage.engine import Database
from storage.models import RunStep

BEGUN: Final = frozenset({StepState.IN_PROGRESS})
READY: Final = frozenset({StepState.PLANNED, StepState.IN_PROGRESS, StepState.UNKNOWN})
"""States in which the bot has to do something about a step."""


@dataclass(frozen=True, slots=True)
class _Ended:
    """What a step came to: its state, and the columns that say why."""

    state: StepState
    values: Mapping[str, Any]


def do(database: Database, run_id: int, number: int, actions: Actions, ctx: RunContext) -> None:
    """Make one step true, or find out that it is not. Does nothing for a step that nobody has to do anything about.

    Raises: Unavailable (nothing is known to have happened), OutcomeUnknown (look first, after its time); the row says
    so, and a repeat goes on from there.
    """
    row = _begin(database, run_id, number, ctx)
    if row is None:
        return
    reach("step.begun")
    if row.by_hand:
        _end(database, row, _Ended(StepState.WAITING, {"due_at": ctx.clock.now() + ctx.waits_for}), ctx)
        return
    try:
        ended = _carry_out(row, actions, ctx)
    except (Rejected, Refused, NotFound) as exc:
        ended = _failed(str(exc), ctx)
    except OutcomeUnknown as exc:
        _end(database, row, _Ended(StepState.UNKNOWN, {"error": ctx.redactor.text(str(exc))}), ctx)
        raise
    except AdapterError as exc:
        _remark(database, row, str(exc), ctx)
        raise
    reach("step.made")
    _end(database, row, ended, ctx)
    reach("step.ended")


def read(database: Database, row: RunStep, actions: Actions, ctx: RunContext, *, stated_by: str | None = None) -> bool:
    """Look whether a step that waits is true by now; `stated_by` says that it is. True if it is settled by this.

    Raises: AdapterError.
    """
    look = actions[row.kind].look(step_of(row)) if row.after else None
    now = ctx.clock.now()
    if look is not None and look == row.after:
        values = {"found": look, "found_at": now, "error": None, "stated_by": stated_by}
        _end(database, row, _Ended(StepState.VERIFIED, values), ctx)
        return True
    if stated_by is None:
        return False
    if look is None:
        _end(database, row, _Ended(StepState.BY_HAND, {"stated_by": stated_by, "error": None}), ctx)
        return True
    error = f"{ctx.roster.name(stated_by)} says it is done, but it still is {look!r}"
    _end(database, row, _Ended(StepState.WAITING, {"found": look, "found_at": now, "error": error}), ctx)
    return False


def _carry_out(row: RunStep, actions: Actions, ctx: RunContext) -> _Ended:
    step, action = step_of(row), actions[row.kind]
    value = action.look(step)
    if value is not None and value == row.after:
        return _verified(value, ctx.clock.now())
    if row.waits:
        due = row.due_at or ctx.clock.now() + ctx.waits_for
        return _Ended(StepState.WAITING, {"found": value, "found_at": ctx.clock.now(), "due_at": due, "error": None})
    if value is not None and value != row.before:
        return _failed(f"It is {value!r} by now, neither {row.before!r} as planned nor {row.after!r}", ctx, value)
    action.make(step, row.after, key=IdempotencyKey(f"run/{row.run_id}/{row.number}"))
    reach("step.called")
    return _read_back(row, action, ctx)


def _read_back(row: RunStep, action: Action, ctx: RunContext) -> _Ended:
    value = action.look(step_of(row))
    if value is None:
        return _Ended(StepState.STATED, {"error": None})
    if value == row.after:
        return _verified(value, ctx.clock.now())
    return _failed(f"It was asked for and answered, but it still is {value!r}", ctx, value)


def _verified(value: str, at: datetime) -> _Ended:
    return _Ended(StepState.VERIFIED, {"found": value, "found_at": at, "error": None})


def _failed(why: str, ctx: RunContext, value: str | None = None) -> _Ended:
    seen = {} if value is None else {"found": value, "found_at": ctx.clock.now()}
    return _Ended(StepState.FAILED, {"error": ctx.redactor.text(why), **seen})


def _begin(database: Database, run_id: int, number: int, ctx: RunContext) -> RunStep | None:
    with database.begin() as session:
        row = step_row(session, run_id, number)
        state = StepState(row.state)
        if state not in READY:
            return None
        values = {"tries": row.tries + 1, "changed_at": ctx.clock.now()}
        if not move_step(session, row, {state}, StepState.IN_PROGRESS, **values):
            return None
        session.expunge(row)
        return row


def _end(database: Database, row: RunStep, ended: _Ended, ctx: RunContext) -> None:
    """Write down what a step came to, unless somebody began it anew meanwhile."""
    before, now = row.state, ctx.clock.now()
    with database.begin() as session:
        audit.hold(session)
        here, run = step_row(session, row.run_id, row.number), found(session, row.run_id)
        if here.tries != row.tries or not move_step(
            session, here, {StepState(row.state)}, ended.state, changed_at=now, **ended.values
        ):
            return
        said = {name: value for name, value in ended.values.items() if isinstance(value, str)}
        after = {"step": row.number, "kind": row.kind, "target": row.target, "wanted": row.after, **said}
        state = ended.state
        write_down(session, run, HANDOFF, f"step.{state}", state.value, ctx, before={"state": before}, after=after)
        if ended.state in (StepState.VERIFIED, StepState.STATED, StepState.BY_HAND):
            _take_out_of_the_failure_queue(session, row, now)
        if ended.state is StepState.WAITING and row.by_hand and before != StepState.WAITING:
            text = f"{run_ref(run.id)}, {run.title}: this is yours to do by hand. {row.words}: {row.by_hand}"
            tell(session, run, row.owner or run.owner, text, ctx, name=f"step/{row.number}")
        follow(session, run, ctx)


def _remark(database: Database, row: RunStep, why: str, ctx: RunContext) -> None:
    """Say on the step why it takes longer, once for each reason; it stays in progress."""
    words = ctx.redactor.text(why)
    if row.error == words:
        return
    with database.begin() as session:
        here = step_row(session, row.run_id, row.number)
        if move_step(session, here, BEGUN, StepState.IN_PROGRESS, error=words):
            follow(session, found(session, row.run_id), ctx)


def _take_out_of_the_failure_queue(session: Session, row: RunStep, at: datetime) -> None:
    args = {"run_id": row.run_id, "step": row.number}
    done = stuck.done_since(
        session, job=STEP, args=args, since=at + timedelta(microseconds=1), by=HANDOFF.id, note="done since", at=at
    )
    for item in done:
        audit.append(
            session,
            at=at,
            actor=HANDOFF.id,
            action="stuck.settle",
            target=item.target,
            outcome="done",
            correlation_id=f"stuck-{item.id}",
            before={"state": "open", "job": item.job, "key": item.key, "reason": item.reason},
            after={"state": item.state, "note": "done since"},
        )
