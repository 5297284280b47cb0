"""The mapping file of an import: which column of a team's export is which field of ours, in TOML.

rows = "tickets"            # a row is a ticket as it is now; "events": something that happened to a ticket;
                            # "updates": a ticket as it was after an update
id = "Ticket ID"            # our field = their column; a field not named is looked for under its own name
subject = "Title"
zone = "Europe/Oslo"        # of times that carry none
time_format = "%d/%m/%Y %H:%M"  # of times that are not ISO 8601
open_until = "closed"       # a ticket of this history is done only when it is closed: reports count so from now on
[status_words]              # their word = ours, whatever the case
Waiting = "pending"
[priority_words]
P1 = "urgent"
[activities."Resolve ticket"]   # of events: what the ticket becomes by this one; the others leave it as it is
status = "solved"
counts = "last"             # of several in a ticket the last one alone; "each" if unset
"""

import codecs
import tomllib
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Annotated, Final, Literal
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, ValidationError

from automations.domain import Priority, TicketStatus
from automations.errors import ConfigError

Rows = Literal["tickets", "events", "updates"]

REQUIRED: Final[Mapping[Rows, tuple[str, ...]]] = {
    "tickets": ("id", "subject", "status", "created_at"),
    "events": ("id", "at", "activity"),
    "updates": ("id", "at", "status"),
}
"""Fields that every row must fill. The others may be empty or missing: priority is then `normal`."""

_ABOUT: Final = (
    "subject", "priority", "group", "assignee", "requester", "channel", "tags", "customer_id", "customer_name",
    "customer_tier",
)  # fmt: skip
FIELDS: Final[Mapping[Rows, frozenset[str]]] = {
    "tickets": frozenset(("id", "status", "created_at", "updated_at", "solved_at", "body", *_ABOUT)),
    "events": frozenset(("id", "at", "activity", "agent", *_ABOUT)),
    "updates": frozenset(("id", "at", "status", "agent", "created_at", *_ABOUT)),
}
"""What is read of a row of each kind."""
_WORDS: Final[Mapping[Rows, frozenset[str]]] = {
    "tickets": frozenset({"status_words", "priority_words"}),
    "events": frozenset({"activities", "priority_words"}),
    "updates": frozenset({"status_words", "priority_words"}),
}


def _known_encoding(name: str) -> str:
    try:
        return codecs.lookup(name).name
    except LookupError as exc:
        raise ValueError("an encoding such as utf-8 or cp1252 is needed") from exc


def _known_zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError("an IANA zone such as Europe/Oslo is needed")
    return name


def _dated_format(text: str) -> str:
    moment = datetime(2026, 11, 21, 14, 5, tzinfo=UTC)
    try:
        read = datetime.strptime(moment.strftime(text), text)  # noqa: DTZ007  # the format may have no zone
    except ValueError:
        read = None
    if read is None or read.replace(tzinfo=UTC) != moment:
        raise ValueError("a format with date, hour and minute such as %d/%m/%Y %H:%M is needed")
    return text


def _lower_keys(words: object) -> object:
    return {str(key).strip().lower(): value for key, value in words.items()} if isinstance(words, dict) else words


Column = Annotated[str, StringConstraints(min_length=1, max_length=255)]
StatusWords = Annotated[dict[str, TicketStatus], BeforeValidator(_lower_keys)]
PriorityWords = Annotated[dict[str, Priority], BeforeValidator(_lower_keys)]


class Effect(BaseModel):
    """What an activity does to its ticket. Of several that count `last` only the last one in a ticket does it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    status: TicketStatus
    counts: Literal["each", "last"] = "each"


Activities = Annotated[dict[str, Effect], BeforeValidator(_lower_keys)]


class Columns(BaseModel):
    """For each of our fields the column (CSV) or member (JSON) that holds it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Column = "id"
    subject: Column = "subject"
    status: Column = "status"
    created_at: Column = "created_at"
    priority: Column = "priority"
    group: Column = "group"
    assignee: Column = "assignee"
    requester: Column = "requester"
    channel: Column = "channel"
    body: Column = "body"
    tags: Column = "tags"
    customer_id: Column = "customer_id"
    customer_name: Column = "customer_name"
    customer_tier: Column = "customer_tier"
    updated_at: Column = "updated_at"
    solved_at: Column = "solved_at"
    at: Column = "at"
    activity: Column = "activity"
    agent: Column = "agent"


class ImportMapping(Columns):
    """The whole mapping file. Words of status and priority that are ours already need no entry."""

    rows: Rows = "tickets"
    zone: Annotated[str, AfterValidator(_known_zone)] | None = None
    encoding: Annotated[str, AfterValidator(_known_encoding)] = "utf-8"
    delimiter: Annotated[str, StringConstraints(min_length=1, max_length=1)] = ","
    time_format: Annotated[str, AfterValidator(_dated_format)] | None = None
    open_until: Literal["solved", "closed"] | None = None
    status_words: StatusWords = Field({})
    priority_words: PriorityWords = Field({})
    activities: Activities = Field({})

    @cached_property
    def columns(self) -> dict[str, str]:
        """Our field to their column, of those that a row of this kind has."""
        return {field: getattr(self, field) for field in Columns.model_fields if field in FIELDS[self.rows]}

    @property
    def required(self) -> tuple[str, ...]:
        """The fields that every row must fill."""
        return REQUIRED[self.rows]

    @property
    def needed(self) -> list[str]:
        """The columns that must be there: of fields that a row must fill, and those that the file names."""
        fields = {*self.required, *self.model_fields_set}
        return [column for field, column in self.columns.items() if field in fields]


def read_mapping(path: Path | None) -> ImportMapping:
    """Read a mapping file; without one every field stands under its own name.

    Raises: ConfigError naming the file, the key and what is allowed.
    """
    if path is None:
        return ImportMapping()
    try:
        mapping = ImportMapping.model_validate(tomllib.loads(path.read_text("utf-8")))
    except OSError as exc:
        raise ConfigError(f"{path} cannot be read: {exc.strerror}.") from exc
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as exc:
        raise ConfigError(f"{path} is not TOML: {exc}.") from exc
    except ValidationError as exc:
        raise ConfigError(_first_problem(path, exc)) from exc
    settings = ImportMapping.model_fields.keys() - Columns.model_fields.keys() - {"activities", "status_words"}
    allowed = FIELDS[mapping.rows] | _WORDS[mapping.rows] | settings
    if beside := sorted(mapping.model_fields_set - allowed):
        listed = ", ".join(key for key in ImportMapping.model_fields if key in allowed)
        raise ConfigError(f'{path}: {beside[0]} is not a key for rows = "{mapping.rows}". Allowed: {listed}.')
    return mapping


def _first_problem(path: Path, exc: ValidationError) -> str:
    error = exc.errors(include_url=False)[0]
    key = ".".join(str(part) for part in error["loc"])
    if error["type"] == "extra_forbidden":
        return f"{path}: {key} is not a key. Allowed: {', '.join(ImportMapping.model_fields)}."
    return f"{path}: {key} = {error['input']!r}: {error['msg']}."
