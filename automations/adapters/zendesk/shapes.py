"""What is read of Zendesk's answers. What else they hold is left alone, so that a new key breaks nothing."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, Field


class Token(BaseModel):
    """An access token. `expires_in` are seconds from now."""

    access_token: str = Field(repr=False)
    expires_in: int | None = None


class Meta(BaseModel):
    """Where the next page of a list begins."""

    has_more: bool = False
    after_cursor: str | None = None


class Page(BaseModel):
    """A page of a list."""

    meta: Meta = Meta()


class User(BaseModel):
    """A user. `id` is None for the anonymous one that /users/me may answer."""

    id: int | None
    name: str
    email: str | None = None
    role: str
    custom_role_id: int | None = None
    active: bool = True
    suspended: bool = False
    verified: bool = True
    last_login_at: datetime | None = None


class Group(BaseModel):
    """A group of agents."""

    id: int
    name: str
    deleted: bool = False


class FieldValue(BaseModel):
    """A custom field of a ticket, with text, number, truth, list of texts or nothing in it."""

    id: int
    value: Any = None


class Via(BaseModel):
    """The way something came into the desk. The vendor's reference has a channel by name or by number."""

    channel: Annotated[str, BeforeValidator(str)] = ""


class DeskTicket(BaseModel):
    """A ticket. `status` is the category where a team has statuses of its own."""

    id: int
    external_id: str | None = None
    subject: str | None = None
    status: str
    priority: str | None = None
    requester_id: int | None = None
    organization_id: int | None = None
    assignee_id: int | None = None
    group_id: int | None = None
    tags: list[str] = []
    custom_fields: list[FieldValue] = []
    via: Via = Via()
    created_at: datetime | None = None
    updated_at: datetime


class TicketAnswer(BaseModel):
    """One ticket, and the people and groups it names if they were asked for."""

    ticket: DeskTicket
    users: list[User] = []
    groups: list[Group] = []


class TicketPage(Page):
    """Tickets of a list."""

    tickets: list[DeskTicket]
    users: list[User] = []
    groups: list[Group] = []


class ExportPage(BaseModel):
    """Tickets of the incremental export."""

    tickets: list[DeskTicket]
    users: list[User] = []
    groups: list[Group] = []
    after_cursor: str | None = None
    end_of_stream: bool


class Comment(BaseModel):
    """Something said on a ticket; a note where it is not public."""

    id: int
    author_id: int
    html_body: str = ""
    plain_body: str = ""
    body: str = ""
    public: bool
    via: Via = Via()
    created_at: datetime


class CommentPage(Page):
    """Comments of a ticket, and their authors."""

    comments: list[Comment]
    users: list[User] = []


class Minutes(BaseModel):
    """A time as the desk measures it, in minutes by the calendar."""

    calendar: int | None = None


class Metric(BaseModel):
    """Times of a ticket. `reply_time_in_seconds` is told by newer accounts only."""

    ticket_id: int
    reply_time_in_minutes: Minutes = Minutes()
    reply_time_in_seconds: Minutes = Minutes()
    full_resolution_time_in_minutes: Minutes = Minutes()


class SearchPage(Page):
    """Tickets of the search."""

    results: list[DeskTicket]


class MetricAnswer(BaseModel):
    """Times of one ticket."""

    ticket_metric: Metric


class UserAnswer(BaseModel):
    """One user."""

    user: User


class UserPage(Page):
    """Users of a list."""

    users: list[User]


class GroupPage(Page):
    """Groups of a list."""

    groups: list[Group]


class Membership(BaseModel):
    """An agent's place in a group."""

    id: int
    user_id: int
    group_id: int


class MembershipPage(Page):
    """Memberships of a list."""

    group_memberships: list[Membership]


class CustomRole(BaseModel):
    """A role that the team defined. `role_type` 4 is the admin, 5 the billing admin, the others are kinds of agents."""

    id: int
    name: str
    role_type: int = 0


class CustomRoles(BaseModel):
    """All of them."""

    custom_roles: list[CustomRole]


class OAuthToken(BaseModel):
    """A token that lets a program act as a user; its text is not read.

    `refresh_token`: there is one, with which a program gets a new token after this one's end.
    """

    id: int
    client_id: int | None = None
    user_id: int | None = None
    scopes: list[str] = []
    expires_at: datetime | None = None
    refresh_token: Annotated[bool, BeforeValidator(lambda value: value is not None)] = False
    refresh_token_expires_at: datetime | None = None
    used_at: datetime | None = None
    created_at: datetime | None = None

    def works(self, now: datetime) -> bool:
        """True as long as a program can act by it, or get a new one by its refresh token. No end is for ever."""
        if self.expires_at is None or self.expires_at > now:
            return True
        ends = self.refresh_token_expires_at
        return self.refresh_token and (ends is None or ends > now)


class OAuthTokenPage(Page):
    """Tokens of a list."""

    tokens: list[OAuthToken]
