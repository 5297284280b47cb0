"""Reading a file of rows: CSV with a header or JSON lines, one row after the other, whatever they stand for."""

import csv
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import blake2b
from io import TextIOWrapper
from pathlib import Path
from typing import Any, Final

from automations.adapters.builtin.import_mapping import ImportMapping
from automations.errors import ConfigError
from automations.spreadsheet import bare

LONGEST_LINE: Final = 1_000_000
"""Characters of one field of CSV or one line of JSON."""

Progress = Callable[[int, int], None]
"""Told how much of how much is done: bytes that are read, or rows that are stored."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row as it stands in the file: its line, counted from 1, and its cells by column."""

    line: int
    cells: dict[str, Any]

    @property
    def digest(self) -> bytes:
        """Equal for two rows whose cells are all equal."""
        return blake2b(json.dumps(self.cells, sort_keys=True).encode(), digest_size=16).digest()


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that cannot be kept: its line in the file, counted from 1, and why."""

    line: int
    reason: str


def read_rows(path: Path, mapping: ImportMapping, on_progress: Progress) -> Iterator[Row | BadRow]:
    """Read a file to its end. Its name decides: `.csv`, or `.jsonl`, `.ndjson`, `.json` with one object per line.

    Raises: ConfigError if the file cannot be read, is not in the encoding named, or lacks a column that is needed.
    """
    readers = {".csv": _csv_rows, ".jsonl": _json_rows, ".ndjson": _json_rows, ".json": _json_rows}
    if (reader := readers.get(path.suffix.lower())) is None:
        raise ConfigError(f"{path}: what kind of file this is shows in its ending; known: {', '.join(readers)}.")
    encoding = "utf-8-sig" if mapping.encoding == "utf-8" else mapping.encoding
    line = 0
    try:
        size = path.stat().st_size
        with path.open("rb") as binary, TextIOWrapper(binary, encoding, newline="") as text:
            for row in reader(path, text, mapping):
                line = row.line
                on_progress(binary.tell(), size)
                yield row
            on_progress(size, size)
    except OSError as exc:
        raise ConfigError(f"{path} cannot be read: {exc.strerror}.") from exc
    except UnicodeError as exc:
        words = f"{path} is not {mapping.encoding} after line {line}: {exc}"
        raise ConfigError(f'{words}. Name another one in the mapping file, as in encoding = "cp1252".') from exc


def _csv_rows(path: Path, text: TextIOWrapper, mapping: ImportMapping) -> Iterator[Row | BadRow]:
    csv.field_size_limit(LONGEST_LINE)
    reader = csv.reader(text, delimiter=mapping.delimiter, strict=True)
    try:
        header = [name.strip() for name in next(reader, [])]
        _check_header(path, header, mapping)
        for cells in reader:
            if not cells:
                continue
            if len(cells) != len(header):
                yield BadRow(reader.line_num, f"{len(cells)} cells, but {len(header)} columns")
                continue
            yield Row(reader.line_num, dict(zip(header, map(bare, cells), strict=True)))
    except csv.Error as exc:
        raise ConfigError(f"{path} is not CSV from line {reader.line_num} on: {exc}.") from exc


def _check_header(path: Path, header: list[str], mapping: ImportMapping) -> None:
    if missing := [column for column in mapping.needed if column not in header]:
        there = ", ".join(header) or "none"
        raise ConfigError(f"{path} has no column {missing[0]!r}. Its columns: {there}. A mapping file can name others.")
    if twice := sorted({name for name in header if header.count(name) > 1}):
        raise ConfigError(f"{path} has the column {twice[0]!r} twice.")


def _json_rows(path: Path, text: TextIOWrapper, _mapping: ImportMapping) -> Iterator[Row | BadRow]:
    number = 0
    while line := text.readline(LONGEST_LINE + 1):
        number += 1
        if len(line) > LONGEST_LINE:
            raise ConfigError(f"{path}: line {number} is longer than {LONGEST_LINE:,} characters.")
        if not line.strip():
            continue
        try:
            row = json.loads(line, parse_constant=_no_number)
        except (ValueError, RecursionError) as exc:
            yield BadRow(number, f"not JSON: {exc}")
            continue
        yield Row(number, row) if isinstance(row, dict) else BadRow(number, "not a JSON object")


def _no_number(constant: str) -> None:
    raise ValueError(f"{constant} is not a number")
