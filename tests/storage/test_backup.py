import json
import sqlite3
import zipfile
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, delete, insert, select, text
from sqlalchemy.orm import Session

from storage import audit, backup, checkpointing, checkpoints, migrate, notifications
from storage.backup import BackupError
from storage.engine import Database
from storage.models import AuditEntry, Base, Case, CaseTicket, DeskGroup, DeskMembership, DeskUser
from tests.storage.models.test_cases import CASE, CLOSED, TICKET
from tests.support import START, disarm_audit

Rows = dict[str, list[dict[str, Any]]]


def fill(database: Database) -> None:
    """A little of everything that is hard to carry over: links, times, documents, empty values, other alphabets."""
    with database.begin() as session:
        session.execute(insert(Case).values({**CASE, **CLOSED, "summary": "Zeile 1\nрядок 2 😀"}))
        session.execute(insert(Case).values({**CASE, "previous_id": 1, "impact": {"share": 0.1, "none": None}}))
        session.execute(insert(CaseTicket).values({**TICKET, "verified_at": START}))
        session.add_all(
            [DeskGroup(name="tier 2"), DeskUser(name="A", email="a@x.example", role="agent", state="active")]
        )
        session.flush()
        session.execute(insert(DeskMembership).values(user_id=1, group_id=1))
        for number in range(3):
            audit.append(
                session,
                at=START,
                actor="a",
                action="b",
                target="c",
                outcome="d",
                correlation_id="e",
                after={"n": number},
            )
        # "a/…" sorts before its parent "case/1": the order of restoring may not be that of the keys
        notifications.put(session, key="case/1", kind="k", channel="C", data={}, at=START)
        notifications.put(session, key="a/entry", kind="k", channel="C", data={}, at=START, parent_key="case/1")


def rows(session: Session) -> Rows:
    return {
        table.name: [dict(row) for row in session.execute(select(table).order_by(*table.primary_key)).mappings()]
        for table in Base.metadata.sorted_tables
    }


def all_rows(database: Database) -> Rows:
    with database.read() as session:
        return rows(session)


def restored(url: str) -> Rows:
    database = Database(url)
    try:
        assert migrate.check(database) == []
        return all_rows(database)
    finally:
        database.close()


def test_a_backup_is_complete_and_was_restored_before_it_got_its_name(database: Database, tmp_path: Path) -> None:
    fill(database)
    before = all_rows(database)
    contents = backup.backup(database, tmp_path / "kept" / "monday")
    assert contents.rows == {table: len(found) for table, found in before.items()}
    assert contents.chain.seq == 3
    assert contents.revision == migrate.head()
    assert [file.name for file in (tmp_path / "kept").iterdir()] == ["monday"], "nothing else is left behind"
    assert (tmp_path / "kept/monday").stat().st_mode & 0o077 == 0, "readable by its owner alone"
    url = f"sqlite:///{tmp_path}/new.db"
    assert backup.restore(tmp_path / "kept/monday", url) == contents
    after = restored(url)
    if database.dialect == "postgresql":  # the jobs are not in a dump
        for row in before["notification"]:
            row["job_pending"] = False
    assert after == before


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_dump_goes_back_into_postgresql(database: Database, tmp_path: Path, postgresql_server: Engine) -> None:
    fill(database)
    before = all_rows(database)
    backup.backup(database, tmp_path / "dump.zip")
    with pytest.raises(BackupError, match=r"not empty: audit_entry, .*cases"):
        backup.restore(tmp_path / "dump.zip", database.url)
    with postgresql_server.connect() as connection:
        connection.execute(text("create database elsewhere"))
    url = postgresql_server.url.set(database="elsewhere").render_as_string(hide_password=False)
    try:
        backup.restore(tmp_path / "dump.zip", url)
        after = restored(url)
        assert after["cases"] == before["cases"]
        assert after["audit_head"] == before["audit_head"]
        again = Database(url)
        with again.begin() as session:
            assert notifications.owed(session) == ["case/1"], "its job was lost with the engine's tables"
            number = session.scalar(insert(DeskGroup).values(name="new").returning(DeskGroup.id))
            assert number == 2, "the counter goes on"
            audit.append(session, at=START, actor="a", action="b", target="c", outcome="d", correlation_id="e")
            assert audit.verify(session).checked == 4
        again.close()
    finally:
        with postgresql_server.connect() as connection:
            connection.execute(text("drop database elsewhere with (force)"))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_copy_of_sqlite_has_the_other_tables_too(database: Database, tmp_path: Path) -> None:
    with database.begin() as session:
        session.execute(text("create table workflow_status (id integer)"))
        session.execute(text("insert into workflow_status values (7)"))
    backup.backup(database, tmp_path / "copy.db")
    backup.restore(tmp_path / "copy.db", f"sqlite:///{tmp_path}/new.db")
    with closing(sqlite3.connect(tmp_path / "new.db")) as connection:
        assert connection.execute("select id from workflow_status").fetchall() == [(7,)]
    with pytest.raises(BackupError, match="SQLite"):
        backup.restore(tmp_path / "copy.db", "postgresql://nowhere.example/x")


