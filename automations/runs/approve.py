"""People's yes and no to a plan. A yes is to one digest, by one person, once; the last one needed starts the run.

Where one person is enough it may be the one who asked; where two are needed, asking counts as the first of them, and
the second is somebody else. The subject of a run never decides about it.
"""

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session, object_session

from automations.domain import HANDOFF, Actor, Role
from automations.errors import Refused
from automations.plan import RunState
from automations.runs.ask import acts
from automations.runs.context import RunContext
from automations.runs.journal import follow, say, tell, write_down
from automations.runs.rows import ADVANCE, REVIEWED, SLACK, approvals, blocked, found, move, run_ref
from automations.surroundings import Surroundings
from automations.words import identity, when, who
from storage import audit
from storage.models import Run, RunApproval, RunStep
from storage.upsert import insert_into


def approve(session: Session, run_id: int, digest: str, actor: Actor, ctx: RunContext) -> str:
    """Say yes to the plan with this digest. Returns what is true now, in words.

    Raises: NotFound; Refused if it is decided, has expired, shows another plan by now, or is not the actor's to decide.
    """
    audit.hold(session)
    run = found(session, run_id)
    may_decide(session, run, actor, ctx)
    refuse_unless_open(run, ctx)
    if not acts(session, run, ctx):
        raise Refused(f"{ctx.automation.capitalize()} is switched off, so nothing is applied. Nothing was changed.")
    if digest != run.digest:
        raise Refused(f"The plan has changed since this message was made. {run_ref(run.id)} shows the new one.")
    now, by = ctx.clock.now(), identity(actor)
    if run.expires_at is not None and run.expires_at <= now:
        raise Refused(f"{run_ref(run.id)} ended at {when(run.expires_at, ctx)} without being confirmed. Ask again.")
    if run.needed > 1 and by == run.requested_by and by in {one.by for one in approvals(session, run)}:
        raise Refused(f"You asked for {run_ref(run.id)}; a second person has to confirm it. Nothing was changed.")
    row = insert_into(session, RunApproval).values(run_id=run.id, by=by, digest=digest, at=now)
    renewed = {"digest": digest, "at": now, "withdrawn_at": None}
    again = (RunApproval.digest != digest) | RunApproval.withdrawn_at.is_not(None)
    counted = session.execute(
        row.on_conflict_do_update(index_elements=["run_id", "by"], set_=renewed, where=again).returning(RunApproval.by)
    ).scalar()
    if counted is None:
        raise Refused(f"You have confirmed {run_ref(run.id)} already; a second person has to. Nothing was changed.")
    write_down(session, run, actor, "plan.approval", "approved", ctx, after={"digest": digest})
    if enough(session, run, ctx):
        follow(session, run, ctx)
        return f"{run_ref(run.id)}: confirmed. It is carried out now."
    have = len(approvals(session, run))
    say(session, run, f"{actor.name} confirmed: {have} of {run.needed}.", ctx, name=f"approval/{have}")
    follow(session, run, ctx)
    return f"{run_ref(run.id)}: your yes counts, {have} of {run.needed}. Another person has to confirm it too."


def cancel(session: Session, run_id: int, actor: Actor, ctx: RunContext) -> str:
    """Give a run up before it is confirmed. Raises: NotFound; Refused as for `approve`."""
    audit.hold(session)
    run = found(session, run_id)
    may_decide(session, run, actor, ctx)
    if not settle(session, run, actor, RunState.CANCELLED, "", ctx):
        refuse_unless_open(run, ctx)
    tell_its_kind(session, run, ctx)
    follow(session, run, ctx)
    if identity(actor) != run.requested_by:
        text = f"{actor.name} cancelled {run_ref(run.id)} ({run.title}). Nothing was changed."
        tell(session, run, run.requested_by, text, ctx, name="cancelled")
    return f"{run_ref(run.id)} is cancelled. Nothing was changed."


def review(session: Session, run_id: int, actor: Actor, ctx: RunContext) -> str:
    """Say that a second person has looked at what one person decided alone. Raises: NotFound; Refused."""
    audit.hold(session)
    run = found(session, run_id)
    may_decide(session, run, actor, ctx)
    by = identity(actor)
    if by in {run.requested_by, *(one.by for one in approvals(session, run))}:
        raise Refused("You decided this yourself; a second person has to look at it.")
    if run.review != "wanted":
        raise Refused(f"{run_ref(run.id)} waits for no review. Nothing was changed.")
    done = {"review": "done", "reviewed_by": by, "reviewed_at": ctx.clock.now()}
    session.execute(
        update(Run).where(Run.id == run.id, Run.review == "wanted").values(done),
        execution_options={"synchronize_session": False},
    )
    write_down(session, run, actor, "run.reviewed", "done", ctx)
    follow(session, run, ctx)
    return f"{run_ref(run.id)}: reviewed by you."


