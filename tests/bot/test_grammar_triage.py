"""What follows `/support triage`, read forgivingly and refused in words."""

import pytest

from automations.triage.asking import USUAL_DAYS
from bot.grammar import UsageError
from bot.grammar_triage import parse_triage


@pytest.mark.parametrize(
    ("typed", "days"),
    [
        ("", None),
        ("evaluate", USUAL_DAYS),
        ("EVALUATE 90d", 90),
        ("evaluate 90", 90),
        ("evaluate last 30 days", 30),
        ("measure 2 weeks", 14),
        ("evaluate 1d", 1),
    ],
)
def test_read(typed: str, days: int | None) -> None:
    assert parse_triage(typed) == days


@pytest.mark.parametrize("typed", ["fix", "evaluate 0d", "evaluate -3d", "evaluate 99999d", "evaluate file.csv", "90d"])
def test_refused_with_what_is_known(typed: str) -> None:
    with pytest.raises(UsageError, match="evaluate"):
        parse_triage(typed)
