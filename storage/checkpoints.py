"""Signed checkpoints of the audit chain, one a line, in a file outside the database.

A line says where the chain ended (row and hash), when, and how the line before it read; it is signed with a keyed
HMAC-SHA256 over all of that. Whoever can write the whole database can stamp its chain anew, but not these lines, and a
line taken out of the middle breaks the file. One cut off at its end is missed by the chain, where a row
`audit.checkpoint` names every line. Somebody who holds the database, every copy of the file and the key can still lie.

Several processes of a machine share a file: a lock on it makes them write one after the other.
"""

import fcntl
import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any, Final

from storage.chain import GENESIS, Checkpoint, canonical, stamp

ACTION: Final = "audit.checkpoint"
TARGET: Final = "audit/checkpoint"
"""Target of the audit rows that name lines."""


class CheckpointError(ValueError):
    """A file of checkpoints is not what was written. The words name file and line."""


@dataclass(frozen=True, slots=True)
class Line:
    """One signed line. `file` is the file's own number, `number` counts its lines from 1.

    `prev` is the hash of the line before or `GENESIS`; `at` is UTC as `storage.chain.stamp` writes it.
    """

    file: str
    number: int
    seq: int
    hash: str
    at: str
    prev: str
    signature: str

    @property
    def end(self) -> Checkpoint:
        """The chain's end that the line holds."""
        return Checkpoint(self.seq, self.hash)

    @property
    def text(self) -> str:
        """The line as it stands in the file, without its end."""
        return canonical(asdict(self))

    @property
    def digest(self) -> str:
        """SHA-256 of the line, by which the next line and the chain name it."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    def named(self) -> dict[str, Any]:
        """What the audit row of this line says."""
        return {"file": self.file, "number": self.number, "seq": self.seq, "line": self.digest}


def read(path: Path, key: bytes) -> list[Line]:
    """Every line of a file, each checked: shape, number, the line before, signature.

    An end without a line break is one that a crash left unfinished, and no line. Raises: CheckpointError naming the
    first bad line, or that the file cannot be read.
    """
    try:
        with path.open("rb") as file:
            return _lines(file, path, key)
    except OSError as error:
        raise CheckpointError(f"{path} cannot be read ({error.strerror})") from error


def write(path: Path, key: bytes, end: Checkpoint, at: datetime) -> Line:
    """Sign one more line and bring it to the disk. The file is made for its owner alone.

    Raises: CheckpointError if what is there is no good: nothing is put behind a broken line.
    """
    with locked(path) as file:
        return append(file, path, key, end, at)


def append(file: IO[bytes], path: Path, key: bytes, end: Checkpoint, at: datetime) -> Line:
    """As `write`, on a file that `locked` gave."""
    lines = _lines(file, path, key)
    last = lines[-1] if lines else None
    unsigned: dict[str, Any] = {
        "file": last.file if last else secrets.token_hex(8),
        "number": last.number + 1 if last else 1,
        "seq": end.seq,
        "hash": end.hash,
        "at": stamp(at),
        "prev": last.digest if last else GENESIS,
    }
    line = Line(**unsigned, signature=sign(key, unsigned))
    file.seek(sum(len(one.text) + 1 for one in lines))
    file.truncate()
    file.write(f"{line.text}\n".encode())
    file.flush()
    os.fsync(file.fileno())
    return line


@contextmanager
def locked(path: Path) -> Iterator[IO[bytes]]:
    """The file, which nobody else writes meanwhile; it is made if it is not there.

    Raises: CheckpointError if it cannot be opened.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = os.fdopen(os.open(path, os.O_CREAT | os.O_RDWR, 0o600), "r+b")
    except OSError as error:
        raise CheckpointError(f"{path} cannot be opened ({error.strerror})") from error
    with file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield file


def last(file: IO[bytes], path: Path, key: bytes) -> Line | None:
    """The newest line of a file that `locked` gave; None in an empty one."""
    lines = _lines(file, path, key)
    return lines[-1] if lines else None


def sign(key: bytes, values: dict[str, Any]) -> str:
    """Keyed HMAC-SHA256 of these values as canonical JSON, in hex."""
    return hmac.new(key, canonical(values).encode(), hashlib.sha256).hexdigest()


def missing(lines: Sequence[Line], named: Sequence[tuple[int, Any]], *, every_file: bool) -> tuple[int, str] | None:
    """The first audit row that names a line which is not in the files given, and what is wrong there.

    `named` are rows (row, after) of `ACTION` in their order. A file of which no line was given counts only with
    `every_file`: a bot on another machine keeps its own.
    """
    files = {line.file for line in lines}
    there = {(line.file, line.number): line.digest for line in lines}
    for seq, after in named:
        said = after if isinstance(after, dict) else {}
        file, number = said.get("file"), said.get("number")
        if file not in files and not every_file:
            continue
        found = there.get((str(file), number if isinstance(number, int) else 0))
        if found is None:
            return seq, f"checkpoint {number} of file {file}, which row {seq} names, is missing"
        if found != said.get("line"):
            return seq, f"checkpoint {number} of file {file} is not the one that row {seq} names"
    return None


def _lines(file: IO[bytes], path: Path, key: bytes) -> list[Line]:
    file.seek(0)
    lines: list[Line] = []
    for number, raw in enumerate(file, start=1):
        if not raw.endswith(b"\n"):
            break
        lines.append(_checked(raw[:-1], number, lines[-1] if lines else None, path, key))
    return lines


def _checked(raw: bytes, number: int, before: Line | None, path: Path, key: bytes) -> Line:
    where = f"{path}, line {number}"
    try:
        line = Line(**json.loads(raw))
        text = line.text.encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise CheckpointError(f"{where} is no checkpoint") from error
    unsigned = {name: value for name, value in asdict(line).items() if name != "signature"}
    if text != raw or not hmac.compare_digest(str(line.signature).encode(), sign(key, unsigned).encode()):
        raise CheckpointError(f"{where} was changed, or signed with another key")
    if (line.number, line.prev) != (number, before.digest if before else GENESIS):
        raise CheckpointError(f"{where} does not follow the line before it: a checkpoint was dropped or moved")
    return line
