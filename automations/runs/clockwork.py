"""What happens to runs by the clock: proposals are spoken of and end, steps that wait are looked at and end too.

Each kind says what is `due` (a job's key with the deadline in it, and ids) and performs one of it in one transaction,
or nothing if it is no longer due. What is due is that of the runs of one automation, the one whose context is given.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session

from automations.domain import HANDOFF
from automations.plan import RunState, StepState
from automations.runs.approve import settle, tell_its_kind
from automations.runs.context import RunContext
from automations.runs.doing import brief
from automations.runs.failures import queue
from automations.runs.journal import follow, say, tell, write_down
from automations.runs.retry import LOOK
from automations.runs.rows import ADVANCE, found, move_step, run_ref, step_row
from automations.words import when
from storage import audit
from storage.models import Run, RunStep

Args = Mapping[str, str | int]
Due = tuple[str, Args]


def expired(session: Session, ctx: RunContext) -> Sequence[Due]:
    """Proposals whose time is over."""
    over = _ours(ctx), Run.state == RunState.PROPOSED.value, Run.expires_at <= ctx.clock.now()
    return [(f"expire/{run_id}", {"run_id": run_id}) for run_id in session.scalars(select(Run.id).where(*over))]


def expire(session: Session, args: Args, ctx: RunContext) -> None:
    """End a proposal that nobody confirmed, and tell who asked."""
    audit.hold(session)
    run = found(session, int(args["run_id"]))
    if run.expires_at is None or run.expires_at > ctx.clock.now():
        return
    if settle(session, run, HANDOFF, RunState.EXPIRED, "Nobody confirmed it in time. Nothing was changed.", ctx):
        text = f"{run_ref(run.id)} ({run.title}) ended without being confirmed. Nothing was changed; you may ask again."
        tell(session, run, run.requested_by, text, ctx, name="expired")
        tell_its_kind(session, run, ctx)
        follow(session, run, ctx)


def unconfirmed(session: Session, ctx: RunContext) -> Sequence[Due]:
    """Proposals that are to be spoken of again: after `remind_after`, then after twice the time each."""
    now = ctx.clock.now()
    waiting = select(Run).where(_ours(ctx), Run.state == RunState.PROPOSED.value, Run.expires_at > now)
    due = []
    for run in session.scalars(waiting):
        next_at = _next_reminder(run, ctx)
        if next_at is not None and next_at <= now:
            due.append((f"remind/{run.id}/{next_at.isoformat()}", {"run_id": run.id}))
    return due


def remind(session: Session, args: Args, ctx: RunContext) -> None:
    """Say in the thread that a proposal still waits. Nobody is mentioned: the card says who may confirm."""
    audit.hold(session)
    run, now = found(session, int(args["run_id"])), ctx.clock.now()
    next_at = _next_reminder(run, ctx)
    if run.state != RunState.PROPOSED or next_at is None or next_at > now:
        return
    run.reminded_at = now
    write_down(session, run, HANDOFF, "plan.reminded", "done", ctx)
    until = f" It ends at {when(run.expires_at, ctx)}." if run.expires_at else ""
    say(session, run, f"{run_ref(run.id)} still waits to be confirmed.{until}", ctx, name=f"remind/{now.isoformat()}")


def waiting(session: Session, ctx: RunContext) -> Sequence[Due]:
    """Steps that wait and can be read: each is looked at once in every `look_every`, for all replicas together."""
    now = ctx.clock.now()
    slot = int(now.timestamp() // ctx.look_every.total_seconds())
    rows = _waiting_steps(ctx).where(RunStep.after != "").order_by(RunStep.run_id)
    return [
        (f"look/{row.run_id}/{row.number}/{slot}", {"run_id": row.run_id, "step": row.number})
        for row in session.scalars(rows)
    ]


def ask_to_look(session: Session, args: Args, ctx: RunContext) -> None:
    """Ask for the look, which calls the outside and so is a job of its own."""
    slot = int(ctx.clock.now().timestamp() // ctx.look_every.total_seconds())
    ctx.jobs.enqueue(session, LOOK, f"run/{args['run_id']}/look/{args['step']}/{slot}", args)


def overdue(session: Session, ctx: RunContext) -> Sequence[Due]:
    """Steps that waited for somebody outside for too long, and those that are to be spoken of again."""
    now, due = ctx.clock.now(), []
    for row in session.scalars(_waiting_steps(ctx)):
        at = _speak_at(row, ctx)
        if _over(row, now):
            due.append((f"overdue/{row.run_id}/{row.number}/{row.tries}", {"run_id": row.run_id, "step": row.number}))
        elif at is not None and at <= now:
            key = f"waits/{row.run_id}/{row.number}/{at.isoformat()}"
            due.append((key, {"run_id": row.run_id, "step": row.number}))
    return due


def end_wait(session: Session, args: Args, ctx: RunContext) -> None:
    """Fail a step that waited for too long, or remind of it."""
    audit.hold(session)
    run, row = found(session, int(args["run_id"])), step_row(session, int(args["run_id"]), int(args["step"]))
    now = ctx.clock.now()
    if row.state != StepState.WAITING:
        return
    if _over(row, now):
        error = f"Not so within {_days(ctx.waits_for)}; it still was {row.found or row.before!r} at the last look"
        error = brief(error, ctx)
        if move_step(session, row, {StepState.WAITING}, StepState.FAILED, error=error, changed_at=now):
            after = {"step": row.number, "error": error}
            write_down(session, run, HANDOFF, "step.failed", "failed", ctx, before={"state": "waiting"}, after=after)
            queue(session, run, row, ctx)
            ctx.jobs.enqueue(session, ADVANCE, f"run/{run.id}/over/{row.number}/{row.tries}", {"run_id": run.id})
            follow(session, run, ctx)
        return
    at = _speak_at(row, ctx)
    if at is None or at > now:
        return
    row.reminded_at = now
    write_down(session, run, HANDOFF, "step.reminded", "done", ctx, after={"step": row.number})
    what = f"is yours to do by hand: {row.by_hand}" if row.by_hand else "is not so yet"
    text = f"{run_ref(run.id)}, {run.title}: {row.words} {what}"
    name = f"waits/{row.number}/{now.isoformat()}"
    if not tell(session, run, row.owner or run.owner, text, ctx, name=name):
        say(session, run, text, ctx, name=name)


def _ours(ctx: RunContext) -> ColumnElement[bool]:
    return Run.automation == ctx.automation


def _waiting_steps(ctx: RunContext) -> Select[RunStep]:
    waits = RunStep.state == StepState.WAITING.value
    return select(RunStep).join(Run, Run.id == RunStep.run_id).where(_ours(ctx), waits)


def _next_reminder(run: Run, ctx: RunContext) -> datetime | None:
    if run.proposed_at is None:
        return None
    if run.reminded_at is None:
        return run.proposed_at + ctx.remind_after
    return run.proposed_at + 2 * (run.reminded_at - run.proposed_at)


def _speak_at(row: RunStep, ctx: RunContext) -> datetime | None:
    since = row.reminded_at or row.changed_at
    return None if since is None else since + ctx.remind_waiting


def _over(row: RunStep, now: datetime) -> bool:
    return row.waits and not row.by_hand and row.due_at is not None and row.due_at <= now


def _days(time: timedelta) -> str:
    hours = round(time.total_seconds() / 3600)
    return f"{hours // 24} days" if hours >= 48 else f"{hours} hours"
