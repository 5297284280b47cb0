"""Retention of the audit log: whole segments are exported into a file, and only then may their rows be pruned.

A segment ends where a signed checkpoint is, follows the segment before without a gap, and is signed itself; triggers in
the database let no other row go. So `audit.verify` passes afterwards, and segment files and log are one chain still.
"""

import hashlib
import hmac
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.orm import Session

from storage import audit, segments
from storage.chain import START, Checkpoint, row_hash, stamp
from storage.checkpoints import Line
from storage.engine import Database
from storage.models import AuditEntry, AuditSegment

EXPORTED: Final = "audit.segment_exported"


class SegmentError(ValueError):
    """A segment cannot be exported or pruned. The words say why, and that nothing was changed."""


def export(
    database: Database, path: Path, key: bytes, lines: Sequence[Line], *, until: datetime, at: datetime, actor: str
) -> AuditSegment:
    """Write the oldest rows that are in no segment yet, up to the newest checkpoint before `until`, into a new file.

    The whole log is verified first. Raises: SegmentError.
    """
    with database.read() as session:
        verdict = audit.verify(session, lines=lines, every_file=False, key=key)
        if not verdict.ok:
            raise SegmentError(f"the log is not right: {verdict.problem}; nothing was exported")
        before = segments.last(session)
        begin = Checkpoint(before.last_seq, before.hash) if before else START
        ends = [line.end for line in lines if line.seq > begin.seq and line.at < stamp(until)]
        if not ends:
            raise SegmentError(
                f"no signed checkpoint from before {until:%Y-%m-%d %H:%M} UTC covers rows after row {begin.seq}; "
                "nothing was exported"
            )
        end = max(ends, key=lambda one: one.seq)
        digest = _write(path, session, begin.seq, end.seq)
    segment = AuditSegment(
        number=before.number + 1 if before else 1,
        first_seq=begin.seq + 1,
        last_seq=end.seq,
        prev_hash=begin.hash,
        hash=end.hash,
        sha256=digest,
        file=path.name,
        exported_at=at,
    )
    segment.signature = segments.signature_of(segment, key)
    with ExitStack() as undone:
        undone.callback(path.unlink)
        _keep(database, segment, at, actor)
        undone.pop_all()
    return segment


def look(database: Database, path: Path, key: bytes) -> AuditSegment:
    """The segment whose file this is, if it may be pruned. Changes nothing. Raises: SegmentError."""
    with database.read() as session:
        return _prunable(session, path, key)


def prune(database: Database, path: Path, key: bytes, *, at: datetime, actor: str) -> AuditSegment:
    """Take the rows of an exported segment out of the database, if its file is whole and it is the oldest there.

    Raises: SegmentError.
    """
    with database.begin() as session:
        audit.hold(session)
        segment = _prunable(session, path, key)
        session.execute(delete(AuditEntry).where(_rows_of(segment)), execution_options={"synchronize_session": False})
        _told(session, segment, segments.PRUNED, at, actor)
    return segment


def _rows_of(segment: AuditSegment) -> ColumnElement[bool]:
    return AuditEntry.seq.between(segment.first_seq, segment.last_seq)


def _prunable(session: Session, path: Path, key: bytes) -> AuditSegment:
    digest = _digest(path)
    segment = session.scalars(select(AuditSegment).where(AuditSegment.sha256 == digest)).one_or_none()
    if segment is None:
        raise SegmentError(f"{path} is no segment of this log, or was changed since; nothing was pruned")
    if not hmac.compare_digest(segment.signature, segments.signature_of(segment, key)):
        raise SegmentError(f"segment {segment.number} is not signed with our key; nothing was pruned")
    first = session.scalar(select(func.min(AuditEntry.seq)))
    if first != segment.first_seq:
        raise SegmentError(
            f"segment {segment.number} begins at row {segment.first_seq}, and the log at row {first}: "
            "segments are pruned from the oldest on, once; nothing was pruned"
        )
    _judge_file(path, segment)
    ends = session.scalar(select(AuditEntry.hash).where(AuditEntry.seq == segment.last_seq))
    size = session.scalar(select(func.count()).where(_rows_of(segment)))
    if (ends, size) != (segment.hash, segment.last_seq - segment.first_seq + 1):
        raise SegmentError(
            f"the log's rows differ from segment {segment.number}: run `handoff audit verify`; nothing was pruned"
        )
    return segment


def _keep(database: Database, segment: AuditSegment, at: datetime, actor: str) -> None:
    with database.begin() as session:
        audit.hold(session)
        now = segments.last(session)
        if (now.number if now else 0) != segment.number - 1:
            raise SegmentError("somebody else exported the same rows meanwhile; nothing was exported here")
        session.add(segment)
        session.flush()
        _told(session, segment, EXPORTED, at, actor)


def read(path: Path) -> Iterator[dict[str, Any]]:
    """The rows of a segment's file. Raises: SegmentError for what is none."""
    try:
        with path.open(encoding="utf-8") as file:
            for line in file:
                yield json.loads(line)
    except (OSError, ValueError, RecursionError) as error:
        raise SegmentError(f"{path} cannot be read as a segment; nothing was pruned") from error


def _judge_file(path: Path, segment: AuditSegment) -> None:
    last = Checkpoint(segment.first_seq - 1, segment.prev_hash)
    for row in read(path):
        columns = {name: value for name, value in row.items() if name != "hash"}
        if (row["seq"], row["prev_hash"]) != (last.seq + 1, last.hash) or row_hash(columns) != row["hash"]:
            raise SegmentError(f"{path}: row {row['seq']} is not right; nothing was pruned")
        last = Checkpoint(row["seq"], row["hash"])
    if last != Checkpoint(segment.last_seq, segment.hash):
        raise SegmentError(f"{path} ends at row {last.seq}, the segment at row {segment.last_seq}; nothing was pruned")


def _write(path: Path, session: Session, after: int, until: int) -> str:
    """Write rows into a new file, for its owner alone, and bring it to the disk. Its SHA-256."""
    digest = hashlib.sha256()
    try:
        with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
            for row in audit.export(session, after=after, until=until):
                line = f"{json.dumps(row)}\n".encode()
                digest.update(line)
                file.write(line)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise SegmentError(f"{path} cannot be written ({error.strerror}); nothing was exported") from error
    return digest.hexdigest()


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise SegmentError(f"{path} cannot be read ({error.strerror}); nothing was pruned") from error


def _told(session: Session, segment: AuditSegment, action: str, at: datetime, actor: str) -> None:
    target = segments.target_of(segment.number)
    after = segments.named(segment) | {"file": segment.file}
    audit.append(
        session, at=at, actor=actor, action=action, target=target, outcome="done", correlation_id=target, after=after
    )
