"""Whether people may go by what a sync found: it was let go on, and fields live where they lived when it looked."""

from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from automations.customer_context.comparing import places_of
from automations.customer_context.context import SYNC, CustomerContext
from automations.errors import Refused
from automations.plan import RunState
from automations.runs.rows import run_ref
from storage.models import Run

IN_DESK: Final = "in_desk"
"""In a sync's `plan`: the fields whose changes it would write to the desk."""


def let_go(run: Run) -> None:
    """Raise Refused while nobody may go by what this sync found."""
    if run.state == RunState.PROPOSED:
        stopped = run.plan.get("brake", "")
        raise Refused(f"{run_ref(run.id)} is stopped ({stopped}); two people have to let it go on first.")
    if run.state != RunState.DONE:
        words = f"{run_ref(run.id)} is {run.state.replace('_', ' ')}, so nobody goes by what it found."
        raise Refused(f"{words} Run a sync again; nothing was changed.")


def newest_let_go(session: Session) -> None:
    """Raise Refused while nobody may go by what the newest sync found, as the ledger shows it."""
    looked = select(Run).where(Run.kind == SYNC, Run.proposed_at.is_not(None)).order_by(Run.id.desc()).limit(1)
    run = session.scalars(looked).one_or_none()
    if run is not None:
        let_go(run)


def same_places(run: Run, ctx: CustomerContext) -> None:
    """Raise Refused if changes would be written to another place than the one this sync showed."""
    shown = run.plan.get(IN_DESK)
    if shown is not None and shown != places_of(ctx.rules, ctx.desk_can):
        raise Refused(
            f"The settings bring customers' fields to other places than when {run_ref(run.id)} looked. Run a sync "
            "again; nothing more was changed."
        )
