"""Training: what it learns about itself, that chance has no part in it, and the figures it is held to."""

import csv
import random
from collections import defaultdict

import numpy as np
import pytest

from automations.errors import Refused
from automations.texts.abstaining import curve_of, sure_enough, sureness
from automations.texts.classifier import Classifier
from automations.texts.examples import examples_of
from automations.texts.model_file import dump
from automations.texts.scores import label_scores, point_at
from automations.texts.training import train
from automations.texts.unseen import PARTS, dealt, effort_for
from tests.automations.texts.requests import LABELS, STRANGE, TEXTS
from tests.support import shared


def test_the_scores_say_how_good_it_is(classifier: Classifier) -> None:
    scores = classifier.scores
    assert classifier.examples == len(TEXTS) == sum(each.examples for each in scores.labels)
    assert [each.label for each in scores.labels] == sorted(set(LABELS))
    assert 0.5 < scores.accuracy < 0.95
    assert scores.decided.confidence == classifier.threshold
    assert scores.decided.accuracy > scores.accuracy
    assert scores.outside_stood_in
    assert scores.outside_texts == len(TEXTS)
    coverage = [point.coverage for point in scores.curve]
    assert coverage == sorted(coverage, reverse=True)
    assert coverage[0] == 1
    assert scores.curve[0].accuracy == pytest.approx(scores.accuracy)


def test_the_order_of_the_examples_changes_no_byte(classifier: Classifier) -> None:
    rows = list(zip(TEXTS, LABELS, strict=True))
    random.Random(3).shuffle(rows)
    assert dump(train([text for text, _ in rows], [label for _, label in rows])) == dump(classifier)


def test_progress_reaches_its_end() -> None:
    told: list[tuple[int, int]] = []
    train(TEXTS, LABELS, on_progress=lambda done, total: told.append((done, total)))
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert told[-1][0] == told[-1][1]


def test_examples_from_outside_are_used_and_are_no_label() -> None:
    strangers = [f"{text} {word}" for text in STRANGE for word in ("please", "now", "today", "quickly")]
    made = train(TEXTS + strangers, LABELS + ["oos"] * len(strangers))
    assert made.labels == tuple(sorted(set(LABELS)))
    assert (made.scores.outside_texts, made.scores.outside_stood_in) == (len(strangers), False)
    assert made.scores.outside_left is not None
    assert made.scores.outside_left > 0.8
    undecided = [not guess.sure(made.threshold) for guess in made.guess([f"{text} soon" for text in STRANGE])]
    assert all(undecided)


@pytest.mark.parametrize(
    ("texts", "labels"),
    [
        (["pay", "paid", "bill", "login", "log in", "sign in"], list("aaabbb")),
        (["same"] * 6, list("aaabbb")),
        (["same"] * 3 + ["other"] * 3, list("aaabbb")),
        (["x", "y", "z", "😀", "😀😀", "!"], list("aaabbb")),
        (["a b c", "a b", "c a", "d", "d d", "d e"] + ["rare"] * 60, [*"aaabbb", *["big"] * 60]),
    ],
)
def test_little_and_odd_examples_are_trained_on(texts: list[str], labels: list[str]) -> None:
    made = train(texts, labels)
    assert 0 < made.threshold < 1
    assert {guess.label for guess in made.guess(texts)} <= set(labels)


def test_too_little_is_refused() -> None:
    with pytest.raises(Refused, match="Nothing was trained"):
        train(["a", "b"], ["x", "y"])


def test_parts_are_even_and_equal_texts_stay_together() -> None:
    texts = [*TEXTS, *TEXTS[:20]]
    examples = examples_of(texts, [*LABELS, *LABELS[:20]])
    part = dealt(examples)
    of_text = defaultdict(set)
    for text, each in zip(examples.texts, part.tolist(), strict=True):
        of_text[text].add(each)
    assert all(len(parts) == 1 for parts in of_text.values())
    assert set(part.tolist()) == set(range(PARTS))


def test_more_examples_need_fewer_rounds() -> None:
    assert [effort_for(size).fits for size in (60, 2_000, 3_000, 10_000)] == [16, 16, 6, 4]


