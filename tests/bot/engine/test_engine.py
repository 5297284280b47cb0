"""Jobs: once per key, in the caller's transaction, retried, given up with an owner, never lost at a stop."""

import threading
import time
from datetime import timedelta
from itertools import pairwise

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from automations.errors import OutcomeUnknown, OverBudget, Unavailable
from bot.engine import Args, Engine, EngineClient, bot_running, prepare
from storage.engine import Database
from tests.bot.engine.world import Script, engine_for, enqueue, running, spec, stuck_items, until

sqlite_only = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def test_the_same_key_runs_once(database: Database) -> None:
    done = Script(lambda _args, _n: None)
    with running(database, spec("count", done)) as engine:
        for _ in range(3):
            enqueue(database, engine, "count", "same", {"n": 1})
        enqueue(database, engine, "count", "other", {"n": 2})
        until(lambda: len(done.calls) >= 2)
        enqueue(database, engine, "count", "same", {"n": 1})
        enqueue(database, engine, "count", "last", {"n": 3})
        until(lambda: 3 in done.order)
    assert sorted(map(int, done.order)) == [1, 2, 3]


def test_a_rollback_leaves_no_job(database: Database) -> None:
    done = Script(lambda _args, _n: None)
    with running(database, spec("count", done)) as engine:

        def write_and_fail() -> None:
            with database.begin() as session:
                engine.enqueue(session, "count", "gone", {"n": 1})
                raise LookupError("changed my mind")

        with pytest.raises(LookupError):
            write_and_fail()
        enqueue(database, engine, "count", "kept", {"n": 2})
        until(lambda: done.calls)
    assert done.order == [2]


def test_steps_follow_each_other_until_the_job_rests(database: Database) -> None:
    steps = Script(lambda _args, n: f"step {n}" if n < 4 else None)
    with running(database, spec("steps", steps)) as engine:
        enqueue(database, engine, "steps", "k", {"n": 1})
        until(lambda: len(steps.calls) == 4)
    assert stuck_items(database) == []


@sqlite_only
def test_an_unavailable_outside_is_tried_again_not_before_it_asked(database: Database) -> None:
    def act(_args: Args, number: int) -> None:
        if number == 1:
            raise Unavailable("down", system="desk", retry_after_s=1.5)
        if number == 2:
            raise OutcomeUnknown("no answer", system="desk")

    tries = Script(act)
    with running(database, spec("desk", tries)) as engine:
        enqueue(database, engine, "desk", "k", {"n": 1})
        until(lambda: len(tries.calls) == 3)
    assert tries.times[1] - tries.times[0] >= 1.5
    assert stuck_items(database) == []


@sqlite_only
def test_waiting_for_our_own_limit_uses_up_no_try(database: Database) -> None:
    def act(_args: Args, number: int) -> str | None:
        if number in (1, 2, 4):
            raise OverBudget("used up", system="desk", retry_after_s=0.3)
        return "step" if number == 3 else None

    tries = Script(act)
    with running(database, spec("desk", tries, max_attempts=1)) as engine:
        enqueue(database, engine, "desk", "k", {"n": 1})
        until(lambda: len(tries.calls) == 5)
    assert all(later - earlier >= 0.3 for earlier, later in pairwise(tries.times) if later != tries.times[3])
    assert stuck_items(database) == []


@sqlite_only
def test_a_stop_does_not_wait_for_our_own_limit_and_the_next_start_goes_on(database: Database) -> None:
    def act(_args: Args, number: int) -> None:
        if number == 1:
            raise OverBudget("used up", system="desk", retry_after_s=4.0)

    tries = Script(act)
    job = spec("desk", tries)
    with running(database, job) as engine:
        enqueue(database, engine, "desk", "k", {"n": 1})
        until(lambda: tries.calls)
    assert len(tries.calls) == 1, "it stopped without having waited for the second try"
    with running(database, job):
        until(lambda: len(tries.calls) == 2)
    assert tries.times[1] - tries.times[0] >= 4.0, "the wait goes on where it was, and no call comes too early"


