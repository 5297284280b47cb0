"""Failed steps in the failure queue: one line for each, from the moment it failed until it is tried again or true."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from automations.domain import HANDOFF, Actor
from automations.runs.context import RunContext
from automations.runs.journal import write_down
from automations.runs.rows import STEP, run_ref
from automations.words import identity
from storage import audit, stuck
from storage.models import Run, RunStep, StuckItem

_JUST_NOW: Final = timedelta(microseconds=1)
"""What was put in at this very moment is taken out too."""


def queue(session: Session, run: Run, row: RunStep, ctx: RunContext) -> None:
    """Put a failed step into the failure queue, with an owner. The engine's own line for the same work is joined."""
    args, reason = args_of(row), row.error or "it failed"
    stuck.add(
        session,
        job=STEP,
        key=stuck.key_of(session, job=STEP, args=args) or f"run/{run.id}/step/{row.number}",
        args=args,
        target=f"{run_ref(run.id)} step {row.number}",
        owner=run.owner if "@" in run.owner else ctx.owner,
        reason=reason,
        attempts=max(row.tries, 1),
        at=ctx.clock.now(),
    )
    write_down(session, run, HANDOFF, "job.stuck", "stuck", ctx, after={"step": row.number, "reason": reason})


def settle(session: Session, job: str, args: dict[str, int], note: str, at: datetime) -> None:
    """Take work out that is done, or of no use any more."""
    for item in stuck.done_since(session, job=job, args=args, since=at + _JUST_NOW, by=HANDOFF.id, note=note, at=at):
        _write_down(session, item, HANDOFF.id, "settle", "done", at, note=note)


def retried(session: Session, row: RunStep, actor: Actor, at: datetime) -> None:
    """Take a step out that somebody has tried again from its card: the same as Retry in the failure queue."""
    for item in stuck.retried_work(session, job=STEP, args=args_of(row), by=identity(actor), at=at):
        _write_down(session, item, identity(actor), "retry", "retried", at)


def asked_again(session: Session, job: str, args: dict[str, int]) -> bool:
    """Whether the last that happened to this work in the failure queue is that somebody had it tried again."""
    return stuck.last_state(session, job=job, args=args) == "retried"


def args_of(row: RunStep) -> dict[str, int]:
    """The arguments of the job that carries a step out again."""
    return {"run_id": row.run_id, "step": row.number}


def _write_down(
    session: Session, item: StuckItem, by: str, verb: str, outcome: str, at: datetime, *, note: str = ""
) -> None:
    audit.append(
        session,
        at=at,
        actor=by,
        action=f"stuck.{verb}",
        target=item.target,
        outcome=outcome,
        correlation_id=f"stuck-{item.id}",
        before={"state": "open", "job": item.job, "key": item.key, "reason": item.reason},
        after={"state": item.state} | ({"note": note} if note else {}),
    )
