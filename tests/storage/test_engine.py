import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from storage import audit, inbox
from storage.engine import Database
from storage.models import InboxRow, RuleFeedback
from storage.sqlite import Turnstile
from tests.support import START

only_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
only_postgresql = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


def keep(session: Session, key: str) -> bool:
    return inbox.put(session, key=key, kind="click", actor="U1", body={}, at=START)


def kept(database: Database) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(InboxRow)) or 0


def test_an_error_leaves_nothing(database: Database) -> None:
    def fail_after_writing() -> None:
        with database.begin() as session:
            keep(session, "one")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_after_writing()
    assert kept(database) == 0


def test_a_reader_sees_one_state_throughout(database: Database) -> None:
    with database.read() as reader:
        before = reader.scalar(select(func.count()).select_from(InboxRow))
        with database.begin() as writer:
            keep(writer, "meanwhile")
        assert reader.scalar(select(func.count()).select_from(InboxRow)) == before == 0
    assert kept(database) == 1


def test_a_reader_cannot_write(database: Database) -> None:
    with pytest.raises(DBAPIError), database.read() as session:
        keep(session, "forbidden")
    with database.begin() as session:  # the connection is good for writing again
        keep(session, "allowed")
    assert kept(database) == 1


def test_foreign_keys_hold(database: Database) -> None:
    with pytest.raises(IntegrityError), database.begin() as session:
        session.execute(insert(RuleFeedback).values(rule="r", case_id=404, actor="U1", at=START, note=""))


def test_many_writers_all_get_their_turn(database: Database) -> None:
    """8 threads with 50 transactions each, every one with an audit entry: none fails, and the chain is whole."""

    def write(thread: int) -> None:
        for number in range(50):
            with database.begin() as session:
                keep(session, f"{thread}/{number}")
                audit.append(
                    session, at=START, actor="t", action="w", target=str(thread), outcome="done", correlation_id="c"
                )

    with ThreadPoolExecutor(8) as pool:
        for done in [pool.submit(write, thread) for thread in range(8)]:
            done.result()
    assert kept(database) == 400
    with database.read() as session:
        assert audit.verify(session).checked == 400


@only_sqlite
def test_a_commit_on_sqlite_survives_a_power_cut(database: Database) -> None:
    with database.read() as session:
        found = {
            name: session.scalar(text(f"pragma {name}"))
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 30_000}


@only_sqlite
def test_the_engine_gets_a_clock_finer_than_a_second(database: Database) -> None:
    with database.read() as session:
        times = session.execute(text("select unixepoch('subsec') * 1000, strftime('%s', 'now') * 1000")).one()
    assert all(isinstance(moment, float) and moment > 1e12 for moment in times)


@only_sqlite
def test_writers_that_do_not_use_begin_stand_in_the_same_line(database: Database) -> None:
    """The job engine opens its own transactions on our connections; it must neither jump the queue nor be starved."""
    order: list[str] = []
    waiting = threading.Event()

    def elsewhere() -> None:
        with database.engine.connect() as connection:
            connection.execute(text("pragma busy_timeout = 0"))  # without a turn it would fail at once
            connection.rollback()
            waiting.set()
            connection.execute(text("insert into desk_group (name) values ('tier 2')"))
            order.append("elsewhere")
            connection.commit()

    with database.begin() as session:
        keep(session, "first")
        thread = threading.Thread(target=elsewhere)
        thread.start()
        assert waiting.wait(5)
        order.append("begin")
    thread.join(5)
    assert order == ["begin", "elsewhere"]
    with database.begin() as session:  # and the turn was passed on
        keep(session, "second")


@only_sqlite
def test_a_failed_statement_passes_the_turn_on(database: Database) -> None:
    for _ in range(2):
        with pytest.raises(IntegrityError), database.engine.begin() as connection:
            connection.execute(text("insert into desk_group (id, name) values (1, null)"))
    with ThreadPoolExecutor(1) as pool:
        pool.submit(lambda: kept(database)).result(5)

        def write() -> None:
            with database.begin() as session:
                keep(session, "after")

        pool.submit(write).result(5)


