"""Runs in Slack: the buttons of their cards, the forms of Suspend now and Put on duty, and their details.

A button carries the plan that a person looked at; one that was made for another plan does nothing, whichever act it
asks for. In the details the view is made anew after each act.
"""

from collections.abc import Callable

from sqlalchemy import select
from sqlalchemy.orm import Session

from automations.domain import Actor
from automations.duty import next_hand_over
from automations.errors import Refused
from automations.failure_tickets.covers import cover
from automations.moments import read_moment
from automations.plan import RunState
from automations.runs import approve, retry, undo
from automations.runs.card import run_card, run_ref
from automations.runs.context import RunContext
from automations.runs.journal import say, surfaces
from automations.runs.rows import found
from automations.words import typed, when
from bot.listeners.asking import ask_to_suspend
from bot.listeners.contexts import context_of
from bot.listeners.duty import rotation_of
from bot.listeners.exchange import Answer, Deps, Turn
from bot.listeners.exchange import Run as Listener
from bot.listeners.frame import Route
from bot.listeners.interaction import Interaction
from bot.listeners.subjects import Subject
from bot.views.access_forms import on_duty_form, suspend_form
from bot.views.lists import notice, sentence
from bot.views.run_details import run_details
from bot.wire import FIELD_REASON, FIELD_UNTIL, WireError
from bot.wire_runs import FIELD_ROTATION, RunAct, RunButton
from storage.models import Notification, Run

Act = Callable[[Session, RunButton, Actor, RunContext], str]
"""Does one thing to a run, and says what is true now."""

AT_ONCE: dict[RunAct, Act] = {
    RunAct.CONFIRM: lambda session, asked, by, ctx: approve.approve(session, asked.run_id, asked.digest, by, ctx),
    RunAct.CANCEL: lambda session, asked, by, ctx: approve.cancel(session, asked.run_id, by, ctx),
    RunAct.REVIEW: lambda session, asked, by, ctx: approve.review(session, asked.run_id, by, ctx),
    RunAct.UNDO: lambda session, asked, by, ctx: undo.undo(session, asked.run_id, by, ctx),
    RunAct.RETRY: lambda session, asked, by, ctx: retry.retry_step(session, asked.run_id, asked.step, by, ctx),
    RunAct.DONE_BY_HAND: lambda session, asked, by, ctx: retry.done_by_hand(session, asked.run_id, asked.step, by, ctx),
    RunAct.INVITE_AGAIN: lambda session, asked, by, ctx: retry.invite_again(session, asked.run_id, asked.step, by, ctx),
}
"""Acts that need no question."""


def route_action(interaction: Interaction, _deps: Deps) -> Route:
    """Find what a button asks for. Raises: WireError for a value that is not one of ours, or not of this button."""
    asked = _read(interaction)
    return Route(f"action {asked.act}", ACTS[asked.act], target=run_ref(asked.run_id))


def route_form(interaction: Interaction, _deps: Deps) -> Route:
    """Find who takes a form that was sent. Raises: WireError."""
    asked = _read(interaction)
    return Route(f"form {asked.act}", FORMS[asked.act], target=run_ref(asked.run_id))


def press(session: Session, turn: Turn) -> Answer:
    """Do what a button says."""
    asked, _, ctx = _looked_at(session, turn)
    said = AT_ONCE[asked.act](session, asked, turn.actor, ctx)
    return _told(session, asked.run_id, said, turn)


def show(session: Session, turn: Turn) -> Answer:
    """Open the details, or turn to another page of them. Raises: Refused for whom they are not, NotFound."""
    asked = RunButton.decode(turn.interaction.value)
    run = found(session, asked.run_id)
    ctx = context_of(turn, run)
    if not approve.may_see(session, run, turn.actor, ctx):
        raise Refused(f"{run_ref(run.id)} is about you, so others look after it.")
    view = run_details(run_card(session, run.id, ctx), turn.deps.look, asked.step)
    outcome = f"showed {run_ref(run.id)}, page {asked.step or 1}"
    if turn.interaction.view_type == "modal":
        return Answer(outcome, view=view)
    return Answer(outcome, modal=view)


def ask_why(session: Session, turn: Turn) -> Answer:
    """Open the form of Suspend now. Raises: Refused if it is not for this person, or not the time."""
    asked, run, ctx = _looked_at(session, turn)
    _may_suspend(session, run, turn.actor, ctx)
    form = suspend_form(run_card(session, run.id, ctx))
    return Answer(f"opened the form of {asked.act} for {run_ref(run.id)}", modal=form)


def suspend_now(session: Session, turn: Turn) -> Answer:
    """Ask for the urgent steps at once, approved by this one person, for the reason given."""
    _, run, ctx = _looked_at(session, turn)
    _may_suspend(session, run, turn.actor, ctx)
    reason = typed(turn.interaction.fields.get(FIELD_REASON, ""), ctx)
    who = Subject(run.subject, str(run.asked.get("name", "")), str(run.asked.get("slack", "")))
    cut = ask_to_suspend(session, turn, who, reason, run.id)
    text = f"{turn.actor.name} has the urgent steps carried out at once ({run_ref(cut)}): {reason}"
    say(session, run, text, ctx, name=f"suspend/{cut}")
    said = (
        f"{run_ref(cut)}: sign-in is being cut, on your word. A second person reviews it; {run_ref(run.id)} stays open."
    )
    return Answer(said, instead=notice(sentence(said)))


