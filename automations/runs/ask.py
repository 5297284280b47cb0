"""Asking for a run: one row and one job. Whoever asks gets a plan to look at, and nothing is changed by asking."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from automations.domain import HANDOFF, Actor, Mode, Role
from automations.errors import Refused
from automations.plan import RunState
from automations.runs.context import RunContext
from automations.runs.journal import write_down
from automations.runs.rows import OPEN_KEY, PLAN, blocked, run_ref
from automations.words import identity, in_brief, when, who
from storage import audit, modes
from storage.models import Run

APPROVED_BY: Final = "approved_by"
DIGEST: Final = "digest"
"""Options of what was confirmed before it was planned anew: by whom (e-mail), and which digest they looked at."""

LONGEST: Final = 255
"""Characters that a key, an address or a target may have."""


def mode(session: Session, ctx: RunContext) -> Mode:
    """The mode in force: one set by command wins, and a word that is no mode means off. Never above `ask`."""
    by_command = modes.mode_of(session, ctx.automation)
    if by_command is None:
        return ctx.mode
    return Mode(by_command) if by_command in (Mode.SHADOW, Mode.ASK) else Mode.OFF


def restores(undo_of: int | None, ctx: RunContext) -> bool:
    """Whether a run only takes back what was done. That works in every mode: who switches off wants that most of all.

    One rule for every automation: the undo of a run (`undo_of`), and all runs of one that makes no others.
    """
    return undo_of is not None or ctx.only_restores


def acts(session: Session, run: Run, ctx: RunContext) -> bool:
    """Whether the mode in force lets this run be confirmed and carried out."""
    return restores(run.undo_of, ctx) or mode(session, ctx) is Mode.ASK


def ask(
    session: Session,
    kind: str,
    subject: str,
    options: Mapping[str, Any],
    actor: Actor,
    ctx: RunContext,
    *,
    name: str = "",
    undo_of: int | None = None,
    replaces: int | None = None,
) -> Run:
    """Ask for a run of this kind about this person (an e-mail address, empty for many). It is planned in a job.

    It belongs to the automation whose context this is.

    `name` tells apart what may be asked for about one person at the same time; `options` are plain JSON values.
    Raises: Refused if the automation is off and this restores nothing, the actor is no lead, or the same is asked for
    already.
    """
    if mode(session, ctx) is Mode.OFF and not restores(undo_of, ctx):
        raise Refused(
            f"{ctx.automation.capitalize()} is switched off, so nothing was asked for. An admin switches it on: "
            f"handoff automations mode {ctx.automation} ask."
        )
    if actor != HANDOFF and not actor.id.startswith("os:") and not actor.may(Role.LEAD):
        raise Refused("This needs the role lead. Nothing was asked for.")
    if actor.email and blocked(session, actor.email) is not None:
        raise Refused("Your access to Handoff was taken away. Nothing was asked for.")
    now, key = ctx.clock.now(), "/".join(part for part in (kind, subject.lower(), name) if part)
    if len(key) > LONGEST:
        raise Refused(f"{in_brief(subject, 80)} is too long for an e-mail address. Nothing was asked for.")
    audit.hold(session)
    run = Run(
        open_key=key,
        automation=ctx.automation,
        kind=kind,
        subject=subject.lower(),
        title="",
        state=RunState.ASKED.value,
        asked=ctx.redactor.tree(dict(options)),
        plan={OPEN_KEY: key},
        digest="",
        needed=1,
        requested_by=identity(actor),
        requested_at=now,
        owner=identity(actor) if actor.email else ctx.owner,
        correlation_id=str(uuid4()),
        channel=ctx.channel,
        private=False,
        shown_to=[],
        version=1,
        words="",
        undo_of=undo_of,
        replaces=replaces,
        review="none",
    )
    try:
        with session.begin_nested():
            session.add(run)
    except IntegrityError as exc:
        raise already(session, key, ctx) from exc
    asked = {"kind": kind, "subject": subject.lower(), **dict(options)}
    write_down(session, run, actor, "run.asked", "asked", ctx, after=asked)
    ctx.jobs.enqueue(session, PLAN, f"plan/{run.id}", {"run_id": run.id})
    return run


def ask_anew(session: Session, run: Run, ctx: RunContext) -> Run:
    """Ask for the same again, for the same person, in place of a run that has ended. Nobody's yes is carried over.

    Raises: Refused as `ask`.
    """
    options = {name: value for name, value in run.asked.items() if name not in (APPROVED_BY, DIGEST)}
    known = "/".join(part for part in (run.kind, run.subject) if part)
    name = str(run.plan[OPEN_KEY]).removeprefix(known).removeprefix("/")
    fresh = ask(session, run.kind, run.subject, options, HANDOFF, ctx, name=name, undo_of=run.undo_of, replaces=run.id)
    fresh.requested_by, fresh.owner = run.requested_by, run.owner
    session.flush()
    return fresh


def already(session: Session, key: str, ctx: RunContext) -> Refused:
    """What to say where a run with this `open_key` is open."""
    other = session.scalars(select(Run).where(Run.open_key == key)).one_or_none()
    if other is None:
        return Refused("The same was asked for a moment ago. Nothing new was asked for; please look again.")
    by, at = who(other.requested_by, ctx), when(other.requested_at, ctx)
    return Refused(
        f"{run_ref(other.id)} is open for the same: asked for by {by} at {at}. "
        "Confirm or cancel that one first. Nothing new was asked for."
    )
