"""Records of a table in a text file: CSV with commas, semicolons or tabs, JSON lines, or a JSON array of objects."""

import csv
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from automations.errors import ConfigError
from automations.spreadsheet import bare

DELIMITERS = ",;\t|"
LONGEST_FIELD = 50_000_000
"""Characters; the csv library stops at 131,072 if it is not told."""


@dataclass(frozen=True, slots=True)
class Record:
    """`number` counts records from 1, `line` is where it begins in the file. Names are in small letters."""

    number: int
    line: int
    values: Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class Bad:
    """What could not be read or used: its first line, and why."""

    line: int
    why: str


@dataclass(frozen=True, slots=True)
class Records:
    """`columns` as the file names them, in small letters."""

    columns: tuple[str, ...]
    records: tuple[Record, ...]
    bad: tuple[Bad, ...]


def decoded(raw: bytes) -> tuple[str, str]:
    """Bytes as text, and what they were read as. What is no UTF-8 is Latin-1 as Windows has it: no byte is lost."""
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return raw.decode("utf-16", "replace"), "UTF-16"
    try:
        return raw.decode("utf-8-sig"), "UTF-8"
    except UnicodeDecodeError:
        pass
    try:
        return raw.decode("cp1252"), "Latin-1"
    except UnicodeDecodeError:
        return raw.decode("latin-1"), "Latin-1"


def records_in(text: str, shown: str, *, known: set[str], lines_as: str | None = None) -> Records:
    """Find out what kind of file it is, and read it. `known` are the columns to tell a header by.

    `lines_as`: where no header has a known column, each line is one value of a column of this name.
    Raises: ConfigError if nothing is in it, or a quotation mark is never closed.
    """
    if not text.strip():
        raise ConfigError(f"{shown}: the file is empty.")
    if text.lstrip().startswith("["):
        try:
            whole = json.loads(text)
        except ValueError:
            whole = None
        if isinstance(whole, list):
            return _of_objects((number, item) for number, item in enumerate(whole, start=1))
    if text.lstrip().startswith("{"):
        return _of_objects(_json_lines(text))
    delimiter, columns = _header(text, known)
    if lines_as is not None and not known & set(columns):
        lines = [(line, value.rstrip("\r")) for line, value in enumerate(text.split("\n"), start=1) if value.strip()]
        made = (Record(number, line, {lines_as: value}) for number, (line, value) in enumerate(lines, start=1))
        return Records((lines_as,), tuple(made), ())
    return _of_csv(text, delimiter, columns, shown)


def _json_lines(text: str) -> Iterator[tuple[int, Any]]:
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            try:
                yield number, json.loads(line)
            except ValueError as exc:
                yield number, Bad(number, f"this is not JSON: {exc}")


def _of_objects(items: Iterator[tuple[int, Any]]) -> Records:
    columns: dict[str, None] = {}
    records, bad = [], []
    for number, (line, item) in enumerate(items, start=1):
        if isinstance(item, Bad):
            bad.append(item)
        elif not isinstance(item, dict):
            bad.append(Bad(line, "this is no JSON object"))
        else:
            values = {_name(key): _value(value) for key, value in item.items()}
            columns.update(dict.fromkeys(values))
            records.append(Record(number, line, values))
    return Records(tuple(columns), tuple(records), tuple(bad))


def _value(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value)


def _header(text: str, known: set[str]) -> tuple[str, tuple[str, ...]]:
    """The delimiter with which the first line has the most known columns, then the most columns, and its columns."""
    first = next(line for line in text.split("\n") if line.strip()).rstrip("\r")
    headers = {each: tuple(map(_name, next(csv.reader([first], delimiter=each)))) for each in DELIMITERS}
    best = max(DELIMITERS, key=lambda each: (len(known & set(headers[each])), len(headers[each])))
    return best, headers[best]


def _of_csv(text: str, delimiter: str, columns: tuple[str, ...], shown: str) -> Records:
    csv.field_size_limit(LONGEST_FIELD)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    records: list[Record] = []
    bad: list[Bad] = []
    begun = number = 0
    while True:
        line = begun + 1
        try:
            fields = next(reader)
        except StopIteration:
            return Records(columns, tuple(records), tuple(bad))
        except csv.Error as exc:
            number += 1
            if "unexpected end" in str(exc):
                raise ConfigError(f"{shown}, line {line}: a quotation mark is opened here and never closed.") from exc
            bad.append(Bad(line, f"the quotation marks are wrong ({exc})"))
            continue
        finally:
            begun = reader.line_num
        if not fields:
            continue  # an empty line
        number += 1
        if number == 1:
            continue  # the header
        if len(fields) != len(columns):
            bad.append(Bad(line, f"{len(fields)} fields, and the header has {len(columns)}"))
            continue
        records.append(Record(number - 1, line, dict(zip(columns, map(bare, fields), strict=True))))


def _name(column: object) -> str:
    return str(column).strip().lower()