def test_a_backup_is_made_while_others_write(database: Database, tmp_path: Path) -> None:
    fill(database)
    with database.begin() as session:
        session.add(DeskGroup(name="not committed"))
        session.flush()
        contents = backup.backup(database, tmp_path / "copy")
    assert contents.rows["desk_group"] == 1


def test_nothing_is_overwritten(database: Database, tmp_path: Path) -> None:
    target = tmp_path / "precious"
    target.write_text("mine")
    with pytest.raises(BackupError, match="never overwrites"):
        backup.backup(database, target)
    copy = tmp_path / "copy"
    backup.backup(database, copy)
    with pytest.raises(BackupError, match="exists"):
        backup.restore(copy, f"sqlite:///{target}")
    assert target.read_text() == "mine"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("end", ["wal", "shm", "journal"])
def test_what_another_database_left_is_not_played_over_a_backup(database: Database, tmp_path: Path, end: str) -> None:
    """A bot that was killed leaves its journal, and SQLite plays that into whatever bears the name."""
    fill(database)
    backup.backup(database, tmp_path / "monday.db")
    (tmp_path / f"there.db-{end}").write_bytes(b"x")
    with pytest.raises(BackupError, match=rf"there\.db-{end}"):
        backup.restore(tmp_path / "monday.db", f"sqlite:///{tmp_path}/there.db")
    assert not (tmp_path / "there.db").exists()
    assert (tmp_path / f"there.db-{end}").read_bytes() == b"x"


@pytest.mark.tampers
def test_a_database_with_a_broken_chain_makes_no_backup(database: Database, tmp_path: Path) -> None:
    fill(database)
    with database.begin() as session:
        disarm_audit(session)
        session.execute(delete(AuditEntry).where(AuditEntry.seq == 2))
    with pytest.raises(BackupError, match="row 2 is missing"):
        backup.backup(database, tmp_path / "copy")
    assert not (tmp_path / "copy").exists()


