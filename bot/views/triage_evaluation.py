"""Triage measured on history, as a message: whether it is enough for mode auto comes first, then what it rests on."""

from collections.abc import Iterator, Sequence
from typing import Final

from automations.triage.card_types import EvaluationCard, QueueFigures
from bot.views import Message
from bot.views.blocks import Part, bullets, context, header, label, message, new_line, rich, section, words
from bot.views.texts import Look, esc, one_line, written

WORST: Final = 6
"""Queues that are named."""
MOST_LINES: Final = 8
"""Things missing, and rules to look at, that are named."""


def evaluation_message(card: EvaluationCard, look: Look, no_classifier: str = "") -> Message:
    """One evaluation; its picture is in the thread. `no_classifier`: why none could be trained, empty if one was."""
    ref = f"EVAL-{card.id}"
    verdict = "has reached the bar" if card.passed else "is below the bar"
    title = f"{ref}: the bar is reached" if card.passed else f"{ref}: below the bar, so mode auto acts as ask"
    missing = [[words(one, limit=300)] for one in card.fails[:MOST_LINES]]
    found = [[words(one, limit=400)] for one in (*more_words(card), *card.lint[:MOST_LINES])]
    worst = [[words(_queue(one))] for one in worst_first(card.queues)[:WORST]]
    more = f" (the {WORST} worst of {len(card.queues)})" if len(card.queues) > WORST else ""
    return message(
        esc(f"{ref}: triage {verdict} on history. {' '.join(card.fails)}", 600),
        header(title),
        *([rich(section(words("Missing", bold=True)), bullets(missing))] if missing else []),
        rich(section(*_figures(card))),
        *([rich(section(words(f"Queues{more}", bold=True)), bullets(worst))] if worst else []),
        *([rich(section(words("Also found", bold=True)), bullets(found))] if found else []),
        context(_basis(card, look, no_classifier)),
    )


def more_words(card: EvaluationCard) -> Iterator[str]:
    """What later moves and wrong priorities came to, a sentence each, as far as the history tells."""
    later, had = card.moved
    if later:
        yield f"{later} tickets changed their queue later; triage had {had} of them right at once."
    if card.priority_cost is not None:
        ours, left = card.priority_cost
        yield f"Cost of a wrong priority: {ours:.2f} a ticket; {left:.2f} if all were left at normal."


def worst_first(queues: Sequence[QueueFigures]) -> list[QueueFigures]:
    """The queues in order of their precision; those to which nothing was sent come last."""
    return sorted(queues, key=lambda one: (one.precision is None, one.precision or 0.0, one.name))


def _figures(card: EvaluationCard) -> list[Part]:
    right = "none" if card.precision is None else f"{card.right:,} of those ({card.precision:.1%})"
    judged = f"{card.examples:,} tickets, after training on the {card.trained_on:,} before"
    baselines = ", ".join(f"{one_line(name, 60)} {accuracy:.1%}" for name, accuracy in card.baselines[:4])
    return [
        label("History"), words(card.source, limit=200), new_line(),
        label("Judged"), words(judged), new_line(),
        label("Decided"), words(f"{card.decided:,} ({card.coverage:.1%})"), new_line(),
        label("Right"), words(f"{right}; {card.accuracy:.1%} in all, with those rightly left to people"), new_line(),
        label("Baselines"), words(baselines or "none"),
    ]  # fmt: skip


def _queue(one: QueueFigures) -> str:
    """`Billing: 95.4% of 131 sent there were right; 140 belonged there, of which 89.3% were found`."""
    name = one_line(one.name, 60)
    sent = "nothing was sent there" if one.precision is None else f"{one.precision:.1%} of {one.sent:,} sent were right"
    found = "" if one.recall is None else f", of which {one.recall:.1%} were found"
    return f"{name}: {sent}; {one.belong:,} belonged there{found}"


def _basis(card: EvaluationCard, look: Look, no_classifier: str) -> str:
    """What it rests on, escaped."""
    span = [written(at, look.zone) for at in (card.test_from, card.test_to) if at is not None]
    model = card.model or (f"none ({no_classifier})" if no_classifier else "none")
    said = [
        *([f"Tickets from {span[0]} to {span[-1]}"] if span else []),
        f"Rules {one_line(card.rules_version, 40)}",
        f"Classifier: {one_line(model, 200)}",
        "The picture is in the thread",
    ]
    return esc(" · ".join(said), 900)