@sqlite_only
def test_a_database_that_is_busy_is_waited_for(database: Database) -> None:
    def act(_args: Args, number: int) -> None:
        if number == 1:
            raise OperationalError("select 1", {}, Exception("database is locked"))

    tries = Script(act)
    with running(database, spec("desk", tries)) as engine:
        enqueue(database, engine, "desk", "k", {"n": 1})
        until(lambda: len(tries.calls) == 2)
    assert stuck_items(database) == []


def test_what_nobody_does_and_what_is_too_large_is_refused(database: Database) -> None:
    with running(database, spec("known", Script(lambda _args, _n: None))) as engine, database.begin() as session:
        with pytest.raises(LookupError, match="no job 'unknown'"):
            engine.enqueue(session, "unknown", "k", {})
        with pytest.raises(ValueError, match="4096 bytes"):
            engine.enqueue(session, "known", "k", {"body": "x" * 5000})


def test_a_command_beside_the_bot_writes_jobs_that_the_bot_does(database: Database) -> None:
    prepare(database)
    done = Script(lambda _args, _n: None)
    job = spec("count", done)
    client = EngineClient(database, [job])
    enqueue(database, client, "count", "early", {"n": 1})
    with running(database, job):
        until(lambda: done.order == [1])
        enqueue(database, client, "count", "beside", {"n": 2})
        until(lambda: done.order == [1, 2])
    client.close()


def test_a_stop_in_the_middle_of_a_wait_loses_nothing_and_the_next_start_goes_on(database: Database) -> None:
    held = threading.Event()

    def act(args: Args, number: int) -> None:
        if args["n"] == 1 and number == 1:
            held.set()
            raise Unavailable("busy", system="slack", retry_after_s=2.0)

    tries = Script(act)
    job = spec("post", tries, queue="slack")
    with running(database, job) as engine:
        for n in (1, 2):
            enqueue(database, engine, "post", f"k{n}", {"n": n, "channel": "C1"})
        assert held.wait(10)
    with running(database, job) as engine:
        if database.dialect == "postgresql":
            until(lambda: engine.reap(), within_s=5)  # three looks, as the timetable would have them
        until(lambda: len(tries.calls) == 3)
    assert tries.order == [1, 1, 2]
    assert tries.times[1] - tries.times[0] >= 2.0, "a restart must not shorten what Slack asked for"


@sqlite_only
def test_work_that_outlives_a_stop_keeps_its_process_alive_for_the_others(database: Database) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def act(_args: Args, _number: int) -> None:
        begun.set()
        assert go_on.wait(20)

    engine = engine_for(database, spec("slow", Script(act)))
    engine.start()
    enqueue(database, engine, "slow", "k", {"n": 1})
    assert begun.wait(10)
    engine.stop(timeout_s=0.2)
    assert bot_running(database), "another process would do the same work a second time"
    go_on.set()
    Engine._left_held.pop().release()
    assert not bot_running(database)


@sqlite_only
def test_health_says_what_is_missing(database: Database) -> None:
    with running(database) as engine:
        until(lambda: engine.health().ok)
        with pytest.raises(RuntimeError, match="one engine per process"):
            engine.start()
    assert engine.health().words == "the job engine is not started"


@sqlite_only
def test_finished_runs_are_forgotten_after_a_while_and_not_before(database: Database) -> None:
    done = Script(lambda _args, _n: None)
    with running(database, spec("count", done)) as engine:
        for n in range(3):
            enqueue(database, engine, "count", str(n), {"n": n})
        until(lambda: len(done.calls) == 3)
        assert engine.newest_key("count") in {"0", "1", "2"}
        assert engine.prune(keep=timedelta(days=1)) == 0
        until(lambda: _ended(database) == 3)
        time.sleep(0.05)  # what is kept for no time at all must still be older than now
        assert engine.prune(keep=timedelta(0)) == 3
        assert engine.newest_key("count") is None


def _ended(database: Database) -> int:
    with database.read() as session:
        return int(session.scalar(text("select count(*) from workflow_status where status = 'SUCCESS'")) or 0)
