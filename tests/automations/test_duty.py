"""Rotations keep wall-clock hand-overs across summer time, shifts are half-open, and people away are skipped."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automations.duty import (
    Cover,
    Group,
    Rotation,
    Turn,
    last_hand_over,
    least_loaded,
    next_hand_over,
    on_duty,
    shift_of,
    turn,
)
from automations.people import Absence, Person, Roster

NAMES = ("anna@x.io", "ben@x.io", "cleo@x.io")
ROSTER = Roster(tuple(Person(name.split("@")[0].title(), name) for name in NAMES))
OSLO = ZoneInfo("Europe/Oslo")
TICK = timedelta(microseconds=1)


def rotation(hand_over: str = "Mon 09:00", first: date = date(2026, 3, 2), zone: str = "Europe/Oslo") -> Rotation:
    return Rotation("billing-duty", NAMES, hand_over, zone, first)


def away(name: str, start: datetime, end: datetime) -> Roster:
    return Roster(
        tuple(Person(p.name, p.email, away=(Absence(start, end),)) if p.email == name else p for p in ROSTER.people)
    )


def local(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=OSLO)  # type: ignore[arg-type, misc]  # year, month, day, hour, minute


def test_the_hand_over_itself_belongs_to_the_next_shift() -> None:
    weekly = rotation()
    assert on_duty(weekly, ROSTER, local(2026, 3, 9, 9) - TICK) == "anna@x.io"
    assert on_duty(weekly, ROSTER, local(2026, 3, 9, 9)) == "ben@x.io"
    assert next_hand_over(weekly, local(2026, 3, 9, 9)) == local(2026, 3, 16, 9)
    assert next_hand_over(weekly, local(2026, 3, 9, 9) - TICK) == local(2026, 3, 9, 9)


def test_nobody_is_on_duty_before_the_first_shift() -> None:
    weekly = rotation(first=date(2026, 3, 4))  # a Wednesday: the first hand-over is on Monday the 9th
    before = local(2026, 3, 9, 9) - TICK
    assert on_duty(weekly, ROSTER, before) is None
    assert next_hand_over(weekly, before) == local(2026, 3, 9, 9)
    assert on_duty(weekly, ROSTER, local(2026, 3, 9, 9)) == "anna@x.io"


@pytest.mark.parametrize(
    ("monday", "hours"), [((2026, 3, 23), 7 * 24 - 1), ((2026, 10, 19), 7 * 24 + 1), ((2026, 6, 1), 7 * 24)]
)
def test_a_week_with_a_change_of_the_clock_still_ends_at_nine(monday: tuple[int, int, int], hours: int) -> None:
    start = local(*monday, 9)
    end = next_hand_over(rotation(), start)
    assert end - start.astimezone(UTC) == timedelta(hours=hours)
    assert end.astimezone(OSLO).timetz().replace(tzinfo=None) == time(9)


def test_a_hand_over_at_a_time_the_clock_skips_happens_just_after_the_change() -> None:
    daily = rotation("daily 02:30", first=date(2026, 3, 27))
    assert next_hand_over(daily, local(2026, 3, 28, 12)) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)  # 03:30 there


def test_a_hand_over_at_a_time_that_occurs_twice_happens_once() -> None:
    daily = rotation("daily 02:30", first=date(2026, 10, 23))
    first = next_hand_over(daily, local(2026, 10, 24, 12))
    assert first == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert next_hand_over(daily, first) == datetime(2026, 10, 26, 1, 30, tzinfo=UTC)


@given(
    st.sampled_from(["Mon 09:00", "Sun 02:30", "daily 02:30", "daily 00:00"]),
    st.sampled_from(["Europe/Oslo", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "UTC"]),
    st.datetimes(datetime(2011, 12, 20), datetime(2031, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001  # bounds are naive
)
def test_shifts_follow_each_other_without_gap_or_overlap(hand_over: str, zone: str, at: datetime) -> None:
    turns = rotation(hand_over, date(2011, 12, 1), zone)
    end = next_hand_over(turns, at)
    assert at < end <= at + timedelta(days=8)
    assert turn(turns, ROSTER, end - TICK).until == end == turn(turns, ROSTER, at).until
    now, then = on_duty(turns, ROSTER, at), on_duty(turns, ROSTER, end)
    assert now is not None
    assert then is not None
    steps = (NAMES.index(then) - NAMES.index(now)) % 3
    assert steps == 1 or zone == "Pacific/Apia"  # a day that a zone skips takes its shift with it
    if hand_over != "daily 02:30" and hand_over != "Sun 02:30":
        wall = end.astimezone(ZoneInfo(zone))
        assert f"{wall:%H:%M}" == hand_over[-5:]


def test_who_is_away_is_skipped_in_order() -> None:
    at = local(2026, 3, 10, 12)  # Ben's week
    found = turn(rotation(), away("ben@x.io", at, at + timedelta(days=1)), at)
    assert (found.email, found.skipped) == ("cleo@x.io", ("ben@x.io",))
    assert found.until == local(2026, 3, 16, 9)


def test_nobody_left_is_said_as_nobody() -> None:
    found = turn(rotation(), Roster(), local(2026, 3, 10, 12))
    assert found.email is None
    assert found.skipped == ("ben@x.io", "cleo@x.io", "anna@x.io")


def test_the_least_loaded_takes_it_and_equals_go_by_address() -> None:
    at = local(2026, 3, 10, 12)
    tier1 = Group("tier1", ("cleo@x.io", "ANNA@x.io", "ben@x.io"))
    assert least_loaded(tier1, ROSTER, {"anna@x.io": 2, "ben@x.io": 1}, at) == "cleo@x.io"
    assert least_loaded(tier1, ROSTER, {"anna@x.io": 2, "ben@x.io": 1, "cleo@x.io": 1}, at) == "ben@x.io"
    assert least_loaded(tier1, away("anna@x.io", at, at + TICK), {"ben@x.io": 1}, at) == "cleo@x.io"
    assert least_loaded(tier1, Roster(), {}, at) is None


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"hand_over": "Monday 09:00"}, "hand-over"),
        ({"hand_over": "Mon 24:00"}, "hand-over"),
        ({"hand_over": "Xyz 09:00"}, "hand-over"),
        ({"zone": "Mars/Olympus"}, "zone"),
        ({"zone": "/etc/localtime"}, "zone"),
        ({"people": ()}, "nobody"),
        ({"people": ("a@x.io", "A@x.io")}, "twice"),
    ],
)
def test_an_impossible_rotation_is_refused(change: dict[str, object], words: str) -> None:
    parts: dict[str, object] = {
        "name": "duty",
        "people": NAMES,
        "hand_over": "Mon 09:00",
        "zone": "UTC",
        "first": date(2026, 3, 2),
    }
    with pytest.raises(ValueError, match=words):
        Rotation(**{**parts, **change})  # type: ignore[arg-type]  # wrong on purpose


def covered(*covers: Cover) -> Rotation:
    return replace(rotation(), covers=covers)


def test_a_cover_has_the_duty_for_whose_turn_it_is_until_it_ends() -> None:
    start, end = local(2026, 3, 10, 12), local(2026, 3, 10, 18)  # Ben's week
    turns = covered(Cover("Cleo@x.io", start, end))
    assert turn(turns, ROSTER, start) == Turn("cleo@x.io", (), end, "ben@x.io")
    assert turn(turns, ROSTER, start - TICK) == Turn("ben@x.io", (), start)
    assert turn(turns, ROSTER, end) == Turn("ben@x.io", (), local(2026, 3, 16, 9))


def test_a_cover_over_the_hand_over_changes_for_whom() -> None:
    turns = covered(Cover("cleo@x.io", local(2026, 3, 15, 12), local(2026, 3, 20, 12)))
    assert turn(turns, ROSTER, local(2026, 3, 16, 9) - TICK).covers_for == "ben@x.io"
    assert turn(turns, ROSTER, local(2026, 3, 16, 9)).covers_for is None  # Cleo's own week
    assert turn(turns, ROSTER, local(2026, 3, 16, 9)).until == local(2026, 3, 20, 12)


def test_of_several_covers_the_last_counts() -> None:
    start, end = local(2026, 3, 10, 12), local(2026, 3, 11, 12)
    turns = covered(Cover("anna@x.io", start, end), Cover("cleo@x.io", start, local(2026, 3, 10, 18)))
    assert turn(turns, ROSTER, start) == Turn("cleo@x.io", (), local(2026, 3, 10, 18), "ben@x.io")
    assert turn(turns, ROSTER, local(2026, 3, 10, 18)) == Turn("anna@x.io", (), end, "ben@x.io")


def test_a_cover_by_somebody_away_is_passed_over_and_said_so() -> None:
    start, end = local(2026, 3, 10, 12), local(2026, 3, 10, 18)
    turns = covered(Cover("cleo@x.io", start, end))
    found = turn(turns, away("cleo@x.io", start, end), start)
    assert (found.email, found.skipped, found.covers_for) == ("ben@x.io", ("cleo@x.io",), None)
    assert turn(turns, Roster(), start).skipped == ("cleo@x.io", "ben@x.io", "anna@x.io")


def test_a_duty_may_be_covered_before_the_first_shift() -> None:
    first = local(2026, 3, 2, 9)
    turns = covered(Cover("cleo@x.io", first - timedelta(days=1), first + timedelta(days=1)))
    assert turn(turns, ROSTER, first - timedelta(hours=1)) == Turn("cleo@x.io", (), first)


def test_the_next_shift_is_one_that_is_still_to_begin() -> None:
    tuesday = local(2026, 3, 10, 12)  # Ben's week
    assert shift_of(rotation(), "CLEO@x.io", tuesday) == (local(2026, 3, 16, 9), local(2026, 3, 23, 9))
    assert shift_of(rotation(), "ben@x.io", tuesday) == (local(2026, 3, 30, 9), local(2026, 4, 6, 9))
    assert shift_of(rotation(), "dora@x.io", tuesday) is None
    assert shift_of(rotation(first=date(2026, 4, 1)), "anna@x.io", tuesday) == (
        local(2026, 4, 6, 9),
        local(2026, 4, 13, 9),
    )


def test_the_last_hand_over_includes_this_very_moment() -> None:
    assert last_hand_over(rotation(), local(2026, 3, 9, 9)) == local(2026, 3, 9, 9)
    assert last_hand_over(rotation(), local(2026, 3, 9, 9) - TICK) == local(2026, 3, 2, 9)
    assert last_hand_over(rotation(), local(2026, 3, 2, 9) - TICK) is None


BEGIN = datetime(2026, 3, 2, 8, tzinfo=UTC)
HOURS = st.integers(-100, 1_000).map(lambda hours: BEGIN + timedelta(hours=hours))
STRETCHES = st.tuples(HOURS, st.integers(1, 400)).map(lambda one: (one[0], one[0] + timedelta(hours=one[1])))
COVERS = st.lists(st.builds(lambda who, when: Cover(who, *when), st.sampled_from(NAMES), STRETCHES), max_size=5)
AWAY = st.dictionaries(st.sampled_from(NAMES), st.lists(STRETCHES.map(lambda one: Absence(*one)), max_size=3))


@given(COVERS, AWAY, HOURS)
def test_whoever_is_on_duty_is_there_and_stays_until_the_next_change(
    covers: list[Cover], gone: dict[str, list[Absence]], at: datetime
) -> None:
    """Somebody away never has the duty, nobody is passed over who is there, and no cover changes it before `until`."""
    roster = Roster(tuple(replace(one, away=tuple(gone.get(one.email, ()))) for one in ROSTER.people))
    turns = covered(*covers)
    found = turn(turns, roster, at)
    assert not any(roster.available(email, at) for email in found.skipped)
    if found.email is None:
        begun = last_hand_over(turns, at) is not None
        assert not begun or not any(roster.available(email, at) for email in NAMES)
    else:
        assert roster.available(found.email, at)
    if found.covers_for is not None:
        assert any(cover.email == found.email and cover.start <= at < cover.end for cover in covers)
        assert found.covers_for == turn(rotation(), ROSTER, at).email != found.email
    assert at < found.until <= next_hand_over(turns, at)
    present = ROSTER  # with everybody there, only covers and hand-overs change who has the duty
    steady = turn(turns, present, at)
    moment = at
    while moment < steady.until:
        assert on_duty(turns, present, moment) == steady.email
        moment += timedelta(hours=1)
