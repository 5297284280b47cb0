"""Two moments that have passed, as people type them."""

from datetime import UTC, datetime

import pytest

from automations.errors import Refused
from automations.runs.window import read_window

NOW = datetime(2026, 11, 21, 2, 14, tzinfo=UTC)
"""03:14 in Oslo."""


@pytest.mark.parametrize(
    ("text", "began"),
    [
        ("2h", datetime(2026, 11, 21, 0, 14, tzinfo=UTC)),
        ("1h 30m ago", datetime(2026, 11, 21, 0, 44, tzinfo=UTC)),
        ("03:00", datetime(2026, 11, 21, 2, 0, tzinfo=UTC)),
        ("14:00", datetime(2026, 11, 20, 13, 0, tzinfo=UTC)),
        ("2026-11-20", datetime(2026, 11, 19, 23, 0, tzinfo=UTC)),
        ("2026-11-20 14:00", datetime(2026, 11, 20, 13, 0, tzinfo=UTC)),
        ("2026-11-20T14:00:00Z", datetime(2026, 11, 20, 14, 0, tzinfo=UTC)),
    ],
)
def test_when_it_began(text: str, began: datetime) -> None:
    window = read_window(text, "", now=NOW, zone="Europe/Oslo")
    assert (window.since, window.until) == (began, NOW)


def test_when_it_ended() -> None:
    window = read_window("2h", "30m", now=NOW, zone="Europe/Oslo")
    assert window.until == datetime(2026, 11, 21, 1, 44, tzinfo=UTC)


@pytest.mark.parametrize(
    ("since", "until", "why"),
    [
        ("", "", "Since when"),
        ("yesterday-ish", "", "I cannot read “yesterday-ish”"),
        ("0h", "", "I cannot read"),
        ("999999d", "", "I cannot read"),
        ("2026-11-22", "", "has not been yet"),
        ("1h", "2h", "is not after"),
        ("x" * 200, "", "I cannot read “x{39}…”"),
    ],
)
def test_what_is_refused(since: str, until: str, why: str) -> None:
    with pytest.raises(Refused, match=why):
        read_window(since, until, now=NOW, zone="Europe/Oslo")
