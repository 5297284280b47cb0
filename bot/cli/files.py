"""Reading and writing the files that people name on the command line. What is wrong with one is said in words."""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from automations.errors import ConfigError

STDIN = "-"


def read_text(name: str, *, limit: int) -> str:
    """The whole text of a file, or of standard input for `-`.

    Raises: ConfigError if it cannot be read, is no UTF-8 text or is longer than `limit` bytes.
    """
    shown, raw = _shown(name), read_bytes(name, limit=limit)
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as exc:
        line = raw[: exc.start].count(b"\n") + 1
        raise ConfigError(f"{shown}, line {line}: this is not UTF-8 text (byte {exc.start}).") from exc


def read_bytes(name: str, *, limit: int) -> bytes:
    """All bytes of a file, or of standard input for `-`. Raises: ConfigError as `read_text`, whatever they mean."""
    shown = _shown(name)
    try:
        if name == STDIN:
            raw = sys.stdin.buffer.read(limit + 1)
        else:
            with Path(name).open("rb") as file:
                raw = file.read(limit + 1)
    except OSError as exc:
        raise ConfigError(f"{shown}: the file cannot be read ({exc.strerror}).") from exc
    if len(raw) > limit:
        raise ConfigError(f"{shown}: longer than {limit // 1_000_000} MB. Please split it.")
    return raw


def _shown(name: str) -> str:
    return "standard input" if name == STDIN else name


@contextmanager
def written_whole(path: Path, *, force: bool) -> Iterator[TextIO]:
    """A text file that gets its name, and its place on the disk, when the block has ended well; else nothing is left.

    Only its owner may read it. Raises: ConfigError if it is there already without `force`, or cannot be written.
    """
    with _placed(path, force=force) as part, part.open("w", encoding="utf-8") as file:
        yield file
        file.flush()
        os.fsync(file.fileno())


def bytes_written(path: Path, content: bytes, *, force: bool) -> None:
    """Write a file whole, or leave nothing. Raises: ConfigError as `written_whole`."""
    with _placed(path, force=force) as part, part.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def _placed(path: Path, *, force: bool) -> Iterator[Path]:
    """An empty file that takes its place when the block has ended well. Raises: ConfigError."""
    if path.exists() and not force:
        raise ConfigError(f"{path} is there already; nothing was changed. --force writes over it.")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".handoff-", dir=path.parent) as folder:
            part = Path(folder) / "part"
            part.touch(0o600)
            yield part
            part.replace(path)
    except OSError as exc:
        raise ConfigError(f"{path}: the file cannot be written ({exc.strerror}).") from exc
