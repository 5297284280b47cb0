"""Groups of changes in Slack: Approve, Hold, Let go, Reject, all at once, and the details of one.

A button carries the group as a person looked at it; if it differs by now, the act refuses. Approve asks first where
open tickets would change, by the effects as they are when it is pressed. In the details the view is made anew.
"""

from sqlalchemy.orm import Session

from automations.customer_context import groups, lists
from automations.customer_context.card_types import GroupLine
from automations.customer_context.context import CustomerContext
from automations.errors import Refused
from automations.runs.card import run_ref
from bot.listeners.contexts import customers_of
from bot.listeners.exchange import Answer, Deps, Run, Turn
from bot.listeners.frame import Route
from bot.listeners.interaction import Interaction
from bot.views import Modal
from bot.views.customers import is_live
from bot.views.customers_forms import approve_all_form, approve_form, hold_form, reject_form
from bot.views.customers_group import BUTTONS, group_details
from bot.views.customers_words import changes_open_tickets
from bot.views.lists import notice, sentence
from bot.wire import FIELD_REASON, WireError
from bot.wire_customers import FIELD_OPEN_TOO, ChangesAct, ChangesButton

SAMPLES = 100
"""Customers of a group that its details list, a page at a time; the file in the sync's thread has all."""


def route_action(interaction: Interaction, _deps: Deps) -> Route:
    """Find what a button asks for. Raises: WireError for a value that is not one of ours, or not of this button."""
    asked = _read(interaction)
    return Route(f"action {asked.act}", ACTS[asked.act], target=_target(asked))


def route_form(interaction: Interaction, _deps: Deps) -> Route:
    """Find who takes a form that was sent. Raises: WireError."""
    asked = _read(interaction)
    return Route(f"form {asked.act}", FORMS[asked.act], target=_target(asked))


def approve(session: Session, turn: Turn) -> Answer:
    """Have a group carried out; ask first where open tickets would change."""
    asked, line, ctx = _looked_at(session, turn)
    if line.state == "open" and changes_open_tickets(line.effects):
        form = approve_form(line, asked.run_id)
        return Answer(f"opened the form of {asked.act} for {_target(asked)}", modal=form)
    return _told(session, asked, groups.approve(session, asked.group_id, asked.digest, turn.actor, ctx), turn)


def approve_as_ticked(session: Session, turn: Turn) -> Answer:
    """Have a group carried out, on open tickets too if that was ticked."""
    asked, ctx = ChangesButton.decode(turn.interaction.value), customers_of(turn)
    too = _ticked(turn)
    return _sent(groups.approve(session, asked.group_id, asked.digest, turn.actor, ctx, open_too=too))


def ask_for_all(session: Session, turn: Turn) -> Answer:
    """Say what all open groups of a sync are, and ask. Raises: Refused if the list has changed."""
    asked, ctx = ChangesButton.decode(turn.interaction.value), customers_of(turn)
    card = lists.sync_card(session, asked.run_id, ctx)
    if not is_live(card) or card.digest != asked.digest:
        raise Refused("The list has changed since this message was made, so nothing was changed. Please look again.")
    waiting = lists.open_groups(session, asked.run_id, ctx)
    if not waiting:
        raise Refused(f"No group of {run_ref(asked.run_id)} waits any more. Nothing was changed.")
    form = approve_all_form(waiting, len(waiting), asked.run_id, asked.digest)
    return Answer(f"opened the form of {asked.act} for {_target(asked)}", modal=form)


def approve_all(session: Session, turn: Turn) -> Answer:
    """Have every open group of a sync carried out."""
    asked, ctx = ChangesButton.decode(turn.interaction.value), customers_of(turn)
    too = _ticked(turn)
    return _sent(groups.approve_all(session, asked.run_id, asked.digest, turn.actor, ctx, open_too=too))


def let_go(session: Session, turn: Turn) -> Answer:
    """Have a held group wait for a decision again."""
    asked, _, ctx = _looked_at(session, turn)
    return _told(session, asked, groups.let_go(session, asked.group_id, asked.digest, turn.actor, ctx), turn)


