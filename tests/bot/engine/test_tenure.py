"""A job that was given to somebody else: whatever the one before still wants to write is refused."""

import threading
from collections.abc import Callable

import pytest
from dbos import DBOS
from sqlalchemy import text

from bot.engine import Args, Engine
from storage import inbox
from storage.engine import Database
from tests.bot.engine.world import enqueue, running, spec, stuck_items, until
from tests.support import START

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


class Frozen:
    """A job whose first run stands still in mid-step, as if its process were frozen, until `go` is set."""

    def __init__(self, database: Database, then: Callable[["Frozen"], None]) -> None:
        self.database = database
        self.then = then
        self.runs: list[str] = []
        self.stands, self.go, self.over = threading.Event(), threading.Event(), threading.Event()

    def __call__(self, _args: Args) -> str | None:
        run = f"run {len(self.runs) + 1}"
        self.runs.append(run)
        if run == "run 1":
            self.stands.set()
            assert self.go.wait(30)
            try:
                self.then(self)
            finally:
                self.over.set()
            return "late step"
        self.write(run)
        return None

    def write(self, key: str) -> None:
        with self.database.begin() as session:
            inbox.put(session, key=key, kind="click", actor="U1", body={}, at=START)

    def written(self) -> list[str]:
        with self.database.read() as session:
            return list(session.scalars(text("select key from inbox order by key")))


def hand_over(engine: Engine) -> None:
    """What another process does that takes the owner for dead: the queue hands the job out again."""
    (run,) = DBOS.list_workflows(status="PENDING")
    DBOS._recover_pending_workflows([str(run.executor_id)])
    assert engine.health().ok


def test_a_late_write_is_refused_and_the_job_is_done_once(database: Database) -> None:
    frozen = Frozen(database, lambda self: self.write("late"))
    with running(database, spec("work", frozen)) as engine:
        enqueue(database, engine, "work", "k", {"n": 1})
        assert frozen.stands.wait(20)
        hand_over(engine)
        until(lambda: frozen.written() == ["run 2"])
        frozen.go.set()
        assert frozen.over.wait(20)
        until(lambda: not DBOS.list_workflows(status=["PENDING", "ENQUEUED"]))
        assert [run.output for run in DBOS.list_workflows()] == ["rest: done"]
    assert frozen.written() == ["run 2"]
    assert frozen.runs == ["run 1", "run 2"]
    assert stuck_items(database) == []


def test_a_call_to_the_outside_is_not_made_late(database: Database) -> None:
    called: list[str] = []

    def call(self: Frozen) -> None:
        self.database.still_ours()
        called.append("late")

    frozen = Frozen(database, call)
    with running(database, spec("work", frozen)) as engine:
        enqueue(database, engine, "work", "k", {"n": 1})
        assert frozen.stands.wait(20)
        hand_over(engine)
        until(lambda: frozen.written() == ["run 2"])
        frozen.go.set()
        assert frozen.over.wait(20)
    assert called == []


def test_a_hand_over_waits_for_a_commit_that_was_begun_in_time(database: Database) -> None:
    """So the next one finds what was written: there is no moment between the check and the commit."""
    inside, commit, handed_over = threading.Event(), threading.Event(), threading.Event()

    def advance(_args: Args) -> None:
        with database.begin() as session:
            inbox.put(session, key="in time", kind="click", actor="U1", body={}, at=START)
            inside.set()
            assert commit.wait(30)

    with running(database, spec("work", advance)) as engine:
        enqueue(database, engine, "work", "k", {"n": 1})
        assert inside.wait(20)

        def take() -> None:
            hand_over(engine)
            handed_over.set()

        taker = threading.Thread(target=take)
        taker.start()
        waits = text("select count(*) from pg_stat_activity where wait_event_type = 'Lock'")

        def somebody_waits() -> bool:
            with database.read() as session:
                return bool(session.scalar(waits))

        until(somebody_waits)
        assert not handed_over.is_set()
        commit.set()
        taker.join(20)
    assert handed_over.is_set()
    with database.read() as session:
        assert list(session.scalars(text("select key from inbox"))) == ["in time"]
