"""The `[customers]` section: where customers are kept, which fields are brought into the desk, and who decides."""

from datetime import time, timedelta
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Field, StringConstraints, model_validator

from automations.customer_context.rules import DESK, CustomerRules
from automations.domain import Mode
from automations.durations import Duration
from bot.settings_types import Email, Name, Section

SourceName = Annotated[str, StringConstraints(strip_whitespace=True, to_lower=True, pattern=r"^[a-z][a-z0-9_-]{0,63}$")]


def _holds_password(url: str) -> bool:
    """Whether a database's URL names a password, before the host or among its options."""
    options = (one.partition("=")[0].lower() for one in url.partition("?")[2].split("&"))
    return ("@" in url and ":" in url.rpartition("@")[0].partition("://")[2]) or any(
        "pass" in one and one != "passfile" for one in options
    )


class CustomerSourceSection(Section):
    """One place where customers are kept. It is only read."""

    name: SourceName = Field(description="Named by the fields whose truth it is")
    kind: Literal["sql", "file"] = Field(description="sql (any database that SQLAlchemy has a driver for) or file")
    url_file: Path | None = Field(None, description="sql: a file with the database's URL, since it holds a password")
    url: str | None = Field(None, description="sql: the URL itself, where it holds no password")
    query: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)] | None = Field(
        None, description="sql: one SELECT; with :since it is asked only for what changed since then"
    )
    cursor: Name | None = Field(
        None, description="sql: the column that :since is compared with; whole listings if unset"
    )
    path: Path | None = Field(None, description="file: .csv with a header, or .json, an array of objects")
    max_age: Annotated[Duration, Field(ge=timedelta(minutes=1))] | None = Field(
        None, description="file: an older one is an error"
    )
    account: Name = Field("id", description="The column with the account id, which never changes")
    at_least: Annotated[int, Field(ge=1)] = Field(1, description="A whole listing of fewer rows is an error")

    @model_validator(mode="after")
    def _has_what_it_needs(self) -> Self:
        if self.name == DESK:
            raise ValueError('"desk" is the desk itself and needs no section of its own')
        if self.kind == "file" and self.path is None:
            raise ValueError("a file needs its path")
        if self.kind == "sql" and (self.query is None or (self.url is None) == (self.url_file is None)):
            raise ValueError("a database needs its query, and either url or url_file")
        if self.url is not None and _holds_password(self.url):
            raise ValueError("a URL with a password does not belong in this file. Put it into one that url_file names")
        if self.kind == "file" and self.path is not None and self.path.suffix.lower() not in (".csv", ".json"):
            raise ValueError("path must name a file that ends in .csv or .json")
        if self.cursor is not None and ":since" not in (self.query or ""):
            raise ValueError("a cursor is of use only where the query compares it with :since")
        return self


class CustomersSection(CustomerRules):
    """Customer context. It never goes above `ask`: a person approves every group of changes."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    mode: Literal[Mode.OFF, Mode.SHADOW, Mode.ASK] = Field(
        Mode.OFF, description="off, shadow (plans and shows, applies nothing) or ask (people approve each group)"
    )
    channel: Name = Field("customers", description="Where syncs and conflicts are posted, by its name under [channels]")
    owner: Email | None = Field(
        None, description="E-mail of who looks after what nobody else does; failure_tickets.default_owner if unset"
    )
    sync_at: time | None = Field(
        None, description="When a sync is planned each night, in the team's zone; only by command if unset"
    )
    whole_every: Annotated[Duration, Field(ge=timedelta(hours=1))] = Field(
        timedelta(days=7), description="A source with a cursor is listed whole so often, so that who is gone is seen"
    )
    expires_after: Annotated[Duration, Field(ge=timedelta(minutes=10), le=timedelta(days=7))] = Field(
        timedelta(days=2), description="A sync that the brake stopped ends after this time without two confirmations"
    )
    remind_after: Annotated[Duration, Field(ge=timedelta(minutes=1))] = Field(
        timedelta(hours=4), description="First reminder of it; each further one after twice the time"
    )
    note_open_cases: bool = Field(
        True, description="A customer with an open case who writes in: an internal note on the ticket says so"
    )
    sources: tuple[CustomerSourceSection, ...] = ()

    @model_validator(mode="after")
    def _fields_have_sources(self) -> Self:
        known = {one.name for one in self.sources}
        if len(known) < len(self.sources):
            raise ValueError("two sources have one name")
        if wrong := sorted({field.source for field in self.fields} - known - {DESK}):
            raise ValueError(f"there is no source {', '.join(wrong)} under [[customers.sources]]")
        if unused := sorted(known - {field.source for field in self.fields}):
            raise ValueError(f"no field has its truth in {', '.join(unused)}, so it need not be read")
        return self