def test_the_turnstile_serves_in_the_order_of_coming() -> None:
    turnstile, served, asked = Turnstile(), list[int](), threading.Semaphore(0)
    assert turnstile.acquire(1)

    def queue_up(number: int) -> Callable[[], None]:
        def run() -> None:
            asked.release()
            assert turnstile.acquire(10)
            served.append(number)
            turnstile.release()

        return run

    threads = []
    for number in range(6):
        threads.append(threading.Thread(target=queue_up(number)))
        threads[-1].start()
        asked.acquire()
        while len(turnstile._waiting) <= number:  # until it stands in line
            threading.Event().wait(0.001)
    turnstile.release()
    for thread in threads:
        thread.join(10)
    assert served == list(range(6))


def test_urgent_writers_get_every_other_turn_and_no_more() -> None:
    turnstile, served = Turnstile(), list[str]()
    assert turnstile.acquire(1)

    def run(name: str, urgent: bool) -> None:
        assert turnstile.acquire(10, urgent=urgent)
        served.append(name)
        turnstile.release()

    threads = []
    for number, name in enumerate(["a", "b", "c", "A", "B"]):
        threads.append(threading.Thread(target=run, args=(name, name.isupper())))
        threads[-1].start()
        while len(turnstile._waiting) + len(turnstile._urgent) <= number:  # until it stands in line
            threading.Event().wait(0.001)
    turnstile.release()
    for thread in threads:
        thread.join(10)
    assert served == ["A", "a", "B", "b", "c"]


def test_who_gives_up_waiting_leaves_the_line() -> None:
    turnstile = Turnstile()
    assert turnstile.acquire(1)
    assert not turnstile.acquire(0.01)
    turnstile.release()
    assert turnstile.acquire(0.01), "the turn must not go to somebody who left"


@only_sqlite
def test_a_writer_that_waits_too_long_is_told_in_sqlites_words(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.sqlite.BUSY_TIMEOUT_S", 0.05)
    with database.begin() as session, ThreadPoolExecutor(1) as pool:
        keep(session, "first")

        def write() -> None:
            with database.begin() as other:
                keep(other, "second")

        with pytest.raises(DBAPIError, match="database is locked"):
            pool.submit(write).result(5)
    assert kept(database) == 1


def test_an_sqlite_file_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/new/folder/handoff.db")
    with database.begin() as session:
        session.execute(text("create table t (x)"))
    database.close()
    assert (tmp_path / "new/folder/handoff.db").stat().st_mode & 0o077 == 0


def test_a_relative_path_becomes_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    database = Database("sqlite:///handoff.db")
    assert database.url == f"sqlite:///{tmp_path}/handoff.db"
    database.close()


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "mysql://localhost/x"])
def test_a_database_that_cannot_work_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="database"):
        Database(url)


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg"])
def test_every_spelling_of_postgresql_is_the_same(scheme: str) -> None:
    database = Database(f"{scheme}://handoff:secret@db.example/handoff")
    assert database.dialect == "postgresql"
    assert database.url == "postgresql+psycopg://handoff:secret@db.example/handoff"
    assert "secret" not in database.shown
    database.close()


@only_postgresql
def test_a_frozen_process_cannot_hold_rows_for_ever(database: Database) -> None:
    with database.read() as session:
        found = [
            session.scalar(text(f"show {name}"))
            for name in ("lock_timeout", "idle_in_transaction_session_timeout", "timezone", "transaction_isolation")
        ]
    assert found == ["30s", "20s", "UTC", "repeatable read"]


@only_sqlite
def test_a_plain_sqlite_connection_reads_the_file(database_url: str) -> None:
    """No table needs our own functions: the sqlite3 shell can open a database in need."""
    with closing(sqlite3.connect(database_url.removeprefix("sqlite:///"))) as connection:
        assert connection.execute("select seq from audit_head").fetchone() == (0,)


def test_an_error_does_not_repeat_what_was_to_be_stored(database: Database) -> None:
    with pytest.raises(DBAPIError) as failed, database.begin() as session:
        session.execute(text("insert into no_such_table values (:words)"), {"words": "a customer's words"})
    assert "a customer's words" not in str(failed.value)
