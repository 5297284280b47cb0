"""What a row says in our words: each cell checked by itself, their words and times made ours."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, TypeVar
from zoneinfo import ZoneInfo

from automations.adapters.builtin.import_mapping import ImportMapping
from automations.adapters.builtin.import_rows import BadRow, Row
from automations.domain import CustomerRef, Priority, TicketStatus

LIMITS: Final = {"id": 200, "channel": 64, "subject": 1_000, "body": 100_000, "tags": 2_000}
"""Characters; every other field has at most 255."""

UNFILLED: Final = {"priority": Priority.NORMAL.value, "group": "", "assignee": ""}
"""What a ticket has by an update that leaves the field empty."""

Word = TypeVar("Word", TicketStatus, Priority)
Read = TypeVar("Read")

_UNSTORED = re.compile("[\x00\ud800-\udfff]")
_YEAR_FIRST = re.compile(r"(\d{4})/(\d{2})/(\d{2})(?!\d)")
_ZONE_APART = re.compile(r"(?<=\d)\s+(?=[+-]\d{2}:?\d{2}$)|\s*(?:Z|UTC|GMT)$")


@dataclass(frozen=True, slots=True)
class About:
    """What a ticket is about, and whose it is, as a row says it. Addresses and channels are in lower case."""

    subject: str
    priority: Priority
    group: str | None
    assignee: str | None
    requester: str | None
    customer: CustomerRef | None
    tags: tuple[str, ...]
    channel: str


@dataclass(frozen=True, slots=True)
class ImportedTicket:
    """A row that is a ticket. Times are aware UTC."""

    id: str
    about: About
    body: str
    status: TicketStatus
    created_at: datetime
    updated_at: datetime
    solved_at: datetime | None


@dataclass(frozen=True, slots=True)
class Told:
    """A row that tells something of a ticket: an event, or the ticket after an update. Times are aware UTC.

    `fields` are what it says by our names, with our words for status and priority. None is empty, but for what an
    update says of group and assignee where those are columns of the file: then the ticket has none.
    """

    ticket: str
    at: datetime
    fields: Mapping[str, str]


def checked(
    rows: Iterator[Row | BadRow], mapping: ImportMapping, read: Callable[[Row, ImportMapping], Read]
) -> Iterator[tuple[Row, Read] | BadRow]:
    """Each row with what it says, or what is wrong with it."""
    for row in rows:
        try:
            yield row if isinstance(row, BadRow) else (row, read(row, mapping))
        except ValueError as exc:
            yield BadRow(row.line, str(exc))


def ticket_of(row: Row, mapping: ImportMapping) -> ImportedTicket:
    """Read a row that is a ticket. Raises: ValueError saying what is wrong with it."""
    fields = _fields(row, mapping)
    created = _time("created_at", fields["created_at"], mapping)
    updated = _time("updated_at", fields["updated_at"], mapping) if "updated_at" in fields else created
    return ImportedTicket(
        id=fields["id"],
        about=about_of(fields),
        body=fields.get("body", ""),
        status=TicketStatus(fields["status"]),
        created_at=created,
        updated_at=max(created, updated),
        solved_at=_time("solved_at", fields["solved_at"], mapping) if "solved_at" in fields else None,
    )


def told_of(row: Row, mapping: ImportMapping) -> Told:
    """Read a row that is an event or an update. Raises: ValueError saying what is wrong with it."""
    fields = _fields(row, mapping)
    if "created_at" in fields:
        fields["created_at"] = _time("created_at", fields["created_at"], mapping).isoformat()
    if mapping.rows == "updates":
        unfilled = {field: text for field, text in UNFILLED.items() if mapping.columns[field] in row.cells}
        fields = unfilled | fields
    return Told(fields["id"], _time("at", fields["at"], mapping), fields)


def about_of(fields: Mapping[str, str]) -> About:
    """What checked fields say of a ticket; its id stands for a subject that is not told."""
    customer = CustomerRef(
        fields.get("customer_id", ""), fields.get("customer_name", ""), fields.get("customer_tier", "").lower()
    )
    return About(
        subject=fields.get("subject") or fields["id"],
        priority=Priority(fields.get("priority", "normal")),
        group=fields.get("group") or None,
        assignee=fields.get("assignee") or None,
        requester=fields.get("requester"),
        customer=customer if customer.id else None,
        tags=tuple(tag for tag in (part.strip() for part in fields.get("tags", "").split(",")) if tag),
        channel=fields.get("channel", "").lower(),
    )


def _fields(row: Row, mapping: ImportMapping) -> dict[str, str]:
    """The row's fields that are filled, checked, with our words for status and priority."""
    read = {field: _text(field, row.cells.get(column)) for field, column in mapping.columns.items()}
    fields = {field: text for field, text in read.items() if text}
    if empty := [field for field in mapping.required if field not in fields]:
        raise ValueError(f"{mapping.columns[empty[0]]} is empty")
    if "status" in fields:
        fields["status"] = _word("status", fields["status"], mapping.status_words, TicketStatus).value
    if "priority" in fields:
        fields["priority"] = _word("priority", fields["priority"], mapping.priority_words, Priority).value
    if "assignee" in fields:
        fields["assignee"] = _address(fields["assignee"])
    return fields


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
    if _UNSTORED.search(text):
        raise ValueError(f"{field} holds a NUL or a lone surrogate, which cannot be stored")
    return text


def _word(field: str, said: str, words: dict[str, Word], ours: type[Word]) -> Word:
    low = said.lower()
    if low in words:
        return words[low]
    try:
        return ours(low.replace("-", "_").replace(" ", "_"))
    except ValueError:
        allowed = ", ".join(ours)
        raise ValueError(f"{field} {said!r} is not known; ours are {allowed}. [{field}_words] can name it") from None


def _address(text: str) -> str:
    if "@" not in text or any(char.isspace() for char in text):
        raise ValueError(f"assignee {text!r} is not an e-mail address")
    return text.lower()


def _time(field: str, text: str, mapping: ImportMapping) -> datetime:
    if (moment := _read_time(text, mapping.time_format)) is None:
        known = f" or {mapping.time_format}" if mapping.time_format else ""
        words = f"{field} {text!r} is not a time such as 2026-11-21T02:14:00Z{known}"
        raise ValueError(f"{words}; time_format in the mapping file can name its form")
    if moment.tzinfo is None:
        if mapping.zone is None:
            raise ValueError(f'{field} {text!r} has no zone; zone = "Europe/Oslo" in the mapping file would give one')
        moment = moment.replace(tzinfo=ZoneInfo(mapping.zone))
    if not datetime(1980, 1, 1, tzinfo=UTC) <= moment <= datetime(2200, 1, 1, tzinfo=UTC):
        raise ValueError(f"{field} {text!r} is not between 1980 and 2200")
    return moment.astimezone(UTC)


def _read_time(text: str, named: str | None) -> datetime | None:
    """A time in the format that is named, else ISO 8601, also with slashes or with a blank before its zone."""
    if named is not None:
        try:
            return datetime.strptime(text, named)  # noqa: DTZ007  # a time without a zone gets the mapping's
        except ValueError:
            pass
    plain = _ZONE_APART.sub(lambda found: "" if found[0].isspace() else "+00:00", _YEAR_FIRST.sub(r"\1-\2-\3", text))
    try:
        return datetime.fromisoformat(plain)
    except ValueError:
        return None
