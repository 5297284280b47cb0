"""The report's timetable: one moment for each week, over clock changes and holidays, each about its own week."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automations.calendar import WorkingHours
from automations.weekly_report.windows import Timetable

OSLO = ZoneInfo("Europe/Oslo")
ZONES = ("Europe/Oslo", "America/New_York", "Australia/Lord_Howe", "America/Santiago", "Pacific/Apia", "UTC")
WEEK = timedelta(weeks=1)
TICK = timedelta(microseconds=1)
OFFICE = WorkingHours(
    frozenset(range(5)),
    time(8),
    time(16),
    "Europe/Oslo",
    frozenset({date(2026, 4, 6), date(2026, 5, 1), date(2026, 12, 24), date(2026, 12, 25)}),
)
MONDAYS = Timetable(0, time(9), "Europe/Oslo", OFFICE)


def oslo(month: int, day: int, hour: int = 0, minute: int = 0, year: int = 2026) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=OSLO)


def exists(day: date, zone: str) -> bool:
    """False for the one day that a zone left out: Pacific/Apia had no 30 December 2011."""
    noon = datetime.combine(day, time(12), ZoneInfo(zone))
    return noon.astimezone(UTC).astimezone(ZoneInfo(zone)).date() == day


@st.composite
def timetables(draw: st.DrawFn) -> tuple[Timetable, date]:
    """Any timetable, and a Monday to begin at; holidays lie in the year after it, some of them weeks long."""
    zone = draw(st.sampled_from(ZONES))
    monday = date.fromisocalendar(draw(st.integers(2010, 2034)), draw(st.integers(1, 52)), 1)
    hours = None
    if draw(st.booleans()):
        holidays = {monday + timedelta(days=n) for n in draw(st.sets(st.integers(-20, 380), max_size=12))}
        closed = draw(st.integers(0, 200))
        holidays |= {monday + timedelta(days=closed + n) for n in range(draw(st.sampled_from([0, 0, 9, 30])))}
        days = draw(st.frozensets(st.integers(0, 6), min_size=1))
        hours = WorkingHours(days, time(8), time(16), zone, frozenset(holidays))
    at = draw(st.sampled_from([time(0), time(2, 15), time(2, 30), time(9), time(23, 45)]))
    return Timetable(draw(st.integers(0, 6)), at, zone, hours), monday


@settings(max_examples=60, deadline=None)
@given(timetables())
def test_each_week_has_its_one_moment_which_is_about_the_week_before(drawn: tuple[Timetable, date]) -> None:
    table, monday = drawn
    zone = ZoneInfo(table.zone)
    moment, told = datetime.combine(monday, time(), zone).astimezone(UTC) - TICK, []
    for _ in range(60):
        moment = table.next_after(moment)
        told.append((moment, table.window(moment)))
    assert all(earlier < later for (earlier, _), (later, _) in pairwise(told))
    assert all(before.to_at == after.from_at for (_, before), (_, after) in pairwise(told)), (
        "no week twice, none left out"
    )
    for moment, window in told:
        begin, end = window.from_at.astimezone(zone), window.to_at.astimezone(zone)
        assert (begin.weekday(), window.word, window.zone) == (0, "week", table.zone)
        assert (end.date() - begin.date()).days == 7
        planned = end.date() + timedelta(days=table.weekday)
        day = moment.astimezone(zone).date()
        assert timedelta(0) <= day - planned <= timedelta(days=6) or table.zone == "Pacific/Apia"
        assert table.window(moment - TICK) != window
        assert table.window(moment + timedelta(hours=20)) == window


@settings(max_examples=60, deadline=None)
@given(timetables())
def test_what_is_looked_at_before_comes_before_and_on_a_working_day(drawn: tuple[Timetable, date]) -> None:
    table, monday = drawn
    moment = datetime.combine(monday, time(12), UTC)
    for _ in range(60):
        look = table.next_preflight(moment)
        assert look > moment
        planned = table.next_after(look)
        between = [look.astimezone(ZoneInfo(table.zone)).date(), planned.astimezone(ZoneInfo(table.zone)).date()]
        free = [between[0] + timedelta(days=n) for n in range(1, (between[1] - between[0]).days)]
        if table.hours is not None:
            assert table.hours.works_on(between[0]) or table.zone == "Pacific/Apia"
            assert not any(table.hours.works_on(day) for day in free if exists(day, table.zone))
        else:
            assert free == []
        moment = look


@settings(max_examples=60, deadline=None)
@given(timetables(), st.integers(0, 400 * 1440))
def test_what_is_next_does_not_depend_on_who_asks_when(drawn: tuple[Timetable, date], minutes: int) -> None:
    table, monday = drawn
    moment = datetime.combine(monday, time(), UTC) + timedelta(minutes=minutes)
    planned = table.next_after(moment)
    assert planned > moment
    assert planned.tzinfo is UTC
    assert table.next_after(planned - TICK) == planned
    assert table.next_after(planned) > planned


@pytest.mark.parametrize(
    ("after", "planned", "look", "week"),
    [
        (oslo(11, 20, 12), oslo(11, 23, 9), oslo(11, 20, 9), (11, 16)),
        (oslo(4, 3), oslo(4, 7, 9), oslo(4, 3, 9), (3, 30)),
        (oslo(3, 27, 12), oslo(3, 30, 9), oslo(3, 27, 9), (3, 23)),
        (oslo(10, 23, 12), oslo(10, 26, 9), oslo(10, 23, 9), (10, 19)),
        (oslo(12, 24), oslo(12, 28, 9), oslo(12, 23, 9), (12, 21)),
    ],
    ids=["a week", "Easter Monday is free", "clocks go forward", "clocks go back", "holidays before"],
)
def test_acceptance_17_the_weekly_period_in_weeks_of_clock_changes_and_holidays(
    after: datetime, planned: datetime, look: datetime, week: tuple[int, int]
) -> None:
    assert MONDAYS.next_after(after) == planned
    assert MONDAYS.next_preflight(look - TICK) == look
    assert MONDAYS.window(planned).from_at == oslo(*week)


def test_a_holiday_moves_the_report_but_not_its_week() -> None:
    fridays = Timetable(4, time(9), "Europe/Oslo", OFFICE)
    planned = fridays.next_after(oslo(4, 28))
    assert planned == oslo(5, 4, 9), "the Monday after the first of May"
    assert fridays.window(planned).from_at == oslo(4, 20)
    assert fridays.next_after(planned) == oslo(5, 8, 9)
    assert fridays.window(oslo(5, 8, 9)).from_at == oslo(4, 27)


def test_a_holiday_of_weeks_leaves_every_week_its_report() -> None:
    july = frozenset(date(2026, 7, 6) + timedelta(days=n) for n in range(21))
    table = Timetable(
        0, time(9), "Europe/Oslo", WorkingHours(frozenset(range(5)), time(8), time(16), "Europe/Oslo", july)
    )
    planned = [table.next_after(oslo(7, 1))]
    for _ in range(3):
        planned.append(table.next_after(planned[-1]))
    assert planned == [oslo(7, day, 9) for day in (6, 13, 20, 27)]
    assert table.next_preflight(oslo(7, 3, 12)) == oslo(7, 31, 9), "one look before the whole holiday, on the 3rd"


@pytest.mark.parametrize(
    ("at", "planned"),
    [
        (time(2, 30), (datetime(2026, 3, 29, 1, 30, tzinfo=UTC), datetime(2026, 10, 25, 0, 30, tzinfo=UTC))),
        (time(9), (datetime(2026, 3, 29, 7, tzinfo=UTC), datetime(2026, 10, 25, 8, tzinfo=UTC))),
    ],
)
def test_a_time_that_clocks_skip_is_as_long_after_midnight_and_of_two_the_first_counts(
    at: time, planned: tuple[datetime, datetime]
) -> None:
    sundays = Timetable(6, at, "Europe/Oslo")
    assert (sundays.next_after(oslo(3, 28)), sundays.next_after(oslo(10, 24))) == planned
    assert sundays.next_after(planned[1]) == planned[1] + WEEK + (
        timedelta(hours=1) if at == time(2, 30) else timedelta(0)
    )


def test_weeks_across_the_year_end_and_of_53() -> None:
    window = MONDAYS.window(oslo(1, 4, 9, year=2027))
    assert (window.from_at, window.to_at) == (oslo(12, 28), oslo(1, 4, year=2027))
    assert window.from_at.astimezone(OSLO).isocalendar()[:2] == (2026, 53)
