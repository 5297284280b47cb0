"""`[desk.muninx]`: what has to be known about MuninX alone, most of it inferred and waiting to be checked."""

from typing import Annotated

from pydantic import Field, StringConstraints

from bot.settings_types import Section

Key = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_-]{0,59}$")]
MaybeKey = Annotated[str, StringConstraints(pattern=r"^([A-Za-z][A-Za-z0-9_-]{0,59})?$")]


class MuninxNames(Section):
    """What MuninX calls a ticket's fields where they are created, listed and read: inferred, so each can be set."""

    id: Key = Field("id", description="Inferred key of a ticket's id")
    number: Key = Field("number", description="Inferred key of the number that people see")
    title: Key = Field("title", description="Inferred key of its title")
    description: Key = Field("description", description="Inferred key of its first text")
    status: Key = Field("status", description="Inferred key of its status")
    priority: Key = Field("priority", description="Inferred key of its priority")
    assignee: Key = Field("assignee", description="Inferred key of its assignee's e-mail")
    created_at: Key = Field("created-at", description="Inferred key of the time it was made")
    updated_at: Key = Field("updated-at", description="Inferred key of the time it changed last")
    skip_notifications: MaybeKey = Field(
        "skip-notifications", description="Inferred key that keeps a create from sending mail; empty sends none"
    )
    envelope: MaybeKey = Field("", description="Inferred key that holds the ticket in an answer; empty if none does")
    items: Key = Field("items", description="Inferred key of the tickets in a list")
    limit: Key = Field("limit", description="Inferred parameter of a list's page size")
    page: Key = Field("pageToken", description="Inferred parameter of a list's page")
    next: Key = Field("nextPageToken", description="Inferred key of the page that follows")


class Muninx(Section):
    """MuninX."""

    ticket_url: Annotated[str, StringConstraints(pattern=r"^https?://\S*\{id\}\S*$")] = Field(
        "https://app.muninx.com/tickets/{id}", description="Where people open a ticket, inferred; `{id}` is its id"
    )
    names: MuninxNames = Field(default_factory=MuninxNames)
