"""What is shown of a run, read from its rows at this moment."""

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from automations.domain import Mode
from automations.plan import RunState, StepState
from automations.runs.ask import mode, restores
from automations.runs.card_types import Approval, RunCard, StepLine
from automations.runs.context import RunContext
from automations.runs.rows import approvals, found, run_ref, steps_of
from automations.runs.undo import CAN_BE, UNDO
from automations.words import person
from storage.models import Run, RunStep

__all__ = ["kind_words", "recent", "run_card", "run_ref"]


_NO_UNDO = ("refused", "expired", "cancelled", "replaced", "failed")
"""States of an undo that took nothing back, so that another one may be asked for."""

_CALLED = {"customers": "Customer sync"}
"""Kinds of run whose name alone does not say what they are."""


def run_card(session: Session, run_id: int, ctx: RunContext) -> RunCard:
    """One run with its steps. Raises: NotFound."""
    run = found(session, run_id)
    steps = steps_of(session, run_id)
    state = RunState(run.state)
    undoing = Run.undo_of == run.id, Run.state.not_in(_NO_UNDO)
    undone_by = session.scalar(select(Run.id).where(*undoing).order_by(Run.id.desc()))
    replaced_by = session.scalar(select(Run.id).where(Run.replaces == run.id).order_by(Run.id.desc()))
    shown_only = mode(session, ctx) is Mode.SHADOW and not restores(run.undo_of, ctx)
    undoable = any(row.undo and row.before != row.after and not row.waits for row in steps)
    return RunCard(
        id=run.id,
        kind=run.kind,
        automation=run.automation,
        title=run.title or kind_words(run.kind),
        state=state.value,
        subject=person(run.subject, ctx) if run.subject else None,
        requested_by=person(run.requested_by, ctx),
        requested_at=run.requested_at,
        reason=str(run.asked.get("reason", "")),
        facts=tuple((str(name), str(value)) for name, value in run.plan.get("facts", ())),
        warnings=tuple(str(words) for words in run.plan.get("warnings", ())),
        steps=tuple(_line(row, ctx) for row in steps),
        approvals=tuple(Approval(person(one.by, ctx), one.at) for one in approvals(session, run)),
        needed=run.needed,
        why_two=run.plan.get("why_two", ""),
        brake=run.plan.get("brake", ""),
        digest=run.digest,
        owner=person(run.owner, ctx),
        words=run.words,
        expires_at=run.expires_at,
        settled_at=run.settled_at,
        mode=(Mode.SHADOW if shown_only else Mode.ASK).value,
        replaced_by=replaced_by,
        replaces=run.replaces,
        undo_of=run.undo_of,
        undone_by=undone_by,
        can_undo=state in CAN_BE and run.kind != UNDO and undone_by is None and undoable,
        can_suspend_now=state is RunState.PROPOSED and any(row.urgent for row in steps) and run.kind == "offboard",
        review=run.review,
        reviewed_by=person(run.reviewed_by, ctx) if run.reviewed_by else None,
    )


def kind_words(kind: str) -> str:
    """What a run of this kind is called that has no title yet: `Offboard`, `Customer sync`."""
    return _CALLED.get(kind, kind.replace("_", " ").capitalize())


def recent(
    session: Session, contexts: Mapping[str, RunContext], limit: int, *, open_only: bool = False
) -> list[RunCard]:
    """The newest runs of these automations, newest first. `contexts` are theirs, by name.

    `open_only`: those that wait for people, are carried out, or are not whole.
    """
    theirs = Run.automation.in_(sorted(contexts))
    rows = select(Run.id, Run.automation).where(theirs).order_by(Run.id.desc()).limit(limit)
    if open_only:
        ended = [state.value for state in RunState if state.ended]
        rows = rows.where(Run.state.not_in(ended))
    return [run_card(session, run_id, contexts[automation]) for run_id, automation in session.execute(rows).all()]


def _line(row: RunStep, ctx: RunContext) -> StepLine:
    return StepLine(
        number=row.number,
        kind=row.kind,
        words=row.words,
        state=StepState(row.state).value,
        before=row.before,
        after=row.after,
        already=bool(row.after) and row.before == row.after,
        undo=row.undo,
        by_hand=row.by_hand,
        found=row.found or "",
        found_at=row.found_at,
        changed_at=row.changed_at,
        error=row.error or "",
        owner=person(row.owner, ctx) if row.owner else None,
        stated_by=person(row.stated_by, ctx) if row.stated_by else None,
        due_at=row.due_at,
        needs=tuple(row.needs),
        urgent=row.urgent,
    )
