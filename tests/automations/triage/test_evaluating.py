"""Triage on history: what came later judges what was known before; the bar; shares against a count by hand."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automations.errors import Refused
from automations.triage.evaluating import evaluate
from automations.triage.history import Example, history
from automations.triage.inputs import Inputs
from automations.triage.judging import Model
from automations.triage.rules import Bar, TriageRules
from tests.triage_terms import RULES

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
FIRST = datetime(2026, 1, 1, tzinfo=UTC)
WORDS = {"billing": "the invoice is wrong", "account": "my password is lost", "technical": "the export hangs"}


def ticket(label: str, day: int, *, words: str = "", priority: str = "", first: str = "") -> Example:
    text = Inputs(subject="Help", opening=words or WORDS.get(label, label), language="en", customer_messages=1)
    return Example(text, label, priority=priority, first_queue=first, at=FIRST + timedelta(days=day))


def no_model(texts: Sequence[str], labels: Sequence[str]) -> Model | None:
    return None


def knows(texts: Sequence[str], labels: Sequence[str]) -> Model:
    """A classifier that knows the very texts it was trained on, and nothing else."""
    seen = dict(zip(texts, labels, strict=True))
    return Model(None, 0.5, lambda text: (seen.get(text, ""), 0.9 if text in seen else 0.0))


def rules(**bar: float) -> TriageRules:
    return RULES.model_copy(update={"bar": Bar.model_validate({"examples": 1, **bar})})


def test_only_what_came_before_is_known() -> None:
    """The classifier is trained on the earlier part: of the later part it knows what it has seen, in whatever order."""
    early = [ticket("technical", day) for day in range(7)]
    late = [ticket("technical", 7), ticket("technical", 8, words="the import hangs"), ticket("billing", 9)]
    asked: list[int] = []

    def trainer(texts: Sequence[str], labels: Sequence[str]) -> Model | None:
        asked.append(len(texts))
        return knows(texts, labels)

    card = evaluate(history([*late, *early], rules()), trainer, source="a list", now=NOW)
    assert asked == [7]
    assert (card.trained_on, card.examples, card.decided, card.right) == (7, 3, 2, 2)
    assert (card.test_from, card.test_to) == (FIRST + timedelta(days=7), FIRST + timedelta(days=9))
    assert ("Support", "not decided", 1) in card.confusion


def test_figures_against_a_count_by_hand() -> None:
    found = history(
        [
            ticket("technical", 0), ticket("technical", 1), ticket("billing", 2), ticket("billing", 3),
            ticket("billing", 4, priority="urgent", first="Support"),
            ticket("technical", 5, words="an invoice export hangs", priority="low"),
            ticket("account", 6, priority="normal"),
            ticket("none", 7, words="what is for lunch"),
        ],
        rules(precision=0.9),
    )  # fmt: skip
    card = evaluate(found, no_model, source="a list", now=NOW, share_of_training=0.5)
    assert (card.examples, card.decided, card.right, card.coverage) == (4, 3, 2, 0.75)
    assert card.precision == pytest.approx(2 / 3)
    assert card.accuracy == 0.75, "what belongs nowhere was rightly left to people"
    queues = {one.name: (one.belong, one.sent, one.right) for one in card.queues}
    assert queues == {"Billing": (1, 2, 1), "Support": (2, 1, 1)}
    assert card.moved == (1, 1)
    assert card.priority_cost == ((6 + 0 + 2) / 3, (4 + 1 + 0) / 3)
    assert dict(card.baselines)["majority"] == 0.5
    assert not card.passed
    assert card.fails == ("66.7% of the decided were right; the bar asks for 90.0%.",)


def test_labels_that_are_no_intents_stand_for_queues_of_their_own() -> None:
    found = history([ticket(label, day) for day in range(10) for label in ("alpha", "beta")], rules())
    card = evaluate(found, knows, source="a list", now=NOW)
    assert found.own_labels
    assert {one.name for one in card.queues} == {"alpha", "beta"}
    assert card.precision == 1.0


def test_the_bar_names_each_thing_that_is_missing() -> None:
    found = history([ticket("technical", day, words="hm") for day in range(20)], RULES)
    card = evaluate(found, no_model, source="a list", now=NOW)
    assert card.fails == (
        "It was measured on 6 tickets; the bar asks for 200.",
        "0.0% were decided; the bar asks for 50.0%.",
        "None was decided; the bar asks for 90.0%.",
    )
    assert card.lint, "rules that match nothing are named"


def test_nothing_to_measure_on_is_said() -> None:
    with pytest.raises(Refused, match="too little history"):
        evaluate(history([], RULES), no_model, source="a list", now=NOW)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["billing", "account", "technical", "none"]), st.integers(0, 9)), min_size=4))
def test_shares_are_shares_and_everything_is_counted_once(given_rows: list[tuple[str, int]]) -> None:
    found = history([ticket(label, day, words=WORDS.get(label, "hm")) for label, day in given_rows], rules())
    card = evaluate(found, knows, source="a list", now=NOW, share_of_training=0.5)
    assert sum(n for _, _, n in card.confusion) == card.examples == len(given_rows) - card.trained_on
    assert sum(one.sent for one in card.queues) == card.decided >= card.right
    assert 0 <= card.coverage <= 1
    assert 0 <= card.accuracy <= 1
    coverages = [coverage for _, coverage, _ in card.curve]
    assert coverages == sorted(coverages, reverse=True), "the more sure it has to be, the less it decides"
