"""One step: look, make, look again. Only a reading verifies it, and nothing is made that was not looked at first.

The step's row says, committed, that it was begun before anything leaves. Whoever finds it so (after a crash, a lost
answer) begins with the look, so that a repeat is safe.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy.orm import Session

from automations.domain import HANDOFF, IdempotencyKey
from automations.errors import AdapterError, NotFound, OutcomeUnknown, Refused, Rejected
from automations.plan import SETTLED, RunState, StepState
from automations.runs.context import RunContext
from automations.runs.failures import args_of, queue, settle
from automations.runs.journal import follow, say, tell, write_down
from automations.runs.kinds import Action, Actions
from automations.runs.rows import ADVANCE, STEP, found, move_step, run_ref, step_of, step_row
from automations.words import in_brief
from storage import audit
from storage.boundaries import reach
from storage.engine import Database
from storage.models import Run, RunStep

READY: Final = frozenset({StepState.PLANNED, StepState.IN_PROGRESS, StepState.UNKNOWN})
"""States in which the bot has to do something about a step."""
LONGEST: Final = 1_000
"""Characters of an error that are kept."""


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
        _end(database, row, _Ended(StepState.WAITING, {"error": None}), ctx)
        return
    try:
        ended = _carry_out(row, actions, ctx)
    except (Rejected, Refused, NotFound) as exc:
        ended = _failed(str(exc), row, ctx)
    except OutcomeUnknown as exc:
        _end(database, row, _Ended(StepState.UNKNOWN, {"error": brief(str(exc), ctx)}), ctx)
        raise
    except AdapterError as exc:
        remark(database, row, str(exc), ctx)
        raise
    reach("step.made")
    _end(database, row, ended, ctx)
    reach("step.ended")


def read(database: Database, row: RunStep, actions: Actions, ctx: RunContext, *, stated_by: str | None = None) -> bool:
    """Look whether a step that waits is true by now; `stated_by` says that it is. True if it is settled by this.

    Raises: Unavailable, OutcomeUnknown.
    """
    try:
        look = action_of(actions, row).look(step_of(row)) if row.after else None
    except (Rejected, Refused, NotFound) as exc:
        if stated_by is None:
            _end(database, row, _failed(str(exc), row, ctx), ctx)
        else:
            error = f"{ctx.roster.name(stated_by)} says it is done, but it could not be looked at: {exc}"
            _end(database, row, _Ended(StepState.WAITING, {"error": brief(error, ctx)}), ctx)
        return False
    if look is not None and look == row.after:
        _end(database, row, _verified(row, ctx, stated_by=stated_by), ctx)
        return True
    if stated_by is None:
        _saw(database, row, look, ctx)
        return False
    if look is None:
        _end(database, row, _Ended(StepState.BY_HAND, {"stated_by": stated_by, "error": None}), ctx)
        return True
    error = f"{ctx.roster.name(stated_by)} says it is done, but it still is {look!r}"
    _end(database, row, _Ended(StepState.WAITING, {**_seen(look, row, ctx), "error": brief(error, ctx)}), ctx)
    return False


def action_of(actions: Actions, row: RunStep) -> Action:
    """How the step is looked at and made true. Raises: NotFound if this version of Handoff does not know it."""
    if row.kind not in actions:
        raise NotFound(f"This version of Handoff knows no step of the kind {row.kind!r}")
    return actions[row.kind]


def brief(text: str, ctx: RunContext) -> str:
    """What the outside said, as it is kept: without secrets, and not endless."""
    return in_brief(ctx.redactor.text(text.strip()), LONGEST)


def remark(database: Database, row: RunStep, why: str, ctx: RunContext) -> None:
    """Say on a step why it takes longer, once for each reason; its state stays."""
    words = brief(why, ctx)
    if row.error == words:
        return
    with database.begin() as session:
        audit.hold(session)
        here, state = step_row(session, row.run_id, row.number), StepState(row.state)
        if here.tries == row.tries and move_step(session, here, {state}, state, error=words):
            follow(session, found(session, row.run_id), ctx)


def _carry_out(row: RunStep, actions: Actions, ctx: RunContext) -> _Ended:
    step, action = step_of(row), action_of(actions, row)
    value = action.look(step)
    if value is not None and value == row.after:
        return _verified(row, ctx)
    if row.waits:
        due = row.due_at or ctx.clock.now() + ctx.waits_for
        return _Ended(StepState.WAITING, {**_seen(value, row, ctx), "due_at": due, "error": None})
    if value is not None and value != row.before:
        why = f"It is {value!r} by now, neither {row.before!r} as planned nor {row.after!r}"
        return _failed(why, row, ctx, value)
    action.make(step, row.after, key=IdempotencyKey(f"run/{row.run_id}/{row.number}"))
    reach("step.called")
    return _read_back(row, action, ctx)


def _read_back(row: RunStep, action: Action, ctx: RunContext) -> _Ended:
    value = action.look(step_of(row))
    if value is None:
        return _Ended(StepState.STATED, {"error": None})
    if value == row.after:
        return _verified(row, ctx)
    return _failed(f"It was asked for and answered, but it still is {value!r}", row, ctx, value)


def _verified(row: RunStep, ctx: RunContext, *, stated_by: str | None = None) -> _Ended:
    values = {"found": row.after, "found_at": ctx.clock.now(), "error": None, "stated_by": stated_by}
    return _Ended(StepState.VERIFIED, values)


def _failed(why: str, row: RunStep, ctx: RunContext, value: str | None = None) -> _Ended:
    return _Ended(StepState.FAILED, {"error": brief(why, ctx), **_seen(value, row, ctx)})


def _seen(value: str | None, row: RunStep, ctx: RunContext) -> dict[str, Any]:
    """The columns of a reading. A value nobody planned may be anything, so it is redacted."""
    if value is None:
        return {}
    return {"found": value if value == row.before else brief(value, ctx), "found_at": ctx.clock.now()}


def _saw(database: Database, row: RunStep, value: str | None, ctx: RunContext) -> None:
    """Keep what a step that waits was found to be, if that is new; an equal reading tells nobody anything."""
    seen = _seen(value, row, ctx)
    if not seen or seen["found"] == row.found:
        return
    with database.begin() as session:
        audit.hold(session)
        here = step_row(session, row.run_id, row.number)
        if move_step(session, here, {StepState.WAITING}, StepState.WAITING, **seen):
            follow(session, found(session, row.run_id), ctx)


def _begin(database: Database, run_id: int, number: int, ctx: RunContext) -> RunStep | None:
    """Say that the step is begun, while the run is carried out and nobody else began it."""
    with database.begin() as session:
        audit.hold(session)
        row = step_row(session, run_id, number)
        state = StepState(row.state)
        if state not in READY or found(session, run_id).state != RunState.RUNNING:
            return None
        values = {"tries": row.tries + 1, "changed_at": ctx.clock.now()}
        if not move_step(session, row, {state}, StepState.IN_PROGRESS, **values):
            return None
        session.expunge(row)
        return row


def _end(database: Database, row: RunStep, ended: _Ended, ctx: RunContext) -> None:
    """Write down what a step came to, unless somebody began it anew meanwhile."""
    before, state, now = row.state, ended.state, ctx.clock.now()
    with database.begin() as session:
        audit.hold(session)
        here, run = step_row(session, row.run_id, row.number), found(session, row.run_id)
        if here.tries != row.tries or not move_step(
            session, here, {StepState(before)}, state, changed_at=now, **ended.values
        ):
            return
        said = {name: value for name, value in ended.values.items() if isinstance(value, str)}
        after = {"step": row.number, "kind": row.kind, "target": row.target, "wanted": row.after, **said}
        write_down(session, run, HANDOFF, f"step.{state}", state.value, ctx, before={"state": before}, after=after)
        if state in SETTLED:
            settle(session, STEP, args_of(here), "done since", now)
        if state is StepState.FAILED:
            queue(session, run, here, ctx)
        if state is StepState.WAITING and here.by_hand and before != StepState.WAITING:
            _hand_over(session, run, here, ctx)
        if before == StepState.WAITING != state:
            key = f"run/{run.id}/waited/{here.number}/{here.tries}"
            ctx.jobs.enqueue(session, ADVANCE, key, {"run_id": run.id})
        follow(session, run, ctx)


def _hand_over(session: Session, run: Run, row: RunStep, ctx: RunContext) -> None:
    """Tell a step's owner what to do by hand; where they cannot be told, the thread of the card is."""
    text = f"{run_ref(run.id)}, {run.title}: this is yours to do by hand. {row.words}: {row.by_hand}"
    if not tell(session, run, row.owner or run.owner, text, ctx, name=f"step/{row.number}"):
        text = f"{row.words}, by hand, for {ctx.roster.name(row.owner or run.owner)}: {row.by_hand}"
        say(session, run, text, ctx, name=f"step/{row.number}")
