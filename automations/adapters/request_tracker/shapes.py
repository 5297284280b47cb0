"""What is read of Request Tracker's answers. Ids are text in lists and numbers in an object itself, and may be either.

A reference is `{id, type, _url}`, a user's id in it is the user's name. Fields asked for by `fields=` that have no
value come as an empty text.
"""

from datetime import datetime
from typing import Annotated, Generic, TypeVar

from pydantic import BaseModel, BeforeValidator, Field, RootModel

Id = Annotated[str, BeforeValidator(lambda value: str(value))]
Item = TypeVar("Item")


class Page(BaseModel, Generic[Item]):
    """One page of a list. `total` is None where the desk does not tell how many there are."""

    count: int
    total: int | None = None
    items: list[Item]


class Ref(BaseModel):
    """Something named by its id."""

    id: Id


class Named(Ref):
    """A queue or a group; a group's `domain` says whether people made it (UserDefined)."""

    name: str = Field("", alias="Name")
    domain: str = Field("", alias="Domain")


class Person(Ref):
    """A user in a list or a reference: `id` is the user's name."""

    email: str = Field("", alias="EmailAddress")
    real_name: str = Field("", alias="RealName")


class Account(BaseModel):
    """A user as GET shows it. What only an administrator and the user may see is None for others."""

    id: int | None = None
    name: str = Field(alias="Name")
    email: str = Field("", alias="EmailAddress")
    real_name: str = Field("", alias="RealName")
    privileged: bool = Field(False, alias="Privileged")
    disabled: bool | None = Field(None, alias="Disabled")
    memberships: list[Ref] = Field(default=[], alias="Memberships")


class Member(Ref):
    """A member of a group: a user by name, or a group by number."""

    type: str = ""


class Members(BaseModel):
    """A group as GET shows it, with its own members and not those of groups in it."""

    members: list[Member] = Field(default=[], alias="Members")


class Suggestion(BaseModel):
    """A user as a page suggests them; `value` is what was asked for, here the name."""

    value: str


class Suggestions(RootModel[list[Suggestion]]):
    """All that are suggested."""


class FieldName(Ref):
    """A custom field as a queue lists it."""

    name: str


class QueueFields(BaseModel):
    """A queue as GET shows it: the custom fields of its tickets that our user may see."""

    fields: list[FieldName] = Field(default=[], alias="TicketCustomFields")


class CustomField(BaseModel):
    """A custom field of a ticket with its values."""

    name: str
    values: list[object] = []


class Link(BaseModel):
    """An entry of `_hyperlinks`; one whose `ref` is parent says under which ticket this one stands."""

    ref: str = ""
    id: Id | None = None


class TicketItem(Ref):
    """A ticket in a list."""

    subject: str = Field(alias="Subject")
    status: str = Field(alias="Status")
    priority: int = Field(alias="Priority")
    owner: Person = Field(alias="Owner")
    requestors: list[Person] | str = Field("", alias="Requestor")
    queue: Named = Field(alias="Queue")
    effective_id: Id = Field(alias="EffectiveId")
    updated: datetime = Field(alias="LastUpdated")
    created: datetime = Field(alias="Created")
    fields: list[CustomField] | str = Field("", alias="CustomFields")
    links: list[Link] | str = Field("", alias="_hyperlinks")

    def values(self, field: str) -> tuple[str, ...]:
        """The values of a custom field by its name."""
        return tuple(str(value) for one in self.fields if isinstance(one, CustomField) and one.name == field
                     for value in one.values)  # fmt: skip

    @property
    def requester(self) -> str | None:
        """Who asked, by address, else by user name; the first of several."""
        return next((one.email.lower() or one.id for one in self.requestors if isinstance(one, Person)), None)

    @property
    def parent(self) -> str | None:
        """The ticket this one stands under; with several, the oldest."""
        found = [one.id for one in self.links if isinstance(one, Link) and one.ref == "parent" and one.id]
        return min(found, key=int, default=None)


class TicketState(BaseModel):
    """A ticket as GET shows it, of which only the status is read."""

    status: str = Field(alias="Status")


class Deed(Ref):
    """A transaction: something that happened to a ticket. Which one, `ObjectId` says."""

    ticket: Id = Field("", alias="ObjectId")
    kind: str = Field("", alias="Type")
    field: str = Field("", alias="Field")
    old: str = Field("", alias="OldValue")
    new: str = Field("", alias="NewValue")
    at: datetime = Field(alias="Created")
    by: Person = Field(alias="Creator")


class Touched(Ref):
    """A transaction of which only the ticket is asked for."""

    ticket: Id = Field(alias="ObjectId")


class Words(Ref):
    """An attachment of a transaction, which is where text is kept."""

    deed: Id = Field(alias="TransactionId")
    kind: str = Field("", alias="ContentType")
    file: str = Field("", alias="Filename")
    text: str = Field("", alias="Content")


class Made(Ref):
    """What was made."""
