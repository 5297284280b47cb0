"""What buttons, the overflow menu and forms do to a case.

Claim, Release and Reopen happen at the click. Reassign, Escalate, Snooze, Resolve and Not needed ask something first:
the click opens a form if the case is still open, and sending it asks for the role and looks at the case again. Whoever
did what can be taken back is offered that in private.
"""

from collections.abc import Callable

from sqlalchemy.orm import Session

from automations.desks import Capability
from automations.domain import Actor, case_ref
from automations.errors import Refused
from automations.failure_tickets import closing, life, snooze, unclear, undo
from automations.failure_tickets.asked import asked_fields
from automations.failure_tickets.card import case_card
from automations.failure_tickets.context import Context
from automations.failure_tickets.moves import Outcome
from bot.listeners.colleagues import picked
from bot.listeners.exchange import Answer, Deps, Turn
from bot.listeners.frame import Route
from bot.listeners.interaction import Interaction
from bot.views.case_acts import UNCLEAR
from bot.views.forms import FORMS, case_form
from bot.views.lists import sentence
from bot.views.undo import undo_offer
from bot.wire import (
    DESK_FIELD,
    FIELD_END,
    FIELD_NOTE,
    FIELD_REASON,
    FIELD_TICKET,
    FIELD_UNTIL,
    CaseAct,
    CaseButton,
    UndoButton,
    WireError,
)

Plain = Callable[[Session, int, Actor, Context], Outcome]

AT_ONCE: dict[CaseAct, Plain] = {
    CaseAct.CLAIM: life.claim,
    CaseAct.RELEASE: life.release,
    CaseAct.REOPEN: closing.reopen,
}
"""Acts that need no question."""

CLOSES = frozenset({CaseAct.RESOLVE, CaseAct.NOT_NEEDED})
"""Acts that solve the ticket, so that the desk may have something to ask."""


def press(session: Session, turn: Turn) -> Answer:
    """Do what a button or menu entry says, or open its form."""
    asked = CaseButton.decode(turn.interaction.value)
    if (act := AT_ONCE.get(asked.act)) is not None:
        return told(act(session, asked.case_id, turn.actor, turn.deps.ctx), turn)
    return open_form(session, turn, asked)


def open_form(session: Session, turn: Turn, asked: CaseButton) -> Answer:
    """Open the form of an act. Raises Refused if the case is closed, NotFound if there is none."""
    if asked.act not in FORMS:
        raise WireError("This button asks for something that needs another one. Nothing was changed.")
    ctx = turn.deps.ctx
    card = case_card(session, asked.case_id, ctx)
    if asked.act in UNCLEAR:
        if not card.ticket.asked:
            raise Refused(unclear.why_not(session, card.id, ctx))
        return Answer(f"opened the form of {asked.act} for {case_ref(card.id)}", modal=case_form(card, asked.act))
    if card.status.closed:
        by = f" by {card.closed_by.name}" if card.closed_by else ""
        raise Refused(f"{case_ref(card.id)} is closed already{by}. It can be reopened.")
    if asked.act is CaseAct.ESCALATE and card.escalated_at is not None:
        by = f" by {card.escalated_by.name}" if card.escalated_by else ""
        raise Refused(f"{case_ref(card.id)} was escalated already{by}: {card.escalation_reason}")
    fields = asked_fields(session, card.id, ctx) if asked.act in CLOSES else ()
    ends = [(one.label, one.word) for one in snooze.choices(ctx)] if asked.act is CaseAct.SNOOZE else []
    remark = ctx.desk_cannot.get(Capability.FIELDS, "") if asked.act in CLOSES else ""
    form = case_form(card, asked.act, fields=fields, ends=ends, remark=remark)
    return Answer(f"opened the form of {asked.act} for {case_ref(card.id)}", modal=form)


def send_form(session: Session, turn: Turn) -> Answer:
    """Do what a form was filled in for."""
    asked = CaseButton.decode(turn.interaction.value)
    fields, ctx = turn.interaction.fields, turn.deps.ctx
    match asked.act:
        case CaseAct.REASSIGN:
            outcome = life.reassign(session, asked.case_id, turn.actor, picked(turn, "own a case"), ctx)
        case CaseAct.ESCALATE:
            outcome = life.escalate(session, asked.case_id, turn.actor, fields.get(FIELD_REASON, ""), ctx)
        case CaseAct.SNOOZE:
            until = snooze.end_of(fields.get(FIELD_END, ""), fields.get(FIELD_UNTIL, ""), ctx)
            outcome = snooze.snooze(session, asked.case_id, turn.actor, until, ctx)
        case CaseAct.RESOLVE:
            note, values = fields.get(FIELD_NOTE, ""), _desk_values(turn)
            outcome = closing.resolve(session, asked.case_id, turn.actor, note, ctx, values)
        case CaseAct.NOT_NEEDED:
            note, values = fields.get(FIELD_NOTE, ""), _desk_values(turn)
            outcome = closing.not_needed(session, asked.case_id, turn.actor, note, ctx, values)
        case CaseAct.TICKET_FOUND:
            outcome = unclear.found(session, asked.case_id, turn.actor, fields.get(FIELD_TICKET, ""), ctx)
        case CaseAct.TICKET_ABSENT:
            outcome = unclear.absent(session, asked.case_id, turn.actor, fields.get(FIELD_NOTE, ""), ctx)
        case _:
            raise Refused("This form asks for something that needs no form. Nothing was changed.")
    if not outcome.changed:
        return Answer(outcome.text, errors={FORMS[asked.act]: outcome.text[:300]})
    return told(outcome, turn)


def told(outcome: Outcome, turn: Turn) -> Answer:
    """Offer privately to take an act back; say so privately where nothing changed. Else the message shows it."""
    if outcome.offer is not None:
        offer = undo_offer(outcome.text, outcome.offer.until, outcome.offer.id, turn.deps.look)
        return Answer(outcome.text, message=offer, channel=outcome.case.channel)
    return Answer(outcome.text, message=None if outcome.changed else sentence(outcome.text))


def route_undo(interaction: Interaction, deps: Deps) -> Route:
    """Find what an Undo button is about. Raises WireError for a value that is not one of ours."""
    offer_id = UndoButton.decode(interaction.value).offer_id
    with deps.database.read() as session:
        case_id = undo.case_of(session, offer_id)
    target = case_ref(case_id) if case_id is not None else "handoff"
    return Route(f"action {CaseAct.UNDO}", take_back, target=target)


def take_back(session: Session, turn: Turn) -> Answer:
    """Take an act back; what became of it takes the place of the private offer."""
    offer_id = UndoButton.decode(turn.interaction.value).offer_id
    text = undo.take_back(session, offer_id, turn.actor, turn.deps.ctx).text
    return Answer(text, message=sentence(text), replace=True)


def _desk_values(turn: Turn) -> dict[str, str]:
    """What was filled in for the desk's own fields, by their ids."""
    given = turn.interaction.fields.items()
    return {name.removeprefix(DESK_FIELD): value for name, value in given if name.startswith(DESK_FIELD)}
