"""The `[desk]` section: which help desk, how it is reached, and what has to be known about one kind or another."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, StringConstraints, model_validator

from automations.durations import Duration
from bot.settings_muninx import Muninx
from bot.settings_types import Email, Name, Names, Section

FieldName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,99}$")]


class DeskField(Section):
    """A field of the built-in desk's own, which has to be filled in before a ticket is solved."""

    id: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")] = Field(
        description="Name kept with tickets"
    )
    label: Name = Field(description="What people read in the form")
    options: Names = Field((), description="The values allowed; free text if none are named")


class Zendesk(Section):
    """What has to be known about a Zendesk account beside its address."""

    client_id: Name | None = Field(None, description="Name of the OAuth client whose secret is desk.token")
    admin_client_id: Name | None = Field(None, description="Name of the one whose secret is desk.admin_token")
    email: Email | None = Field(
        None, description="Without client_id: the agent that desk.token acts as, an API token; those end on 2027-04-30"
    )
    admin_email: Email | None = Field(
        None, description="Without admin_client_id: the admin that desk.admin_token acts as, an API token"
    )
    tier_field: Name | None = Field(None, description="Key of the organization field that holds a customer's tier")
    status_field: Name | None = Field(
        None, description="Key of the organization field that holds active or suspended as a customer's status"
    )
    customer_fields: Names = Field((), description="Keys of further organization fields that Handoff may keep")


class FreshdeskAccount(Section):
    """What a Freshdesk account calls its own fields and statuses. The fields are made there by hand."""

    key_field: FieldName = Field("cf_handoff_key", description="Text field of tickets that bears our key")
    customer_field: FieldName = Field(
        "cf_handoff_customer", description="Text field of tickets for the customer's id; left out where there is none"
    )
    attach_company: bool = Field(
        False, description="Also attach the customer's company, whose contacts then may see the ticket in the portal"
    )
    pending_statuses: Names = Field(
        ("Waiting on Customer",), description="Labels of the account's own statuses that wait for the customer"
    )
    on_hold_statuses: Names = Field(
        ("Waiting on Third Party",), description="Labels of those that are on hold; the first there is set"
    )
    reference_field: FieldName = Field(
        "cf_handoff_reference", description="Text field of companies that bears our id of a customer"
    )
    tier_field: FieldName = Field("account_tier", description="Field of companies that holds the tier")
    status_field: FieldName = Field(
        "cf_handoff_status", description="Text field of companies that holds active or suspended"
    )
    agent_scope: Literal["global", "group", "restricted"] = Field(
        "global", description="Which tickets a new agent sees: all, their groups', or their own"
    )


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


class RequestTracker(Section):
    """What has to be known about a Request Tracker: custom fields, statuses, the numbers of priorities."""

    key_field: Name = Field("Handoff key", description="Custom field that holds our own key of a ticket")
    customer_field: Name = Field("Customer", description="Custom field that names the customer")
    tags_field: Name = Field("Tags", description="Custom field with several values that holds the tags")
    open: Name = Field("open", description="Status of a ticket that is worked on")
    pending: Name = Field("stalled", description="Status of a ticket that waits for the customer")
    on_hold: Name | None = Field(None, description="Status of a ticket that waits for anything else, if there is one")
    solved: Name = Field("resolved", description="Status of a ticket that is done")
    priorities: tuple[int, int, int, int] = Field(
        (0, 50, 80, 100), description="Numbers of the priorities low, normal, high and urgent"
    )

    @model_validator(mode="after")
    def _priorities_grow(self) -> Self:
        if list(self.priorities) != sorted(set(self.priorities)):
            raise ValueError("desk.request_tracker.priorities must grow from low to urgent")
        return self


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
    request_tracker: RequestTracker = Field(
        RequestTracker(), description="What has to be known about a Request Tracker"
    )
    zendesk: Zendesk = Field(Zendesk(), description="What has to be known about a Zendesk account")
    muninx: Muninx = Field(Muninx(), description="What has to be known about MuninX, most of it inferred")
    required_fields: tuple[DeskField, ...] = Field(
        (), description="Fields that have to be filled in before a ticket of the built-in desk is solved"
    )

    freshdesk: FreshdeskAccount = FreshdeskAccount()
    intercom: Intercom = Intercom()

    @model_validator(mode="after")
    def _a_desk_elsewhere_is_reached(self) -> Self:
        if self.kind == "builtin":
            return self
        if not is_address(self.url or ""):
            raise ValueError(f"desk.url must be the http(s) address of your {self.kind}, without a user name")
        if self.requester is None:
            raise ValueError("desk.requester must be an internal e-mail address; no customer may be written to")
        if self.kind == "intercom" and self.intercom.ticket_type is None:
            raise ValueError("desk.intercom.ticket_type must name the ticket type that tickets are made of")
        return self

    @model_validator(mode="after")
    def _zendesk_is_told_who_calls(self) -> Self:
        if self.kind != "zendesk":
            return self
        if self.zendesk.client_id is None and self.zendesk.email is None:
            raise ValueError("desk.zendesk.client_id must be the name of the OAuth client whose secret is desk.token")
        administrative = self.admin_token is not None or self.admin_token_file is not None
        if administrative and self.zendesk.admin_client_id is None and self.zendesk.admin_email is None:
            raise ValueError("desk.zendesk.admin_client_id must be the name of desk.admin_token's OAuth client")
        return self


def is_address(url: str) -> bool:
    """True for an address that can be asked over HTTP and may be shown in links: no credential stands in it."""
    try:
        parts = urlsplit(url)
        return (
            parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0 and "@" not in parts.netloc
        )
    except ValueError:  # brackets or a port that are none
        return False
