"""The forms behind Reassign, Escalate, Resolve and Not needed: one question each, readable at three in the morning."""

from automations.domain import case_ref
from automations.failure_tickets.card_types import CaseCard
from bot.views import Block, Modal
from bot.views.blocks import modal, person_input, rich, section, text_input, words
from bot.views.case import customer_words
from bot.wire import ACT_NAMES, FIELD_NOTE, FIELD_REASON, FIELD_TO, CaseAct, CaseButton


def case_form(card: CaseCard, act: CaseAct) -> Modal:
    """Make the form of `act`, which is one of `FORMS`. Its title and its button carry the act's one word."""
    return modal(
        ACT_NAMES[act],
        ACT_NAMES[act],
        _which(card),
        _question(card, act),
        callback_id=act,
        private_metadata=CaseButton(card.id, act).encode(),
    )


FORMS: dict[CaseAct, str] = {
    CaseAct.REASSIGN: FIELD_TO,
    CaseAct.ESCALATE: FIELD_REASON,
    CaseAct.RESOLVE: FIELD_NOTE,
    CaseAct.NOT_NEEDED: FIELD_NOTE,
}
"""The acts that ask something first, with the field that holds the answer; errors are shown at that field."""


def _which(card: CaseCard) -> Block:
    return rich(
        section(words(f"{case_ref(card.id)}: ", bold=True), words(card.summary, limit=300)),
        section(words(f"{customer_words(card)} · {card.priority} · owner {card.owner.name}", limit=400)),
    )


def _question(card: CaseCard, act: CaseAct) -> Block:
    match act:
        case CaseAct.REASSIGN:
            hint = "The new owner is told in the thread, and the ticket follows."
            return person_input(FIELD_TO, "New owner", initial=card.owner.slack, hint=hint)
        case CaseAct.ESCALATE:
            hint = "Posted to the escalation channel, where its lead is mentioned once."
            return text_input(FIELD_REASON, "Why does this need a lead?", hint=hint)
        case CaseAct.RESOLVE:
            hint = "Goes to the thread and, as an internal note, to the ticket. The customer does not see it."
            return text_input(FIELD_NOTE, "What was done?", hint=hint)
        case CaseAct.NOT_NEEDED:
            hint = f"Kept for the rule “{card.rule[:100]}”, so that it can be mended."
            return text_input(FIELD_NOTE, "Why was it not needed?", hint=hint, optional=True)
        case _:
            raise ValueError(f"{act} asks nothing")
