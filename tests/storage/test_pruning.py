"""Segments of the audit log: exported whole, pruned only then, and the chain stays one that can be verified."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, func, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from storage import audit, backup, checkpoints, pruning, segments
from storage.chain import Verdict
from storage.checkpoints import CheckpointError
from storage.engine import Database
from storage.models import AuditEntry, AuditSegment
from storage.pruning import SegmentError
from tests.storage.test_audit import fill
from tests.storage.test_checkpointing import sign
from tests.storage.test_checkpoints import KEY
from tests.support import START, disarm_audit

NOW = START + timedelta(days=900)
WHO = "os:lea"
MORE = """insert into audit_segment (number, first_seq, last_seq, hash, signature, prev_hash, sha256, file, exported_at)
    select {}, prev_hash, sha256, file, exported_at from audit_segment"""
"""One more segment, made of the one there is."""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The checkpoints: rows 3, 7 and 11 are the ends of the log they saw, minutes 0, 1 and 2."""
    return tmp_path / "checkpoints.jsonl"


@pytest.fixture
def log(database: Database, file: Path) -> Database:
    """Twelve rows in three parts, each part signed."""
    for minute in range(3):
        fill(database, 3)
        sign(database, file, minutes=minute)
    return database


def export(log: Database, file: Path, to: Path, *, minutes: int = 99) -> AuditSegment:
    lines = checkpoints.read(file, KEY)
    until = START + timedelta(minutes=minutes)
    return pruning.export(log, to, KEY, lines, until=until, at=NOW, actor=WHO)


def prune(log: Database, path: Path, key: bytes = KEY) -> AuditSegment:
    return pruning.prune(log, path, key, at=NOW, actor=WHO)


def judged(log: Database, file: Path, key: bytes = KEY) -> Verdict:
    with log.read() as session:
        return audit.verify(session, lines=checkpoints.read(file, KEY), key=key)


def numbers(log: Database) -> list[int]:
    with log.read() as session:
        return list(session.scalars(select(AuditEntry.seq).order_by(AuditEntry.seq)))


def test_two_segments_are_exported_and_pruned_and_the_rest_verifies(log: Database, file: Path, tmp_path: Path) -> None:
    first, second = tmp_path / "1.jsonl", tmp_path / "2.jsonl"
    made = export(log, file, first, minutes=1)
    assert (made.number, made.first_seq, made.last_seq, made.hash) == (1, 1, 3, checkpoints.read(file, KEY)[0].hash)
    assert [row["seq"] for row in pruning.read(first)] == [1, 2, 3]
    assert first.stat().st_mode & 0o777 == 0o600
    assert export(log, file, second).first_seq == 4
    assert numbers(log)[0] == 1, "an export takes nothing away"
    assert pruning.look(log, first, KEY).number == 1
    prune(log, first)
    assert numbers(log)[0] == 4
    prune(log, second)
    assert numbers(log) == [12, 13, 14, 15, 16]
    assert judged(log, file) == Verdict(True, 16, pruned=11)
    with log.read() as session:
        told = [(one.actor, one.target) for one in audit.entries(session, action=segments.PRUNED)]
        assert told == [(WHO, "audit/segment-1"), (WHO, "audit/segment-2")]
        assert audit.verify(session) == Verdict(True, 16, pruned=11), "also without key and checkpoints"
    fill(log, 2)
    assert sign(log, file, minutes=3) is not None
    assert judged(log, file).ok


def test_a_checkpoint_right_after_pruning_up_to_the_last_one(log: Database, file: Path, tmp_path: Path) -> None:
    export(log, file, tmp_path / "1.jsonl")
    prune(log, tmp_path / "1.jsonl")
    assert sign(log, file, minutes=3) is not None, "the last checkpoint's own row is gone; its segment knows the hash"
    assert judged(log, file).ok


def test_another_file_of_checkpoints_begins_behind_what_was_pruned(log: Database, file: Path, tmp_path: Path) -> None:
    """A new one, and one of a bot that was away while the last row it signed was pruned."""
    new, away, pruned = tmp_path / "new.jsonl", tmp_path / "away.jsonl", tmp_path / "1.jsonl"
    sign(log, away, minutes=3)
    fill(log, 3)
    sign(log, file, minutes=4)
    export(log, file, pruned)
    prune(log, pruned)
    for minutes, other in ((5, new), (6, away)):
        assert sign(log, other, minutes=minutes) is not None
    with log.read() as session:
        lines = [line for one in (file, new, away) for line in checkpoints.read(one, KEY)]
        assert audit.verify(session, lines=lines, key=KEY).ok


@pytest.mark.tampers
def test_a_new_file_of_checkpoints_is_not_begun_where_rows_went_otherwise(
    log: Database, file: Path, tmp_path: Path
) -> None:
    with log.begin() as session:
        disarm_audit(session)
        session.execute(delete(AuditEntry).where(AuditEntry.seq < 3))
    with pytest.raises(CheckpointError, match="row 1"):
        sign(log, tmp_path / "new.jsonl", minutes=3)


