"""Writing down what happens to a run: the audit row, its message asked to follow, and words for those concerned."""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import update
from sqlalchemy.orm import Session

from automations.domain import Actor
from automations.posting import put_and_deliver
from automations.runs.context import RunContext
from automations.runs.rows import blocked, run_ref
from automations.surroundings import Surroundings
from automations.words import identity
from storage import audit, notifications
from storage.models import Run

CARD: Final = "run.card"
FINDINGS: Final = "access.findings"
LINE: Final = "run.line"
TOLD: Final = "access.told"
RECONCILE: Final = "reconcile"
"""The kind of run whose message lists findings in place of steps."""

MESSAGES: Final[Mapping[str, str]] = {RECONCILE: FINDINGS, "customers": "customers.sync"}
"""Kinds of message by the kinds of run that have one of their own; every other run is shown by its card.

Names alone, since what shows them is in the automations, which know of runs and not the other way round.
"""


def write_down(
    session: Session,
    run: Run,
    actor: Actor,
    action: str,
    outcome: str,
    ctx: RunContext,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Write one audit row about a run; texts are redacted."""
    audit.append(
        session,
        at=ctx.clock.now(),
        actor=identity(actor),
        action=action,
        target=run_ref(run.id),
        outcome=outcome,
        correlation_id=run.correlation_id,
        before=None if before is None else ctx.redactor.tree(dict(before)),
        after=None if after is None else ctx.redactor.tree(dict(after)),
    )


def follow(session: Session, run: Run, ctx: RunContext) -> None:
    """Let every message of the run show its newest state. One that was never shown is not shown by this."""
    session.flush()
    grown = update(Run).where(Run.id == run.id).values(version=Run.version + 1)
    session.execute(grown, execution_options={"synchronize_session": False})
    session.refresh(run)
    for key, channel in surfaces(run):
        kind = MESSAGES.get(run.kind, CARD)
        data = {"run_id": run.id}
        put_and_deliver(session, ctx, key=key, kind=kind, channel=channel, data=data, at=ctx.clock.now())


def say(session: Session, run: Run, text: str, ctx: Surroundings, *, name: str) -> None:
    """Add a line to the thread of every message of the run. `name` makes the line one, however often it is said."""
    for key, channel in surfaces(run):
        if notifications.get(session, key) is None:
            continue
        data = {"run_id": run.id, "text": ctx.redactor.text(text)}
        line = f"{key}/line/{name}"
        put_and_deliver(
            session, ctx, key=line, kind=LINE, channel=channel, data=data, at=ctx.clock.now(), parent_key=key
        )


def tell(session: Session, run: Run, email: str, text: str, ctx: RunContext, *, name: str) -> bool:
    """Tell one person in a direct message. `name` makes the message one.

    False if nobody was told: their Slack user is not known, or they may do nothing in Handoff any more.
    """
    person = ctx.roster.by_email(email)
    if person is None or person.slack is None or blocked(session, email) is not None:
        return False
    data = {"run_id": run.id, "text": ctx.redactor.text(text)}
    key = f"run/{run.id}/told/{person.slack}/{name}"
    put_and_deliver(session, ctx, key=key, kind=TOLD, channel=person.slack, data=data, at=ctx.clock.now())
    return True


def surfaces(run: Run) -> list[tuple[str, str]]:
    """The messages that show a run: notification key and channel, or Slack user for a direct message."""
    if not run.digest and not run.words:
        return []
    if run.private:
        return [(f"run/{run.id}/to/{user}", user) for user in run.shown_to]
    return [(f"run/{run.id}", run.channel)]
