"""The picture of an evaluation: equal cards give equal bytes, many queues fit, hostile names are only drawn."""

from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO

import pytest
from PIL import Image

from automations.triage.card_types import EvaluationCard
from bot.views.triage_picture import NOT_DECIDED, REST, SHOWN, confusion_table, evaluation_picture

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
CARD = EvaluationCard(
    id=1,
    source="history.csv",
    made_at=NOW,
    train_from=None,
    test_from=None,
    test_to=None,
    trained_on=700,
    examples=300,
    decided=250,
    right=240,
    coverage=250 / 300,
    precision=240 / 250,
    accuracy=0.9,
    queues=(),
    confusion=(
        ("Billing", "Billing", 140),
        ("Support", "Support", 100),
        ("Support", NOT_DECIDED, 50),
        ("Billing", "Support", 10),
    ),
    curve=((0.0, 1.0, 0.9), (0.5, 0.8, 0.96), (0.9, 0.4, 0.99)),
    baselines=(("majority", 0.5), ("keywords", 0.7)),
    moved=(3, 2),
    priority_cost=None,
    lint=(),
    rules_version="a1b2c3d4e5f6",
    model="",
    passed=True,
    fails=(),
)


@pytest.mark.parametrize(
    "card",
    [
        CARD,
        replace(CARD, passed=False, precision=None, curve=(), confusion=(("Support", NOT_DECIDED, 300),)),
        replace(CARD, source="$x^2$ <!channel> \u202e\x00", confusion=(("$\\frac{1}", "<@U1>\n", 3),)),
    ],
    ids=["passed", "nothing decided", "hostile"],
)
def test_it_is_drawn_alike_each_time(card: EvaluationCard) -> None:
    drawn = evaluation_picture(card)
    assert drawn == evaluation_picture(card)
    assert Image.open(BytesIO(drawn)).size == (1_600, 2_000)


def test_many_queues_are_put_together_and_none_is_lost() -> None:
    many = tuple((f"q{number}", f"q{number}", 100 - number) for number in range(25))
    rows, columns, counts = confusion_table(replace(CARD, confusion=many))
    assert list(rows) == [*(f"q{number}" for number in range(SHOWN)), REST]
    assert list(columns) == [*rows, NOT_DECIDED]
    assert sum(counts.values()) == sum(n for _, _, n in many)
