"""From what was asked to a plan that people can look at: observe through the kind's doors, then one transaction."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from sqlalchemy.orm import Session

from automations.domain import HANDOFF, Mode
from automations.errors import AdapterError, Refused
from automations.plan import Plan, RunState, StepState
from automations.runs.approve import enough, settle
from automations.runs.ask import mode
from automations.runs.context import RunContext
from automations.runs.journal import follow, tell, write_down
from automations.runs.kinds import Asked, Rooms, RunKind
from automations.runs.rows import found, move, run_ref
from storage import audit
from storage.boundaries import reach
from storage.engine import Database
from storage.models import Run, RunApproval, RunStep

APPROVED_BY = "approved_by"
DIGEST = "digest"
"""Options of what was confirmed before it was planned anew: by whom (e-mail), and which digest they looked at."""


def asked_of(run: Run) -> Asked:
    """What a run was asked for, as its planner is given it."""
    return Asked(run.id, run.kind, run.subject, run.requested_by, dict(run.asked))


def propose(database: Database, run_id: int, kind: RunKind, rooms: Rooms, ctx: RunContext) -> None:
    """Observe, plan, and show the plan. Does nothing for a run that was planned already.

    Raises: AdapterError; then nothing is written, and it may be tried again.
    """
    with database.read() as session:
        run = found(session, run_id)
        if run.state != RunState.ASKED:
            return
        asked = asked_of(run)
    try:
        plan = kind.plan(asked, ctx)
    except Refused as exc:
        with database.begin() as session:
            refuse(session, run_id, str(exc), kind, ctx)
        return
    private, shown_to = _audience(asked, kind, rooms, ctx)
    reach("run.planned")
    with database.begin() as session:
        _store(session, run_id, plan, kind, ctx, private=private, shown_to=shown_to)
    reach("run.proposed")


def refuse(session: Session, run_id: int, why: str, kind: RunKind, ctx: RunContext) -> None:
    """End a run that cannot be planned, and tell who asked."""
    audit.hold(session)
    run, now = found(session, run_id), ctx.clock.now()
    words = ctx.redactor.text(why)
    if not move(session, run, {RunState.ASKED}, RunState.REFUSED, words=words, settled_at=now, settled_by=HANDOFF.id):
        return
    write_down(session, run, HANDOFF, "plan.refused", "refused", ctx, after={"why": why})
    tell(session, run, run.requested_by, f"{run_ref(run.id)} was not planned. {why}", ctx, name="refused")
    if kind.rested is not None:
        kind.rested(session, run, ctx)


def _audience(asked: Asked, kind: RunKind, rooms: Rooms, ctx: RunContext) -> tuple[bool, list[str]]:
    """Whether the card must go to the approvers alone, and to whom. In doubt it must."""
    person = ctx.roster.by_email(asked.subject) if asked.subject else None
    if not kind.hidden or person is None or person.slack is None:
        return False, []
    try:
        inside = rooms.is_member(ctx.channel, person.slack)
    except AdapterError:
        inside = True
    return inside, [user for user in rooms.leads() if user != person.slack] if inside else []


def _store(
    session: Session, run_id: int, plan: Plan, kind: RunKind, ctx: RunContext, *, private: bool, shown_to: list[str]
) -> None:
    audit.hold(session)
    run, now = found(session, run_id), ctx.clock.now()
    confirmed = run.asked.get(DIGEST)
    if confirmed is not None and confirmed != plan.digest:
        words = "What was looked at has changed since it was shown, so nothing was changed. A fresh look shows it."
        refuse(session, run_id, words, kind, ctx)
        return
    values = {
        "title": plan.title,
        "plan": _beside(plan),
        "digest": plan.digest,
        "needed": plan.approvals,
        "private": private,
        "shown_to": shown_to,
        "proposed_at": now,
        "expires_at": now + ctx.expires_after,
    }
    if not move(session, run, {RunState.ASKED}, RunState.PROPOSED, **values):
        return
    for number, step in enumerate(plan.steps, start=1):
        row = RunStep(run_id=run.id, number=number, **_columns(asdict(step)), state=StepState.PLANNED.value, tries=0)
        if step.already:
            row.state, row.found, row.found_at, row.changed_at = StepState.VERIFIED.value, step.before, now, now
        session.add(row)
    session.flush()
    write_down(session, run, HANDOFF, "plan.proposed", "proposed", ctx, after={
        "title": plan.title, "digest": plan.digest, "needed": plan.approvals, "brake": plan.brake,
        "steps": [f"{step.kind} {step.target}: {step.before} -> {step.after}" for step in plan.changes[:100]],
        "changes": len(plan.changes),
    })  # fmt: skip
    if kind.proposed is not None:
        kind.proposed(session, run, ctx)
    _go_on(session, run, plan, kind, ctx)
    follow(session, run, ctx)


def _go_on(session: Session, run: Run, plan: Plan, kind: RunKind, ctx: RunContext) -> None:
    """What needs no further word: nothing to do, nothing allowed, or confirmed already."""
    needs_people = plan.changes or plan.approvals > 1
    if not needs_people:
        words = "Nothing to change: everything is as it should be." if plan.steps else ""
        settle(session, run, HANDOFF, RunState.DONE, words, ctx)
        if kind.rested is not None:
            kind.rested(session, run, ctx)
    elif mode(session, ctx) is Mode.SHADOW:
        settle(session, run, HANDOFF, RunState.CANCELLED, "Shadow mode: this shows what it would do.", ctx)
        if kind.rested is not None:
            kind.rested(session, run, ctx)
    else:
        asking = run.requested_by if plan.approvals > 1 and "@" in run.requested_by else ""
        early = run.asked.get(APPROVED_BY) or asking
        if early and early != run.subject:
            session.add(RunApproval(run_id=run.id, by=early, digest=run.digest, at=ctx.clock.now()))
            session.flush()
            enough(session, run, ctx)


def _columns(step: Mapping[str, Any]) -> dict[str, Any]:
    return {**step, "args": dict(step["args"]), "needs": [need + 1 for need in step["needs"]]}


def _beside(plan: Plan) -> dict[str, Any]:
    return {
        "facts": [list(fact) for fact in plan.facts],
        "warnings": list(plan.warnings),
        "why_two": plan.why_two,
        "brake": plan.brake,
    }
