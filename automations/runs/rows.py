"""Runs and their steps as rows: reading them, and moving them on only from the state they are expected in."""

from collections.abc import Collection, Iterable
from typing import Any, Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from automations.errors import NotFound
from automations.plan import RunState, Step, StepState
from storage.models import AccessBlock, Run, RunApproval, RunStep
from storage.retention.asked import pruned

PLAN: Final = "run.plan"
ADVANCE: Final = "run.advance"
STEP: Final = "run.step"
"""Jobs: observe and plan, carry out, carry out one step again. Arguments: `run_id`, and `step` for the last."""


SLACK: Final = "slack"
"""Option of a run: the Slack user id of its subject, where whoever asked named them so."""

OPEN_KEY: Final = "open_key"
"""In a run's `plan`: what its column `open_key` is while it is open, for when it is open again."""


REVIEWED: Final = "reviewed"
"""In a run's `plan`: whether a second person has to look at it once it is confirmed."""


IN_PARTS: Final = "in_parts"
"""In a run's `plan`: whether a step that failed may have changed something all the same."""


def run_ref(run_id: int) -> str:
    """The name people use for a run: `RUN-7`."""
    return f"RUN-{run_id}"


def found(session: Session, run_id: int) -> Run:
    """The run as it is now. Raises: NotFound."""
    run = session.get(Run, run_id, populate_existing=True)
    if run is None:
        why = pruned(session, Run, run_id)
        raise NotFound(f"There is no {run_ref(run_id)}.{why} `handoff runs list` shows what there is.")
    return run


def steps_of(session: Session, run_id: int) -> list[RunStep]:
    """The steps of a run in order, as they are now."""
    rows = select(RunStep).where(RunStep.run_id == run_id).order_by(RunStep.number)
    return list(session.scalars(rows, execution_options={"populate_existing": True}))


def step_row(session: Session, run_id: int, number: int) -> RunStep:
    """One step of a run as it is now. Raises: NotFound."""
    row = session.get(RunStep, (run_id, number), populate_existing=True)
    if row is None:
        raise NotFound(f"{run_ref(run_id)} has no step {number}.")
    return row


def in_part(run: Run, row: RunStep) -> bool:
    """Whether this is a step that did not end well and may have made some of what it is about true."""
    short = row.state in (StepState.FAILED, StepState.UNKNOWN)
    return bool(run.plan.get(IN_PARTS)) and short and row.tries > 0


def step_of(row: RunStep) -> Step:
    """The step a row stands for, as its action is given it."""
    return Step(
        kind=row.kind,
        target=row.target,
        before=row.before,
        after=row.after,
        words=row.words,
        args=tuple(sorted(row.args.items())),
        undo=row.undo,
        needs=tuple(row.needs),
        by_hand=row.by_hand,
        owner=row.owner,
        urgent=row.urgent,
        waits=row.waits,
    )


def move(session: Session, run: Run, since: Collection[RunState], to: RunState, **values: Any) -> bool:
    """Move a run on if it still is in one of these states. True if it was; the row is brought up to date either way."""
    changes: dict[str, Any] = {"state": to.value} | values
    if to.ended or to in (RunState.PARTIAL, RunState.FAILED):
        changes["open_key"] = None
    moved = session.execute(
        update(Run).where(Run.id == run.id, Run.state.in_([one.value for one in since])).values(changes),
        execution_options={"synchronize_session": False},
    )
    session.refresh(run)
    return moved.rowcount == 1  # type: ignore[attr-defined,no-any-return]  # an UPDATE has a row count


def move_step(session: Session, row: RunStep, since: Iterable[StepState], to: StepState, **values: Any) -> bool:
    """Move a step on if it still is in one of these states and nobody began it anew. True if it did."""
    moved = session.execute(
        update(RunStep)
        .where(
            RunStep.run_id == row.run_id,
            RunStep.number == row.number,
            RunStep.state.in_([one.value for one in since]),
            RunStep.tries == row.tries,
        )
        .values({"state": to.value} | values),
        execution_options={"synchronize_session": False},
    )
    session.refresh(row)
    return moved.rowcount == 1  # type: ignore[attr-defined,no-any-return]  # an UPDATE has a row count


def approvals(session: Session, run: Run) -> list[RunApproval]:
    """Who said yes to the plan as it stands, first to last."""
    standing = RunApproval.run_id == run.id, RunApproval.digest == run.digest, RunApproval.withdrawn_at.is_(None)
    return list(session.scalars(select(RunApproval).where(*standing).order_by(RunApproval.at, RunApproval.by)))


def undone_by(session: Session, run: Run) -> Run | None:
    """The run that takes this one back, or has begun to; None if nobody has confirmed one."""
    begun = (RunState.APPROVED, RunState.RUNNING, RunState.DONE, RunState.PARTIAL)
    rows = select(Run).where(Run.undo_of == run.id, Run.state.in_([one.value for one in begun]))
    return session.scalars(rows.order_by(Run.id.desc()).limit(1)).one_or_none()


def blocked(session: Session, email: str) -> AccessBlock | None:
    """The block of this person that is in force, None if there is none."""
    in_force = AccessBlock.email == email.lower(), AccessBlock.lifted_at.is_(None)
    return session.scalars(select(AccessBlock).where(*in_force)).one_or_none()
