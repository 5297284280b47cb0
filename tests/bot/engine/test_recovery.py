"""Processes that die: their work is finished by the next one, and nobody is taken for dead while alive."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from bot.engine import AlreadyRunning, EngineClient, Route, bot_running, prepare
from bot.engine.lifeline import take_lifeline
from storage.boundaries import VARIABLE
from storage.engine import Database
from tests.bot.engine.world import running, until

sqlite_only = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
postgresql_only = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)

Spawn = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "steps.log"


@pytest.fixture
def spawn(database_url: str, log: Path) -> Iterator[Spawn]:
    with ExitStack() as stack:

        def start(crash_at: str = "") -> subprocess.Popen[str]:
            command = [sys.executable, "-m", "tests.bot.engine.child", database_url, str(log)]
            child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, VARIABLE: crash_at})
            stack.callback(child.wait)
            stack.callback(child.kill)
            assert child.stdout is not None
            stack.callback(child.stdout.close)
            assert child.stdout.readline() == "ready\n"
            return child

        yield start


def ask(database: Database, *, n: int, ms: int = 0) -> None:
    client = EngineClient(database, [Route(name="steps", queue="desk")])
    with database.begin() as session:
        client.enqueue(session, "steps", f"k{n}", {"n": n, "ms": ms})


def lines(log: Path) -> list[str]:
    return log.read_text().splitlines() if log.exists() else []


@pytest.mark.faults
@sqlite_only
def test_a_killed_process_resumes_at_the_step_in_flight(database: Database, spawn: Spawn, log: Path) -> None:
    prepare(database)
    ask(database, n=1)
    first = spawn("ticket.created:2")
    assert first.wait(15) == -signal.SIGKILL
    assert lines(log) == ["1 one begun", "1 one done", "1 two begun"]
    spawn()
    until(lambda: "1 three done" in lines(log))
    assert lines(log)[3:] == ["1 two begun", "1 two done", "1 three begun", "1 three done"]


@pytest.mark.faults
@postgresql_only
def test_a_living_replica_takes_over_from_a_killed_one(database: Database, spawn: Spawn, log: Path) -> None:
    prepare(database)
    first = spawn()
    ask(database, n=1, ms=700)
    until(lambda: "1 one begun" in lines(log))
    spawn()
    until(lambda: "1 one done" in lines(log))
    assert lines(log).count("1 one begun") == 1, "the living one was taken for dead"
    first.kill()
    until(lambda: "1 three done" in lines(log))
    assert [line for line in lines(log) if line.endswith("done")] == ["1 one done", "1 two done", "1 three done"]


@sqlite_only
def test_a_second_process_on_the_same_file_is_refused(database: Database, spawn: Spawn) -> None:
    child = spawn()
    assert bot_running(database)
    with pytest.raises(AlreadyRunning, match=rf"already running on .* \(process {child.pid}\)"), running(database):
        pass
    child.kill()
    child.wait()
    assert not bot_running(database)
    with running(database):
        assert bot_running(database)


def test_who_is_alive_is_what_the_locks_say(database: Database) -> None:
    assert not bot_running(database)
    first = take_lifeline(database)
    assert first.alive() == {first.name}
    assert bot_running(database)
    if database.dialect == "postgresql":
        second = take_lifeline(database)
        assert first.alive() == second.alive() == {first.name, second.name}
        second.release()
        until(lambda: first.alive() == {first.name})
    first.release()
    until(lambda: not bot_running(database))


@postgresql_only
def test_a_lost_connection_is_replaced_and_the_lock_taken_again(database: Database) -> None:
    lifeline = take_lifeline(database)
    with database.begin() as session:
        session.execute(
            text(
                "select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'handoff lifeline%'"
            )
        )
    with pytest.raises(SQLAlchemyError):
        lifeline.keep()
    lifeline.keep()
    until(lambda: lifeline.alive() == {lifeline.name})
    lifeline.release()
