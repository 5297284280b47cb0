"""Working hours: what they cover, and when the next ones begin, over clock changes and holidays."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from automations.calendar import WorkingHours

OSLO = ZoneInfo("Europe/Oslo")
WEEK = frozenset(range(5))
OFFICE = WorkingHours(WEEK, time(9), time(17), "Europe/Oslo", frozenset({date(2026, 12, 25)}))
MINUTE = timedelta(minutes=1)

ZONES = ("UTC", "Europe/Oslo", "America/New_York", "Australia/Lord_Howe", "America/Santiago", "Asia/Kolkata")
"""Lord Howe's clock changes by half an hour, Santiago's at midnight."""
CHANGES = {
    "UTC": (date(2026, 6, 1),),
    "Europe/Oslo": (date(2026, 3, 29), date(2026, 10, 25)),
    "America/New_York": (date(2026, 3, 8), date(2026, 11, 1)),
    "Australia/Lord_Howe": (date(2026, 4, 5), date(2026, 10, 4)),
    "America/Santiago": (date(2026, 4, 5), date(2026, 9, 6)),
    "Asia/Kolkata": (date(2026, 6, 1),),
}
times = st.builds(time, st.integers(0, 23), st.integers(0, 59))


def oslo(year: int, month: int, day: int, hour: int) -> datetime:
    return datetime(year, month, day, hour, tzinfo=OSLO)


@pytest.mark.parametrize(
    ("at", "start"),
    [
        (oslo(2026, 11, 24, 12), oslo(2026, 11, 24, 12)),
        (oslo(2026, 11, 24, 9), oslo(2026, 11, 24, 9)),
        (oslo(2026, 11, 24, 2), oslo(2026, 11, 24, 9)),
        (oslo(2026, 11, 24, 17), oslo(2026, 11, 25, 9)),
        (oslo(2026, 11, 20, 18), oslo(2026, 11, 23, 9)),
        (oslo(2026, 12, 24, 20), oslo(2026, 12, 28, 9)),
        (oslo(2026, 3, 27, 18), oslo(2026, 3, 30, 9)),
        (oslo(2026, 10, 23, 18), oslo(2026, 10, 26, 9)),
    ],
    ids=["within", "at the start", "night", "at the end", "Friday evening", "holiday", "spring", "autumn"],
)
def test_the_next_start(at: datetime, start: datetime) -> None:
    assert OFFICE.next_start(at) == start
    assert OFFICE.next_start(at).tzinfo is UTC


@st.composite
def hours_and_moment(draw: st.DrawFn) -> tuple[WorkingHours, datetime]:
    """Any hours, and a moment near a clock change of their zone."""
    name = draw(st.sampled_from(ZONES))
    change = draw(st.sampled_from(CHANGES[name]))
    start, end = sorted(draw(st.lists(times, min_size=2, max_size=2, unique=True)))
    holidays = draw(st.frozensets(st.integers(-3, 5).map(lambda days: change + timedelta(days=days)), max_size=4))
    days = draw(st.frozensets(st.integers(0, 6), min_size=1))
    at = datetime.combine(change, time(), ZoneInfo(name)).astimezone(UTC)
    return WorkingHours(days, start, end, name, holidays), at + draw(st.integers(-4 * 1440, 2 * 1440)) * MINUTE


@given(hours_and_moment())
@example((WorkingHours(frozenset({6}), time(2, 10), time(3), "Europe/Oslo"), oslo(2026, 3, 28, 9).astimezone(UTC)))
@example((WorkingHours(frozenset({6}), time(2, 30), time(9), "Europe/Oslo"), oslo(2026, 3, 28, 9).astimezone(UTC)))
@example((WorkingHours(frozenset({6}), time(1), time(2, 30), "Europe/Oslo"), datetime(2026, 10, 25, 0, 45, tzinfo=UTC)))
def test_it_is_the_first_moment_that_the_hours_cover(drawn: tuple[WorkingHours, datetime]) -> None:
    hours, at = drawn
    start = hours.next_start(at)
    assert start >= at
    assert hours.covers(start)
    span = min(start - at, timedelta(days=15)) // MINUTE
    assert not any(hours.covers(start - minutes * MINUTE) for minutes in range(1, span + 1))


@given(hours_and_moment())
def test_it_stays_where_it_is(drawn: tuple[WorkingHours, datetime]) -> None:
    hours, at = drawn
    start = hours.next_start(at)
    assert hours.next_start(start) == start


@pytest.mark.parametrize(
    ("days", "start", "end"), [(frozenset(), 9, 17), (frozenset({7}), 9, 17), (WEEK, 17, 9), (WEEK, 9, 9)]
)
def test_hours_that_cannot_be_are_refused(days: frozenset[int], start: int, end: int) -> None:
    with pytest.raises(ValueError, match="working hours"):
        WorkingHours(days, time(start), time(end), "UTC")
