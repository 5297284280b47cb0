"""Tables of texts that people bring: CSV, TSV, JSON lines, or one text a line. Columns are found by their usual names.

Nothing is dropped silently: a row that cannot be read is kept as a line with the reason.
"""

import csv
import io
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from automations.errors import ConfigError
from bot.cli.files import STDIN

LARGEST: Final = 500_000_000
"""Bytes of a file. A history of a million tickets fits."""
TEXT: Final = (
    "text",
    "body",
    "description",
    "message",
    "content",
    "comment",
    "question",
    "utterance",
    "query",
    "details",
)
TITLE: Final = ("subject", "title", "summary", "headline", "short_description")
LABEL: Final = ("label", "intent", "category", "class", "topic", "queue", "group", "team")
ID: Final = ("id", "key", "number", "ticket", "ticket_id", "issue", "issue_id", "bug_id", "case_id")
_DELIMITERS: Final = (",", ";", "\t", "|")
_JSON: Final = frozenset({".jsonl", ".ndjson", ".json"})


@dataclass(frozen=True, slots=True)
class Row:
    """One row. `line` is where it begins in the file; keys of `values` are lower-case column names."""

    line: int
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Table:
    """What was read. `columns` in the order of the file, `bad` are (line, why it is no row)."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    bad: tuple[tuple[int, str], ...]

    def column(self, *names: str) -> str | None:
        """The first of these columns that is there."""
        return next((name for name in names if name in self.columns), None)

    def needed(self, what: str, *names: str) -> str:
        """As `column`. Raises: ConfigError naming what is there."""
        if (found := self.column(*names)) is None:
            there = ", ".join(self.columns) or "none"
            raise ConfigError(
                f"{self.name}: there is no column for the {what} ({', '.join(names)}). Its columns: {there}. "
                "Nothing was done."
            )
        return found

    def where(self, column: str, value: str) -> "Table":
        """Only the rows whose column has this value. Raises: ConfigError if there is no such column, or no such row."""
        self.needed(column, column)
        kept = tuple(row for row in self.rows if row.values.get(column, "").strip() == value)
        if not kept:
            known = ", ".join(sorted({row.values.get(column, "").strip() for row in self.rows})[:10])
            raise ConfigError(f"{self.name}: no row has {value!r} in the column {column}. It holds: {known}.")
        return Table(self.name, self.columns, kept, self.bad)


def texts_of(table: Table) -> list[str]:
    """Each row's words: its title in a line of its own above its text. Raises: ConfigError if it has neither."""
    title, text = table.column(*TITLE), table.column(*TEXT)
    if title is None and text is None:
        text = table.needed("text", *TEXT, *TITLE)
    parts = [name for name in (title, text) if name is not None]
    return ["\n".join(filter(None, (row.values.get(name, "").strip() for name in parts))) for row in table.rows]


def read_table(name: str) -> Table:
    """Read a file, or standard input for `-`. Raises: ConfigError if it cannot be read or holds no row."""
    shown = "standard input" if name == STDIN else name
    text = _decoded(_raw(name, shown))
    if Path(name).suffix.lower() in _JSON or (name == STDIN and text.lstrip()[:1] in ("{", "[")):
        table = _of_json(shown, text)
    else:
        table = _of_csv(shown, text)
    if not table.rows:
        raise ConfigError(f"{shown}: there is no row in it{_first_bad(table)}. Nothing was done.")
    return table


def _raw(name: str, shown: str) -> bytes:
    try:
        if name == STDIN:
            raw = sys.stdin.buffer.read(LARGEST + 1)
        else:
            with Path(name).open("rb") as file:
                raw = file.read(LARGEST + 1)
    except OSError as exc:
        raise ConfigError(f"{shown}: the file cannot be read ({exc.strerror}).") from exc
    if len(raw) > LARGEST:
        raise ConfigError(f"{shown}: longer than {LARGEST // 1_000_000} MB. Please split it.")
    return raw


def _decoded(raw: bytes) -> str:
    """UTF-8 with or without its mark, UTF-16 with it, else Latin-1, as old exports are."""
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return raw.decode("utf-16", "replace")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _of_csv(shown: str, text: str) -> Table:
    csv.field_size_limit(LARGEST)
    first = text.lstrip("\r\n").partition("\n")[0]
    delimiter = max(_DELIMITERS, key=first.count)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    header = next(_filled(lines), (0, []))[1]
    columns = tuple(column.strip().lower() for column in header)
    if not set(columns) & {*TEXT, *TITLE, *LABEL, *ID}:
        return _of_lines(shown, text)
    rows, bad = [], []
    for line, cells in _filled(lines):
        if len(cells) > len(columns):
            bad.append((line, f"{len(cells)} cells under {len(columns)} columns"))
        else:
            filled = [*cells, *[""] * (len(columns) - len(cells))]
            rows.append(Row(line, dict(zip(columns, filled, strict=True))))
    return Table(shown, columns, tuple(rows), tuple(bad))


def _filled(lines: Any) -> Iterator[tuple[int, list[str]]]:
    """Rows that are not empty, with the line on which each begins."""
    begin = lines.line_num + 1
    for cells in lines:
        if any(cell.strip() for cell in cells):
            yield begin, cells
        begin = lines.line_num + 1


def _of_lines(shown: str, text: str) -> Table:
    """A file without any known column name: each line is a text."""
    numbered = enumerate(text.splitlines(), start=1)
    return Table(shown, ("text",), tuple(Row(line, {"text": said}) for line, said in numbered if said.strip()), ())


def _of_json(shown: str, text: str) -> Table:
    rows: list[Row] = []
    bad: list[tuple[int, str]] = []
    columns: dict[str, None] = {}
    for line, made in _objects(shown, text):
        if isinstance(made, Mapping):
            values = {str(key).strip().lower(): _plain(value) for key, value in made.items()}
            columns.update(dict.fromkeys(values))
            rows.append(Row(line, values))
        else:
            bad.append((line, "this is no JSON object"))
    return Table(shown, tuple(columns), tuple(rows), tuple(bad))


def _objects(shown: str, text: str) -> Iterator[tuple[int, Any]]:
    """An array's elements by their place, or each line's object; a line that is no JSON is given as None."""
    if text.lstrip().startswith("["):
        try:
            yield from enumerate(json.loads(text), start=1)
        except ValueError as exc:
            raise ConfigError(f"{shown}: this is not JSON ({exc}). Nothing was done.") from exc
        return
    for line, said in enumerate(text.split("\n"), start=1):
        if said.strip():
            try:
                yield line, json.loads(said)
            except ValueError:
                yield line, None


def _plain(value: Any) -> str:
    if isinstance(value, list):
        return " ".join(_plain(one) for one in value)
    return value if isinstance(value, str) else "" if value is None else json.dumps(value)


def _first_bad(table: Table) -> str:
    return f" (line {table.bad[0][0]}: {table.bad[0][1]})" if table.bad else ""


def rejected(table: Table) -> Sequence[dict[str, Any]]:
    """The rows that were not read, for `--json`."""
    return [{"line": line, "reason": reason} for line, reason in table.bad]
