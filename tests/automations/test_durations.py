"""Lengths of time as people write them."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from automations.durations import Duration, in_words, parse_duration


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("90s", timedelta(seconds=90)),
        ("15m", timedelta(minutes=15)),
        ("4h", timedelta(hours=4)),
        ("7d", timedelta(days=7)),
        ("1h 30m", timedelta(minutes=90)),
        ("1h30m", timedelta(minutes=90)),
    ],
)
def test_reads_what_people_write(text: str, length: timedelta) -> None:
    assert TypeAdapter(Duration).validate_python(text) == length


@pytest.mark.parametrize("text", ["", "soon", "4", "-4h", "4 hours", "0s", "4h!", "1e3s"])
def test_refuses_anything_else(text: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Duration).validate_python(text)


@given(st.integers(1, 10**6 - 1), st.sampled_from("smhd"))
def test_one_part_round_trips(count: int, unit: str) -> None:
    seconds = count * {"s": 1, "m": 60, "h": 3600, "d": 86400}[unit]
    assert parse_duration(f"{count}{unit}") == timedelta(seconds=seconds)


def test_in_words_names_the_two_largest_units() -> None:
    assert in_words(timedelta(days=1, hours=2, minutes=3)) == "1 d 2 h"
    assert in_words(timedelta(minutes=90)) == "1 h 30 min"
    assert in_words(timedelta()) == "0 s"
