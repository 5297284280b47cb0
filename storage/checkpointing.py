"""Signs the end of the audit chain into a file outside the database, and names each line in the chain."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storage import audit, checkpoints, segments
from storage.chain import START, Verdict
from storage.checkpoints import CheckpointError, Line
from storage.engine import Database
from storage.models import AuditEntry

OURS: Final = "handoff"
"""Who acts where nobody asked for it."""

_NAMING = select(AuditEntry).where(AuditEntry.target == checkpoints.TARGET).order_by(AuditEntry.seq.desc()).limit(1)


def checkpoint(database: Database, path: Path, key: bytes, at: datetime) -> Line | None:
    """Sign the chain's end into the file and name the line in the chain. None if nothing was done since the last one.

    The rows since the line before are checked first, so that no chain which was tampered with is signed. The line comes
    before its row: a crash between the two leaves one that the chain does not name, which the next call does.
    Raises: CheckpointError, audit.ChainMissing.
    """
    with checkpoints.locked(path) as file:
        newest = checkpoints.last(file, path, key)
        with database.read() as session:
            end = audit.head(session)
            unnamed = newest if newest is not None and not _is_named(session, newest) else None
            since = _acts_since(session, newest.seq if newest else 0)
            found = _verified(session, newest, key)
        if end is None:
            raise audit.ChainMissing("the audit log has lost its head row; `handoff audit verify` says more")
        if not found.ok:
            raise CheckpointError(f"nothing was signed: {found.problem}. `handoff audit verify` reads the whole log")
        if not since and unnamed is None:
            return None
        line = checkpoints.append(file, path, key, end, at) if since else None
        with database.begin() as session:
            for one in filter(None, (unnamed, line)):
                audit.append(
                    session,
                    at=at,
                    actor=OURS,
                    action=checkpoints.ACTION,
                    target=checkpoints.TARGET,
                    outcome="done",
                    correlation_id=checkpoints.TARGET,
                    after=one.named(),
                )
    return line or unnamed


@dataclass(frozen=True, slots=True)
class Uncovered:
    """What no checkpoint covers yet: `acts` rows, the oldest from `since`. `last` is when the newest one was made."""

    last: datetime | None
    acts: int
    since: datetime | None


def uncovered(session: Session) -> Uncovered:
    """How far the newest checkpoint of any file is behind the log, by what the log itself says."""
    newest = session.scalars(_NAMING).one_or_none()
    covered = int((newest.after or {}).get("seq", 0)) if newest else 0
    after = select(func.count(), func.min(AuditEntry.at)).where(
        AuditEntry.seq > covered, AuditEntry.action != checkpoints.ACTION
    )
    acts, since = session.execute(after).one()
    return Uncovered(newest.at if newest else None, acts, since)


def _verified(session: Session, newest: Line | None, key: bytes) -> Verdict:
    """What the rows since the newest line say; where those next to it were pruned, the rows since their segment.

    A file that begins anew, or that of a bot which was away, may know no row that is still there.
    """
    begin = segments.start(session, [newest.end] if newest else [], key)
    if isinstance(begin, Verdict):
        return begin
    signed = newest.end if newest else START
    return audit.verify_since(session, signed if signed.seq >= begin.seq else begin)


def _is_named(session: Session, line: Line) -> bool:
    later = select(AuditEntry.after).where(AuditEntry.target == checkpoints.TARGET, AuditEntry.seq > line.seq)
    return line.named() in session.scalars(later).all()


def _acts_since(session: Session, seq: int) -> bool:
    """Whether the log tells of anything but checkpoints since: they alone would follow each other for ever."""
    later = select(AuditEntry.seq).where(AuditEntry.seq > seq, AuditEntry.action != checkpoints.ACTION)
    return session.scalar(later.limit(1)) is not None
