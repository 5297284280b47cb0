"""A job that was given to somebody else: whatever the one before still wants to write is refused."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from unittest.mock import patch

import pytest
from dbos import DBOS
from sqlalchemy import text

from bot.engine import Args, lifeline
from bot.engine.lifeline import take_lifeline
from storage import inbox, stuck
from storage.engine import Database
from storage.exclusive import Occupied, alone
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


def hand_over() -> None:
    """What another process does that takes the owner for dead: the queue hands the job out again."""
    (run,) = DBOS.list_workflows(status="PENDING")
    DBOS._recover_pending_workflows([str(run.executor_id)])


def test_a_late_write_is_refused_and_the_job_is_done_once(database: Database) -> None:
    frozen = Frozen(database, lambda self: self.write("late"))
    with running(database, spec("work", frozen)) as engine:
        enqueue(database, engine, "work", "k", {"n": 1})
        assert frozen.stands.wait(20)
        hand_over()
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
        hand_over()
        until(lambda: frozen.written() == ["run 2"])
        frozen.go.set()
        assert frozen.over.wait(20)
    assert called == []


def test_a_hand_over_waits_for_a_commit_that_was_begun_in_time(database: Database) -> None:
    """So the next one finds what was written: there is no moment between the check and the commit."""
    inside, commit = threading.Event(), threading.Event()

    def advance(_args: Args) -> None:
        with database.begin() as session:
            inbox.put(session, key="in time", kind="click", actor="U1", body={}, at=START)
            inside.set()
            assert commit.wait(30)

    with running(database, spec("work", advance)) as engine, ThreadPoolExecutor(1) as taker:
        enqueue(database, engine, "work", "k", {"n": 1})
        assert inside.wait(20)

        taken = taker.submit(hand_over)
        waits = text("select count(*) from pg_stat_activity where wait_event_type = 'Lock'")

        def somebody_waits() -> bool:
            with database.read() as session:
                return bool(session.scalar(waits))

        until(somebody_waits)
        assert not taken.done()
        commit.set()
        taken.result(20)
    with database.read() as session:
        assert list(session.scalars(text("select key from inbox"))) == ["in time"]


def test_a_failed_run_that_somebody_swept_away_meanwhile_does_not_come_back(database: Database) -> None:
    """A sweep that was frozen after its look: by now a person may have settled the item."""

    def broken(_args: Args) -> None:
        raise ZeroDivisionError

    with running(database, spec("work", broken)) as engine:
        enqueue(database, engine, "work", "k", {"n": 1})
        until(lambda: DBOS.list_workflows(status="ERROR"))
        seen_before_the_freeze = DBOS.list_workflows(status="ERROR")
        assert engine.sweep() == 1
        (item,) = stuck_items(database)
        with database.begin() as session:
            assert stuck.discard(session, item.id, by="lead@example.com", note="known", at=START) is not None
        with patch.object(DBOS, "list_workflows", return_value=seen_before_the_freeze):
            assert engine.sweep() == 0
    assert stuck_items(database) == []


def test_what_a_frozen_process_holds_alone_is_let_go_when_it_is_given_up(database: Database, database_url: str) -> None:
    """It has connections of its own, by a URL of its own so that nothing in this process says who is alone."""
    with closing(Database(f"{database_url}&keepalives=1")) as theirs, alone(theirs, "case/1"):
        frozen, ours = take_lifeline(theirs), take_lifeline(database)
        with pytest.raises(Occupied):
            patient(database)
        assert ours.part([frozen.name]) == 0, "it was heard just now"
        with patch.object(lifeline, "SILENT_S", 0.3):
            until(lambda: (ours.keep(), frozen.name not in ours.alive())[1])
            assert ours.part([frozen.name, "bot-00000001"]) == 1
        with alone(database, "case/1"):
            pass
        with theirs.begin() as session:
            assert session.scalar(text("select 1")) == 1, "its other connections are whole"
        ours.release()
        frozen.release()


def patient(database: Database) -> None:
    """Ask for the lock as somebody who does not wait half a minute."""
    with database.engine.connect() as connection:
        connection.execute(text("set lock_timeout = '100ms'"))
        connection.commit()
        with patch.object(database.engine, "connect", lambda: connection), alone(database, "case/1"):
            raise AssertionError("two at once")