def enough(session: Session, run: Run, ctx: RunContext) -> bool:
    """Start the run if enough people have said yes to it. True exactly for the one that started it."""
    yes = approvals(session, run)
    if len(yes) < run.needed:
        return False
    review = "wanted" if run.plan.get(REVIEWED) else run.review
    if not move(session, run, {RunState.PROPOSED}, RunState.APPROVED, approved_at=ctx.clock.now(), review=review):
        return False
    decided = [one.by for one in yes]
    write_down(session, run, HANDOFF, "plan.approved", "approved", ctx, after={"by": decided, "digest": run.digest})
    ctx.jobs.enqueue(session, ADVANCE, f"run/{run.id}/1", {"run_id": run.id})
    return True


def settle(session: Session, run: Run, actor: Actor, to: RunState, words: str, ctx: RunContext) -> bool:
    """End a run that nobody has confirmed yet. True if it was one still."""
    values = {"words": words, "settled_at": ctx.clock.now(), "settled_by": identity(actor)}
    if not move(session, run, {RunState.ASKED, RunState.PROPOSED}, to, **values):
        return False
    write_down(session, run, actor, f"plan.{to}", to.value, ctx, after={"why": words} if words else None)
    return True


def tell_its_kind(session: Session, run: Run, ctx: RunContext) -> None:
    """Let the run's kind hear of an end that came by people or the clock: in a job, since only jobs know the kinds."""
    ctx.jobs.enqueue(session, ADVANCE, f"run/{run.id}/ended", {"run_id": run.id})


def may_decide(session: Session, run: Run, actor: Actor, ctx: Surroundings) -> None:
    """Raise Refused if it is not for this person to decide, whatever the state of the run."""
    if not actor.may(Role.LEAD):
        raise Refused("Only a lead decides this. Nothing was changed.")
    if is_about(session, run, actor, ctx):
        raise Refused("This is about you, so others decide it. Nothing was changed.")
    if actor.email and blocked(session, actor.email) is not None:
        raise Refused("Your access to Handoff was taken away. Nothing was changed.")


def refuse_unless_open(run: Run, ctx: RunContext) -> None:
    """Raise Refused, in words on what became of it, if the run does not wait for a decision."""
    state, instead = RunState(run.state), ""
    ended = state.value.replace("_", " ")
    if state is RunState.PROPOSED:
        return
    if state is RunState.ASKED:
        words = "is still being planned"
    elif run.approved_at is not None:
        now = "it is carried out now" if state in (RunState.APPROVED, RunState.RUNNING) else f"it is {ended}"
        words = f"was confirmed by {_deciders(run, ctx)} at {when(run.approved_at, ctx)} already; {now}"
        instead = _instead(run)
    else:
        by = f" by {who(run.settled_by, ctx)}" if run.settled_by else ""
        at = f" at {when(run.settled_at, ctx)}" if run.settled_at else ""
        words = f"is {ended}{by}{at}"
    raise Refused(f"{run_ref(run.id)} {words}.{instead} Nothing was changed by you.")


def _deciders(run: Run, ctx: RunContext) -> str:
    session = object_session(run)
    yes = approvals(session, run) if session is not None else []
    return " and ".join(who(one.by, ctx) for one in yes) or "others"


def _instead(run: Run) -> str:
    session = object_session(run)
    newer = session.scalar(select(Run.id).where(Run.replaces == run.id)) if session is not None else None
    return f" {run_ref(newer)} shows the plan as it is now." if newer is not None else ""


def may_see(session: Session, run: Run, actor: Actor, ctx: Surroundings) -> bool:
    """Whether a run may be shown to the actor: a lead whom it is not about."""
    return actor.may(Role.LEAD) and not is_about(session, run, actor, ctx)


def is_about(session: Session, run: Run, actor: Actor, ctx: Surroundings) -> bool:
    """Whether somebody would decide about themselves: as the subject, or as one of the many it is about.

    Steps name people as the desk does, so whoever goes by another address there is known by that one too.
    """
    person = ctx.roster.by_email(actor.email)
    theirs = {identity(actor), *([person.desk.lower()] if person and person.desk else [])}
    if run.subject:
        return run.subject in theirs or actor.id == run.asked.get(SLACK)
    targets = select(RunStep.number).where(RunStep.run_id == run.id, func.lower(RunStep.target).in_(theirs)).limit(1)
    return session.scalar(targets) is not None
