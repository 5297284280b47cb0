"""How times lie: mean, median, p90. Pure."""

from collections.abc import Iterable
from math import ceil, fsum

from automations.weekly_report.result import Spread


def spread(seconds: Iterable[float]) -> Spread:
    """The spread of times, the same whatever order they come in.

    `p90` is the nearest rank: the smallest time that at least nine tenths do not exceed. Figures are in whole
    milliseconds, so that no rounding of a database shows.
    """
    lying = sorted(seconds)
    n = len(lying)
    if n == 0:
        return Spread()
    median = (lying[(n - 1) // 2] + lying[n // 2]) / 2
    return Spread(
        n=n, mean=round(fsum(lying) / n, 3), median=round(median, 3), p90=round(lying[ceil(n * 9 / 10) - 1], 3)
    )


def median(seconds: Iterable[float]) -> float | None:
    """The median alone, None of nothing."""
    return spread(seconds).median
