"""Exported segments of the audit log: what is known of them, and where a chain begins whose first rows were pruned."""

import hmac
from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storage.chain import START, Checkpoint, Verdict
from storage.checkpoints import sign
from storage.models import AuditEntry, AuditSegment

PRUNED: Final = "audit.pruned"
"""Action of the row that says that a segment's rows were taken out of the database."""


def target_of(number: int) -> str:
    """How the audit log names a segment."""
    return f"audit/segment-{number}"


def signature_of(segment: AuditSegment, key: bytes) -> str:
    """What signs a segment: keyed HMAC-SHA256 over its rows, the chain's hashes around them and the file's own."""
    return sign(key, named(segment))


def named(segment: AuditSegment) -> dict[str, Any]:
    """What is signed of a segment, and what its audit rows say."""
    names = ("number", "first_seq", "last_seq", "prev_hash", "hash", "sha256")
    return {name: getattr(segment, name) for name in names}


def last(session: Session) -> AuditSegment | None:
    """The segment that was exported last."""
    return session.scalars(select(AuditSegment).order_by(AuditSegment.number.desc()).limit(1)).one_or_none()


def start(session: Session, kept: Sequence[Checkpoint], key: bytes | None) -> Checkpoint | Verdict:
    """Where the rows that are there begin, or what is wrong with the segments before them.

    `kept` are checkpoints from outside: one at a segment's end has to agree with it. With `key` every signature is
    checked. The newest segment whose rows are gone must be named by a row `PRUNED`.
    """
    segments = list(session.scalars(select(AuditSegment).order_by(AuditSegment.number)))
    if key is not None:
        for one in segments:
            if not hmac.compare_digest(one.signature, signature_of(one, key)):
                return _bad(
                    one, f"segment {one.number}, rows {one.first_seq} to {one.last_seq}, is not signed with our key"
                )
    hashes = {one.seq: one.hash for one in kept}
    for one in segments:
        if hashes.get(one.last_seq, one.hash) != one.hash:
            return _bad(one, f"segment {one.number} ends at row {one.last_seq} otherwise than the checkpoint there")
    first = session.scalar(select(func.min(AuditEntry.seq)))
    gone = [one for one in segments if first is not None and one.last_seq < first]
    if not gone:
        return START
    newest = gone[-1]
    told = select(AuditEntry.seq).where(AuditEntry.target == target_of(newest.number), AuditEntry.action == PRUNED)
    if session.scalar(told.limit(1)) is None:
        words = f"the rows from {newest.first_seq} to {newest.last_seq} are missing: no row says that they were pruned"
        return _bad(newest, words)
    return Checkpoint(newest.last_seq, newest.hash)


def _bad(segment: AuditSegment, problem: str) -> Verdict:
    return Verdict(False, segment.first_seq - 1, segment.first_seq, problem)
