import shutil
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from storage import budget
from storage.budget import LEAST, RateBudgets, shared_now, window
from storage.engine import Database
from storage.fence import fenced
from tests.support import START, FakeClock

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MANY = 120
"""Calls a minute of which each window of 10 s holds 20."""


def number_of(at: datetime, per_minute: int) -> int:
    """The number of the window that holds a moment."""
    return int((at - EPOCH).total_seconds() // window(per_minute)[1])


@given(st.integers(1, 100_000))
def test_a_window_holds_a_sixth_of_a_minute_and_its_rate_is_the_minutes(per_minute: int) -> None:
    room, length_s = window(per_minute)
    assert room >= min(-(-per_minute // 6), per_minute)
    assert room >= min(per_minute, LEAST)
    assert room <= per_minute
    assert 10.0 <= length_s <= 60.0 + 1e-9
    assert room / length_s * 60 == pytest.approx(per_minute)
    if per_minute % 6 == 0 and per_minute >= 6 * LEAST:
        assert (room, length_s) == (per_minute // 6, 10.0)


def test_a_budget_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one call"):
        window(0)


def test_a_window_is_used_up_and_the_next_one_is_new(database: Database, clock: FakeClock) -> None:
    clock.at = START + timedelta(seconds=4)  # START is at the beginning of a window
    budgets = RateBudgets(database, clock.now)
    assert [budgets.take("desk/x", MANY) for _ in range(20)] == [0.0] * 20
    assert budgets.take("desk/x", MANY) == pytest.approx(6.0)
    assert budgets.take("desk/y", MANY) == 0.0, "each system has a budget of its own"
    clock.move(timedelta(seconds=5.5))
    assert budgets.take("desk/x", MANY) == pytest.approx(0.5)
    clock.move(timedelta(seconds=0.5))
    assert budgets.take("desk/x", MANY) == 0.0


def test_what_was_refused_used_nothing(database: Database, clock: FakeClock) -> None:
    budgets = RateBudgets(database, clock.now)
    assert [budgets.take("d", 10) for _ in range(30)].count(0.0) == 10
    assert budgets.take("d", 12) == 0.0, "a higher limit finds room at once"


def test_a_replica_whose_clock_is_behind_counts_in_the_newest_window(database: Database) -> None:
    with database.begin() as session:
        assert [budget.take(session, "d", MANY, START) for _ in range(20)] == [0.0] * 20
        behind = START - timedelta(seconds=3)
        assert budget.take(session, "d", MANY, behind) == pytest.approx(3.0)


def test_a_window_written_by_a_wrong_clock_binds_nobody(database: Database) -> None:
    with database.begin() as session:
        for _ in range(21):
            budget.take(session, "d", MANY, START + timedelta(days=900))
        assert budget.take(session, "d", MANY, START) == 0.0


@pytest.mark.parametrize("per_minute", [30, 120, 137])
def test_eight_threads_take_exactly_what_a_window_holds(database: Database, clock: FakeClock, per_minute: int) -> None:
    room, length_s = window(per_minute)
    budgets = RateBudgets(database, clock.now)
    with ThreadPoolExecutor(8) as pool:
        for _ in range(3):
            waits = list(pool.map(lambda _: budgets.take("d", per_minute), range(2 * room)))
            assert waits.count(0.0) == room
            assert all(wait <= length_s for wait in waits)
            clock.move(timedelta(seconds=length_s))


@settings(max_examples=30, deadline=None)
@given(walk=st.lists(st.tuples(st.sampled_from([0.0, 0.4, 3.0, 11.0]), st.integers(0, 30)), max_size=6))
def test_no_walk_through_time_takes_more_than_its_windows_hold(
    sqlite_template: Path, walk: list[tuple[float, int]]
) -> None:
    """Each stop: so many seconds on, so many calls at once."""
    with TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{shutil.copyfile(sqlite_template, Path(folder) / 'handoff.db')}")
        clock, taken, asked = FakeClock(), Counter[int](), Counter[int]()
        with database.begin() as session:
            for seconds, calls in walk:
                number = number_of(clock.move(timedelta(seconds=seconds)), MANY)
                for _ in range(calls):
                    asked[number] += 1
                    taken[number] += budget.take(session, "d", MANY, clock.now()) == 0.0
        database.close()
    assert taken == {number: min(calls, 20) for number, calls in asked.items()}


def test_threads_whose_clocks_differ_take_no_more_together(database: Database) -> None:
    """Each thread walks through the same three windows at its own pace."""
    room, length_s = window(MANY)

    def walk(number: int) -> int:
        clock = FakeClock(START)
        budgets, taken = RateBudgets(database, clock.now), 0
        for step in range(30):
            clock.at = START + timedelta(seconds=length_s * (step + number / 10) / 10)
            taken += budgets.take("d", MANY) == 0.0
        return taken

    with ThreadPoolExecutor(8) as pool:
        taken = sum(pool.map(walk, range(8)))
    assert room <= taken <= 3 * room


def test_a_pause_holds_for_all_and_is_never_shortened(database: Database, clock: FakeClock) -> None:
    budgets, others = RateBudgets(database, clock.now), RateBudgets(database, clock.now)
    budgets.pause("desk/x", 30)
    budgets.pause("desk/x", 5)
    assert others.take("desk/x", None) == pytest.approx(30.0)
    assert others.take("desk/x", MANY) == pytest.approx(30.0)
    assert others.take("desk/y", None) == others.take("desk/y", MANY) == 0.0
    clock.move(timedelta(seconds=30))
    assert others.take("desk/x", None) == others.take("desk/x", MANY) == 0.0


def test_a_pause_lasts_an_hour_at_most_and_one_of_a_wrong_clock_binds_nobody(
    database: Database, clock: FakeClock
) -> None:
    fast = RateBudgets(database, lambda: clock.now() + timedelta(days=3))
    fast.pause("desk/x", 30)
    budgets = RateBudgets(database, clock.now)
    assert budgets.take("desk/x", None) == budgets.take("desk/x", MANY) == 0.0
    budgets.pause("desk/x", 1e9)
    assert budgets.take("desk/x", MANY) == pytest.approx(3600.0)


def test_a_pause_of_what_was_used_already_keeps_the_count(database: Database, clock: FakeClock) -> None:
    budgets = RateBudgets(database, clock.now)
    assert [budgets.take("d", 10) for _ in range(10)] == [0.0] * 10
    budgets.pause("d", 3)
    clock.move(timedelta(seconds=3))
    assert budgets.take("d", 10) > 0


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_replicas_whose_clocks_are_ten_minutes_apart_share_one_budget_and_obey_one_pause(database: Database) -> None:
    """By their own clocks each would take the other's window for one long over or wrong, and begin it anew."""
    far = [shared_now(database, FakeClock(START + timedelta(minutes=m)).now) for m in (-5, 0, 5)]
    replicas = [RateBudgets(database, now) for now in far]
    taken = sum(replicas[n % 3].take("d", 30) == 0.0 for n in range(300))
    assert 20 <= taken <= 40, "at most two windows of forty seconds that touch"
    replicas[0].pause("d/x", 600)
    assert all(0 < replica.take("d/x", None) <= 600 for replica in replicas)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_one_process_counts_by_its_own_clock(database: Database, clock: FakeClock) -> None:
    assert shared_now(database, clock.now)() == START


@pytest.mark.parametrize("per_minute", [None, 60])
def test_work_that_was_given_to_somebody_else_gets_no_unit(
    database: Database, clock: FakeClock, per_minute: int | None
) -> None:
    """Whoever looked before it was frozen would write late: between the two calls of an adapter it asks again."""

    class NotOurs(BaseException):
        pass

    def refuse(_session: Session) -> None:
        raise NotOurs

    budgets = RateBudgets(database, clock.now)
    with fenced(refuse), pytest.raises(NotOurs):
        budgets.take("d", per_minute)
    assert budgets.take("d", per_minute) == 0.0
