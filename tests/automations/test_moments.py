"""Times as people type them: the next one that fits, in the team's zone, across changes of the clock; or words."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from automations.errors import Refused
from automations.failure_tickets.settled import day_and_time
from automations.moments import MOST_YEARS, UnclearTime, read_moment
from automations.people import moment_in_words
from tests.automations.failure_tickets.world import World
from tests.support import FakeClock, RecordingJobs

OSLO = ZoneInfo("Europe/Oslo")
NOW = datetime(2026, 11, 24, 16, 20, tzinfo=UTC)  # a Tuesday, 17:20 in Oslo
SHIFT = datetime(2026, 11, 24, 21, tzinfo=UTC)
ZONES = ("Europe/Oslo", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "UTC")
MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  # bounds are naive


def read(text: str, now: datetime = NOW, zone: str = "Europe/Oslo") -> datetime:
    return read_moment(text, now=now, zone=zone, end_of_shift=SHIFT)


def local(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=OSLO)  # type: ignore[arg-type, misc]  # year, month, day, hour, minute


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("18:00", local(2026, 11, 24, 18)),
        ("14:00", local(2026, 11, 25, 14)),
        ("at 9am", local(2026, 11, 25, 9)),
        ("6 pm", local(2026, 11, 24, 18)),
        ("12am", local(2026, 11, 25)),
        ("noon", local(2026, 11, 25, 12)),
        ("midnight", local(2026, 11, 25)),
        ("today 18:00", local(2026, 11, 24, 18)),
        ("tomorrow", local(2026, 11, 25)),
        ("Tomorrow 09:00", local(2026, 11, 25, 9)),
        ("9:30 tomorrow", local(2026, 11, 25, 9, 30)),
        ("Fri 09:00", local(2026, 11, 27, 9)),
        ("Friday", local(2026, 11, 27)),
        ("next friday at 17.30", local(2026, 11, 27, 17, 30)),
        ("Tue 18:00", local(2026, 11, 24, 18)),
        ("Tue 09:00", local(2026, 12, 1, 9)),
        ("tuesday", local(2026, 12, 1)),
        ("30 Nov", local(2026, 11, 30)),
        ("30th of November, 14:00", local(2026, 11, 30, 14)),
        ("Nov 30 at 2pm", local(2026, 11, 30, 14)),
        ("30.11. 14:00", local(2026, 11, 30, 14)),
        ("Mon 30 Nov 14:00", local(2026, 11, 30, 14)),
        ("3 Sep", local(2027, 9, 3)),
        ("29 Feb", local(2028, 2, 29)),
        ("1 Mar 2028 08:00", local(2028, 3, 1, 8)),
        ("2026-11-30", local(2026, 11, 30)),
        ("2026-11-30 14:00", local(2026, 11, 30, 14)),
        ("2026-11-30T14:00:00Z", datetime(2026, 11, 30, 14, tzinfo=UTC)),
        ("2026-11-30T14:00:00-05:00", datetime(2026, 11, 30, 19, tzinfo=UTC)),
        ("30 Nov 14:00 CET", local(2026, 11, 30, 14)),
        ("2h", NOW + timedelta(hours=2)),
        ("for 90 min", NOW + timedelta(minutes=90)),
        ("1h 30m", NOW + timedelta(minutes=90)),
        ("3d", local(2026, 11, 27, 17, 20)),
        ("2 weeks", local(2026, 12, 8, 17, 20)),
        ("end of shift", SHIFT),
        ("until the end of my shift", SHIFT),
        ("hand-over", SHIFT),
    ],
)
def test_a_time_is_read_as_it_is_meant(text: str, expected: datetime) -> None:
    found = read(text)
    assert found == expected
    assert found.utcoffset() == timedelta()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "cannot read"),
        ("soon", "cannot read"),
        ("31 Nov", "cannot read"),
        ("29 Feb 2027", "cannot read"),
        ("25:00", "cannot read"),
        ("13pm", "cannot read"),
        ("Monday 31 Nov", "cannot read"),
        ("14:00 EST", "cannot read"),
        ("999999w", "cannot read"),
        ("2026-13-40 99:99", "cannot read"),
        ("0001-01-01T00:00:00+14:00", "cannot read"),
        ("today", "past"),
        ("today 09:00", "past"),
        ("2020-01-01", "past"),
        ("0h", "past"),
        ("9000d", f"{MOST_YEARS} years"),
        ("9999-12-31 23:59", f"{MOST_YEARS} years"),
    ],
)
def test_what_is_no_time_to_come_is_refused_with_examples(text: str, why: str) -> None:
    with pytest.raises(UnclearTime, match=why) as told:
        read(text)
    assert "tomorrow 09:00" in str(told.value)
    assert "end of shift" in str(told.value)


def test_end_of_shift_means_nothing_to_somebody_without_one() -> None:
    with pytest.raises(UnclearTime) as told:
        read_moment("end of shift", now=NOW, zone="Europe/Oslo")
    assert "shift" not in str(told.value).partition("Examples")[2]


def test_a_day_may_begin_with_work() -> None:
    assert read_moment("Friday", now=NOW, zone="Europe/Oslo", day_begins=time(9)) == local(2026, 11, 27, 9)


def test_a_time_that_the_clock_skips_is_just_after_the_change() -> None:
    before = local(2027, 3, 27, 12)
    assert read("28 Mar 02:30", before) == datetime(2027, 3, 28, 1, 30, tzinfo=UTC)  # 03:30 there


def test_of_a_time_that_occurs_twice_the_first_still_to_come_is_meant_or_the_one_named() -> None:
    first, second = datetime(2027, 10, 31, 0, 30, tzinfo=UTC), datetime(2027, 10, 31, 1, 30, tzinfo=UTC)
    evening = local(2027, 10, 30, 20)
    assert read("02:30", evening) == first
    assert read("02:30", first) == second
    assert read("31 Oct 02:30 CET", evening) == second
    assert read("31 Oct 02:30 CEST", evening) == first


def test_days_are_counted_on_the_wall_clock_and_hours_as_they_pass() -> None:
    saturday = local(2027, 10, 30, 12)
    assert read("1d", saturday) - saturday.astimezone(UTC) == timedelta(hours=25)
    assert read("24h", saturday) - saturday.astimezone(UTC) == timedelta(hours=24)


@given(st.sampled_from(ZONES), MOMENTS, st.integers(1, 300 * 24 * 60))
def test_what_handoff_prints_can_be_typed(zone: str, now: datetime, ahead: int) -> None:
    """Words say the wall clock to the minute: of an hour that occurs twice they may mean the other one."""
    wanted = (now + timedelta(minutes=ahead)).replace(second=0, microsecond=0)
    if wanted <= now:
        return
    assert read(wanted.isoformat(), now, zone) == wanted
    there = wanted.astimezone(ZoneInfo(zone))
    found = read(moment_in_words(wanted, ZoneInfo(zone)), now, zone).astimezone(ZoneInfo(zone))
    assert found.replace(tzinfo=None) == there.replace(tzinfo=None)


@given(MOMENTS, st.integers(1, 360 * 24 * 60))
def test_what_an_answer_says_can_be_typed(now: datetime, ahead: int) -> None:
    wanted = (now + timedelta(minutes=ahead)).replace(second=0, microsecond=0)
    if wanted <= now:
        return
    ctx = World.on(None, FakeClock(now), RecordingJobs()).ctx  # type: ignore[arg-type]  # words need no database
    found = read(day_and_time(wanted, ctx), now).astimezone(OSLO)
    assert found.replace(tzinfo=None) == wanted.astimezone(OSLO).replace(tzinfo=None)


PIECES = (
    "in at until on next tomorrow today fri friday 30 31 29 feb nov 2026 2026-02-30 14:00 02:30 99:99 9am 13pm noon "
    "2h 3d 1w 0m end of shift midnight T Z +14:00 CET . , : - 0001-01-01T00:00:00+23:59 th 1.1. 9999999d"
)
WORDS = st.sampled_from(PIECES.split())


@given(st.one_of(st.text(max_size=60), st.lists(WORDS, max_size=6).map(" ".join)), st.sampled_from(ZONES), MOMENTS)
@example("²:30", "UTC", NOW)
@example("٣ nov", "UTC", NOW)
def test_whatever_is_typed_is_a_time_to_come_or_refused_in_words(text: str, zone: str, now: datetime) -> None:
    try:
        found = read_moment(text, now=now, zone=zone, end_of_shift=now + timedelta(hours=3))
    except UnclearTime:
        return
    assert found > now
    assert found.utcoffset() == timedelta()


@given(st.lists(WORDS, max_size=4).map(" ".join), st.sampled_from(ZONES), MOMENTS)
def test_a_later_look_never_reads_an_earlier_time(text: str, zone: str, now: datetime) -> None:
    """Without `end of shift`, which is given from outside."""
    try:
        found = read_moment(text, now=now, zone=zone)
        later = read_moment(text, now=now + timedelta(hours=7), zone=zone)
    except Refused:
        return
    assert later >= found


@pytest.mark.parametrize("text", ["mon " * 740, "next " * 700 + "mon", "1h and " * 400, "9" * 3_000, "until " * 400])
def test_a_text_far_too_long_for_a_time_is_none(text: str) -> None:
    with pytest.raises(UnclearTime, match="cannot read"):
        read_moment(text, now=datetime(2026, 11, 21, 2, 14, tzinfo=UTC), zone="Europe/Oslo")
