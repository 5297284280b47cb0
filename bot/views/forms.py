"""The forms behind Reassign, Escalate, Snooze, Resolve and Not needed, readable at three in the morning.

Each asks one thing; what closes a case also asks for what the desk wants to know before a ticket is solved.
"""

from collections.abc import Sequence

from automations.domain import TicketField, case_ref
from automations.failure_tickets.card_types import CaseCard
from bot.views import Block, Modal
from bot.views.blocks import choice_input, context, modal, person_input, rich, section, text_input, words
from bot.views.case import customer_words
from bot.views.inputs import fits_a_menu
from bot.views.texts import esc
from bot.wire import (
    ACT_NAMES,
    DESK_FIELD,
    FIELD_END,
    FIELD_NOTE,
    FIELD_REASON,
    FIELD_TICKET,
    FIELD_TO,
    FIELD_UNTIL,
    CaseAct,
    CaseButton,
)


def case_form(
    card: CaseCard,
    act: CaseAct,
    *,
    fields: Sequence[TicketField] = (),
    ends: Sequence[tuple[str, str]] = (),
    remark: str = "",
) -> Modal:
    """Make the form of `act`, which is one of `FORMS`. Its title and its button carry the act's one word.

    `fields` are what the desk asks for when a case is closed, `ends` the (text, word) a snooze can be ended by,
    `remark` what the desk cannot do for this act.
    """
    return modal(
        ACT_NAMES[act],
        ACT_NAMES[act],
        _which(card),
        *_questions(card, act, ends),
        *field_inputs(fields),
        *remarks(remark),
        callback_id=act,
        private_metadata=CaseButton(card.id, act).encode(),
    )


FORMS: dict[CaseAct, str] = {
    CaseAct.REASSIGN: FIELD_TO,
    CaseAct.ESCALATE: FIELD_REASON,
    CaseAct.SNOOZE: FIELD_UNTIL,
    CaseAct.RESOLVE: FIELD_NOTE,
    CaseAct.NOT_NEEDED: FIELD_NOTE,
    CaseAct.TICKET_FOUND: FIELD_TICKET,
    CaseAct.TICKET_ABSENT: FIELD_NOTE,
}
"""The acts that ask something first, with the field that holds the answer; errors are shown at that field."""


def _which(card: CaseCard) -> Block:
    return rich(
        section(words(f"{case_ref(card.id)}: ", bold=True), words(card.summary, limit=300)),
        section(words(f"{customer_words(card)} · {card.priority} · owner {card.owner.name}", limit=400)),
    )


def _questions(card: CaseCard, act: CaseAct, ends: Sequence[tuple[str, str]]) -> list[Block]:
    match act:
        case CaseAct.REASSIGN:
            hint = "The new owner is told in the thread, and the ticket follows."
            return [person_input(FIELD_TO, "New owner", initial=card.owner.slack, hint=hint)]
        case CaseAct.ESCALATE:
            hint = "Posted to the escalation channel, where its lead is mentioned once."
            return [text_input(FIELD_REASON, "Why does this need a lead?", hint=hint)]
        case CaseAct.SNOOZE:
            hint = "Such as 14:00, tomorrow 09:00 or Fri 14:00, at most a week away. Whoever acts on the case wakes it."
            other = text_input(FIELD_UNTIL, "Or another time", hint=hint, optional=True, lines=False)
            offered = [choice_input(FIELD_END, "Quiet for how long?", ends, few=True, optional=True)] if ends else []
            return [*offered, other]
        case CaseAct.RESOLVE:
            hint = "Goes to the thread and, as an internal note, to the ticket. The customer does not see it."
            return [text_input(FIELD_NOTE, "What was done?", hint=hint)]
        case CaseAct.NOT_NEEDED:
            hint = f"Kept for the rule “{card.rule[:100]}”, so that it can be mended."
            return [text_input(FIELD_NOTE, "Why was it not needed?", hint=hint, optional=True)]
        case CaseAct.TICKET_FOUND:
            hint = "As the desk shows it, such as 4711. It is read first, and has to name this case in its subject."
            return [_what_to_look_for(card), text_input(FIELD_TICKET, "Number of the ticket", hint=hint, lines=False)]
        case CaseAct.TICKET_ABSENT:
            hint = "Kept in the case's history. If the ticket is there after all, the desk has two of them."
            asked = text_input(FIELD_NOTE, "Where did you look?", hint=hint, optional=True)
            return [_what_to_look_for(card), asked]
        case _:
            raise ValueError(f"{act} asks nothing")


def _what_to_look_for(card: CaseCard) -> Block:
    return rich(section(words(card.ticket.missing or "The desk did not say whether it made the ticket.", limit=600)))


def field_inputs(fields: Sequence[TicketField]) -> list[Block]:
    """Make the inputs for what the desk asks for before a ticket is solved."""
    return [_desk_field(field) for field in fields]


def remarks(remark: str) -> list[Block]:
    """Make the small print of a form that says what the desk cannot do for it; nothing if it can."""
    return [context(esc(remark, 500))] if remark else []


def _desk_field(field: TicketField) -> Block:
    name = f"{DESK_FIELD}{field.id}"
    if fits_a_menu(field.options):  # else it is asked for as text, and looked at when it is sent
        return choice_input(name, field.label, [(option, option) for option in field.options], few=False)
    return text_input(name, field.label, hint="The desk asks for this.", lines=False)
