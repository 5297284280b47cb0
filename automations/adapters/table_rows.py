"""The rows of a file that another system writes, from CSV or JSON, each with its place for whoever has to mend it."""

import csv
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from automations.spreadsheet import bare

SEPARATOR: Final = ";"
"""Between several values that are one text."""


class Wrong(Exception):
    """The file says something that cannot be read. The words name line and value."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row as the file has it. `where` is `line 7`, or in JSON, which has no lines, `person 7`."""

    where: str
    values: Mapping[str, Any]

    def text(self, column: str) -> str:
        """A single value without spaces around it; empty where there is none. Raises: Wrong for a list or object."""
        value = self.values.get(column)
        if isinstance(value, bool):
            return str(value).lower()
        if value is None or isinstance(value, str):
            return (value or "").strip()
        raise Wrong(f"{self.where}: {column} {json.dumps(value)[:80]} is not a single value")

    def texts(self, column: str) -> list[str]:
        """A list of texts, or the one text that stands for it. Raises: Wrong for anything else."""
        value = self.values.get(column)
        if isinstance(value, list) and all(isinstance(one, str) for one in value):
            return value
        return self.text(column).split(SEPARATOR)


@dataclass(frozen=True, slots=True)
class Table:
    """The names of the columns, what the header is called, and the rows below it."""

    columns: tuple[str, ...]
    header: str
    rows: Iterator[Row]


def csv_table(text: str, delimiter: str = ",") -> Table:
    """A CSV file with a header. Raises: Wrong, also while the rows are read; a row has as many values as the header."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows = _csv_rows(reader)
    header = next(rows, None)
    if header is None:
        raise Wrong("the file is empty")
    line, columns = header
    return Table(columns, f"line {line}", _fitting(rows, columns))


def _csv_rows(reader: Any) -> Iterator[tuple[int, tuple[str, ...]]]:
    while True:
        line = reader.line_num + 1
        try:
            values = next(reader)
        except StopIteration:
            return
        except csv.Error as exc:
            raise Wrong(f"line {line}: {exc}") from exc
        if values:  # an empty line holds nothing
            yield line, tuple(map(bare, values))


def _fitting(rows: Iterator[tuple[int, tuple[str, ...]]], columns: tuple[str, ...]) -> Iterator[Row]:
    for line, values in rows:
        if len(values) != len(columns):
            counted = f"{len(values)} values, but the header has {len(columns)} columns"
            raise Wrong(f"line {line}: {counted}; it begins with {values[0][:80]!r}")
        yield Row(f"line {line}", dict(zip(columns, values, strict=True)))


def json_table(text: str, each: str = "person", all_of_them: str = "people") -> Table:
    """A JSON array of objects, each of them called `each` in words. Numbers stay as they are written. Raises: Wrong."""
    try:
        listed = json.loads(text, object_pairs_hook=_once, parse_int=str, parse_float=str)
    except json.JSONDecodeError as exc:
        raise Wrong(f"line {exc.lineno}: this is not valid JSON: {exc.msg}") from exc
    except RecursionError as exc:
        raise Wrong(f"this is not a list of {all_of_them}: it is nested too deeply") from exc
    if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
        raise Wrong(f"this is not a JSON array with an object for each {each}")
    columns = tuple(dict.fromkeys(name for one in listed for name in one))
    rows = (Row(f"{each} {number}", one) for number, one in enumerate(listed, start=1))
    return Table(columns, f"the {all_of_them}", rows)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise Wrong(f"{json.dumps(dict(pairs))[:80]} says {twice!r} twice")
    return found
