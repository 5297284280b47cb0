"""The timetable: planned alike everywhere, done once, made up for when it was missed."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from automations.weekly_report.windows import Timetable
from bot.engine import Args, Engine
from bot.schedule import Here, Once, Schedule, _next, daily_in, engine_entries, every, moments
from storage.engine import Database
from tests.bot.engine.world import Script, WallClock, running, spec, until

sqlite_only = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@contextmanager
def following(database: Database, engine: Engine, *entries: Here | Once) -> Iterator[Schedule]:
    schedule = Schedule(database, engine, WallClock(), entries)
    schedule.start()
    try:
        yield schedule
    finally:
        schedule.stop()


@sqlite_only
def test_two_timetables_fire_together_and_the_job_runs_once(database: Database) -> None:
    done = Script(lambda _args, _n: None)
    tick = Once("tick", every(2), timedelta(minutes=1))
    with running(database, spec("sched:tick", done, queue="jobs")) as engine:
        with following(database, engine, tick), following(database, engine, tick):
            until(lambda: len(done.calls) >= 3)
        planned = [str(args["at"]) for _, args in done.calls]
    assert len(set(planned)) == len(planned)
    assert all(datetime.fromisoformat(at).second % 2 == 0 for at in planned)


@sqlite_only
def test_a_run_nobody_lived_to_see_is_made_up_for_at_the_next_start(database: Database) -> None:
    done = Script(lambda _args, _n: None)
    hourly = Once("hourly", every(3600), grace=timedelta(hours=5), catch_up=True)
    now = datetime.now(UTC)
    with running(database, spec("sched:hourly", done, queue="jobs")) as engine:
        with following(database, engine, hourly):
            pass
        assert done.calls == [], "nothing is owed before the first run"
        first = (now - timedelta(hours=9)).replace(minute=0, second=0, microsecond=0)
        with database.begin() as session:
            engine.enqueue(session, hourly.job, first.isoformat(), {"at": first.isoformat()})
        until(lambda: len(done.calls) == 1)
        with following(database, engine, hourly):
            until(lambda: len(done.calls) == 2)
        with following(database, engine, hourly):
            pass
    newest = datetime.fromisoformat(str(done.calls[1][1]["at"]))
    assert newest == now.replace(minute=0, second=0, microsecond=0)
    assert len(done.calls) == 2


@sqlite_only
def test_what_is_too_late_is_left(database: Database) -> None:
    done = Script(lambda _args, _n: None)
    hourly = Once("hourly", every(3600), grace=timedelta(hours=1))
    with running(database, spec("sched:hourly", done, queue="jobs")) as engine:
        schedule = Schedule(database, engine, WallClock(), [hourly])
        schedule._fire(hourly.job, datetime.now(UTC) - timedelta(hours=2))
        assert engine.newest_key(hourly.job) is None


@sqlite_only
def test_a_run_missed_while_the_database_was_away_is_made_up_for(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = Script(lambda _args, _n: None)
    tick = Once("tick", every(3600), timedelta(hours=2))
    with running(database, spec("sched:tick", done, queue="jobs")) as engine:
        schedule = Schedule(database, engine, WallClock(), [tick])
        enqueue = engine.enqueue

        def away(_session: Session, _job: str, _key: str, _args: Args) -> None:
            raise OperationalError("insert", {}, Exception("server closed the connection"))

        monkeypatch.setattr(engine, "enqueue", away)
        schedule._fire(tick.job, datetime.now(UTC))
        schedule._pay()
        assert done.calls == []
        monkeypatch.setattr(engine, "enqueue", enqueue)
        schedule._pay()
        until(lambda: len(done.calls) == 1)
        schedule._pay()
    assert len(done.calls) == 1


@sqlite_only
def test_what_runs_here_goes_on_after_a_failure_and_never_twice_at_a_time(database: Database) -> None:
    calls, inside = Script(lambda _args, _n: None), threading.Semaphore(1)

    def look() -> None:
        assert inside.acquire(blocking=False), "twice at a time"
        calls({"n": 1})
        inside.release()
        if len(calls.calls) == 1:
            raise OperationalError("select", {}, Exception("away"))

    with running(database) as engine, following(database, engine, Here("look", 0.2, look)) as schedule:
        assert schedule.running
        until(lambda: len(calls.calls) >= 3)
    assert not schedule.running


@sqlite_only
def test_the_engine_gets_what_it_needs(database: Database) -> None:
    def crash(_args: Args, _n: int) -> None:
        raise ZeroDivisionError

    with running(database, spec("bug", Script(crash))) as engine:
        names = [entry.name for entry in engine_entries(engine)]
        assert names == ["reap", "sweep", "prune"]
        for entry in engine_entries(engine):
            entry.run()


@given(at=st.floats(1_577_836_800, 2_208_988_800).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)))
def test_every_replica_plans_the_same_moments(at: datetime) -> None:
    planned = _next(every(300), at)
    assert planned is not None
    assert planned > at
    assert planned - at <= timedelta(seconds=300)
    assert (planned.minute % 5, planned.second, planned.microsecond) == (0, 0, 0)


ZONES = ("Europe/Oslo", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "UTC")


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("at", [time(0, 0), time(2, 30), time(23, 45)])
def test_each_day_of_a_zone_has_its_one_moment(zone: str, at: time) -> None:
    here, trigger = ZoneInfo(zone), daily_in(zone, at.hour, at.minute)
    moment = datetime(2025, 12, 31, 12, tzinfo=UTC)
    days = []
    for _ in range(400):
        following = _next(trigger, moment)
        assert following is not None
        assert following > moment
        moment = following
        days.append(moment.astimezone(here))
    assert [day.date() for day in days] == [days[0].date() + timedelta(days=number) for number in range(400)]
    assert sum(day.time() != at for day in days) <= 2, "on the days that skip it"


def test_the_clocks_of_a_zone_change_under_it() -> None:
    trigger = daily_in("Europe/Oslo", 2, 30)
    skipped = _next(trigger, datetime(2026, 3, 28, 12, tzinfo=UTC))
    assert skipped == datetime(2026, 3, 29, 1, 30, tzinfo=UTC), "03:30 there"
    twice = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert _next(trigger, datetime(2026, 10, 24, 12, tzinfo=UTC)) == twice
    assert _next(trigger, twice) == datetime(2026, 10, 26, 1, 30, tzinfo=UTC), "and not the second 02:30"


@given(st.integers(1_577_836_800, 2_051_222_400), st.sampled_from(ZONES))
def test_what_is_next_does_not_depend_on_who_asks_when(at: int, zone: str) -> None:
    trigger, moment = daily_in(zone, 3, 15), datetime.fromtimestamp(at, UTC)
    planned = _next(trigger, moment)
    assert planned is not None
    assert timedelta(0) < planned - moment <= timedelta(hours=25)
    assert _next(trigger, planned - timedelta(seconds=1)) == planned


@sqlite_only
def test_of_the_weeks_nobody_was_there_for_the_newest_is_made_up_for_once(database: Database) -> None:
    done, now = Script(lambda _args, _n: None), datetime.now(UTC)
    table = Timetable((now - timedelta(days=2)).weekday(), time(now.hour, now.minute), "UTC")
    weekly = Once("weekly", moments(table.next_after), grace=timedelta(days=3), catch_up=True)
    late = Once("late", moments(table.next_after), grace=timedelta(days=1), catch_up=True)
    first = table.next_after(now - timedelta(weeks=5))
    with running(database, *(spec(one.job, done, queue="jobs") for one in (weekly, late))) as engine:
        with database.begin() as session:
            for one in (weekly, late):
                engine.enqueue(session, one.job, first.isoformat(), {"at": first.isoformat()})
        until(lambda: len(done.calls) == 2)
        with following(database, engine, weekly, late), following(database, engine, weekly, late):
            until(lambda: len(done.calls) == 3)
        with following(database, engine, weekly, late):
            pass
        assert engine.newest_key(late.job) == first.isoformat(), "longer ago than its grace"
    assert datetime.fromisoformat(str(done.calls[2][1]["at"])) == first + timedelta(weeks=4)
    assert len(done.calls) == 3


def test_moments_of_others_are_never_told_twice() -> None:
    table = Timetable(0, time(9), "Europe/Oslo")
    trigger, monday = moments(table.next_after), datetime(2026, 11, 23, 8, tzinfo=UTC)
    assert trigger.get_next_fire_time(None, monday) == monday
    assert trigger.get_next_fire_time(monday, monday) == monday + timedelta(weeks=1)
    assert trigger.get_next_fire_time(monday - timedelta(weeks=3), monday + timedelta(hours=1)) == _next(
        trigger, monday
    )
