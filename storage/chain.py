"""The arithmetic of the audit chain: how a row is hashed, and how a chain of rows is judged. No database here."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

GENESIS: Final = "0" * 64
"""What stands before the first row's hash."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The end of the chain at some moment: number and hash of the last row; 0 and `GENESIS` when there is none.

    Kept outside the database it proves every row up to it, even against somebody who can rewrite all of them.
    """

    seq: int
    hash: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found: `checked` rows are right; if not `ok`, `problem` says what is wrong with row `first_bad_seq`.

    The first `pruned` of them are not in the database any more: an exported segment ends at them.
    """

    ok: bool
    checked: int
    first_bad_seq: int | None = None
    problem: str = ""
    pruned: int = 0


START: Final = Checkpoint(0, GENESIS)
"""Where every chain begins."""


class StoredRow(NamedTuple):
    """A row exactly as the database keeps it: JSON as text, `at` as text in UTC. Tampering may put anything here."""

    seq: int
    at: Any
    actor: Any
    action: Any
    target: Any
    before: Any
    after: Any
    outcome: Any
    correlation_id: Any
    prev_hash: Any
    hash: Any


def canonical(value: Any) -> str:
    """JSON with one spelling only: sorted keys, no spaces, ASCII, no NaN."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


def stamp(at: datetime) -> str:
    """A moment as the chain writes it: UTC, always with microseconds."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def row_hash(columns: Mapping[str, Any]) -> str:
    """SHA-256 of all columns but `hash` itself, as canonical JSON. `at` is given as `stamp` writes it."""
    return hashlib.sha256(canonical(columns).encode()).hexdigest()


def judge(
    rows: Iterable[StoredRow],
    head: Checkpoint | None,
    known: Checkpoint | Iterable[Checkpoint] | None = None,
    *,
    start: Checkpoint = START,
) -> Verdict:
    """Walk a chain from its first row to its head and name the first row that is not right.

    `rows` come in the order of `seq`; `head` is what the head row says; `known` are checkpoints kept elsewhere. A row
    that differs from one is the first that is proved wrong: the change may be in any row since the checkpoint before,
    which the words name. `start` is where the rows before these ended, for a chain whose beginning was put away.
    """
    kept = _by_row(known)
    last, sure = start, start.seq
    for row in rows:
        if (problem := _problem(row, last)) is not None:
            return Verdict(False, last.seq, min(row.seq, last.seq + 1), problem)
        last = Checkpoint(row.seq, row.hash)
        if (hashes := kept.get(last.seq)) is not None:
            if hashes != {last.hash}:
                return Verdict(False, last.seq - 1, last.seq, _restamped(last.seq, sure))
            sure = last.seq
    if head is None:
        return Verdict(False, last.seq, None, "the head row is missing")
    if (end := _end_problem(last, head, max(kept, default=None))) is not None:
        first_bad, problem = end
        return Verdict(False, min(last.seq, first_bad - 1), first_bad, problem)
    return Verdict(True, last.seq, pruned=start.seq)


def _by_row(known: Checkpoint | Iterable[Checkpoint] | None) -> dict[int, set[str]]:
    found: dict[int, set[str]] = {}
    for one in [] if known is None else [known] if isinstance(known, Checkpoint) else known:
        found.setdefault(one.seq, set()).add(one.hash)
    return found


def _restamped(seq: int, sure: int) -> str:
    since = f", after row {sure}," if sure else ""
    return f"row {seq} or one before it{since} differs from the checkpoint"


def _problem(row: StoredRow, last: Checkpoint) -> str | None:
    """What is wrong with one row after the one before it."""
    expected = last.seq + 1
    if row.seq < expected:
        return f"row {row.seq} does not belong here: the first row is row 1"
    if row.seq > expected:
        return f"row {expected} is missing"
    if row.prev_hash != last.hash:
        return f"row {row.seq} does not follow row {last.seq}: one of the two was changed"
    try:
        computed = _hash_of(row)
    except (TypeError, ValueError, RecursionError) as error:
        return f"row {row.seq} was changed: it holds a value that was never written ({type(error).__name__})"
    return None if computed == row.hash else f"row {row.seq} was changed: it does not match its hash"


def _end_problem(last: Checkpoint, head: Checkpoint, seen: int | None) -> tuple[int, str] | None:
    """The first bad row at the end of the chain, and what is wrong there."""
    if seen is not None and seen > last.seq:
        return last.seq + 1, f"the rows from {last.seq + 1} to {seen} are missing: the checkpoint has seen them"
    if last.seq < head.seq:
        return last.seq + 1, f"the rows from {last.seq + 1} to {head.seq} are missing at the end"
    if last.seq > head.seq:
        first = max(head.seq, 0) + 1
        return first, f"the rows from {first} to {last.seq} are beyond the head, which ends at row {head.seq}"
    if last.hash != head.hash:
        return max(last.seq, 1), f"row {last.seq} differs from what the head remembers"
    return None


def _hash_of(row: StoredRow) -> str:
    """The hash a stored row should have. Raises TypeError or ValueError for values that no append can have written."""
    columns = row._asdict()
    del columns["hash"]
    columns["at"] = stamp(datetime.fromisoformat(row.at).replace(tzinfo=UTC))
    columns["before"], columns["after"] = _document(row.before), _document(row.after)
    return row_hash(columns)


def _document(stored: str | None) -> dict[str, Any] | None:
    if stored is None:
        return None
    value = json.loads(stored)
    if not isinstance(value, dict):
        raise TypeError("not an object")
    return value
