"""Back-ups that were restored before anybody needs them.

An SQLite database is copied whole while the bot runs, the job engine's tables included. From PostgreSQL all our tables
are written, as one moment saw them, to a zip of JSON lines that can be restored into either kind of database; the job
engine's tables are not in it, so after such a restore the bot enqueues what `notifications.owed` names.
"""

import os
import sqlite3
import tempfile
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from alembic.util import CommandError
from sqlalchemy import func, make_url, select
from sqlalchemy.orm import Session

from storage import audit, dump, migrate
from storage.chain import Checkpoint
from storage.dump import BackupError
from storage.engine import Database
from storage.models import Base

__all__ = ["BackupError", "Contents", "backup", "restore"]

SQLITE_MAGIC = b"SQLite format 3\0"


@dataclass(frozen=True, slots=True)
class Contents:
    """What a back-up holds: its revision, rows per table, and the end of its audit chain."""

    revision: str
    rows: Mapping[str, int]
    chain: Checkpoint


def backup(database: Database, path: Path) -> Contents:
    """Write a back-up, restore it for trial into a temporary place, and only then give it its name.

    Raises: BackupError if `path` exists, or if the trial shows another number of rows or a broken audit chain.
    """
    if path.exists():
        raise BackupError(f"{path} exists; a back-up never overwrites anything")
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".handoff-backup-", dir=path.parent) as folder:
        written = Path(folder) / "written"
        if database.dialect == "sqlite":
            _copy_sqlite(Path(str(make_url(database.url).database)), written)
        else:
            dump.write(database, written, migrate.head())
        contents = restore(written, f"sqlite:///{Path(folder) / 'trial.db'}")
        try:
            written.rename(path)
        except OSError as error:
            raise BackupError(f"{path} could not be written: {error}") from error
    return contents


def restore(path: Path, url: str) -> Contents:
    """Bring a back-up into an empty database and check it: rows per table and the whole audit chain.

    An SQLite copy goes to a new SQLite file; a zip goes to either kind, and the tables are made if need be.
    Raises: BackupError if the target holds anything, the back-up is of another revision, or a check fails.
    """
    target = make_url(url)
    if not path.is_file():
        raise BackupError(f"{path} is not a file")
    if target.get_backend_name() == "sqlite":
        return _restore_file(path, Path(str(target.database)).expanduser().absolute())
    if _is_sqlite(path):
        raise BackupError(f"{path} is a copy of an SQLite file; it can only become an SQLite file again")
    return _restore_dump(path, url)


def _restore_file(path: Path, target: Path) -> Contents:
    """Build the new file beside its place, so that a failure leaves nothing behind."""
    if target.exists():
        raise BackupError(f"{target} exists; restore to a new file, then point the settings at it")
    # SQLite would play such a file over the back-up: it is bound to a database by its name alone.
    if left := [str(one) for end in ("wal", "shm", "journal") if (one := Path(f"{target}-{end}")).exists()]:
        raise BackupError(
            f"left of another database there: {', '.join(left)}; move it to where that one is now, then restore again"
        )
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".handoff-restore-", dir=target.parent) as folder:
        fresh = Path(folder) / "restored.db"
        url = f"sqlite:///{fresh}"
        if _is_sqlite(path):
            _copy_sqlite(path, fresh)
            if migrate.current(url) is None:
                raise BackupError(f"{path} is an SQLite file, but not one of Handoff's")
            try:
                migrate.upgrade(url)
            except CommandError as error:  # a revision this version has never heard of
                raise BackupError(f"{path} was written by a newer version of Handoff: {error}") from error
            contents = _checked(url)
        else:
            contents = _restore_dump(path, url)
        fresh.rename(target)
    return contents


def _restore_dump(path: Path, url: str) -> Contents:
    manifest = dump.manifest(path)
    if manifest.revision != migrate.head():
        raise BackupError(
            f"{path} was written at revision {manifest.revision}, this version needs {migrate.head()}: "
            "restore it with the version that wrote it, then upgrade"
        )
    migrate.upgrade(url)
    database = Database(url)
    try:
        with database.begin() as session:
            if held := {table: count for table, count in _counts(session).items() if count and table != "audit_head"}:
                raise BackupError(f"the database is not empty: {', '.join(sorted(held))} hold rows")
            dump.load(session, path)
            return _check(session, expected=manifest.rows)
    finally:
        database.close()


def _checked(url: str) -> Contents:
    database = Database(url)
    try:
        with database.read() as session:
            return _check(session, expected=None)
    finally:
        database.close()


def _check(session: Session, expected: Mapping[str, int] | None) -> Contents:
    """Count the rows and walk the audit chain."""
    rows = _counts(session)
    if expected is not None and rows != dict(expected):
        wrong = sorted(table for table in rows | dict(expected) if rows.get(table) != expected.get(table))
        raise BackupError(f"the back-up is not complete: other numbers of rows in {', '.join(wrong)}")
    verdict = audit.verify(session)
    chain = audit.head(session)
    if not verdict.ok or chain is None:
        raise BackupError(f"the audit chain of the back-up is broken: {verdict.problem}")
    return Contents(migrate.head(), rows, chain)


def _counts(session: Session) -> dict[str, int]:
    return {
        table.name: session.scalar(select(func.count()).select_from(table)) or 0
        for table in Base.metadata.sorted_tables
    }


def _is_sqlite(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(SQLITE_MAGIC)) == SQLITE_MAGIC


def _copy_sqlite(source: Path, target: Path) -> None:
    """Copy by SQLite's online back-up: consistent while others write. The copy is checked page by page."""
    os.close(os.open(target, os.O_CREAT | os.O_RDWR, 0o600))
    try:
        with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(target)) as new:
            old.backup(new)
            new.execute("pragma journal_mode = delete")  # one file, without a log beside it
            found = new.execute("pragma integrity_check").fetchone()[0]
    except sqlite3.DatabaseError as error:
        raise BackupError(f"{source} could not be copied: {error}") from error
    if found != "ok":
        raise BackupError(f"{source} is damaged: {found}")
