"""All our tables as a zip of JSON lines, readable without this program: one file per table and a manifest."""

import json
import os
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy import BigInteger, ColumnElement, Table, func, insert, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from storage.chain import stamp
from storage.engine import Database
from storage.models import AuditHead, Base, Notification
from storage.models.base import UtcDateTime

FORMAT: Final = 1
BATCH: Final = 1_000
"""Rows read or inserted at a time."""


class BackupError(RuntimeError):
    """A back-up could not be made or restored; the message says why. No row of it was left behind."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a dump says of itself: the revision of its tables and the rows in each."""

    revision: str
    rows: Mapping[str, int]


def write(database: Database, path: Path, revision: str) -> None:
    """Write every table as one moment sees it. Rows that others refer to come before those that refer to them."""
    rows: dict[str, int] = {}
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))  # for its owner alone, like the database
    with database.read() as session, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for table in Base.metadata.sorted_tables:
            rows[table.name] = 0
            with archive.open(f"{table.name}.jsonl", "w", force_zip64=True) as member:
                for row in _rows(session, table):
                    member.write(json.dumps(row, allow_nan=False).encode() + b"\n")
                    rows[table.name] += 1
        archive.writestr("manifest.json", json.dumps({"format": FORMAT, "revision": revision, "rows": rows}, indent=1))


def manifest(path: Path) -> Manifest:
    """Read what a dump says of itself. Raises: BackupError if the file is no dump of ours."""
    try:
        with zipfile.ZipFile(path) as archive:
            said = json.loads(archive.read("manifest.json"))
        if said["format"] != FORMAT:
            raise BackupError(f"{path} has format {said['format']}, this version reads {FORMAT}")
        return Manifest(str(said["revision"]), {str(table): int(count) for table, count in said["rows"].items()})
    except (zipfile.BadZipFile, KeyError, TypeError, ValueError) as error:
        raise BackupError(f"{path} is not a back-up of Handoff") from error


def load(session: Session, path: Path) -> None:
    """Insert a dump's rows into empty tables, and let the counters go on after the highest number.

    Jobs are not part of a dump, so no message has one on its way afterwards.
    Raises: BackupError if the dump is damaged or its rows contradict each other.
    """
    try:
        _load(session, path)
    except (zipfile.BadZipFile, zlib.error, KeyError, TypeError, ValueError, DBAPIError) as error:
        raise BackupError(f"{path} is damaged: {error}") from error


def _load(session: Session, path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        for table in Base.metadata.sorted_tables:
            with archive.open(f"{table.name}.jsonl") as member:
                for batch in _batches(member, table):
                    if table is AuditHead.__table__:  # the one row that every database has from the start
                        session.execute(update(table).values(batch[0]))
                    else:
                        session.execute(insert(table), batch)
            if session.get_bind().dialect.name == "postgresql":
                _count_on(session, table)
    session.execute(update(Notification).values(job_pending=False).execution_options(synchronize_session=False))


def _rows(session: Session, table: Table) -> Iterator[dict[str, Any]]:
    order: list[ColumnElement[Any]] = list(table.primary_key)
    if table is Notification.__table__:
        order.insert(0, table.c.parent_key.is_not(None))  # threads have one level: roots first
    for row in session.execute(select(table).order_by(*order), execution_options={"yield_per": BATCH}).mappings():
        yield {name: stamp(value) if isinstance(value, datetime) else value for name, value in row.items()}


def _batches(lines: Any, table: Table) -> Iterator[list[dict[str, Any]]]:
    times = {column.name for column in table.c if isinstance(column.type, UtcDateTime)}
    batch: list[dict[str, Any]] = []
    for line in lines:
        row = json.loads(line)
        batch.append(
            {name: datetime.fromisoformat(value) if name in times and value else value for name, value in row.items()}
        )
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _count_on(session: Session, table: Table) -> None:
    """Rows with given numbers do not move PostgreSQL's counter; the next row would collide."""
    if "id" not in table.c or not isinstance(table.c.id.type, BigInteger):
        return
    highest = session.scalar(select(func.max(table.c.id)))
    if highest:
        session.execute(
            text("select setval(pg_get_serial_sequence(:table, 'id'), :highest)"),
            {"table": table.name, "highest": highest},
        )