def test_sureness_falls_with_a_near_second_and_with_outside() -> None:
    scores = np.array([[1.0, -1.0, -1.0], [1.0, 0.8, -1.0], [1.0, -1.0, 0.5]], dtype=np.float32)
    alone, beside, outside = sureness(scores, 2)
    assert alone > beside > 0
    assert alone > outside
    assert sureness(scores[:1], 3)[0] == pytest.approx(1.5)


def test_the_curve_follows_the_share_of_right_answers() -> None:
    chance = np.random.default_rng(1)
    sure = chance.normal(0, 1, 4_000).astype(np.float32)
    right = chance.random(4_000) < 1 / (1 + np.exp(-(2 * sure + 1)))
    curve = curve_of(sure, right)
    assert [curve.steepness, curve.offset] == pytest.approx([2, 1], abs=0.3)
    for answers in (np.ones(50, dtype=bool), np.zeros(50, dtype=bool), sure[:50] < 0):
        shares = curve_of(sure[:50], answers).share(np.sort(sure[:50]))
        assert (np.diff(shares) >= 0).all()
        assert ((shares > 0) & (shares < 1)).all()


def test_the_threshold_gives_up_no_more_than_it_may() -> None:
    sure = np.linspace(0, 1, 1_001).astype(np.float32)
    right, nobody = np.ones(1_001, dtype=bool), np.zeros(0, dtype=np.float32)
    low = np.full(30, -1, dtype=np.float32)
    assert sure_enough(sure, right, nobody, nobody) == pytest.approx(0.03, abs=0.002)
    assert sure_enough(sure, right, nobody, sure) == pytest.approx(0.08, abs=0.002)
    assert sure_enough(sure, right, low, nobody) == pytest.approx(0.02, abs=0.002)
    assert sure_enough(sure, right, sure, nobody) == pytest.approx(0.06, abs=0.002)


def test_precision_and_recall_are_of_each_label() -> None:
    true, guessed = np.array([0, 0, 0, 1, 1, 2]), np.array([0, 0, 1, 1, 0, 1])
    first, second, third = label_scores(["a", "b", "c"], true, guessed)
    assert [first.examples, first.precision, first.recall] == pytest.approx([3, 2 / 3, 2 / 3])
    assert [second.precision, second.recall, second.f1] == pytest.approx([1 / 3, 1 / 2, 0.4])
    assert (third.examples, third.precision, third.recall, third.f1) == (1, 0, 0, 0)
    nothing = point_at(0.9, np.array([0.1, 0.2]), np.array([True, False]))
    assert (nothing.coverage, nothing.accuracy) == (0, 0)


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize(("each", "right"), [(30, 0.85), (100, 0.90)])
def test_the_figures_it_is_held_to(each: int, right: float) -> None:
    """With 30 examples of each of 75 intents, and with all: how many are right, and what is left out of the others."""
    folder = shared("datasets")
    if folder is None:
        pytest.skip("../shared is absent, and with it the public intents")
    by_label: dict[str, list[str]] = defaultdict(list)
    tests, outside = [], []
    with (folder / "intents" / "clinc150_part.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["label"] == "oos":
                outside.append(row["text"])
            elif row["split"] == "train":
                by_label[row["label"]].append(row["text"])
            else:
                tests.append((row["text"], row["label"]))
    chance = random.Random(5)
    rows = [(text, label) for label, texts in by_label.items() for text in chance.sample(texts, each)]
    made = train([text for text, _ in rows], [label for _, label in rows])
    guesses = made.guess([text for text, _ in tests])
    hits = [guess.label == label for guess, (_, label) in zip(guesses, tests, strict=True)]
    answered = [hit and guess.sure(made.threshold) for hit, guess in zip(hits, guesses, strict=True)]
    left = [not guess.sure(made.threshold) for guess in made.guess(outside)]
    assert np.mean(hits) >= right
    assert np.mean(left) >= 0.80
    assert np.mean(answered) >= 0.88
    assert len(dump(made)) < 4_000_000
