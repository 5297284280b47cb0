"""Between the yes and the first step: the world is looked at once more, and only the plan people saw is carried out."""

from sqlalchemy.orm import Session

from automations.domain import HANDOFF
from automations.errors import NotFound, Refused
from automations.plan import RunState
from automations.runs.ask import acts, ask_anew
from automations.runs.context import RunContext
from automations.runs.journal import follow, tell, write_down
from automations.runs.kinds import RunKind, let_hear
from automations.runs.propose import asked_of
from automations.runs.rows import approvals, found, move, run_ref
from storage import audit
from storage.engine import Database
from storage.models import Run

_CHANGED = "The plan has changed since it was shown, so nothing was applied."
_WITHDRAWN = "Not enough of those who confirmed it may still decide it, so nothing was applied."


def begin(database: Database, run: Run, kind: RunKind, ctx: RunContext) -> None:
    """Observe and plan again. The same plan is carried out; another one is shown to people, and nothing applied.

    Raises: AdapterError.
    """
    asked = asked_of(run)
    try:
        digest = kind.plan(asked, ctx).digest if kind.observed_again else run.digest
    except (Refused, NotFound) as exc:
        digest = f"refused: {exc}"
    with database.begin() as session:
        audit.hold(session)
        here = found(session, run.id)
        if here.state != RunState.APPROVED:
            return
        if not acts(session, here, ctx):
            _call_off(session, here, kind, ctx)
        elif digest != here.digest:
            _replace(session, here, digest, _CHANGED, kind, ctx)
        elif len(approvals(session, here)) < here.needed:
            _replace(session, here, digest, _WITHDRAWN, kind, ctx)
        elif move(session, here, {RunState.APPROVED}, RunState.RUNNING):
            write_down(session, here, HANDOFF, "plan.observed_again", "same", ctx, after={"digest": digest})
            follow(session, here, ctx)


def ask_once_more(session: Session, run: Run, ctx: RunContext) -> None:
    """Ask again for what could not be planned, since somebody had it tried again in the failure queue."""
    fresh = ask_anew(session, run, ctx)
    text = f"{run_ref(run.id)} is tried again as {run_ref(fresh.id)}."
    tell(session, run, run.requested_by, text, ctx, name="again")


def _call_off(session: Session, run: Run, kind: RunKind, ctx: RunContext) -> None:
    """Apply nothing of a run whose automation was switched off after it was confirmed."""
    words = f"{ctx.automation.capitalize()} was switched off before it began, so nothing was applied."
    values = {"words": words, "settled_at": ctx.clock.now(), "settled_by": HANDOFF.id, "review": "none"}
    if move(session, run, {RunState.APPROVED}, RunState.CANCELLED, **values):
        write_down(session, run, HANDOFF, "plan.cancelled", "cancelled", ctx, after={"why": words})
        tell(session, run, run.requested_by, f"{run_ref(run.id)}: {words}", ctx, name="called_off")
        _ended(session, run, kind, ctx)


def _replace(session: Session, run: Run, digest: str, words: str, kind: RunKind, ctx: RunContext) -> None:
    values = {"words": words, "settled_at": ctx.clock.now(), "settled_by": HANDOFF.id, "review": "none"}
    if not move(session, run, {RunState.APPROVED}, RunState.REPLACED, **values):
        return
    write_down(session, run, HANDOFF, "plan.replaced", "replaced", ctx, after={"digest": digest, "why": words})
    _ended(session, run, kind, ctx)
    fresh = ask_anew(session, run, ctx)
    text = f"{run_ref(run.id)}: {words} {run_ref(fresh.id)} shows the plan as it is now; please confirm that one."
    tell(session, run, run.requested_by, text, ctx, name="replaced")


def _ended(session: Session, run: Run, kind: RunKind, ctx: RunContext) -> None:
    let_hear(kind, session, run, ctx)
    follow(session, run, ctx)