def rewritten(dump: Path, member: str, change: Callable[[bytes], bytes]) -> Path:
    """The dump with one of its files changed."""
    changed = dump.with_name("changed.zip")
    with zipfile.ZipFile(dump) as old, zipfile.ZipFile(changed, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, change(content) if name == member else content)
    return changed


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
@pytest.mark.parametrize(
    ("member", "change", "problem"),
    [
        ("desk_group.jsonl", lambda _: b"", "damaged|other numbers of rows"),
        ("desk_user.jsonl", lambda old: old + old, "damaged"),
        ("cases.jsonl", lambda old: old[:-20], "damaged"),
        ("case_ticket.jsonl", lambda _: b"", "other numbers of rows in case_ticket"),
        ("audit_entry.jsonl", lambda old: old.replace(b'"n": 1', b'"n": 8'), "row 2 was changed"),
        ("manifest.json", lambda old: old.replace(migrate.head().encode(), b"0999"), "revision 0999"),
        ("manifest.json", lambda old: old.replace(b'"format": 1', b'"format": 9'), "format 9"),
        ("manifest.json", lambda _: b"[]", "not a back-up"),
    ],
)
def test_a_damaged_dump_is_refused_and_leaves_nothing(
    database: Database, tmp_path: Path, member: str, change: Callable[[bytes], bytes], problem: str
) -> None:
    fill(database)
    backup.backup(database, tmp_path / "dump.zip")
    changed = rewritten(tmp_path / "dump.zip", member, change)
    with pytest.raises(BackupError, match=problem):
        backup.restore(changed, f"sqlite:///{tmp_path}/new.db")
    assert sorted(file.name for file in tmp_path.iterdir()) == ["changed.zip", "dump.zip"]


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 no zip", b"SQLite format 3\0 no database" + bytes(200), b"text"])
def test_another_file_is_not_a_backup(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x").write_bytes(content)
    with pytest.raises(BackupError):
        backup.restore(tmp_path / "x", f"sqlite:///{tmp_path}/new.db")
    with pytest.raises(BackupError, match="not a file"):
        backup.restore(tmp_path / "nowhere", f"sqlite:///{tmp_path}/new.db")
    assert [file.name for file in tmp_path.iterdir()] == ["x"]


def test_another_sqlite_file_is_not_a_backup(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "x.db")) as connection:
        connection.execute("create table t (x)")
    with pytest.raises(BackupError, match="not one of Handoff's"):
        backup.restore(tmp_path / "x.db", f"sqlite:///{tmp_path}/new.db")


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_dump_is_readable_without_us(database: Database, tmp_path: Path) -> None:
    fill(database)
    backup.backup(database, tmp_path / "dump.zip")
    with zipfile.ZipFile(tmp_path / "dump.zip") as archive:
        cases = [json.loads(line) for line in archive.read("cases.jsonl").splitlines()]
    assert [case["opened_at"] for case in cases] == ["2026-11-21T02:14:00.000000+00:00"] * 2
    assert cases[1]["impact"] == {"share": 0.1, "none": None}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_backup_of_a_newer_version_is_refused(database: Database, tmp_path: Path) -> None:
    backup.backup(database, tmp_path / "copy.db")
    with closing(sqlite3.connect(tmp_path / "copy.db")) as connection:
        connection.execute("update alembic_version set version_num = '0999'")
        connection.commit()
    with pytest.raises(BackupError, match="newer version"):
        backup.restore(tmp_path / "copy.db", f"sqlite:///{tmp_path}/new.db")
    assert not (tmp_path / "new.db").exists()


def test_a_restored_log_agrees_with_the_checkpoints_of_its_time_and_not_with_later_ones(
    database: Database, tmp_path: Path
) -> None:
    """The file of checkpoints lives elsewhere, so it knows what was done after the back-up."""
    file, key, url = tmp_path / "checkpoints.jsonl", b"a key of the test's own", f"sqlite:///{tmp_path}/new.db"
    fill(database)
    assert checkpointing.checkpoint(database, file, key, START) is not None
    backup.backup(database, tmp_path / "monday")
    of_monday = checkpoints.read(file, key)
    fill_more(database)
    assert checkpointing.checkpoint(database, file, key, START + timedelta(hours=1)) is not None
    backup.restore(tmp_path / "monday", url)
    restored_one = Database(url)
    with restored_one.read() as session:
        assert audit.verify(session, lines=of_monday, key=key).ok
        late = audit.verify(session, lines=checkpoints.read(file, key), key=key)
    restored_one.close()
    assert not late.ok
    assert late.problem
    with database.read() as session:
        assert audit.verify(session, lines=checkpoints.read(file, key), key=key).ok


def fill_more(database: Database) -> None:
    with database.begin() as session:
        audit.append(session, at=START, actor="a", action="b", target="c", outcome="done", correlation_id="later")
