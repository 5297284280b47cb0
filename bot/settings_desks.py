"""The `[desk]` section: which help desk, how it is reached, and what has to be known about one kind or another."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, StringConstraints, model_validator

from automations.durations import Duration
from bot.settings_types import Email, Name, Names, Section


class DeskField(Section):
    """A field of the built-in desk's own, which has to be filled in before a ticket is solved."""

    id: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")] = Field(
        description="Name kept with tickets"
    )
    label: Name = Field(description="What people read in the form")
    options: Names = Field((), description="The values allowed; free text if none are named")


class Intercom(Section):
    """What has to be known about an Intercom workspace. Ticket types and attributes by their name or id."""

    ticket_type: Name | None = Field(None, description="Ticket type that tickets are made of; needed for Intercom")
    key_attribute: Name = Field("handoff_key", description="Text attribute of that type that holds our key")
    priority_attribute: Name | None = Field(
        None, description="List attribute of that type for the priority; without it tickets have none"
    )
    status_attribute: Name | None = Field(
        None, description="Text attribute of companies for active or suspended; without it none can be suspended"
    )


class Desk(Section):
    """The help desk that tickets are opened in."""

    kind: Literal["builtin", "request_tracker", "zendesk", "freshdesk", "intercom", "muninx"] = Field(
        "builtin", description="Which help desk"
    )
    url: str | None = Field(None, description="Where the desk's API answers; not needed for the built-in one")
    token: SecretStr | None = Field(None, description="Credential for tickets, secret")
    token_file: Path | None = Field(None, description="File that holds it")
    admin_token: SecretStr | None = Field(
        None, description="Credential that may change agents, for the access automation alone, secret"
    )
    admin_token_file: Path | None = Field(None, description="File that holds it")
    requester: Email | None = Field(
        None, description="Internal address that new tickets are requested by, so that no customer gets mail"
    )
    calls_per_minute: Annotated[int, Field(ge=10)] | None = Field(
        None, description="How often the desk may be called; no limit of our own if unset"
    )
    look_every: Duration = Field(timedelta(seconds=15), description="How often work done in the desk is looked for")
    required_fields: tuple[DeskField, ...] = Field(
        (), description="Fields that have to be filled in before a ticket of the built-in desk is solved"
    )

    intercom: Intercom = Intercom()

    @model_validator(mode="after")
    def _a_desk_elsewhere_is_reached(self) -> Self:
        if self.kind == "builtin":
            return self
        parts = urlsplit(self.url or "")
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"desk.url must be the http(s) address of your {self.kind}")
        if self.requester is None:
            raise ValueError("desk.requester must be an internal e-mail address; no customer may be written to")
        if self.kind == "intercom" and self.intercom.ticket_type is None:
            raise ValueError("desk.intercom.ticket_type must name the ticket type that tickets are made of")
        return self
