"""What the demo shows of its own records: whether the audit log is whole, what a changed row does, what was kept."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from storage import audit
from storage.engine import Database

DATABASE = "handoff.db"
COPY = "audit-copy.db"
Json = dict[str, Any]


def verify(folder: Path, *, tamper: bool) -> Json:
    """Read the whole audit log, or a copy of it in which one row was changed; the log itself is never touched.

    `checked` rows are right; `changed` is the row that was changed, `first_bad_row` the one that was found.
    """
    if not tamper:
        return _verdict(folder / DATABASE)
    copy = folder / COPY
    with closing(sqlite3.connect(folder / DATABASE)) as there, closing(sqlite3.connect(copy)) as here:
        there.backup(here)
    try:
        with closing(sqlite3.connect(copy)) as here, here:
            changed = _change_one(here)
        return {**_verdict(copy), "changed": changed}
    finally:
        for file in folder.glob(f"{COPY}*"):
            file.unlink()


def kept(folder: Path, words: str) -> list[str]:
    """The files of the data folder that hold these words somewhere, byte by byte."""
    sought = words.encode()
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return [path.relative_to(folder).as_posix() for path in files if sought in path.read_bytes()]


def _verdict(path: Path) -> Json:
    database = Database(f"sqlite:///{path.absolute()}")
    try:
        with database.read() as session:
            found = audit.verify(session)
    finally:
        database.close()
    row = {"first_bad_row": found.first_bad_seq, "problem": found.problem}
    return {"whole": found.ok, "checked": found.checked, **row}


def _change_one(copy: sqlite3.Connection) -> int:
    """Give an act in the middle of the log to somebody else, as somebody who owns the database could."""
    guards = copy.execute("select name from sqlite_master where type = 'trigger' and tbl_name = 'audit_entry'")
    for (name,) in guards.fetchall():
        copy.execute(f'drop trigger "{name}"')
    (row,) = copy.execute("select (min(seq) + max(seq)) / 2 from audit_entry").fetchone()
    copy.execute("update audit_entry set actor = 'somebody.else@example.com' where seq = ?", (row,))
    return int(row)