def test_what_no_checkpoint_covers_is_not_exported(log: Database, file: Path, tmp_path: Path) -> None:
    with pytest.raises(SegmentError, match="no signed checkpoint from before 2026-11-21 02:14 UTC"):
        export(log, file, tmp_path / "1.jsonl", minutes=0)
    assert not (tmp_path / "1.jsonl").exists()
    export(log, file, tmp_path / "1.jsonl")
    with pytest.raises(SegmentError, match="covers rows after row 11"):
        export(log, file, tmp_path / "2.jsonl")
    fill(log, 1)
    sign(log, file, minutes=4)
    with pytest.raises(SegmentError, match="cannot be written"):
        export(log, file, tmp_path / "1.jsonl")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda path: path.write_bytes(path.read_bytes().replace(b"anna", b"mala")), "was changed since"),
        (lambda path: path.write_bytes(b""), "was changed since"),
        (Path.unlink, "cannot be read"),
    ],
)
def test_a_segment_whose_file_is_not_whole_is_not_pruned(
    log: Database, file: Path, tmp_path: Path, change: Callable[[Path], Any], words: str
) -> None:
    export(log, file, tmp_path / "1.jsonl")
    change(tmp_path / "1.jsonl")
    with pytest.raises(SegmentError, match=words):
        prune(log, tmp_path / "1.jsonl")
    assert numbers(log)[0] == 1


def test_segments_go_from_the_oldest_on_once_and_with_our_key(log: Database, file: Path, tmp_path: Path) -> None:
    export(log, file, tmp_path / "1.jsonl", minutes=1)
    export(log, file, tmp_path / "2.jsonl")
    with pytest.raises(SegmentError, match="not signed with our key"):
        prune(log, tmp_path / "1.jsonl", b"another key altogether")
    with pytest.raises(SegmentError, match="segment 2 begins at row 4, and the log at row 1"):
        prune(log, tmp_path / "2.jsonl")
    prune(log, tmp_path / "1.jsonl")
    with pytest.raises(SegmentError, match="segment 1 begins at row 1, and the log at row 4"):
        prune(log, tmp_path / "1.jsonl")


@pytest.mark.parametrize(
    "statement",
    [
        "delete from audit_entry where seq = 4",
        "delete from audit_entry where seq <= 4",
        "update audit_segment set last_seq = 99",
        "delete from audit_segment",
        MORE.format("2, 9, 11, hash, signature"),  # a gap
        MORE.format("2, 4, 7, hash, signature"),  # the hash of another row
        MORE.format("2, 4, 999, hash, signature"),  # beyond the log
        MORE.format("2, 4, 7, (select hash from audit_entry where seq = 7), ''"),  # unsigned
    ],
)
def test_the_database_lets_nothing_else_go(log: Database, file: Path, tmp_path: Path, statement: str) -> None:
    export(log, file, tmp_path / "1.jsonl", minutes=1)
    with pytest.raises(DBAPIError, match="append-only"), log.begin() as session:
        session.execute(text(statement))
    assert judged(log, file).ok


def forged(session: Session) -> None:
    """A segment that follows, as the triggers want it, but that nobody with the key signed."""
    end = session.get_one(AuditEntry, 7)
    values = {"number": 2, "first_seq": 4, "last_seq": 7, "prev_hash": "0" * 64, "hash": end.hash, "sha256": "0" * 64}
    session.add(AuditSegment(**values, signature="f" * 64, file="none", exported_at=NOW))
    session.flush()
    session.execute(delete(AuditEntry).where(AuditEntry.seq <= 7))


def by_hand(session: Session) -> None:
    session.execute(delete(AuditEntry).where(AuditEntry.seq <= 3))


def in_part(session: Session) -> None:
    session.execute(delete(AuditEntry).where(AuditEntry.seq <= 2))


def end_changed(session: Session) -> None:
    disarm_audit(session)
    session.execute(update(AuditSegment).values(hash="0" * 64))


@pytest.mark.tampers
@pytest.mark.parametrize(
    ("tamper", "row", "words"),
    [
        (forged, 4, "segment 2, rows 4 to 7, is not signed with our key"),
        (by_hand, 1, "no row says that they were pruned"),
        (in_part, 1, "row 1 is missing"),
        (end_changed, 1, "segment 1, rows 1 to 3, is not signed with our key"),
    ],
)
def test_rows_that_went_otherwise_are_found(
    log: Database, file: Path, tmp_path: Path, tamper: Callable[[Session], None], row: int, words: str
) -> None:
    export(log, file, tmp_path / "1.jsonl", minutes=1)
    with log.begin() as session:
        tamper(session)
    found = judged(log, file)
    assert (found.ok, found.first_bad_seq) == (False, row)
    assert words in found.problem


@pytest.mark.tampers
def test_a_segments_end_is_held_against_the_checkpoint_there(log: Database, file: Path, tmp_path: Path) -> None:
    export(log, file, tmp_path / "1.jsonl", minutes=1)
    with log.begin() as session:
        end_changed(session)
    with log.read() as session:
        found = audit.verify(session, lines=checkpoints.read(file, KEY))
    assert "segment 1 ends at row 3 otherwise than the checkpoint there" in found.problem


def test_a_back_up_of_a_pruned_log_is_restored(log: Database, file: Path, tmp_path: Path) -> None:
    export(log, file, tmp_path / "1.jsonl", minutes=1)
    prune(log, tmp_path / "1.jsonl")
    export(log, file, tmp_path / "2.jsonl")
    backup.backup(log, tmp_path / "copy")
    backup.restore(tmp_path / "copy", f"sqlite:///{tmp_path / 'again.db'}")
    again = Database(f"sqlite:///{tmp_path / 'again.db'}")
    assert judged(again, file).pruned == 3
    with again.read() as session:
        assert session.scalar(select(func.count()).select_from(AuditSegment)) == 2
    again.close()


def test_a_segment_is_the_chains_own_rows(log: Database, file: Path, tmp_path: Path) -> None:
    with log.read() as session:
        kept = list(audit.export(session))
    export(log, file, tmp_path / "1.jsonl")
    assert [json.dumps(row) for row in pruning.read(tmp_path / "1.jsonl")] == [json.dumps(row) for row in kept[:11]]
