"""How long the team works between two moments: exact over every change of a clock, against counting the minutes."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from automations.calendar import WorkedTime, WorkingHours

MINUTE = timedelta(minutes=1)
CHANGES = {
    "Europe/Oslo": (date(2026, 3, 29), date(2026, 10, 25)),
    "America/New_York": (date(2026, 3, 8), date(2026, 11, 1)),
    "Australia/Lord_Howe": (date(2026, 4, 5), date(2026, 10, 4)),
    "America/Santiago": (date(2026, 4, 5), date(2026, 9, 6)),
    "Pacific/Apia": (date(2011, 12, 30),),
    "Asia/Kolkata": (date(2024, 2, 29),),
}
"""Lord Howe's clock changes by half an hour, Santiago's at midnight; Apia went without the 30th of December."""
EVERY_DAY = frozenset(range(7))
OFFICE = WorkingHours(frozenset(range(5)), time(9), time(17), "Europe/Oslo", frozenset({date(2026, 12, 25)}))
HOUR = 3600.0


def at(zone: str, year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, second, tzinfo=ZoneInfo(zone)).astimezone(UTC)


def worked(hours: WorkingHours, start: datetime, end: datetime) -> float:
    return WorkedTime(hours, start, end).between(start, end)


@st.composite
def hours_and_moments(draw: st.DrawFn) -> tuple[WorkingHours, list[datetime]]:
    """Any hours, and three moments in order within two days of a change of their zone's clock, on whole minutes."""
    name = draw(st.sampled_from(sorted(CHANGES)))
    change = draw(st.sampled_from(CHANGES[name]))
    clock = st.builds(time, st.integers(0, 23), st.sampled_from([0, 1, 15, 30, 59]))
    start, end = sorted(draw(st.lists(clock, min_size=2, max_size=2, unique=True)))
    holidays = draw(st.frozensets(st.integers(-2, 2).map(lambda days: change + timedelta(days=days)), max_size=2))
    days = draw(st.sampled_from([EVERY_DAY, frozenset(range(5)), frozenset({change.weekday()})]))
    middle = datetime.combine(change, time(), ZoneInfo(name)).astimezone(UTC)
    minutes = sorted(draw(st.lists(st.integers(-2 * 1440, 2 * 1440), min_size=3, max_size=3)))
    return WorkingHours(days, start, end, name, holidays), [middle + one * MINUTE for one in minutes]


@settings(max_examples=60, deadline=None)
@given(hours_and_moments())
@example(
    (
        WorkingHours(EVERY_DAY, time(0), time(23), "Pacific/Apia"),
        [datetime(2011, 12, day, 12, tzinfo=UTC) for day in (28, 29, 31)],
    )
)
def test_it_is_the_number_of_minutes_in_which_the_team_works(drawn: tuple[WorkingHours, list[datetime]]) -> None:
    hours, (start, middle, end) = drawn
    time_ = WorkedTime(hours, start, end)
    minutes = sum(hours.covers(start + n * MINUTE) for n in range((end - start) // MINUTE))
    assert time_.between(start, end) == minutes * 60
    assert time_.between(start, middle) + time_.between(middle, end) == minutes * 60


@settings(max_examples=60, deadline=None)
@given(hours_and_moments(), st.lists(st.floats(0, 1), min_size=3, max_size=3))
def test_it_adds_up_and_never_runs_back_or_ahead_of_time(
    drawn: tuple[WorkingHours, list[datetime]], parts: list[float]
) -> None:
    hours, (first, _, last) = drawn
    time_ = WorkedTime(hours, first, last)
    start, middle, end = (first + part * (last - first) for part in sorted(parts))
    whole = time_.between(start, end)
    assert abs(time_.between(start, middle) + time_.between(middle, end) - whole) < 1e-5
    assert 0 <= time_.between(start, middle) <= whole + 1e-5
    assert whole <= (end - start).total_seconds() + 1e-5
    assert time_.between(end, start) == 0


@pytest.mark.parametrize(
    ("zone", "sunday", "night", "day"),
    [
        ("Europe/Oslo", (2026, 3, 29), 3.0, 8.0),
        ("Europe/Oslo", (2026, 10, 25), 5.0, 8.0),
        ("America/New_York", (2026, 3, 8), 3.0, 8.0),
        ("America/New_York", (2026, 11, 1), 5.0, 8.0),
        ("Australia/Lord_Howe", (2026, 10, 4), 3.5, 8.0),
        ("Australia/Lord_Howe", (2026, 4, 5), 4.5, 8.0),
        ("Asia/Kolkata", (2024, 2, 29), 4.0, 8.0),
        ("Pacific/Apia", (2011, 12, 30), 0.0, 0.0),
    ],
)
def test_the_nights_in_which_clocks_change(zone: str, sunday: tuple[int, int, int], night: float, day: float) -> None:
    start = datetime(*sunday, tzinfo=UTC) - timedelta(days=3)
    whole = (start, start + timedelta(days=6))
    only = date(*sunday)
    others = frozenset(only + timedelta(days=n) for n in range(-6, 7) if n)
    assert worked(WorkingHours(EVERY_DAY, time(0), time(4), zone, others), *whole) == night * HOUR
    assert worked(WorkingHours(EVERY_DAY, time(9), time(17), zone, others), *whole) == day * HOUR


def test_working_days_holidays_and_the_two_ends() -> None:
    zone = "Europe/Oslo"
    week = at(zone, 2026, 12, 21), at(zone, 2026, 12, 28)
    assert worked(OFFICE, *week) == 4 * 8 * HOUR, "Friday is a holiday"
    assert worked(OFFICE, at(zone, 2026, 12, 24, 17), at(zone, 2026, 12, 28, 9)) == 0
    assert worked(OFFICE, at(zone, 2026, 12, 24, 16, 59), at(zone, 2026, 12, 28, 9, 0, 1)) == 61
    assert worked(OFFICE, at(zone, 2024, 2, 28, 12), at(zone, 2024, 3, 1, 12)) == 16 * HOUR, "over the 29th"
    assert worked(OFFICE, at(zone, 2026, 11, 24, 9), at(zone, 2026, 11, 24, 9)) == 0
    fine = timedelta(microseconds=1)
    assert worked(OFFICE, at(zone, 2026, 11, 24, 9) - fine, at(zone, 2026, 11, 24, 9) + fine) == pytest.approx(1e-6)


def test_a_moment_that_was_not_laid_out_is_refused() -> None:
    time_ = WorkedTime(OFFICE, at("UTC", 2026, 11, 1), at("UTC", 2026, 11, 8))
    for start, end in (
        (at("UTC", 2026, 10, 31), at("UTC", 2026, 11, 2)),
        (at("UTC", 2026, 11, 2), at("UTC", 2026, 12, 1)),
    ):
        with pytest.raises(ValueError, match="outside"):
            time_.between(start, end)
