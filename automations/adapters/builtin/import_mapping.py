"""The mapping file of an import: which column of a team's export is which field of ours, in TOML.

id = "Ticket ID"            # our field = their column; a field not named is looked for under its own name
subject = "Title"
zone = "Europe/Oslo"        # of times that carry none
[status_words]              # their word = ours, whatever the case
Waiting = "pending"
[priority_words]
P1 = "urgent"
"""

import codecs
import tomllib
from pathlib import Path
from typing import Annotated, Final
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, ValidationError

from automations.domain import Priority, TicketStatus
from automations.errors import ConfigError

REQUIRED: Final = ("id", "subject", "status", "created_at")
"""Fields that every row must fill. The others may be empty or missing: priority is then `normal`."""


def _known_encoding(name: str) -> str:
    try:
        return codecs.lookup(name).name
    except LookupError as exc:
        raise ValueError("an encoding such as utf-8 or cp1252 is needed") from exc


def _known_zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError("an IANA zone such as Europe/Oslo is needed")
    return name


def _lower_keys(words: object) -> object:
    return {str(key).strip().lower(): value for key, value in words.items()} if isinstance(words, dict) else words


Column = Annotated[str, StringConstraints(min_length=1, max_length=255)]
StatusWords = Annotated[dict[str, TicketStatus], BeforeValidator(_lower_keys)]
PriorityWords = Annotated[dict[str, Priority], BeforeValidator(_lower_keys)]


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
    body: Column = "body"
    tags: Column = "tags"
    customer_id: Column = "customer_id"
    customer_name: Column = "customer_name"
    customer_tier: Column = "customer_tier"
    updated_at: Column = "updated_at"
    solved_at: Column = "solved_at"


class ImportMapping(Columns):
    """The whole mapping file. Words of status and priority that are ours already need no entry."""

    zone: Annotated[str, AfterValidator(_known_zone)] | None = None
    encoding: Annotated[str, AfterValidator(_known_encoding)] = "utf-8"
    delimiter: Annotated[str, StringConstraints(min_length=1, max_length=1)] = ","
    status_words: StatusWords = Field({})
    priority_words: PriorityWords = Field({})

    @property
    def columns(self) -> dict[str, str]:
        """Our field to their column."""
        return {field: getattr(self, field) for field in Columns.model_fields}

    @property
    def chosen(self) -> frozenset[str]:
        """The fields whose column the file names; those columns must be there."""
        return frozenset(self.model_fields_set & Columns.model_fields.keys())


def read_mapping(path: Path | None) -> ImportMapping:
    """Read a mapping file; without one every field stands under its own name.

    Raises: ConfigError naming the file, the key and what is allowed.
    """
    if path is None:
        return ImportMapping()
    try:
        return ImportMapping.model_validate(tomllib.loads(path.read_text("utf-8")))
    except OSError as exc:
        raise ConfigError(f"{path} cannot be read: {exc.strerror}.") from exc
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as exc:
        raise ConfigError(f"{path} is not TOML: {exc}.") from exc
    except ValidationError as exc:
        raise ConfigError(_first_problem(path, exc)) from exc


def _first_problem(path: Path, exc: ValidationError) -> str:
    error = exc.errors(include_url=False)[0]
    key = ".".join(str(part) for part in error["loc"])
    if error["type"] == "extra_forbidden":
        return f"{path}: {key} is not a key. Allowed: {', '.join(ImportMapping.model_fields)}."
    return f"{path}: {key} = {error['input']!r}: {error['msg']}."
