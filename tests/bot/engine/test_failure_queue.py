"""What cannot be done: it waits in the failure queue, with owner, reason and audit, and a retry goes on with it."""

import threading

import pytest
from sqlalchemy import select

from automations.errors import NotFound, Refused, Rejected, Unavailable
from bot.engine import Args, EngineClient, Route, prepare
from storage import stuck
from storage.engine import Database
from storage.models import AuditEntry
from tests.bot.engine.world import DEFAULT_OWNER, OWNER, Script, WallClock, enqueue, running, spec, stuck_items, until

sqlite_only = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


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


def test_the_same_work_done_by_a_later_job_leaves_the_failure_queue(database: Database) -> None:
    def act(args: Args, number: int) -> None:
        if number == 1 or args["n"] == 2:
            raise Rejected("no hunter2", system="desk", code="nope")

    with running(database, spec("desk", Script(act))) as engine:
        for n in (1, 2):
            enqueue(database, engine, "desk", f"k{n}/v1", {"n": n})
        until(lambda: len(stuck_items(database)) == 2)
        enqueue(database, engine, "desk", "k1/v2", {"n": 1})
        until(lambda: len(stuck_items(database)) == 1)
    (left,) = stuck_items(database)
    assert left.args == {"n": 2}
    with database.read() as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "stuck.settle")).one()
    assert (entry.actor, entry.target, entry.outcome) == ("handoff", "desk 1", "done")
    assert entry.before == {"state": "open", "job": "desk", "key": "k1/v1", "reason": "no [redacted]"}
    assert entry.after == {"state": "done", "note": "done since by job k1/v2"}


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
