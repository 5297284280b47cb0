"""Asking for runs of access, the same from a command, a form and a button: a run, and words on where its card comes."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from automations.access.context import AccessContext
from automations.errors import Refused
from automations.runs.ask import ask
from automations.runs.card import run_ref
from automations.words import identity, typed
from bot.listeners.contexts import access_of
from bot.listeners.exchange import Turn
from bot.listeners.subjects import Subject


@dataclass(frozen=True, slots=True)
class Role:
    """What somebody is to be given. `name` is what to call them if they are not known yet."""

    role: str
    groups: tuple[str, ...] = ()
    name: str = ""
    reason: str = ""


def desk_in(ctx: AccessContext) -> str:
    """The desk's title within a sentence: `the built-in desk`, `Zendesk`."""
    return f"the{ctx.desk_title[3:]}" if ctx.desk_title.startswith("The ") else ctx.desk_title


def ask_to_provision(session: Session, turn: Turn, who: Subject, given: Role) -> str:
    """Ask for somebody to be given a role. Returns what is done now, in words. Raises: Refused."""
    ctx = access_of(turn)
    options = {
        "role": given.role,
        "groups": list(given.groups),
        "name": typed(given.name, ctx) or who.name,
        "slack": who.slack,
        "reason": typed(given.reason, ctx),
    }
    run = ask(session, "provision", who.email, options, turn.actor, ctx)
    return f"{run_ref(run.id)}: looking at {desk_in(ctx)} for {options['name'] or who.email}."


def ask_to_offboard(
    session: Session, turn: Turn, who: Subject, follows: Subject | None, reason: str, *, now: bool = False
) -> str:
    """Ask for somebody's access to be taken away, with `now` for the urgent steps at once. Returns what is done now.

    Raises: Refused.
    """
    ctx, why = access_of(turn), typed(reason, access_of(turn))
    # Before it is looked up, so that the answer is the same whether others have asked for it already or not.
    if who.email == identity(turn.actor) or who.slack == turn.actor.id:
        raise Refused("This is about you, so others decide it. Nothing was asked for.")
    options = {"successor": follows.email if follows else "", "reason": why, "name": who.name, "slack": who.slack}
    run = ask(session, "offboard", who.email, options, turn.actor, ctx)
    said = f"{run_ref(run.id)}: looking at {desk_in(ctx)} for {who.called}, who does not get to see it."
    if now:
        cut = ask_to_suspend(session, turn, who, why, run.id)
        said += f" {run_ref(cut)}: their sign-in is being cut, on your word; a second person reviews it afterwards."
    return said


def ask_to_suspend(session: Session, turn: Turn, who: Subject, reason: str, offboard: int) -> int:
    """Ask for the urgent steps of an offboarding at once, approved by the one who asks. Returns the run's number.

    Raises: Refused without a reason, or if it is about the one who asks.
    """
    ctx, by = access_of(turn), identity(turn.actor)
    if not reason:
        raise Refused("Please say in a sentence why this cannot wait for a second person. Nothing was changed.")
    if by == who.email:
        raise Refused("This is about you, so others decide it. Nothing was changed.")
    options = {"reason": reason, "approved_by": by, "offboard": offboard, "name": who.name, "slack": who.slack}
    return ask(session, "suspend", who.email, options, turn.actor, ctx).id
