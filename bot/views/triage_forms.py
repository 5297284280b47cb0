"""Why, with everything that a decision rests on, and the form in which a person decides otherwise."""

from collections.abc import Sequence
from typing import Final

from automations.domain import Priority
from automations.triage.card_types import DecisionCard
from bot.views import Block, Modal
from bot.views.blocks import bullets, context, label, modal, new_line, rich, screen, section, words
from bot.views.inputs import one_of
from bot.views.paged import gathered, paragraphs
from bot.views.texts import Look, esc, moment, one_line
from bot.views.triage import ticket_name
from bot.views.triage_words import about_words, change_words, decider_words, score_words, state_words
from bot.wire_triage import FIELD_INTENT, FIELD_PRIORITY, FIELD_QUEUE, NO_INTENT, TriageAct, TriageButton

MOST: Final = 600
"""Characters of each of the things that Why tells."""


def why_modal(card: DecisionCard, look: Look) -> Modal:
    """Everything that a decision rests on: all rules in order, the arithmetic, the classifier, what became of it."""
    found = [
        [words(f"{number}. {one_line(name, 80)}: {'matched' if hit else 'no'} – {one_line(told, 300)}", bold=hit)]
        for number, (name, hit, told) in enumerate(card.rules, start=1)
    ]
    counted = [[words(f"{one_line(told, 120)}: {points}")] for told, points in card.score_why]
    told: list[Block] = [
        *paragraphs("Ticket", ticket_name(card)),
        *_told("About", about_words(card)),
        *_told("Decided by", decider_words(card)),
        *_told("Change", "; ".join(change_words(card)) or "none"),
        *_told("How it stands", state_words(card, look)),
        *(_told("Outcome", _outcome(card)) if card.outcome else []),
    ]
    return screen(
        card.ref[:24],
        *gathered(told),
        rich(section(label("Rules in order, the first that matches decides")), *([bullets(found)] if found else [])),
        rich(section(label("Score"), words(score_words(card), limit=600)), *([bullets(counted)] if counted else [])),
        rich(section(label("Decided"), moment(card.decided_at, look), new_line(), *_by_what(card))),
        context(f"Rules {esc(card.rules_version, 40)}, mode {esc(card.mode, 20)}. `handoff audit list` has each step."),
    )


def change_form(card: DecisionCard, intents: Sequence[str], queues: Sequence[str]) -> Modal:
    """Choose intent, queue and priority in the place of what was decided; sending it applies them."""
    value = TriageButton(card.id, TriageAct.CHANGE).encode()
    options = [*((one, one) for one in intents), ("None of these", NO_INTENT)]
    return modal(
        "Change",
        "Apply",
        rich(section(words(ticket_name(card), bold=True))),
        one_of(FIELD_INTENT, "What it is about", options, chosen=card.intent or NO_INTENT),
        one_of(FIELD_QUEUE, "Queue", [(one, one) for one in queues], chosen=card.queue),
        one_of(FIELD_PRIORITY, "Priority", [(one.value, one.value) for one in Priority], chosen=card.priority),
        context("It is applied at once, and counts as a correction of what triage had decided."),
        callback_id=TriageAct.CHANGE,
        private_metadata=value,
    )


def _told(name: str, text: str) -> list[Block]:
    return paragraphs(name, one_line(text, MOST))


def _outcome(card: DecisionCard) -> str:
    if card.outcome == "kept":
        return "the ticket was solved where it was put"
    return f"the ticket went to {card.outcome_queue or 'no queue'}"


def _by_what(card: DecisionCard) -> list[Block]:
    asked = card.model or "not asked"
    sure = f", confidence {card.confidence:.2f}" if card.confidence is not None else ""
    return [label("Classifier"), words(f"{asked}{sure}", limit=200)]
