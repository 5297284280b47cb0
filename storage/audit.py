"""The audit log: append-only and hash-chained, written in the transaction of the state it describes.

Every row's hash covers the row and the hash before it; one head row holds the end. Changing, removing, inserting or
swapping rows breaks the chain, and cutting its tail disagrees with the head. Somebody who may write the whole database
can stamp everything anew; against that, `storage.checkpointing` signs its end into a file elsewhere, which `verify`
reads. Nothing here changes or removes a row, and triggers in the database refuse it to everybody else but for what a
segment holds that `storage.pruning` exported.
"""

import json
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Text, cast, func, select, type_coerce, update
from sqlalchemy.orm import Session

from storage import aliases, segments
from storage.chain import GENESIS, Checkpoint, StoredRow, Verdict, canonical, judge, row_hash, stamp
from storage.checkpoints import ACTION, Line, missing
from storage.models import AuditEntry, AuditHead, AuditSegment

__all__ = ["GENESIS", "ChainMissing", "Checkpoint", "Verdict", "append", "entries", "export", "head", "hold", "verify"]

BATCH = 2_000
"""Rows fetched at a time when the whole log is read, so that memory does not grow with it."""

# Without a search through everything the session holds, which would make a long transaction slow.
_HEAD = update(AuditHead).where(AuditHead.id == 1).execution_options(synchronize_session=False)


class ChainMissing(RuntimeError):
    """The audit log has no head row, so nothing may be done that would have to be written down."""