def ask_why(session: Session, turn: Turn) -> Answer:
    """Open the form of Hold or Reject."""
    asked, line, _ = _looked_at(session, turn)
    if asked.act not in BUTTONS.get(line.state, ()):
        raise Refused(f"This is decided already ({line.state}). Nothing was changed.")
    form = hold_form(line, asked.run_id) if asked.act is ChangesAct.HOLD else reject_form(line, asked.run_id)
    return Answer(f"opened the form of {asked.act} for {_target(asked)}", modal=form)


def hold(session: Session, turn: Turn) -> Answer:
    """Let a group wait, for a reason."""
    asked, ctx = ChangesButton.decode(turn.interaction.value), customers_of(turn)
    reason = turn.interaction.fields.get(FIELD_REASON, "")
    return _sent(groups.hold(session, asked.group_id, asked.digest, turn.actor, reason, ctx))


def reject(session: Session, turn: Turn) -> Answer:
    """Say no to a group, for a reason."""
    asked, ctx = ChangesButton.decode(turn.interaction.value), customers_of(turn)
    reason = turn.interaction.fields.get(FIELD_REASON, "")
    return _sent(groups.reject(session, asked.group_id, asked.digest, turn.actor, reason, ctx))


def show(session: Session, turn: Turn) -> Answer:
    """Open one group whole, or turn to another page of it."""
    asked = ChangesButton.decode(turn.interaction.value)
    view = _details(session, asked.group_id, asked.run_id, asked.page, turn)
    outcome = f"showed {_target(asked)}, page {asked.page or 1}"
    return Answer(outcome, view=view) if turn.interaction.view_type == "modal" else Answer(outcome, modal=view)


ACTS: dict[ChangesAct, Run] = {
    ChangesAct.APPROVE: approve,
    ChangesAct.APPROVE_ALL: ask_for_all,
    ChangesAct.HOLD: ask_why,
    ChangesAct.LET_GO: let_go,
    ChangesAct.REJECT: ask_why,
    ChangesAct.DETAILS: show,
}
"""What each button does."""

FORMS: dict[ChangesAct, Run] = {
    ChangesAct.APPROVE: approve_as_ticked,
    ChangesAct.APPROVE_ALL: approve_all,
    ChangesAct.HOLD: hold,
    ChangesAct.REJECT: reject,
}
"""What sending each form does."""


def _read(interaction: Interaction) -> ChangesButton:
    asked = ChangesButton.decode(interaction.value)
    about_all = asked.act is ChangesAct.APPROVE_ALL
    if interaction.name != asked.act or bool(asked.group_id) is about_all:
        raise WireError("This button says one thing and carries another. Nothing was changed.")
    return asked


def _target(asked: ChangesButton) -> str:
    return f"GROUP-{asked.group_id}" if asked.group_id else run_ref(asked.run_id)


def _looked_at(session: Session, turn: Turn) -> tuple[ChangesButton, GroupLine, CustomerContext]:
    """What the button carries, with the group as it is. Raises: NotFound; Refused if it was made for another one."""
    asked, ctx = ChangesButton.decode(turn.interaction.value), customers_of(turn)
    line = lists.group_line(session, asked.group_id, ctx)
    if line.digest != asked.digest:
        raise Refused("These changes differ from what you saw, so nothing was changed. Please look again.")
    return asked, line, ctx


def _ticked(turn: Turn) -> bool:
    return bool(turn.interaction.fields.get(FIELD_OPEN_TOO, "").strip())


def _details(session: Session, group_id: int, run_id: int, page: int, turn: Turn) -> Modal:
    ctx = customers_of(turn)
    line = lists.group_line(session, group_id, ctx, samples=SAMPLES)
    live = is_live(lists.sync_card(session, run_id, ctx)) if run_id else False
    return group_details(line, run_id, turn.deps.look, page, live=live)


def _told(session: Session, asked: ChangesButton, said: str, turn: Turn) -> Answer:
    """Say it in private; in the details, show them anew instead."""
    try:
        page = ChangesButton.decode(turn.interaction.view_value)
    except WireError:
        return Answer(said, message=sentence(said))
    return Answer(said, view=_details(session, asked.group_id, page.run_id, page.page, turn))


def _sent(said: str) -> Answer:
    return Answer(said, instead=notice(sentence(said)))
