"""The chain and its file of checkpoints together: what one alone does not show, the two of them do."""

import os
import random
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from storage import audit, checkpointing, checkpoints
from storage.chain import GENESIS, StoredRow, Verdict, row_hash, stamp
from storage.checkpoints import CheckpointError
from storage.engine import Database
from storage.models import AuditEntry, AuditHead
from tests.figures.told import tell
from tests.storage.test_audit import CHANGES, OTHERS, tamper, verdict, write
from tests.storage.test_checkpoints import KEY
from tests.support import START, disarm_audit

TRIES = int(os.environ.get("HANDOFF_TAMPER", "24"))
"""Tries of tampering on each database; 100 on each for the full count."""
EVERY, TOGETHER = 6, 2


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where the checkpoints go."""
    return tmp_path / "checkpoints.jsonl"


def sign(database: Database, file: Path, minutes: int = 0) -> checkpoints.Line | None:
    return checkpointing.checkpoint(database, file, KEY, START + timedelta(minutes=minutes))


def fill(database: Database, number: int, name: str = "one") -> None:
    for index in range(number):
        with database.begin() as session:
            write(session, actor=f"{name}@example.com", target=f"case/{index}", before={"n": 0}, after={"n": index})


def judged(session: Session, file: Path) -> Verdict:
    return audit.verify(session, lines=checkpoints.read(file, KEY))


def test_a_line_is_signed_named_and_not_repeated(database: Database, file: Path) -> None:
    assert sign(database, file) is None, "nothing was done yet"
    fill(database, 3)
    line = sign(database, file)
    assert line is not None
    assert (line.number, line.seq) == (1, 3)
    assert sign(database, file) is None, "the row that names the line is no act"
    with database.read() as session:
        (named,) = audit.entries(session, action=checkpoints.ACTION)
        assert (named.seq, named.actor, named.after) == (4, "handoff", line.named())
        assert judged(session, file) == Verdict(True, 4)


def test_a_line_whose_row_was_lost_in_a_crash_is_named_by_the_next(database: Database, file: Path) -> None:
    fill(database, 2)
    with database.read() as session:
        end = audit.head(session)
    assert end is not None
    checkpoints.write(file, KEY, end, START)
    with database.read() as session:
        assert judged(session, file).ok, "a line that is not named yet is no fault"
    assert sign(database, file) is not None
    with database.read() as session:
        assert [row.after["number"] for row in audit.entries(session, action=checkpoints.ACTION) if row.after] == [1]
        assert judged(session, file).ok


def test_how_far_the_checkpoints_are_behind(database: Database, file: Path) -> None:
    def behind() -> checkpointing.Uncovered:
        with database.read() as session:
            return checkpointing.uncovered(session)

    assert behind() == checkpointing.Uncovered(None, 0, None)
    fill(database, 3)
    assert behind() == checkpointing.Uncovered(None, 3, START)
    sign(database, file, minutes=5)
    assert behind() == checkpointing.Uncovered(START + timedelta(minutes=5), 0, None)
    fill(database, 2)
    assert behind() == checkpointing.Uncovered(START + timedelta(minutes=5), 2, START)


@pytest.mark.tampers
@pytest.mark.parametrize("what", ["change a row since", "restamp", "cut the tail"])
def test_a_chain_that_was_tampered_with_is_not_signed(database: Database, file: Path, what: str) -> None:
    fill(database, 4)
    sign(database, file)
    fill(database, 3)
    before = file.read_bytes()
    with database.begin() as session:
        disarm_audit(session)
        if what == "change a row since":
            session.execute(update(AuditEntry).where(AuditEntry.seq == 7).values(actor="mallory"))
        else:
            restamp(session, 2 if what == "restamp" else 4, cut=what == "cut the tail")
    with pytest.raises(CheckpointError, match="nothing was signed: row"):
        sign(database, file)
    assert file.read_bytes() == before


def restamp(session: Session, seq: int, *, cut: bool) -> None:
    """As somebody who owns the database: change row `seq` and stamp all after it anew, or cut from it on."""
    if cut:
        session.execute(delete(AuditEntry).where(AuditEntry.seq >= seq))
    prev, last = GENESIS, 0
    for stored in session.execute(select(*AuditEntry.__table__.c).order_by(AuditEntry.seq)).mappings().all():
        values = {name: stored[name] for name in StoredRow._fields if name != "hash"} | {"prev_hash": prev}
        if stored["seq"] == seq:
            values["actor"] = "mallory@example.com"
        prev, last = row_hash(values | {"at": stamp(stored["at"])}), stored["seq"]
        session.execute(update(AuditEntry).where(AuditEntry.seq == last).values(values | {"hash": prev}))
    session.execute(update(AuditHead).values(seq=last, hash=prev))


def by_two(database: Database, file: Path) -> int:
    """Two writers at once, and checkpoints while they write. The rows there are."""
    together = threading.Barrier(TOGETHER)

    def writer(name: str) -> None:
        for _ in range(3):
            together.wait(30)
            fill(database, EVERY // TOGETHER, name)
            sign(database, file)

    threads = [threading.Thread(target=writer, args=(name,)) for name in ("one", "two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    with database.read() as session:
        end = audit.head(session)
    assert end is not None
    return end.seq


def dropped(rows: list[bytes], at: int) -> list[bytes]:
    return rows[:at] + rows[at + 1 :]


@pytest.mark.tampers
def test_every_tampering_is_found_and_the_first_bad_row_named(database: Database, file: Path) -> None:
    """Row 24. Two writers fill the log; each try is undone before the next, on rows drawn anew."""
    last = by_two(database, file)
    lines = checkpoints.read(file, KEY)
    whole, chance = file.read_bytes(), random.Random(24)
    with database.read() as session:
        assert judged(session, file) == Verdict(True, last)
        entries = audit.entries(session, limit=None)
    named = {row.after["number"]: row.seq for row in entries if row.action == checkpoints.ACTION and row.after}
    acts = [row.seq for row in entries if row.before and row.seq <= lines[-1].seq]
    with database.begin() as session:
        disarm_audit(session)
    kinds = [*CHANGES, *OTHERS, "restamp the chain", "cut chain and head", "drop a checkpoint", "cut the file"]
    for number in range(TRIES):
        kind = kinds[number % len(kinds)]
        if kind in ("drop a checkpoint", "cut the file"):
            at = chance.randrange(len(lines)) if kind == "drop a checkpoint" else len(lines) - 1
            file.write_bytes(b"".join(dropped(whole.splitlines(keepends=True), at)))
            found_in_file(database, file, at, named[len(lines)], len(lines))
            file.write_bytes(whole)
            continue
        with database.begin() as session:
            attempt = session.begin_nested()
            seq = chance.choice(acts)
            first, until = worked(session, kind, seq, last, [line.seq for line in lines])
            found = judged(session, file)
            attempt.rollback()
            session.expunge_all()
        assert not found.ok, (kind, seq)
        assert found.first_bad_seq is not None
        assert first <= found.first_bad_seq <= until, (kind, seq, found.problem)
        assert str(found.first_bad_seq) in found.problem
    assert verdict(database).ok, "every try was undone"
    tell("24", f"{TRIES} of {TRIES} tries found on {database.dialect}, the first bad row named, two writers at once")


def found_in_file(database: Database, file: Path, at: int, naming: int, there: int) -> None:
    """A line that is gone breaks the file, unless it was the last: then the row that names it tells."""
    with database.read() as session:
        if at < there - 1:
            with pytest.raises(CheckpointError, match=f"line {at + 1} does not follow"):
                judged(session, file)
            return
        found = judged(session, file)
    assert (found.ok, found.first_bad_seq) == (False, naming)
    assert f"checkpoint {there} of file" in found.problem


def worked(session: Session, kind: str, seq: int, last: int, ends: list[int]) -> tuple[int, int]:
    """Tamper. Returns between which rows the first bad one must be named: a restamped chain is known by checkpoints."""
    act: Callable[..., None] | None = restamp if kind in ("restamp the chain", "cut chain and head") else None
    if act is None:
        first = tamper(session, kind, seq, last)
        return (seq if kind == "restamp one row" else first), first  # a checkpoint at that very row knows it already
    act(session, seq, cut=kind == "cut chain and head")
    return seq, seq if kind == "cut chain and head" else min(end for end in ends if end >= seq)
