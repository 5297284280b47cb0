import json
import random
import threading
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from sqlalchemy import delete, func, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from storage import audit, migrate
from storage.chain import GENESIS, Checkpoint, StoredRow, row_hash, stamp
from storage.engine import Database
from storage.models import AuditEntry, AuditHead
from tests.storage.test_chain import DOCUMENT
from tests.support import START, disarm_audit

ENTRY: dict[str, Any] = {"actor": "anna@example.com", "action": "case.claimed", "target": "case/1", "outcome": "done"}
MONDAY = datetime(2026, 11, 23, 9, tzinfo=timezone(timedelta(hours=1)))


def write(session: Session, **other: Any) -> AuditEntry:
    return audit.append(session, **{"at": START, "correlation_id": "c1", **ENTRY, **other})


def fill(database: Database, number: int) -> None:
    with database.begin() as session:
        for index in range(number):
            write(session, target=f"case/{index}", before={"owner": None}, after={"owner": "anna", "n": index})


def verdict(database: Database, known: audit.Checkpoint | None = None) -> audit.Verdict:
    with database.read() as session:
        return audit.verify(session, known=known)


def test_an_empty_log_is_whole(database: Database) -> None:
    assert verdict(database) == audit.Verdict(True, 0)
    with database.read() as session:
        assert audit.head(session) == audit.Checkpoint(0, audit.GENESIS)


def test_entries_are_numbered_and_chained(database: Database) -> None:
    with database.begin() as session:
        first = write(session, before={"tags": ("a", "b")}, at=MONDAY)
        second = write(session, after={"Straße": "ж😀\u0000\ud800", "1": 1.0})
    assert (first.seq, second.seq) == (1, 2)
    assert (first.prev_hash, second.prev_hash) == (audit.GENESIS, first.hash)
    with database.read() as session:
        stored = session.scalars(select(AuditEntry).order_by(AuditEntry.seq)).all()
        assert audit.head(session) == audit.Checkpoint(2, second.hash)
    assert stored[0].before == {"tags": ["a", "b"]}
    assert stored[0].at == MONDAY
    assert stored[1].after == {"Straße": "ж😀\u0000\ud800", "1": 1.0}
    assert verdict(database) == audit.Verdict(True, 2)


def test_a_rollback_leaves_no_entry_and_no_gap(database: Database) -> None:
    def fail_after_writing() -> None:
        with database.begin() as session:
            write(session)
            raise ZeroDivisionError

    fill(database, 2)
    with pytest.raises(ZeroDivisionError):
        fail_after_writing()
    with database.begin() as session:
        nested = session.begin_nested()
        write(session, target="gone")
        nested.rollback()
        assert write(session).seq == 3
    assert verdict(database) == audit.Verdict(True, 3)


