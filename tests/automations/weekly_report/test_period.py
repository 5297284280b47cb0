"""Periods by name, on the wall clock of a zone."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis.strategies import dates, sampled_from

from automations.weekly_report.period import before, days_of, last_week, parse_period, period_words, why_unknown
from automations.weekly_report.period import dates as days
from tests.automations.weekly_report.histories import PERIODS, ZONES

NOW = datetime(2026, 11, 9, 8, tzinfo=UTC)
BERLIN = "Europe/Berlin"


@pytest.mark.parametrize(
    ("text", "first", "last", "word", "words"),
    [
        ("last-week", "2026-11-02", "2026-11-08", "week", "week 45, 2–8 Nov 2026"),
        ("Last week", "2026-11-02", "2026-11-08", "week", "week 45, 2–8 Nov 2026"),
        ("this-week", "2026-11-09", "2026-11-15", "week", "week 46, 9–15 Nov 2026"),
        ("last-month", "2026-10-01", "2026-10-31", "month", "Oct 2026"),
        ("this-month", "2026-11-01", "2026-11-30", "month", "Nov 2026"),
        ("yesterday", "2026-11-08", "2026-11-08", "days", "Sun 8 Nov 2026"),
        ("2026-W45", "2026-11-02", "2026-11-08", "week", "week 45, 2–8 Nov 2026"),
        ("2020-w53", "2020-12-28", "2021-01-03", "week", "week 53, 28 Dec 2020 – 3 Jan 2021"),
        ("2024-02", "2024-02-01", "2024-02-29", "month", "Feb 2024"),
        ("2026-11-02", "2026-11-02", "2026-11-02", "days", "Mon 2 Nov 2026"),
        ("2026-10-30 .. 2026-11-08", "2026-10-30", "2026-11-08", "days", "30 Oct – 8 Nov 2026"),
    ],
)
def test_a_period_is_read(text: str, first: str, last: str, word: str, words: str) -> None:
    period = parse_period(text, NOW, BERLIN)
    assert [str(day) for day in days(period)] == [first, last]
    assert (period.word, period_words(period), period.zone) == (word, words, BERLIN)


@pytest.mark.parametrize(
    "text",
    ["", "soon", "2026-W54", "2026-13", "2026-02-29", "9999-12", "2026-11-02..", "..", "0000-01-01"],
)  # fmt: skip
def test_what_is_none_is_refused_with_what_is_known(text: str) -> None:
    with pytest.raises(ValueError, match=r"last-week, this-week, .*2026-11-02\.\.2026-11-08"):
        parse_period(text, NOW, BERLIN)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("2026-11-08..2026-11-02", "“2026-11-08..2026-11-02” ends before it begins"),
        ("1000-01-01..2026-01-01", "is too long: a period has at most 1,100 days"),
        ("2026-12-01", "“2026-12-01” has not begun yet"),
    ],
)
def test_what_can_be_read_and_cannot_be_counted_is_refused_with_the_reason(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        parse_period(text, NOW, BERLIN)


def test_a_week_is_as_long_as_its_clock_says() -> None:
    hours = {name: _hours(name) for name in ("2026-W12", "2026-W13", "2026-W43")}
    assert hours == {"2026-W12": 168, "2026-W13": 167, "2026-W43": 169}


def _hours(name: str) -> float:
    period = parse_period(name, NOW, BERLIN)
    return (period.to_at - period.from_at) / timedelta(hours=1)


@given(dates(min_value=datetime(2000, 1, 1).date(), max_value=datetime(2026, 10, 1).date()), sampled_from(ZONES))  # noqa: DTZ001 - days, not moments
def test_periods_lie_end_to_end(day: object, zone: str) -> None:
    """The one before ends where each begins, and its days cover it without gap or overlap, whatever the clocks do."""
    for period in (parse_period(str(day), NOW, zone), last_week(datetime.fromisoformat(f"{day}T12:00Z"), zone)):
        assert before(period).to_at == period.from_at
        slices = days_of(period)
        assert (slices[0].from_at, slices[-1].to_at) == (period.from_at, period.to_at)
        assert all(one.to_at == other.from_at for one, other in pairwise(slices))


@pytest.mark.parametrize("name", PERIODS)
def test_the_one_before_is_of_the_same_kind(name: str) -> None:
    period = parse_period(name, NOW, "America/New_York")
    earlier = before(period)
    assert earlier.word == period.word
    if period.word != "month":
        assert len(days_of(earlier)) in {len(days_of(period)), len(days_of(period)) + 1}


def test_a_long_period_is_told_by_weeks() -> None:
    slices = days_of(parse_period("2025-12-03..2026-01-20", NOW, BERLIN))
    assert [str(one.date) for one in slices[:3]] == ["2025-12-03", "2025-12-08", "2025-12-15"]
    assert len(slices) == 8


def test_it_says_why_there_is_nothing_to_compare_with() -> None:
    period = parse_period("2026-W45", NOW, BERLIN)
    assert why_unknown(period, None, None) is None
    assert why_unknown(period, before(period).from_at, period.to_at) is None
    partial = why_unknown(period, datetime(2026, 10, 28, 11, tzinfo=UTC), NOW)
    assert partial == (
        "The period before, week 44, 26 Oct – 1 Nov 2026, is not known whole: the desk's past is known since "
        "28 Oct 12:00."
    )
    unfinished = why_unknown(period, None, datetime(2026, 11, 5, 9, tzinfo=UTC))
    assert unfinished == "The period has not ended: it is known up to 5 Nov 10:00."
