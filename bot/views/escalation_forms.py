"""The forms of an escalation: Reassign, Snooze, Resolve, Not needed, Too late, Show all in thread, and Escalate."""

from collections.abc import Sequence

from automations.escalation.card_types import EscalationCard
from bot.views import Block, Modal
from bot.views.blocks import choice_input, modal, person_input, rich, saying, section, text_input, words
from bot.views.escalation_words import escalation_ref
from bot.views.texts import clip, tame
from bot.wire import FIELD_END, FIELD_NOTE, FIELD_REASON, FIELD_TICKET, FIELD_TO, FIELD_UNTIL, MessageRef
from bot.wire_escalation import ESCALATION_NAMES, EscalationAct, EscalationButton


def escalation_form(card: EscalationCard, act: EscalationAct, *, ends: Sequence[tuple[str, str]] = ()) -> Modal:
    """Make the form of `act`. `ends` are the (text, word) a snooze can be ended by."""
    name = ESCALATION_NAMES[act]
    return modal(
        name,
        "Show" if act is EscalationAct.SHOW_IN_THREAD else name,
        _which(card),
        *_questions(card, act, ends),
        callback_id=act,
        private_metadata=EscalationButton(card.id, act).encode(),
    )


def escalate_form(about: MessageRef, *, ticket: str = "", reason: str = "") -> Modal:
    """Ask which ticket or case to escalate, and why. `about` is where it was asked for."""
    hint = "A ticket's number, such as 4711, or a case, such as CASE-42."
    which = text_input(FIELD_TICKET, "Which ticket or case?", hint=hint, lines=False)
    first = "Stands in the first line of the message."
    because = text_input(FIELD_REASON, "Why does somebody have to look at it now?", hint=first)
    return modal(
        ESCALATION_NAMES[EscalationAct.ESCALATE_TICKET],
        ESCALATION_NAMES[EscalationAct.ESCALATE_TICKET],
        _begun(which, ticket, 100),
        _begun(because, reason, 1_000),
        callback_id=EscalationAct.ESCALATE_TICKET,
        private_metadata=about.encode(),
    )


def _which(card: EscalationCard) -> Block:
    return rich(section(words(f"{escalation_ref(card.id)} · {card.ref}: ", bold=True), words(card.title, limit=300)))


def _questions(card: EscalationCard, act: EscalationAct, ends: Sequence[tuple[str, str]]) -> list[Block]:
    rule = f" Kept for the rule “{card.firings[0].rule[:80]}”." if card.firings else ""
    match act:
        case EscalationAct.REASSIGN:
            hint = "They are told in the thread, and have as long to acknowledge as the chain gives its first step."
            held = card.claimed_by or card.owner
            return [person_input(FIELD_TO, "Who looks at it now?", initial=held.slack if held else None, hint=hint)]
        case EscalationAct.SNOOZE:
            hint = "Such as 14:00, tomorrow 09:00 or Fri 14:00, at most a week away. Then the chain goes on."
            other = text_input(FIELD_UNTIL, "Or another time", hint=hint, optional=True, lines=False)
            offered = [choice_input(FIELD_END, "Quiet for how long?", ends, few=True, optional=True)] if ends else []
            return [*offered, other]
        case EscalationAct.RESOLVE:
            hint = "Stays in Slack and in Handoff's records. The ticket stays as it is, the customer does not see it."
            return [text_input(FIELD_NOTE, "What was done?", hint=hint)]
        case EscalationAct.NOT_NEEDED:
            hint = f"Ends this escalation; the ticket stays as it is.{rule}"
            return [text_input(FIELD_NOTE, "Why was it not needed?", hint=hint, optional=True)]
        case EscalationAct.TOO_LATE:
            hint = f"Ends this escalation; the ticket stays as it is.{rule}"
            return [text_input(FIELD_NOTE, "When should it have come?", hint=hint, optional=True)]
        case EscalationAct.SHOW_IN_THREAD:
            return [
                saying(
                    "The whole conversation with the customer is posted into this thread, once, for everybody in the "
                    "channel. Slack keeps it as long as it keeps messages, and it does not follow the ticket. "
                    "“Show all to me” shows it to you alone and keeps nothing."
                )
            ]
        case _:
            raise ValueError(f"{act} asks nothing")


def _begun(made: Block, text: str, most: int) -> Block:
    there = clip(tame(text).strip(), most)
    return made | {"element": made["element"] | {"initial_value": there}} if there else made