def test_two_threads_keep_one_chain(database: Database) -> None:
    """Both append before either commits, again and again; whoever is second waits and follows the other's hash."""
    together = threading.Barrier(2)
    failures: list[BaseException] = []

    def run(name: str) -> None:
        try:
            for _ in range(20):
                together.wait(10)
                with database.begin() as session:
                    write(session, actor=name)
                    write(session, actor=name)
        except (threading.BrokenBarrierError, DBAPIError) as error:
            failures.append(error)
            together.abort()

    threads = [threading.Thread(target=run, args=(name,)) for name in ("one", "two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failures == []
    assert verdict(database) == audit.Verdict(True, 80)
    with database.read() as session:
        actors = [entry.actor for entry in audit.entries(session, limit=None)]
    assert all(actors[index] == actors[index + 1] for index in range(0, 80, 2)), "a transaction's entries stay together"


@pytest.mark.tampers
def test_without_a_head_nothing_can_be_written(database: Database) -> None:
    fill(database, 1)
    with database.begin() as session:
        disarm_audit(session)
        session.execute(delete(AuditHead))
    with pytest.raises(audit.ChainMissing), database.begin() as session:
        write(session)
    with pytest.raises(audit.ChainMissing), database.begin() as session:
        audit.hold(session)
    assert verdict(database).problem == "the head row is missing"


@pytest.mark.parametrize(
    "statement", ["update audit_entry set actor = 'x'", "delete from audit_entry", "delete from audit_head"]
)
def test_the_database_refuses_to_change_the_log(database: Database, statement: str) -> None:
    fill(database, 2)
    with pytest.raises(DBAPIError, match="append-only"), database.begin() as session:
        session.execute(text(statement))
    assert verdict(database) == audit.Verdict(True, 2)


@pytest.mark.tampers
def test_a_missing_trigger_is_noticed(database: Database) -> None:
    assert migrate.check(database) == []
    with database.begin() as session:
        disarm_audit(session)
    assert [line.split(":")[0] for line in migrate.check(database)] == ["audit_entry", "audit_head", "audit_segment"]


@pytest.mark.parametrize(
    "wrong", [{"at": START.replace(tzinfo=None)}, {"after": {"at": START}}, {"after": {"n": 1e999}}]
)
def test_what_cannot_be_hashed_is_refused(database: Database, wrong: dict[str, Any]) -> None:
    with pytest.raises((TypeError, ValueError)), database.begin() as session:
        write(session, **wrong)


@given(before=DOCUMENT, after=DOCUMENT)
@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_any_document_is_read_back_as_it_was_hashed(
    database: Database, before: dict[str, Any] | None, after: dict[str, Any] | None
) -> None:
    with database.begin() as session:
        seq = write(session, before=before, after=after).seq
    with database.read() as session:
        entry = session.get_one(AuditEntry, seq)
        assert (entry.before, entry.after) == (before, after)
        assert audit.verify(session) == audit.Verdict(True, seq)


CHANGES: dict[str, dict[str, Any]] = {
    "change": {"actor": "mallory@example.com"},
    "change document": {"after": {"owner": "mallory"}},
    "forget document": {"before": None},
    "move in time": {"at": START - timedelta(microseconds=1)},
}
OTHERS = ["delete", "cut the tail", "insert", "add at the end", "swap", "restamp one row", "turn the head back"]


def tamper(session: Session, kind: str, seq: int, last: int) -> int:
    """Do one thing to row `seq` of `last`, as somebody who owns the database. Returns the first row that is wrong."""
    row = update(AuditEntry).where(AuditEntry.seq == seq)
    if kind in CHANGES:
        session.execute(row.values(CHANGES[kind]))
        return seq
    match kind:
        case "delete":
            session.execute(delete(AuditEntry).where(AuditEntry.seq == seq))
        case "cut the tail":
            session.execute(delete(AuditEntry).where(AuditEntry.seq >= seq))
        case "insert":
            session.execute(text("update audit_entry set seq = -seq where seq >= :seq"), {"seq": seq})
            session.execute(text("update audit_entry set seq = 1 - seq where seq < 0"))
            planted = session.get_one(AuditEntry, seq + 1)
            values = {column.name: getattr(planted, column.name) for column in AuditEntry.__table__.c}
            session.add(AuditEntry(**values | {"seq": seq, "actor": "mallory@example.com"}))
            session.flush()
        case "add at the end":
            end = session.get_one(AuditEntry, last)
            values = {column.name: getattr(end, column.name) for column in AuditEntry.__table__.c}
            session.add(AuditEntry(**values | {"seq": last + 1, "prev_hash": end.hash}))
            session.flush()
            return last + 1
        case "swap":
            other = seq % last + 1
            for old, new in ((seq, -1), (other, seq), (-1, other)):
                session.execute(text("update audit_entry set seq = :new where seq = :old"), {"old": old, "new": new})
            return min(seq, other)
        case "restamp one row":
            stored = session.execute(select(*AuditEntry.__table__.c).where(AuditEntry.seq == seq)).mappings().one()
            columns = {name: stored[name] for name in StoredRow._fields if name != "hash"}
            columns |= {"actor": "mallory@example.com", "at": stamp(stored["at"])}
            session.execute(row.values(actor="mallory@example.com", hash=row_hash(columns)))
            return seq if seq == last else seq + 1  # the row is right in itself; the next one does not follow it
        case "turn the head back":
            session.execute(update(AuditHead).values(seq=seq - 1))
        case _:
            raise ValueError(kind)
    return seq


@pytest.mark.tampers
@pytest.mark.parametrize("kind", [*CHANGES, *OTHERS])
def test_tampering_in_the_database_is_found(database: Database, kind: str) -> None:
    """Each kind at several rows; the transaction is rolled back after the look, so the rows are whole for the next."""
    last = 12
    fill(database, last)
    chance = random.Random(kind)
    with database.begin() as session:
        disarm_audit(session)
    for seq in {1, 2, last, *chance.sample(range(3, last), 3)}:
        with database.begin() as session:
            attempt = session.begin_nested()
            first_bad = tamper(session, kind, seq, last)
            found = audit.verify(session)
            attempt.rollback()
            session.expunge_all()
        assert not found.ok, (kind, seq)
        assert found.first_bad_seq == first_bad, (kind, seq, found.problem)
        assert str(first_bad) in found.problem
    assert verdict(database).ok, "every attempt was undone"


@pytest.mark.tampers
@pytest.mark.parametrize("value", ["{", "7", "'infinity'"])
def test_a_value_that_cannot_be_read_is_named_not_stumbled_over(database: Database, value: str) -> None:
    fill(database, 3)
    column = "at" if value == "'infinity'" else "after"
    if database.dialect == "postgresql" and value == "{":
        value = "[]"  # PostgreSQL does not store broken JSON
    quoted = value if column == "at" else f"'{value}'"
    with database.begin() as session:
        disarm_audit(session)
        session.execute(text(f"update audit_entry set {column} = {quoted} where seq = 2"))
    found = verdict(database)
    assert (found.ok, found.checked, found.first_bad_seq) == (False, 1, 2)


def test_the_log_is_searched(database: Database) -> None:
    with database.begin() as session:
        for number in range(6):
            write(
                session,
                at=START + timedelta(minutes=number),
                actor="anna" if number % 2 else "bea",
                target=f"case/{number // 3}",
                correlation_id=f"c{number}",
            )
    with database.read() as session:

        def found(**wanted: Any) -> list[int]:
            return [entry.seq for entry in audit.entries(session, **wanted)]

        assert found() == [1, 2, 3, 4, 5, 6]
        assert found(limit=2) == [5, 6]
        assert found(target="case/1") == [4, 5, 6]
        assert found(actor="anna", target="case/1") == [4, 6]
        assert found(action="nothing") == []
        assert found(correlation_id="c2") == [3]
        assert found(since=START + timedelta(minutes=4)) == [5, 6]


def test_an_export_lets_others_check_the_chain(database: Database) -> None:
    fill(database, 5)
    with database.read() as session:
        rows = [json.loads(json.dumps(row)) for row in audit.export(session)]
        assert session.scalar(select(func.max(AuditEntry.seq))) == len(rows)
    for previous, row in zip([None, *rows], rows, strict=False):
        assert row["prev_hash"] == (previous["hash"] if previous else audit.GENESIS)
        assert row_hash({name: value for name, value in row.items() if name != "hash"}) == row["hash"]


@pytest.mark.tampers
def test_a_cut_tail_with_its_head_is_found_against_a_checkpoint(database: Database) -> None:
    fill(database, 5)
    with database.begin() as session:
        known = audit.head(session)
        disarm_audit(session)
        session.execute(delete(AuditEntry).where(AuditEntry.seq > 3))
        session.execute(update(AuditHead).values(seq=3, hash=session.get_one(AuditEntry, 3).hash))
    assert verdict(database).ok, "the chain is right in itself"
    assert verdict(database, known).first_bad_seq == 4


def test_reading_on_from_where_the_chain_ended_says_what_differs_there(database: Database) -> None:
    with database.begin() as session:
        for _ in range(4):
            write(session)
        start = audit.head(session)
        assert start is not None
        write(session)
    with database.read() as session:
        assert audit.verify_since(session, start) == audit.Verdict(True, 5, pruned=4)
        assert audit.verify_since(session, Checkpoint(0, GENESIS)) == audit.Verdict(True, 5)
        other = Checkpoint(4, "f" * 64)
        words = "row 4 or one before it differs from the last checkpoint"
        assert audit.verify_since(session, other) == audit.Verdict(False, 0, 4, words)
        early = audit.verify(session, known=other)
        assert (early.ok, early.problem) == (False, "row 4 or one before it differs from the checkpoint")
