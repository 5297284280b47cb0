"""The text of a file that another system writes, read whole or not at all."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from automations.adapters.table_rows import Wrong
from automations.durations import in_words
from automations.errors import Unavailable


def read_whole(path: Path, now: datetime, *, max_age: timedelta | None, named: str, system: str) -> str:
    """The text of a file without the mark of the order of bytes. `named` is its section in the settings, for words.

    Raises: Unavailable if it cannot be read, or is written just now; Wrong if it is older than `max_age`, no UTF-8
    text, or empty.
    """
    content, written = _read(path, f"{named}.path", system)
    if max_age is not None and now - written > max_age:
        old = f"was last written {written:%Y-%m-%d %H:%M} UTC, longer than {in_words(max_age)} ago"
        raise Wrong(f"it {old} ({named}.max_age). See that it is written again")
    return _text(content)


def written_at(path: Path, *, named: str, system: str) -> datetime:
    """When a file was last written. Raises: Unavailable."""
    try:
        return datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except OSError as exc:
        raise _unreadable(path, f"{named}.path", system, exc) from exc


def _read(path: Path, key: str, system: str) -> tuple[bytes, datetime]:
    try:
        with path.open("rb") as file:
            before = os.fstat(file.fileno())
            content = file.read()
            after = os.fstat(file.fileno())
    except OSError as exc:
        raise _unreadable(path, key, system, exc) from exc
    if len(content) != after.st_size or before.st_mtime_ns != after.st_mtime_ns:
        raise Unavailable(f"{path} is being written just now. Nothing was changed.", system=system)
    return content, datetime.fromtimestamp(after.st_mtime, UTC)


def _unreadable(path: Path, key: str, system: str, exc: OSError) -> Unavailable:
    return Unavailable(f"{path} ({key}) cannot be read: {exc.strerror}. Nothing was changed.", system=system)


def _text(content: bytes) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as exc:
        line = content[: exc.start].count(b"\n") + 1
        raise Wrong(f"line {line}: this is not UTF-8 text (byte {exc.start})") from exc
    if "\0" in text:
        raise Wrong(f"line {text[: text.index(chr(0))].count(chr(10)) + 1}: this is no text, it holds a zero byte")
    if not text.strip():
        raise Wrong("the file is empty")
    return text
