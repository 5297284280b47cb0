"""What buttons, the overflow menu and forms do to a case.

Claim, Release and Reopen happen at the click. Reassign, Escalate, Resolve and Not needed ask something first: the click
opens a form if the case is still open, and sending it asks for the role and looks at the case again.
"""

from collections.abc import Callable

from sqlalchemy.orm import Session

from automations.domain import Actor, case_ref
from automations.errors import Refused
from automations.failure_tickets import closing, life
from automations.failure_tickets.card import case_card
from automations.failure_tickets.context import Context
from automations.failure_tickets.moves import Outcome
from bot.listeners.exchange import Answer, Turn
from bot.views.forms import FORMS, case_form
from bot.views.lists import sentence
from bot.wire import FIELD_NOTE, FIELD_REASON, CaseAct, CaseButton

Plain = Callable[[Session, int, Actor, Context], Outcome]

AT_ONCE: dict[CaseAct, Plain] = {
    CaseAct.CLAIM: life.claim,
    CaseAct.RELEASE: life.release,
    CaseAct.REOPEN: closing.reopen,
}
"""Acts that need no question."""


def press(session: Session, turn: Turn) -> Answer:
    """Do what a button or menu entry says, or open its form."""
    asked = CaseButton.decode(turn.interaction.value)
    if (act := AT_ONCE.get(asked.act)) is not None:
        return told(act(session, asked.case_id, turn.actor, turn.deps.ctx))
    return open_form(session, turn, asked)


def open_form(session: Session, turn: Turn, asked: CaseButton) -> Answer:
    """Open the form of an act. Raises Refused if the case is closed, NotFound if there is none."""
    card = case_card(session, asked.case_id, turn.deps.ctx)
    if card.status.closed:
        by = f" by {card.closed_by.name}" if card.closed_by else ""
        raise Refused(f"{case_ref(card.id)} is closed already{by}. It can be reopened.")
    if asked.act is CaseAct.ESCALATE and card.escalated_at is not None:
        by = f" by {card.escalated_by.name}" if card.escalated_by else ""
        raise Refused(f"{case_ref(card.id)} was escalated already{by}: {card.escalation_reason}")
    return Answer(f"opened the form of {asked.act} for {case_ref(card.id)}", modal=case_form(card, asked.act))


def send_form(session: Session, turn: Turn) -> Answer:
    """Do what a form was filled in for."""
    asked = CaseButton.decode(turn.interaction.value)
    fields, ctx = turn.interaction.fields, turn.deps.ctx
    match asked.act:
        case CaseAct.REASSIGN:
            outcome = life.reassign(session, asked.case_id, turn.actor, _new_owner(turn), ctx)
        case CaseAct.ESCALATE:
            outcome = life.escalate(session, asked.case_id, turn.actor, fields.get(FIELD_REASON, ""), ctx)
        case CaseAct.RESOLVE:
            outcome = closing.resolve(session, asked.case_id, turn.actor, fields.get(FIELD_NOTE, ""), ctx)
        case CaseAct.NOT_NEEDED:
            outcome = closing.not_needed(session, asked.case_id, turn.actor, fields.get(FIELD_NOTE, ""), ctx)
        case _:
            raise Refused("This form asks for something that needs no form. Nothing was changed.")
    if not outcome.changed:
        return Answer(outcome.text, errors={FORMS[asked.act]: outcome.text[:300]})
    return Answer(outcome.text)


def told(outcome: Outcome) -> Answer:
    """Stay silent where the message itself shows the change; say so privately where nothing changed."""
    return Answer(outcome.text, message=None if outcome.changed else sentence(outcome.text))


def _new_owner(turn: Turn) -> str:
    """Find the e-mail of the person picked. Raises Refused in words if nobody, or nobody of the team, was picked."""
    if turn.chosen is None:
        raise Refused("Please choose who owns the case from now on.")
    picked = turn.chosen.actor
    if turn.chosen.why_not:
        raise Refused(f"{picked.name} cannot own a case. {turn.chosen.why_not}")
    if picked.email is None or turn.deps.ctx.roster.by_email(picked.email) is None:
        known = ", ".join(sorted(person.name for person in turn.deps.ctx.roster.people))
        raise Refused(f"{picked.name} is not in Handoff's list of people. Known: {known}.")
    return picked.email
