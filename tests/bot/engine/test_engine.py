"""Jobs: once per key, in the caller's transaction, retried, given up with an owner, never lost at a stop."""

import threading
import time
from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import OperationalError

from automations.errors import NotFound, OutcomeUnknown, Refused, Rejected, Unavailable
from bot.engine import Args, Engine, EngineClient, Route, prepare
from storage import stuck
from storage.engine import Database
from storage.models import AuditEntry
from tests.bot.engine.world import DEFAULT_OWNER, OWNER, Script, WallClock, running, spec, stuck_items, until

sqlite_only = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def enqueue(database: Database, engine: Engine | EngineClient, job: str, key: str, args: Args) -> None:
    with database.begin() as session:
        engine.enqueue(session, job, key, args)


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
@pytest.mark.parametrize("error", [Rejected("no hunter2", system="desk", code="nope"), Refused("no"), NotFound("no")])
def test_a_refusal_goes_to_the_failure_queue_at_once_with_owner_and_audit(database: Database, error: Exception) -> None:
    told: list[str] = []

    def refuse(_args: Args, _number: int) -> None:
        raise error

    tries = Script(refuse)
    job = spec("ask", tries, on_stuck=lambda _session, _args, reason: told.append(reason))
    with running(database, job) as engine:
        enqueue(database, engine, "ask", "k", {"n": 7})
        until(lambda: stuck_items(database))
    (item,) = stuck_items(database)
    assert (item.job, item.key, item.args, item.target, item.owner) == ("ask", "k", {"n": 7}, "ask 7", OWNER)
    assert item.reason == str(error).replace("hunter2", "[redacted]")
    assert told == [item.reason]
    assert len(tries.calls) == 1
    with database.read() as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "job.stuck")).one()
    assert entry.after == {"job": "ask", "owner": OWNER, "reason": item.reason, "attempts": 1}


@sqlite_only
def test_used_up_tries_go_to_the_failure_queue_and_a_retry_goes_on(database: Database) -> None:
    broken = threading.Event()

    def act(_args: Args, _number: int) -> None:
        if not broken.is_set():
            raise Unavailable("down", system="desk", retry_after_s=0.0)

    tries = Script(act)
    with running(database, spec("desk", tries, max_attempts=3)) as engine:
        enqueue(database, engine, "desk", "k", {"n": 1})
        until(lambda: stuck_items(database))
        (item,) = stuck_items(database)
        assert item.attempts == 3
        assert item.reason == "down (tried 3 times)"
        broken.set()
        with database.begin() as session:
            retried = stuck.retried(session, item.id, by=OWNER, at=WallClock().now())
            assert retried is not None
            engine.retry(session, retried)
        until(lambda: len(tries.calls) == 4)
    assert stuck_items(database) == []


@sqlite_only
def test_a_fault_of_ours_is_swept_into_the_failure_queue_once(database: Database) -> None:
    def crash(_args: Args, _number: int) -> None:
        raise ZeroDivisionError("hunter2 by zero")

    with running(database, spec("bug", Script(crash))) as engine:
        enqueue(database, engine, "bug", "k", {"n": 1})
        until(engine.sweep)
        assert engine.sweep() == 0
    (item,) = stuck_items(database)
    assert (item.job, item.key, item.owner, item.args) == ("bug", "k", OWNER, {"n": 1})
    assert "[redacted] by zero" in item.reason


@sqlite_only
def test_a_job_this_version_does_not_know_is_swept_to_the_default_owner(database: Database) -> None:
    prepare(database)
    client = EngineClient(database, [Route(name="from the future", queue="jobs")])
    enqueue(database, client, "from the future", "k", {"n": 1})
    with running(database) as engine:
        until(engine.sweep)
    (item,) = stuck_items(database)
    assert (item.job, item.owner) == ("from the future", DEFAULT_OWNER)


@sqlite_only
def test_a_job_that_never_rests_is_stopped(database: Database) -> None:
    with running(database, spec("circle", Script(lambda _args, n: f"step {n}"))) as engine:
        enqueue(database, engine, "circle", "k", {"n": 1})
        until(lambda: stuck_items(database), within_s=60)
    assert "did not come to rest" in stuck_items(database)[0].reason


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


def test_a_stop_is_quick_and_the_next_start_goes_on(database: Database) -> None:
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
        began = time.monotonic()
    assert time.monotonic() - began < 10
    with running(database, job) as engine:
        if database.dialect == "postgresql":
            until(lambda: engine.reap(), within_s=5)  # three looks, as the timetable would have them
        until(lambda: len(tries.calls) == 3)
    assert tries.order == [1, 1, 2]
    assert tries.times[1] - tries.times[0] >= 2.0, "a restart must not shorten what Slack asked for"


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
        time.sleep(0.05)
        assert engine.prune(keep=timedelta(0)) == 3
        assert engine.newest_key("count") is None


def _ended(database: Database) -> int:
    with database.read() as session:
        return int(session.scalar(text("select count(*) from workflow_status where status = 'SUCCESS'")) or 0)