def ask_until_when(session: Session, turn: Turn) -> Answer:
    """Open the form of Put on duty."""
    asked, run, ctx = _looked_at(session, turn)
    _may_put_on_duty(session, run, turn)
    rotations = [one.name for one in turn.deps.ctx.book.rotations]
    form = on_duty_form(run_card(session, run.id, ctx), rotations)
    return Answer(f"opened the form of {asked.act} for {run_ref(run.id)}", modal=form)


def put_on_duty(session: Session, turn: Turn) -> Answer:
    """Give the newcomer a duty until the time that was typed, the next hand-over for none."""
    _, run, _ = _looked_at(session, turn)
    _may_put_on_duty(session, run, turn)
    fields, ctx = turn.interaction.fields, turn.deps.ctx
    rotation, _ = rotation_of(fields.get(FIELD_ROTATION, ""), turn)
    person = ctx.roster.by_email(run.subject)
    assert person is not None, "asked for above"
    now, ends = ctx.clock.now(), next_hand_over(rotation, ctx.clock.now())
    text = fields.get(FIELD_UNTIL, "").strip()
    until = read_moment(text, now=now, zone=ctx.book.zone, end_of_shift=ends) if text else ends
    said = cover(session, rotation, person, turn.actor, ctx, until=until)
    back = f"Take it back: /{turn.deps.look.prefix} on-duty end-cover {rotation.name}"
    return Answer(said, instead=notice(sentence(f"{said}\n{back}")))


OF_A_STEP = frozenset({RunAct.RETRY, RunAct.DONE_BY_HAND, RunAct.INVITE_AGAIN})
"""Acts on one step; all others are on the run as a whole."""

_PAGES = frozenset({RunAct.DETAILS, RunAct.DETAILS_BACK})

ACTS: dict[RunAct, Listener] = {
    **dict.fromkeys(AT_ONCE, press),
    RunAct.DETAILS: show,
    RunAct.DETAILS_BACK: show,
    RunAct.SUSPEND_NOW: ask_why,
    RunAct.ON_DUTY: ask_until_when,
}
"""What each button does."""

FORMS: dict[RunAct, Listener] = {RunAct.SUSPEND_NOW: suspend_now, RunAct.ON_DUTY: put_on_duty}
"""What sending each form does."""


def _read(interaction: Interaction) -> RunButton:
    asked = RunButton.decode(interaction.value)
    about_a_step = asked.act in OF_A_STEP or asked.act in _PAGES
    if interaction.name != asked.act or (asked.step and not about_a_step):
        raise WireError("This button says one thing and carries another. Nothing was changed.")
    return asked


def _looked_at(session: Session, turn: Turn) -> tuple[RunButton, Run, RunContext]:
    """What the button carries, with its run. Raises: NotFound; Refused if it was made for another plan."""
    asked = RunButton.decode(turn.interaction.value)
    run = found(session, asked.run_id)
    ctx = context_of(turn, run)
    if asked.digest != run.digest:
        raise Refused(
            f"The plan has changed since this message was made. {run_ref(run.id)} shows what it is now. "
            "Nothing was changed."
        )
    _refuse_elsewhere(session, run, turn.interaction)
    return asked, run, ctx


def _refuse_elsewhere(session: Session, run: Run, interaction: Interaction) -> None:
    """Refuse a button in a channel where no message of the run is: who may see it there was never looked at.

    Raises: Refused. Views have no channel; a message whose place is not known yet is let through.
    """
    if interaction.private or interaction.view_type or not interaction.channel:
        return
    keys = [key for key, _ in surfaces(run)]
    places = session.scalars(select(Notification.posted_channel).where(Notification.key.in_(keys))).all()
    if places and None not in places and interaction.channel not in places:
        raise Refused(f"This button stands in another channel than {run_ref(run.id)}. Nothing was changed.")


def _may_suspend(session: Session, run: Run, actor: Actor, ctx: RunContext) -> None:
    approve.may_decide(session, run, actor, ctx)
    if run.kind != "offboard":
        raise Refused(f"{run_ref(run.id)} takes nobody's access away. Nothing was changed.")
    approve.refuse_unless_open(run, ctx)
    if run.expires_at is not None and run.expires_at <= ctx.clock.now():
        raise Refused(f"{run_ref(run.id)} ended at {when(run.expires_at, ctx)} without being confirmed. Ask again.")


def _may_put_on_duty(session: Session, run: Run, turn: Turn) -> None:
    approve.may_decide(session, run, turn.actor, context_of(turn, run))
    if run.kind != "provision" or run.state != RunState.DONE:
        raise Refused(f"{run_ref(run.id)} has not brought anybody in yet. Nothing was changed.")
    if not turn.deps.ctx.book.rotations:
        raise Refused("There is no rotation yet. An admin can add one under [[rotations]] in the settings.")
    if turn.deps.ctx.roster.by_email(run.subject) is None:
        raise Refused(
            f"{run.subject} is not in Handoff's list of people yet, so cannot have the duty. Nothing was changed. "
            "An admin can add the e-mail address under [[people]]."
        )


def _told(session: Session, run_id: int, said: str, turn: Turn) -> Answer:
    """Say it in private; in the details, show them anew instead."""
    try:
        page = RunButton.decode(turn.interaction.view_value)
    except WireError:
        return Answer(said, message=sentence(said))
    card = run_card(session, run_id, context_of(turn, found(session, run_id)))
    return Answer(said, view=run_details(card, turn.deps.look, page.step))
