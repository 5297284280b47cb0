"""From what was asked to a plan that people can look at: observe through the kind's doors, then one transaction."""

from dataclasses import asdict
from typing import Any

from sqlalchemy.orm import Session

from automations.domain import HANDOFF, Actor, Mode
from automations.errors import AdapterError, NotFound, Refused
from automations.plan import Plan, RunState, Step, StepState
from automations.runs.approve import enough, settle
from automations.runs.ask import APPROVED_BY, DIGEST, LONGEST, mode, restores
from automations.runs.context import RunContext
from automations.runs.journal import follow, tell, write_down
from automations.runs.kinds import Asked, Rooms, RunKind, let_hear
from automations.runs.rows import IN_PARTS, REVIEWED, SLACK, blocked, found, move, run_ref
from automations.words import in_brief
from storage import audit
from storage.boundaries import reach
from storage.engine import Database
from storage.models import Run, RunApproval, RunStep

__all__ = ["APPROVED_BY", "DIGEST", "asked_of", "give_up_planning", "propose"]


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
        _refuse_what_cannot_be_kept(plan)
        private, shown_to = _audience(asked, kind, rooms, ctx)
    except (Refused, NotFound) as exc:
        with database.begin() as session:
            refuse(session, run_id, str(exc), kind, ctx)
        return
    reach("run.planned")
    with database.begin() as session:
        _store(session, run_id, plan, kind, ctx, private=private, shown_to=shown_to)
    reach("run.proposed")


def refuse(session: Session, run_id: int, why: str, kind: RunKind | None, ctx: RunContext) -> None:
    """End a run that cannot be planned, and tell who asked. It has no card, unless it was confirmed already."""
    audit.hold(session)
    run, now = found(session, run_id), ctx.clock.now()
    shown, words = bool(run.digest), ctx.redactor.text(why)
    values = {"words": words, "settled_at": now, "settled_by": HANDOFF.id, "review": "none"}
    if not move(session, run, {RunState.ASKED, RunState.APPROVED}, RunState.REFUSED, **values):
        return
    write_down(session, run, HANDOFF, "plan.refused", "refused", ctx, after={"why": why})
    what = "was not carried out" if shown else "was not planned"
    tell(session, run, run.requested_by, f"{run_ref(run.id)} {what}. {why}", ctx, name="refused")
    let_hear(kind, session, run, ctx)
    if shown:
        follow(session, run, ctx)


def give_up_planning(session: Session, run_id: int, why: str, kind: RunKind | None, ctx: RunContext) -> None:
    """The job that observes and plans has given up: the run ends, so that the same can be asked for again."""
    refuse(session, run_id, f"{why.rstrip('.')}. Nothing was changed; ask again when that is mended.", kind, ctx)


def _audience(asked: Asked, kind: RunKind, rooms: Rooms, ctx: RunContext) -> tuple[bool, list[str]]:
    """Whether the card must go to the approvers alone, and to whom. In doubt it must.

    Raises: Refused where there is nobody it could go to; AdapterError if Slack does not say who they are.
    """
    person = ctx.roster.by_email(asked.subject) if asked.subject else None
    slack = (person.slack if person else None) or str(asked.options.get(SLACK) or "")
    if not kind.hidden or not asked.subject:
        return False, []
    try:
        inside = not slack or rooms.is_member(ctx.channel, slack)
    except AdapterError:
        inside = True
    if not inside:
        return False, []
    others = [user for user in rooms.leads() if user != slack and not _is_blocked(user, ctx)]
    if not others:
        raise Refused("Nobody else may confirm it: there is no other lead. Nothing was changed.")
    return True, others


def _is_blocked(user: str, ctx: RunContext) -> bool:
    """Whether the settings still name somebody who may do nothing here any more, and so reads nothing either."""
    person = ctx.roster.by_slack(user)
    return person is not None and person.blocked


def _refuse_what_cannot_be_kept(plan: Plan) -> None:
    for number, step in enumerate(plan.steps):
        if any(need >= number for need in step.needs):
            raise Refused(f"{in_brief(step.words, 80)} would wait for ever. Nothing was changed.")
        if long := next((text for text in (step.target, step.owner, step.kind) if len(text) > LONGEST), ""):
            raise Refused(f"{in_brief(long, 80)} has more than {LONGEST} characters. Nothing was changed.")


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
        "title": ctx.redactor.text(plan.title),
        "plan": {**run.plan, **ctx.redactor.tree(_beside(plan)), REVIEWED: kind.reviewed, IN_PARTS: kind.in_parts},
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
        row = RunStep(run_id=run.id, number=number, **_columns(step, kind, ctx), state=StepState.PLANNED, tries=0)
        if step.already:
            row.state, row.found, row.found_at, row.changed_at = StepState.VERIFIED, step.before, now, now
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
        let_hear(kind, session, run, ctx)
    elif mode(session, ctx) is Mode.SHADOW and not restores(run.undo_of, ctx):
        settle(session, run, HANDOFF, RunState.CANCELLED, "Shadow mode: this shows what it would do.", ctx)
        let_hear(kind, session, run, ctx)
    else:
        _count_who_asked(session, run, plan, ctx)
        enough(session, run, ctx)


def _count_who_asked(session: Session, run: Run, plan: Plan, ctx: RunContext) -> None:
    """Whoever confirmed it beforehand has said yes; where two are needed, so has who asked for just this.

    What has changed since it was asked for, or was stopped for its size, is more than anybody asked for.
    """
    asked_for_it = plan.approvals > 1 and not plan.brake and run.replaces is None and "@" in run.requested_by
    asking = run.requested_by if asked_for_it else ""
    early = str(run.asked.get(APPROVED_BY) or asking).lower()
    if not early or early == run.subject or blocked(session, early) is not None:
        return
    session.add(RunApproval(run_id=run.id, by=early, digest=run.digest, at=ctx.clock.now()))
    session.flush()
    by = Actor(id=early, name=ctx.roster.name(early), email=early)
    write_down(session, run, by, "plan.approval", "approved", ctx, after={"digest": run.digest, "by": "asking for it"})


def _columns(step: Step, kind: RunKind, ctx: RunContext) -> dict[str, Any]:
    """The columns of a step. What is read is redacted; values and arguments are what the action goes by."""
    read = {"words": step.words, "by_hand": step.by_hand, "undo": step.undo if kind.undoable else ""}
    needs = [need + 1 for need in step.needs]
    return {**asdict(step), "args": dict(step.args), "needs": needs, **ctx.redactor.tree(read)}


def _beside(plan: Plan) -> dict[str, Any]:
    return {
        "facts": [list(fact) for fact in plan.facts],
        "warnings": list(plan.warnings),
        "why_two": plan.why_two,
        "brake": plan.brake,
    }
