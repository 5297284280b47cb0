"""What buttons and the form of a decision do: Apply, Change, Leave as it is, Undo, Retry, and Why to look at it whole.

Roles are looked at with each click and each form. What changed is seen in the message; whoever came second, and whoever
has no agent in the desk, is told in private.
"""

from collections.abc import Callable

from sqlalchemy.orm import Session

from automations.domain import Actor
from automations.errors import Refused
from automations.failure_tickets.moves import refuse_strangers
from automations.triage import acts
from automations.triage.card import decision_card
from automations.triage.context import TriageContext
from automations.triage.decisions import decision_ref, found
from bot.listeners.exchange import Answer, Deps, Run, Turn
from bot.listeners.frame import Route
from bot.listeners.interaction import Interaction
from bot.views.triage_forms import change_form, why_modal
from bot.wire import WireError
from bot.wire_triage import (
    FIELD_INTENT,
    FIELD_PRIORITY,
    FIELD_QUEUE,
    NO_INTENT,
    TriageAct,
    TriageButton,
)

Plain = Callable[[Session, int, Actor, TriageContext], str]

AT_ONCE: dict[TriageAct, Plain] = {
    TriageAct.APPLY: acts.apply_by,
    TriageAct.LEAVE: acts.leave,
    TriageAct.UNDO: acts.undo,
    TriageAct.RETRY: acts.retry,
}
"""Acts that ask nothing first."""


def route_action(interaction: Interaction, _deps: Deps) -> Route:
    """Find what a button asks for. Raises: WireError for a value that is not one of ours, or not of this button."""
    asked = _read(interaction)
    return Route(f"action {asked.act}", ACTS[asked.act], target=decision_ref(asked.decision_id))


def route_form(interaction: Interaction, _deps: Deps) -> Route:
    """Find who takes the form of Change. Raises: WireError for one that is not ours, or carries another act."""
    asked = _read(interaction)
    if asked.act is not TriageAct.CHANGE:
        raise WireError("This form says one thing and carries another. Nothing was changed.")
    return Route(f"form {asked.act}", change, target=decision_ref(asked.decision_id))


def press(session: Session, turn: Turn) -> Answer:
    """Do what a button says. The message shows what came of it."""
    asked = TriageButton.decode(turn.interaction.value)
    refuse_strangers(session, turn.actor, turn.deps.ctx)
    return Answer(AT_ONCE[asked.act](session, asked.decision_id, turn.actor, turn.deps.triage))


def show_why(session: Session, turn: Turn) -> Answer:
    """Open everything that a decision rests on."""
    asked, deps = TriageButton.decode(turn.interaction.value), turn.deps
    card = decision_card(session, asked.decision_id, deps.triage)
    return Answer(f"showed {card.ref}", modal=why_modal(card, deps.look))


def ask_what(session: Session, turn: Turn) -> Answer:
    """Open the form of Change. Raises: Refused if somebody has decided already."""
    asked, ctx = TriageButton.decode(turn.interaction.value), turn.deps.triage
    row = found(session, asked.decision_id)
    if row.state != "proposed":
        raise Refused(acts.as_it_is(row, ctx))
    intents = [one.name for one in ctx.rules.intents]
    form = change_form(decision_card(session, row.id, ctx), intents, acts.queues(row, ctx))
    return Answer(f"opened the form of {asked.act} for {decision_ref(row.id)}", modal=form)


def change(session: Session, turn: Turn) -> Answer:
    """Apply what a person chose in the place of what was decided."""
    asked, fields = TriageButton.decode(turn.interaction.value), turn.interaction.fields
    for field, what in ((FIELD_INTENT, "what it is about"), (FIELD_QUEUE, "a queue"), (FIELD_PRIORITY, "a priority")):
        if not fields.get(field, "").strip():
            why = f"Please choose {what}."
            return Answer(f"refused: {why}", errors={field: why})
    intent = fields[FIELD_INTENT]
    choice = acts.Choice("" if intent == NO_INTENT else intent, fields[FIELD_QUEUE], fields[FIELD_PRIORITY])
    refuse_strangers(session, turn.actor, turn.deps.ctx)
    return Answer(acts.change(session, asked.decision_id, choice, turn.actor, turn.deps.triage))


ACTS: dict[TriageAct, Run] = {
    **dict.fromkeys(AT_ONCE, press),
    TriageAct.CHANGE: ask_what,
    TriageAct.WHY: show_why,
}
"""What each button does."""


def _read(interaction: Interaction) -> TriageButton:
    asked = TriageButton.decode(interaction.value)
    if interaction.name != asked.act:
        raise WireError("This button says one thing and carries another. Nothing was changed.")
    return asked
