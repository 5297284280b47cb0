"""Mean, median and p90."""

import pytest

from automations.weekly_report.result import Spread
from automations.weekly_report.spread import spread


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        ([], Spread()),
        ([7], Spread(n=1, mean=7, median=7, p90=7)),
        ([4, 1], Spread(n=2, mean=2.5, median=2.5, p90=4)),
        ([3, 1, 2], Spread(n=3, mean=2, median=2, p90=3)),
        (range(1, 11), Spread(n=10, mean=5.5, median=5.5, p90=9)),
        (range(1, 12), Spread(n=11, mean=6, median=6, p90=10)),
        ([0.1] * 10, Spread(n=10, mean=0.1, median=0.1, p90=0.1)),
    ],
)
def test_the_spread_of_times(seconds: list[float], told: Spread) -> None:
    assert spread(seconds) == told == spread(reversed(list(seconds)))
