"""What is read of Freshdesk's answers. Keys that are not named here are left alone, so that new ones break nothing."""

from typing import Any

from pydantic import AwareDatetime, BaseModel, RootModel


class Contact(BaseModel):
    """The person behind an agent. `active`: they have confirmed their address."""

    email: str | None = None
    name: str | None = None
    active: bool = False
    last_login_at: AwareDatetime | None = None


class Agent(BaseModel):
    """An agent. Lists leave out the ids of roles and groups."""

    id: int
    contact: Contact
    type: str | None = None
    role_ids: list[int] | None = None
    group_ids: list[int] | None = None

    @property
    def email(self) -> str:
        """The address in lower case, as everything here compares it."""
        return (self.contact.email or "").lower()

    @property
    def name(self) -> str:
        """The name, or the address of somebody without one."""
        return self.contact.name or self.email


class Named(BaseModel):
    """A group or a role."""

    id: int
    name: str


class Group(BaseModel):
    """A group read alone; lists leave its agents out."""

    agent_ids: list[int] = []


class Field(BaseModel):
    """A field of tickets or companies. `choices` is a list, or for statuses an object of id to labels."""

    name: str
    label: str = ""
    type: str = ""
    default: bool = False
    required_for_closure: bool | None = None
    choices: Any = None


class Stats(BaseModel):
    """When a ticket was answered and solved; with `include=stats` only."""

    first_responded_at: AwareDatetime | None = None
    resolved_at: AwareDatetime | None = None


class Requester(BaseModel):
    """Who asked; with `include=requester` only."""

    name: str | None = None
    email: str | None = None


class TicketRow(BaseModel):
    """A ticket. Lists leave out its description, and its tags in the samples of the reference."""

    id: int
    subject: str | None = None
    description: str | None = None
    status: int
    priority: int
    type: str | None = None
    source: int | None = None
    requester_id: int | None = None
    company_id: int | None = None
    responder_id: int | None = None
    group_id: int | None = None
    tags: list[str] | None = None
    custom_fields: dict[str, Any] | None = None
    deleted: bool | None = None
    created_at: AwareDatetime
    updated_at: AwareDatetime
    stats: Stats | None = None
    requester: Requester | None = None


class TicketSearch(BaseModel):
    """A page of the search for tickets. `total` counts what was found, also what no page gives."""

    total: int
    results: list[TicketRow]


class Conversation(BaseModel):
    """A reply or a note. `incoming`: from the customer; `private`: an internal note."""

    id: int
    body: str = ""
    incoming: bool = False
    private: bool = False
    user_id: int | None = None
    from_email: str | None = None
    created_at: AwareDatetime


class Company(BaseModel):
    """A customer."""

    id: int
    name: str
    domains: list[str] | None = None
    account_tier: str | None = None
    custom_fields: dict[str, Any] | None = None


class CompanyHit(BaseModel):
    """A company as the search by the start of its name tells it."""

    id: int
    name: str


class CompanyHits(BaseModel):
    """The answer of that search."""

    companies: list[CompanyHit] = []


class CompanySearch(BaseModel):
    """The answer of the search by domain or field."""

    results: list[Company]


class KnownContact(BaseModel):
    """A contact, which may become an agent."""

    id: int
    email: str | None = None


Agents = RootModel[list[Agent]]
Fields = RootModel[list[Field]]
NamedOnes = RootModel[list[Named]]
TicketRows = RootModel[list[TicketRow]]
Conversations = RootModel[list[Conversation]]
Companies = RootModel[list[Company]]
KnownContacts = RootModel[list[KnownContact]]
