"""Reading a file of tickets: CSV with a header or JSON lines, row by row, each row checked by itself."""

import csv
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from io import TextIOWrapper
from pathlib import Path
from typing import Any, Final, TypeVar
from zoneinfo import ZoneInfo

from automations.adapters.builtin.import_mapping import REQUIRED, ImportMapping
from automations.domain import CustomerRef, Priority, TicketStatus
from automations.errors import ConfigError

LIMITS: Final = {"id": 200, "subject": 1_000, "body": 100_000, "tags": 2_000}
"""Characters; every other field has at most 255."""
LONGEST_LINE: Final = 1_000_000
"""Characters of one field of CSV or one line of JSON."""

Word = TypeVar("Word", TicketStatus, Priority)

Progress = Callable[[int, int], None]
"""Told how many bytes of how many are read."""


@dataclass(frozen=True, slots=True)
class ImportedTicket:
    """One row that can be kept. Times are aware UTC, addresses in lower case."""

    id: str
    subject: str
    body: str
    status: TicketStatus
    priority: Priority
    group: str | None
    assignee: str | None
    requester: str | None
    customer: CustomerRef | None
    tags: tuple[str, ...]
    created_at: datetime
    updated_at: datetime
    solved_at: datetime | None


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that cannot be kept: its line in the file, counted from 1, and why."""

    line: int
    reason: str


def read_rows(path: Path, mapping: ImportMapping, on_progress: Progress) -> Iterator[ImportedTicket | BadRow]:
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
            for line, row in reader(path, text, mapping):
                on_progress(binary.tell(), size)
                yield row if isinstance(row, BadRow) else _checked(line, row, mapping)
            on_progress(size, size)
    except OSError as exc:
        raise ConfigError(f"{path} cannot be read: {exc.strerror}.") from exc
    except UnicodeError as exc:
        words = f"{path} is not {mapping.encoding} after line {line}: {exc}"
        raise ConfigError(f'{words}. Name another one in the mapping file, as in encoding = "cp1252".') from exc


def _csv_rows(path: Path, text: TextIOWrapper, mapping: ImportMapping) -> Iterator[tuple[int, dict[str, Any] | BadRow]]:
    csv.field_size_limit(LONGEST_LINE)
    reader = csv.reader(text, delimiter=mapping.delimiter, strict=True)
    try:
        header = [name.strip() for name in next(reader, [])]
        _check_header(path, header, mapping)
        for cells in reader:
            if not cells:
                continue
            if len(cells) != len(header):
                yield reader.line_num, BadRow(reader.line_num, f"{len(cells)} cells, but {len(header)} columns")
                continue
            yield reader.line_num, dict(zip(header, cells, strict=True))
    except csv.Error as exc:
        raise ConfigError(f"{path} is not CSV from line {reader.line_num} on: {exc}.") from exc


def _check_header(path: Path, header: list[str], mapping: ImportMapping) -> None:
    needed = [mapping.columns[field] for field in mapping.columns if field in REQUIRED or field in mapping.chosen]
    if missing := [column for column in needed if column not in header]:
        there = ", ".join(header) or "none"
        raise ConfigError(f"{path} has no column {missing[0]!r}. Its columns: {there}. A mapping file can name others.")
    if twice := sorted({name for name in header if header.count(name) > 1}):
        raise ConfigError(f"{path} has the column {twice[0]!r} twice.")


def _json_rows(
    path: Path, text: TextIOWrapper, _mapping: ImportMapping
) -> Iterator[tuple[int, dict[str, Any] | BadRow]]:
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
            yield number, BadRow(number, f"not JSON: {exc}")
            continue
        yield number, row if isinstance(row, dict) else BadRow(number, "not a JSON object")


def _no_number(constant: str) -> None:
    raise ValueError(f"{constant} is not a number")


def _checked(line: int, row: dict[str, Any], mapping: ImportMapping) -> ImportedTicket | BadRow:
    try:
        fields = {field: _text(field, row.get(column)) for field, column in mapping.columns.items()}
        if empty := [field for field in REQUIRED if not fields[field]]:
            return BadRow(line, f"{mapping.columns[empty[0]]} is empty")
        return _ticket(fields, mapping)
    except ValueError as exc:
        return BadRow(line, str(exc))


def _text(field: str, value: Any) -> str:
    match value:
        case None:
            return ""
        case bool() | dict():
            raise ValueError(f"{field} is not text")
        case list():
            return ",".join(_text(field, one) for one in value)
        case _:
            text = str(value).strip()
    if len(text) > (limit := LIMITS.get(field, 255)):
        raise ValueError(f"{field} is longer than {limit:,} characters")
    if "\x00" in text or any("\ud800" <= char <= "\udfff" for char in text):
        raise ValueError(f"{field} holds a NUL or a lone surrogate, which cannot be stored")
    return text


def _ticket(fields: dict[str, str], mapping: ImportMapping) -> ImportedTicket:
    created = _time("created_at", fields["created_at"], mapping)
    updated = _time("updated_at", fields["updated_at"], mapping) if fields["updated_at"] else created
    customer = CustomerRef(fields["customer_id"], fields["customer_name"], fields["customer_tier"].lower())
    return ImportedTicket(
        id=fields["id"],
        subject=fields["subject"],
        body=fields["body"],
        status=_word("status", fields["status"], mapping.status_words, TicketStatus),
        priority=_word("priority", fields["priority"] or "normal", mapping.priority_words, Priority),
        group=fields["group"] or None,
        assignee=_address(fields["assignee"]),
        requester=fields["requester"] or None,
        customer=customer if customer.id else None,
        tags=tuple(tag for tag in (part.strip() for part in fields["tags"].split(",")) if tag),
        created_at=created,
        updated_at=max(created, updated),
        solved_at=_time("solved_at", fields["solved_at"], mapping) if fields["solved_at"] else None,
    )


def _word(field: str, said: str, words: dict[str, Word], ours: type[Word]) -> Word:
    low = said.lower()
    if low in words:
        return words[low]
    try:
        return ours(low.replace("-", "_").replace(" ", "_"))
    except ValueError:
        allowed = ", ".join(ours)
        raise ValueError(f"{field} {said!r} is not known; ours are {allowed}. [{field}_words] can name it") from None


def _address(text: str) -> str | None:
    if text and ("@" not in text or any(char.isspace() for char in text)):
        raise ValueError(f"assignee {text!r} is not an e-mail address")
    return text.lower() or None


def _time(field: str, text: str, mapping: ImportMapping) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{field} {text!r} is not a time such as 2026-11-21T02:14:00Z") from None
    if moment.tzinfo is None:
        if mapping.zone is None:
            raise ValueError(f'{field} {text!r} has no zone; zone = "Europe/Oslo" in the mapping file would give one')
        moment = moment.replace(tzinfo=ZoneInfo(mapping.zone))
    if not datetime(1980, 1, 1, tzinfo=UTC) <= moment <= datetime(2200, 1, 1, tzinfo=UTC):
        raise ValueError(f"{field} {text!r} is not between 1980 and 2200")
    return moment.astimezone(UTC)
