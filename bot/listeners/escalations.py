"""What buttons, the overflow menu and forms do to an escalation. Roles are looked at with each click and each form.

Claim and Release happen at the click; the note to the customer was asked about by Slack's own dialog before. Reassign,
Snooze, Resolve, Not needed and Too late ask something first, and sending the form looks at the escalation again. What
changed is seen in the message; whoever came second, and whoever clicked elsewhere, is told in private.
"""

from collections.abc import Callable

from sqlalchemy.orm import Session

from automations.domain import Actor
from automations.errors import Refused
from automations.escalation import acts, note
from automations.escalation.card import escalation_card
from automations.escalation.context import EscalationContext
from automations.escalation.journal import escalation_ref
from automations.escalation.moves import Outcome
from automations.failure_tickets import snooze
from bot.listeners import conversations
from bot.listeners.colleagues import picked
from bot.listeners.exchange import Answer, Deps, Turn
from bot.listeners.frame import Route
from bot.listeners.interaction import Interaction
from bot.views.escalation_forms import escalation_form
from bot.views.lists import sentence
from bot.wire import FIELD_END, FIELD_NOTE, FIELD_UNTIL, WireError
from bot.wire_escalation import ESCALATION_FORMS, ESCALATION_MORE, EscalationAct, EscalationButton

Plain = Callable[[Session, int, Actor, EscalationContext], Outcome]

AT_ONCE: dict[EscalationAct, Plain] = {
    EscalationAct.CLAIM: acts.claim,
    EscalationAct.RELEASE: acts.release,
    EscalationAct.SEND_NOTE: lambda session, number, actor, ctx: note.send(session, number, actor, "", ctx),
}
"""Acts that need no question of ours."""


BUTTONS: tuple[EscalationAct, ...] = tuple(act for act in EscalationAct if act is not EscalationAct.ESCALATE_TICKET)
"""What a button or menu entry can ask for; Escalate has a form alone."""


def route_action(interaction: Interaction, _deps: Deps) -> Route:
    """Find what a button or menu entry asks for. Raises: WireError for a value that is not one of ours."""
    asked = EscalationButton.decode(interaction.value)
    if interaction.name not in (asked.act, ESCALATION_MORE):
        raise WireError("This button says one thing and carries another. Nothing was changed.")
    return Route(f"action {asked.act}", press, target=escalation_ref(asked.escalation_id))


def route_form(interaction: Interaction, _deps: Deps) -> Route:
    """Find what a form asks for. Raises: WireError for one that is not ours, or carries another act."""
    asked = EscalationButton.decode(interaction.value)
    if interaction.name != asked.act or asked.act not in ESCALATION_FORMS:
        raise WireError("This form says one thing and carries another. Nothing was changed.")
    return Route(f"form {asked.act}", send_form, target=escalation_ref(asked.escalation_id))


def press(session: Session, turn: Turn) -> Answer:
    """Do what a button or menu entry says, show something, or open its form."""
    asked = EscalationButton.decode(turn.interaction.value)
    if (act := AT_ONCE.get(asked.act)) is not None:
        return _told(act(session, asked.escalation_id, turn.actor, turn.deps.escalation), turn)
    if asked.act is EscalationAct.SHOW_ALL:
        return conversations.show_to_one(session, turn, asked.escalation_id, asked.page)
    return _open_form(session, turn, asked)


def send_form(session: Session, turn: Turn) -> Answer:
    """Do what a form was filled in for."""
    asked, fields, ctx = EscalationButton.decode(turn.interaction.value), turn.interaction.fields, turn.deps.escalation
    number, said = asked.escalation_id, fields.get(FIELD_NOTE, "")
    match asked.act:
        case EscalationAct.REASSIGN:
            outcome = acts.reassign(session, number, picked(turn, "look after an escalation"), turn.actor, ctx)
        case EscalationAct.SNOOZE:
            until = snooze.end_of(fields.get(FIELD_END, ""), fields.get(FIELD_UNTIL, ""), turn.deps.ctx)
            outcome = acts.snooze(session, number, until, turn.actor, ctx)
        case EscalationAct.RESOLVE:
            outcome = acts.resolve(session, number, turn.actor, said, ctx)
        case EscalationAct.NOT_NEEDED:
            outcome = acts.not_needed(session, number, turn.actor, said, ctx)
        case EscalationAct.TOO_LATE:
            outcome = acts.too_late(session, number, turn.actor, said, ctx)
        case EscalationAct.SHOW_IN_THREAD:
            return conversations.show_in_thread(session, turn, number)
        case _:
            raise Refused("This form asks for something that needs no form. Nothing was changed.")
    if not outcome.changed:
        return Answer(outcome.text, errors={ESCALATION_FORMS[asked.act]: outcome.text[:300]})
    return _told(outcome, turn)


def _open_form(session: Session, turn: Turn, asked: EscalationButton) -> Answer:
    """Open the form of an act. Raises: Refused, saying who decided, if it has ended; NotFound; WireError."""
    if asked.act not in ESCALATION_FORMS or asked.act is EscalationAct.ESCALATE_TICKET:
        raise WireError("This button asks for something that needs another one. Nothing was changed.")
    ctx = turn.deps.escalation
    card = escalation_card(session, asked.escalation_id, ctx)
    ends = [(one.label, one.word) for one in snooze.choices(turn.deps.ctx)]
    form = escalation_form(card, asked.act, ends=ends)
    return Answer(f"opened the form of {asked.act} for {escalation_ref(card.id)}", modal=form)


def _told(outcome: Outcome, turn: Turn) -> Answer:
    """Say so privately where nothing changed, or where the person cannot see the message. Else the message shows it."""
    unseen = not outcome.changed or turn.interaction.kind == "command"
    return Answer(outcome.text, message=sentence(outcome.text) if unseen else None)
