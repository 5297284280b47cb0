"""What people do about single steps: try again, say that it is done by hand, send an invitation once more."""

from sqlalchemy.orm import Session

from automations.domain import Actor, Role
from automations.errors import Refused
from automations.plan import StepState
from automations.runs.advance import reopen
from automations.runs.approve import may_decide
from automations.runs.context import RunContext
from automations.runs.journal import write_down
from automations.runs.rows import STEP, found, run_ref, step_row
from automations.words import identity
from storage import audit

LOOK = "run.look"
"""Job: look at a step that waits. Arguments: `run_id`, `step`, and `stated_by` for an e-mail address that says so."""
INVITE = "run.invite"
"""Job: send an invitation again. Arguments: `run_id`, `step`."""


def retry_step(session: Session, run_id: int, number: int, actor: Actor, ctx: RunContext) -> str:
    """Have a failed step tried again. Raises: NotFound; Refused if it is not failed, or not the actor's to decide."""
    audit.hold(session)
    run, row = found(session, run_id), step_row(session, run_id, number)
    may_decide(session, run, actor)
    if row.state == StepState.UNKNOWN:
        raise Refused(f"Step {number} of {run_ref(run.id)} is being looked up already. Nothing was changed.")
    if not reopen(session, run_id, number, actor, ctx):
        raise Refused(f"Step {number} of {run_ref(run.id)} is {_state(row.state)}; there is nothing to try again.")
    args = {"run_id": run.id, "step": number}
    ctx.jobs.enqueue(session, STEP, f"run/{run.id}/step/{number}/{row.tries}", args)
    return f"{run_ref(run.id)}, step {number}: it is tried again now."


def done_by_hand(session: Session, run_id: int, number: int, actor: Actor, ctx: RunContext) -> str:
    """Say that a step is done by hand. It is looked at in a job, if anything can read it.

    Raises: NotFound; Refused if it does not wait for a person, or for this one: its owner, or a lead.
    """
    audit.hold(session)
    run, row = found(session, run_id), step_row(session, run_id, number)
    by = identity(actor)
    if by != row.owner:
        may_decide(session, run, actor)
    elif run.subject == by or actor.role is None:
        raise Refused("This is not yours to decide. Nothing was changed.")
    if row.state != StepState.WAITING or not row.by_hand:
        raise Refused(f"Step {number} of {run_ref(run.id)} is {_state(row.state)}; it waits for nobody's hand.")
    write_down(session, run, actor, "step.stated", "stated", ctx, after={"step": number, "words": row.words})
    args: dict[str, str | int] = {"run_id": run.id, "step": number, "stated_by": by}
    ctx.jobs.enqueue(session, LOOK, f"run/{run.id}/stated/{number}/{ctx.clock.now().isoformat()}", args)
    checked = "It is checked now." if row.after else "Nothing can check it, so it is shown as stated by you."
    return f"{run_ref(run.id)}, step {number}: thank you. {checked}"


def invite_again(session: Session, run_id: int, number: int, actor: Actor, ctx: RunContext) -> str:
    """Have an invitation sent once more, and wait for it anew. Raises: NotFound; Refused."""
    audit.hold(session)
    run, row = found(session, run_id), step_row(session, run_id, number)
    may_decide(session, run, actor)
    if not row.waits or row.state not in (StepState.WAITING, StepState.FAILED):
        raise Refused(f"Step {number} of {run_ref(run.id)} is {_state(row.state)}; no invitation waits there.")
    write_down(session, run, actor, "invitation.resend", "asked", ctx, after={"step": number})
    args = {"run_id": run.id, "step": number}
    ctx.jobs.enqueue(session, INVITE, f"run/{run.id}/invite/{number}/{ctx.clock.now().isoformat()}", args)
    return f"{run_ref(run.id)}: the invitation is sent again now."


def may_see(actor: Actor, subject: str) -> bool:
    """Whether a run about this person may be shown to the actor: a lead who is somebody else."""
    return actor.may(Role.LEAD) and identity(actor) != subject


def _state(state: str) -> str:
    return state.replace("_", " ")