def append(
    session: Session,
    *,
    at: datetime,
    actor: str,
    action: str,
    target: str,
    outcome: str,
    correlation_id: str,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> AuditEntry:
    """Write one action down, in the caller's transaction. Values must be redacted already.

    The first append of a transaction makes all others wait until it ends: change the rows it describes before it, or
    call `hold` first when one transaction changes several rows in turn.
    Raises: ChainMissing without a head row; TypeError or ValueError for values that are not plain JSON, ValueError for
    a naive `at`.
    """
    if at.tzinfo is None:
        raise ValueError("an audit entry needs a time with its zone")
    said = {"actor": actor, "target": target, "before": _plain(before), "after": _plain(after)}
    end, version = _move_head(session, by=1)
    columns = {
        "seq": end.seq,
        "action": action,
        "outcome": outcome,
        "correlation_id": correlation_id,
        "prev_hash": end.hash,
        **{name: aliases.hidden(session, value, version) for name, value in said.items()},
    }
    entry = AuditEntry(at=at, hash=row_hash(columns | {"at": stamp(at)}), **columns)
    session.add(entry)
    session.flush()
    session.execute(_HEAD.values(hash=entry.hash))
    aliases.show(entry, session)
    return entry


def erase(session: Session, email: str, *, at: datetime, actor: str) -> list[str]:
    """Forget whose aliases in the log are of this address, which is written down. The aliases; empty if there are none.

    Raises: ChainMissing without a head row.
    """
    hold(session)
    erased = aliases.erase(session, email, at)
    if erased:
        session.execute(_HEAD.values(erasures=AuditHead.erasures + 1))
        append(
            session,
            at=at,
            actor=actor,
            action="people.erased",
            target="people",
            outcome="done",
            correlation_id="people/erased",
            after={"erased": len(erased)},
        )
    return erased


def hold(session: Session) -> None:
    """Stand in line for the chain before touching other rows, so that two transactions never wait for each other.

    Raises: ChainMissing without a head row.
    """
    _move_head(session, by=0)


def head(session: Session) -> Checkpoint | None:
    """The end of the chain as the head row has it, to be kept elsewhere. None if there is no head row."""
    row = session.execute(select(AuditHead.seq, AuditHead.hash)).one_or_none()
    return None if row is None else Checkpoint(row.seq, row.hash)


def verify(
    session: Session,
    *,
    known: Checkpoint | None = None,
    lines: Sequence[Line] | None = None,
    every_file: bool = True,
    key: bytes | None = None,
) -> Verdict:
    """Read the whole chain and name the first bad row. Call it in `Database.read()`, which sees a single state.

    `known` is a checkpoint kept outside the database, `lines` are those of signed files; with them even a chain that
    was stamped anew is found. Every line that the chain names has to be among `lines`; without `every_file` only those
    of the files that are. Where the beginning was pruned the chain starts at the end of an exported segment, whose
    signature is checked if there is a `key`.
    """
    kept = [line.end for line in lines or ()] + ([] if known is None else [known])
    start = segments.start(session, kept, key)
    if isinstance(start, Verdict):
        return start
    with closing(_stored_rows(session)) as rows:
        verdict = judge(rows, head(session), kept, start=start)
    if lines is None or not verdict.ok:
        return verdict
    entry = select(AuditEntry.seq, AuditEntry.after).where(AuditEntry.action == ACTION)
    named = [(seq, after) for seq, after in session.execute(entry.order_by(AuditEntry.seq))]
    if (dropped := missing(lines, named, every_file=every_file)) is not None:
        return Verdict(False, verdict.checked, *dropped)
    return verdict


def verify_since(session: Session, start: Checkpoint) -> Verdict:
    """Read the rows after `start`, where the chain once ended, and whether that row still reads as it did then."""
    kept = session.scalar(select(AuditEntry.hash).where(AuditEntry.seq == start.seq)) if start.seq else GENESIS
    kept = kept or session.scalar(select(AuditSegment.hash).where(AuditSegment.last_seq == start.seq))
    if kept != start.hash:
        return Verdict(False, 0, start.seq, f"row {start.seq} or one before it differs from the last checkpoint")
    with closing(_stored_rows(session, start.seq)) as rows:
        return judge(rows, head(session), start=start)


def entries(
    session: Session,
    *,
    target: str | None = None,
    actor: str | None = None,
    action: str | None = None,
    correlation_id: str | None = None,
    since: datetime | None = None,
    limit: int | None = 100,
) -> list[AuditEntry]:
    """The newest `limit` entries that match everything given, oldest of them first. `since` is included."""
    wanted = {"action": action, "correlation_id": correlation_id}
    newest = select(AuditEntry).order_by(AuditEntry.seq.desc()).limit(limit)
    newest = newest.filter_by(**{name: value for name, value in wanted.items() if value is not None})
    for column, text in ((AuditEntry.target, target), (AuditEntry.actor, actor)):
        if text is not None:  # rows from before there were aliases name the address itself
            newest = newest.where(column.in_({text, aliases.known(session, text)}))
    if since is not None:
        newest = newest.where(AuditEntry.at >= since)
    return list(reversed(session.scalars(newest).all()))


def export(session: Session, *, after: int = 0, until: int | None = None) -> Iterator[dict[str, Any]]:
    """Entries as plain JSON values, first to last, with the hashes that let others check the chain.

    Every one, or those after row `after` up to row `until`.
    """
    every = select(*AuditEntry.__table__.c).where(AuditEntry.seq > after).order_by(AuditEntry.seq)
    if until is not None:
        every = every.where(AuditEntry.seq <= until)
    with session.execute(every, execution_options={"yield_per": BATCH}) as rows:
        for row in rows.mappings():
            yield dict(row) | {"at": stamp(row["at"])}


def naming(session: Session, email: str) -> int:
    """How many rows have this address itself as actor or target: those from before there were aliases."""
    lowered = email.lower()
    mine = (func.lower(AuditEntry.actor) == lowered) | (func.lower(AuditEntry.target) == lowered)
    return session.scalar(select(func.count()).select_from(AuditEntry).where(mine)) or 0


def _move_head(session: Session, *, by: int) -> tuple[Checkpoint, int]:
    """Lock the chain's end, let it grow; its new length with the hash to follow, and how often names were erased."""
    moved = _HEAD.values(seq=AuditHead.seq + by)
    row = session.execute(moved.returning(AuditHead.seq, AuditHead.hash, AuditHead.erasures)).one_or_none()
    if row is None:
        raise ChainMissing("the audit log has lost its head row; `handoff audit verify` says more")
    return Checkpoint(row.seq, row.hash), row.erasures


def _stored_rows(session: Session, after: int | None = None) -> Generator[StoredRow, None, None]:
    """All rows as they are stored, unread: a value that was tampered with must not stop the reading."""
    at: ColumnElement[Any] = type_coerce(AuditEntry.at, Text)
    if session.get_bind().dialect.name == "postgresql":
        at = cast(func.timezone("UTC", AuditEntry.at), Text)
    columns = {name: getattr(AuditEntry, name) for name in StoredRow._fields}
    columns |= {"at": at, "before": cast(AuditEntry.before, Text), "after": cast(AuditEntry.after, Text)}
    every = select(*columns.values()).order_by(AuditEntry.seq)
    if after is not None:
        every = every.where(AuditEntry.seq > after)
    with session.execute(every, execution_options={"yield_per": BATCH}) as rows:
        for row in rows:
            yield StoredRow(*row)


def _plain(value: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """The value as it will be read back from a JSON column."""
    if value is None:
        return None
    plain: dict[str, Any] = json.loads(canonical(dict(value)))
    return plain
