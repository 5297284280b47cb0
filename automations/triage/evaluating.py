"""Triage measured on history: the earlier part trains, the later part is judged as if it came today. Pure but for time.

Nothing that came later is known to what judges: the classifier is trained on the earlier part alone, unless one was
trained before the later part began. `auto` is allowed only to what reaches the team's bar.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from automations.errors import Refused
from automations.triage.card_types import EvaluationCard, QueueFigures
from automations.triage.figures import Judged, baselines, by_queue, confusion, curve, moved, priority_cost, share
from automations.triage.history import Example, History
from automations.triage.judging import Model, judge
from automations.triage.linting import lint
from automations.triage.rules import Bar

TRAIN_SHARE: Final = 0.7
FEWEST_SENT: Final = 10
"""Decisions for a queue below which its precision proves nothing, and does not count against the bar."""

Trainer = Callable[[Sequence[str], Sequence[str]], Model | None]
"""Makes a classifier of texts and labels; None where there is too little to train on."""


@dataclass(frozen=True, slots=True)
class Split:
    """What trains and what is judged."""

    train: tuple[Example, ...]
    test: tuple[Example, ...]


def split_by_time(found: History, share_of_training: float) -> Split:
    """The earlier part and the later part, or the parts that a file itself names.

    Raises: Refused if either would be empty.
    """
    if any(one.part for one in found.examples):
        train, test = (tuple(one for one in found.examples if one.part == part) for part in ("train", "test"))
    else:
        count = round(len(found.examples) * share_of_training)
        train, test = found.examples[:count], found.examples[count:]
    if not test or (share_of_training > 0 and not train):
        raise Refused(
            f"There is too little history to measure on: {len(found.examples)} tickets with a known queue. Nothing was "
            "measured."
        )
    return Split(train, test)


def evaluate(
    found: History,
    trainer: Trainer,
    *,
    source: str,
    now: datetime,
    model: Model | None = None,
    model_words: str = "",
    share_of_training: float = TRAIN_SHARE,
    on_progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> EvaluationCard:
    """Judge the later part of the history. `model` judges in place of one trained on the earlier part, if given.

    Raises: Refused if there is too little history.
    """
    parts = split_by_time(found, share_of_training)
    words = model_words
    if model is None and found.rules.classifier:
        model = _trained(parts.train, trainer)
        words = f"trained on the {len(parts.train)} tickets before" if model is not None else ""
    judged: list[Judged] = []
    for number, example in enumerate(parts.test):
        judged.append(Judged(example, judge(example.inputs, found.rules, model)))
        on_progress(number + 1, len(parts.test))
    return _card(found, parts, judged, source, now, words)


def _trained(train: Sequence[Example], trainer: Trainer) -> Model | None:
    rows = [(one.inputs.text, "none" if one.outside else one.label) for one in train if one.label or one.outside]
    return trainer([text for text, _ in rows], [label for _, label in rows]) if rows else None


def _card(
    found: History, parts: Split, judged: Sequence[Judged], source: str, now: datetime, model: str
) -> EvaluationCard:
    decided, right = sum(one.decided for one in judged), sum(one.right for one in judged)
    coverage, precision = decided / len(judged), share(right, decided)
    queues = by_queue(judged)
    missed = tuple(fails(found.rules.bar, len(judged), coverage, precision, queues))
    return EvaluationCard(
        id=None,
        source=source,
        made_at=now,
        train_from=parts.train[0].at if parts.train else None,
        test_from=parts.test[0].at,
        test_to=parts.test[-1].at,
        trained_on=len(parts.train),
        examples=len(judged),
        decided=decided,
        right=right,
        coverage=coverage,
        precision=precision,
        accuracy=sum(one.well for one in judged) / len(judged),
        queues=queues,
        confusion=confusion(judged),
        curve=curve(judged),
        baselines=baselines(parts.train, parts.test),
        moved=moved(judged),
        priority_cost=priority_cost(judged),
        lint=lint((one.inputs for one in parts.test), found.rules, "of the history"),
        rules_version=found.rules.version,
        model=model,
        passed=not missed,
        fails=missed,
    )


def fails(
    bar: Bar, examples: int, coverage: float, precision: float | None, queues: Sequence[QueueFigures]
) -> Iterator[str]:
    """What the bar asks and was not reached, a sentence each."""
    if examples < bar.examples:
        yield f"It was measured on {examples} tickets; the bar asks for {bar.examples}."
    if coverage < bar.coverage:
        yield f"{coverage:.1%} were decided; the bar asks for {bar.coverage:.1%}."
    if precision is None or precision < bar.precision:
        shown = "none was decided" if precision is None else f"{precision:.1%} of the decided were right"
        yield f"{shown[0].upper()}{shown[1:]}; the bar asks for {bar.precision:.1%}."
    for queue in queues:
        if queue.sent >= FEWEST_SENT and queue.precision is not None and queue.precision < bar.worst_queue:
            yield f"In {queue.name} {queue.precision:.1%} were right; the bar asks for {bar.worst_queue:.1%} of each."
