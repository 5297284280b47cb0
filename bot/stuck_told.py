"""Nothing leaves the failure queue silently: the case's or run's thread hears of it, and its owner's reminder follows.

The audit row is written by who lets it leave. As one of many at once each case keeps it in its history, and the threads
hear nothing, so that a hundred cases do not fill the channel.
"""

from typing import Final

from sqlalchemy.orm import Session

from automations.domain import Actor
from automations.failure_tickets import journal
from automations.failure_tickets.context import Context
from automations.runs.journal import say
from automations.words import identity, in_brief, who
from bot import stuck_reminders
from bot.run_jobs import RUN_JOBS
from bot.views.stuck import WORK
from storage.models import Case, Run, StuckItem

"""Jobs whose work belongs to a run."""

DID: Final = {
    "retried": "has this tried again",
    "discarded": "gave this up",
    "done": "notes that this was done after all",
}
"""What became of an item, by its state; reads on from a name."""


def left(session: Session, item: StuckItem, actor: Actor, ctx: Context, *, quietly: bool = False) -> None:
    """Tell that an item has left, in the transaction that let it. The audit head is held."""
    text = f"{DID[item.state]}: {WORK.get(item.job, item.job)}"
    if item.state == "discarded" and item.settled_note:
        text += f" ({in_brief(item.settled_note, 300)})"
    else:
        text += f" (it had failed: {in_brief(item.reason, 200)})"
    if (case := _case(session, item)) is not None:
        _in_history(session, case, item.state, actor, text, ctx, quietly=quietly)
    elif item.job in RUN_JOBS and not quietly and (run := session.get(Run, int(item.args["run_id"]))) is not None:
        say(session, run, f"{who(identity(actor), ctx)} {text}", ctx, name=f"stuck/{item.id}")
    stuck_reminders.follow(session, item.owner, ctx)


def _in_history(
    session: Session, case: Case, state: str, actor: Actor, text: str, ctx: Context, *, quietly: bool
) -> None:
    verb = f"stuck_{state}"
    if quietly:
        at = ctx.clock.now()
        journal.write_entry(session, case, verb=verb, actor=actor, text=text, to_desk=False, at=at)
        journal.write_audit(session, case, verb, actor, at, before=None, after=None)
        return
    journal.note(
        session, case, verb=verb, actor=actor, text=text, to_desk=False, mention=None, ctx=ctx, sync=False, touch=False
    )


def _case(session: Session, item: StuckItem) -> Case | None:
    case_id = item.args.get("case_id")
    return session.get(Case, int(case_id), populate_existing=True) if case_id is not None else None
