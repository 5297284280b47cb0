"""Who is in which group and who has which token: for one agent, and for all at once from lists of the whole account."""

from collections.abc import Iterator
from datetime import datetime

from automations.adapters.http import Connection
from automations.adapters.zendesk.connect import listed
from automations.adapters.zendesk.roles import custom_roles, role_of
from automations.adapters.zendesk.roster import Roster, agent_of
from automations.adapters.zendesk.shapes import (
    Membership,
    MembershipPage,
    OAuthToken,
    OAuthTokenPage,
    User,
)
from automations.desks import AgentAccess, DeskToken


def everybody(connection: Connection, roster: Roster, now: datetime) -> Iterator[AgentAccess]:
    """All agents and admins with groups and OAuth tokens. API tokens are the account's and nobody's: none is here."""
    names, custom = roster.groups(fresh=True), custom_roles(connection)
    inside: dict[int, set[str]] = {}
    for place in memberships(connection):
        if place.group_id in names:
            inside.setdefault(place.user_id, set()).add(names[place.group_id].name)
    tokens: dict[int | None, list[DeskToken]] = {}
    for one in oauth_tokens(connection):
        if one.works(now):
            tokens.setdefault(one.user_id, []).append(as_token(one))
    for number, user in roster.users(fresh=True).items():
        groups = tuple(sorted(inside.get(number, ())))
        yield AgentAccess(agent_of(user, role_of(user, custom)), groups, tuple(tokens.get(number, ())))


def memberships(connection: Connection, user: User | None = None) -> Iterator[Membership]:
    """Who is in which group: one user, or everybody."""
    params = {} if user is None else {"user_id": user.id}
    found = listed(connection, "/api/v2/group_memberships", MembershipPage, _memberships, params)
    return (one for one in found if user is None or one.user_id == user.id)


def oauth_tokens(connection: Connection) -> Iterator[OAuthToken]:
    """The OAuth tokens of everybody, also those that ended: there is no list of one user's."""
    return listed(connection, "/api/v2/oauth/tokens", OAuthTokenPage, _tokens, {"all": "true"})


def as_token(token: OAuthToken) -> DeskToken:
    """A token as the port shows it."""
    name = f"OAuth client {token.client_id} ({' '.join(token.scopes) or 'no scope'})"
    return DeskToken(str(token.id), name, token.created_at, token.used_at)


def _memberships(page: MembershipPage) -> list[Membership]:
    return page.group_memberships


def _tokens(page: OAuthTokenPage) -> list[OAuthToken]:
    return page.tokens
