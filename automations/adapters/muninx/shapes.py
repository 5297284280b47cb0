"""What we read of MuninX's answers. Unknown keys are ignored, since most of its reference pages were cut short."""

from typing import Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, field_validator


def _hyphened(name: str) -> str:
    return name.replace("_", "-")


class Shape(BaseModel):
    """Keys with hyphens, as MuninX writes most of them."""

    model_config = ConfigDict(alias_generator=_hyphened, extra="ignore", coerce_numbers_to_str=True)


class User(Shape):
    """An account, known by its e-mail address. `status` is pending, active or suspended."""

    name: str = ""
    last_name: str = ""
    email: str
    type: str = ""
    status: str = ""


class Users(BaseModel):
    """What GET /users answers."""

    users: list[User] = []


class Message(Shape):
    """A message of a ticket. It has no id. `author` is an e-mail address, or the workspace's name."""

    author: str
    author_role: str
    posted_at: AwareDatetime
    type: str
    body: str


class MessagePage(BaseModel):
    """One page of a ticket's messages."""

    items: list[Message]
    nextPageToken: str | None = None  # noqa: N815 - MuninX's own spelling


class Organization(Shape):
    """A customer organization. Nothing of it is promised to be there but for the id."""

    id: str
    display_name: str = ""
    domains: list[str] | None = None
    external_ref: str | None = None
    status: str = ""


class Numbered(BaseModel):
    """INFERRED. The least an answer to a create must tell."""

    model_config = ConfigDict(coerce_numbers_to_str=True)

    id: str


class ReadTicket(Numbered):
    """INFERRED. A ticket, its fields put under our names already (`names.Names`)."""

    number: str | None = None
    title: str = ""
    status: str
    priority: str | None = None
    assignee: str | None = None
    created_at: AwareDatetime | None = None
    updated_at: AwareDatetime

    @field_validator("assignee", mode="before")
    @classmethod
    def _an_account_may_be_shown_whole(cls, value: Any) -> Any:
        return value.get("email") if isinstance(value, dict) else value
