"""Sending an invitation again: the step that waits for it is waited for anew, from this moment."""

from automations.domain import HANDOFF, IdempotencyKey
from automations.errors import NotFound, Refused, Rejected
from automations.plan import RunState, StepState
from automations.runs.context import RunContext
from automations.runs.doing import action_of, remark
from automations.runs.failures import args_of, settle
from automations.runs.journal import follow, write_down
from automations.runs.kinds import Actions
from automations.runs.retry import run_again
from automations.runs.rows import STEP, found, move_step, step_of, step_row
from storage import audit
from storage.engine import Database

OVER = frozenset({StepState.WAITING, StepState.FAILED})
"""States of a step that waits, or has waited for too long."""


def invite(database: Database, run_id: int, number: int, actions: Actions, ctx: RunContext) -> None:
    """Have the step's action make it true once more, which for what waits is to send it, then wait for it anew.

    Raises: AdapterError, Refused, NotFound; the step says why it was not sent.
    """
    with database.read() as session:
        row = step_row(session, run_id, number)
        session.expunge(row)
    if not row.waits or row.state not in OVER:
        return
    try:
        action_of(actions, row).make(step_of(row), row.after, key=IdempotencyKey(f"run/{run_id}/{number}/{row.tries}"))
    except (Rejected, Refused, NotFound) as exc:
        remark(database, row, f"The invitation was not sent again: {exc}", ctx)
        raise
    now = ctx.clock.now()
    with database.begin() as session:
        audit.hold(session)
        run, here = found(session, run_id), step_row(session, run_id, number)
        due = {"tries": here.tries + 1, "due_at": now + ctx.waits_for, "changed_at": now, "reminded_at": None}
        if here.tries != row.tries or not move_step(session, here, OVER, StepState.WAITING, error=None, **due):
            return
        write_down(session, run, HANDOFF, "invitation.sent", "done", ctx, after={"step": number, "target": row.target})
        settle(session, STEP, args_of(here), "sent again", now)
        if run.state in (RunState.PARTIAL, RunState.FAILED):
            run_again(session, run, ctx)
        follow(session, run, ctx)
