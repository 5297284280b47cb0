"""Pauses between tries, and routes that cannot be right."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.engine import Route
from bot.engine.spec import LONGEST_PAUSE_S, pause_s
from tests.bot.engine.world import channel_of


@given(attempt=st.integers(1, 10_000))
def test_a_pause_is_between_one_second_and_two_minutes(attempt: int) -> None:
    assert 1.0 <= pause_s(attempt) <= LONGEST_PAUSE_S


def test_pauses_grow() -> None:
    assert max(pause_s(1) for _ in range(50)) < min(pause_s(4) for _ in range(50))


@given(attempt=st.integers(1, 50), asked=st.floats(0, 1e6))
def test_what_the_outside_asked_for_is_waited_exactly(attempt: int, asked: float) -> None:
    assert pause_s(attempt, retry_after_s=asked) == asked


def test_a_slack_route_without_partition_is_refused() -> None:
    with pytest.raises(ValueError, match="needs a partition"):
        Route(name="x", queue="slack")
    with pytest.raises(ValueError, match="needs a partition"):
        Route(name="x", queue="desk", partition=channel_of)
