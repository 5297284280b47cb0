"""Who may work in Zendesk. Bears the administrative credential; every act reads the user first and proves the answer.

An agent is found in the list, which is not the search index and so is never late, and then read alone. Changing a user
is allowed 5 times a minute for each of them, so nothing is sent that is true already.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, ClassVar

from automations.adapters.http import Connection
from automations.adapters.zendesk.connect import cannot, number
from automations.adapters.zendesk.everybody import as_token, everybody, memberships, oauth_tokens
from automations.adapters.zendesk.limits import BY_HAND, CAPABILITIES, SYSTEM, TITLE
from automations.adapters.zendesk.roles import as_sent, custom_roles, named, role_of
from automations.adapters.zendesk.roster import Roster, agent_of, no_agent, works_here
from automations.adapters.zendesk.shapes import Membership, OAuthToken, User, UserAnswer
from automations.desks import AgentAccess, Capability, DeskToken, Seats
from automations.domain import DeskAgent, IdempotencyKey
from automations.errors import Rejected


class ZendeskAccess:
    """`DeskAccess` over the Support API. Roles are agent, admin, and the custom roles of an Enterprise account."""

    system: ClassVar[str] = SYSTEM
    title: ClassVar[str] = TITLE
    capabilities: ClassVar[frozenset[Capability]] = CAPABILITIES
    by_hand: ClassVar[Mapping[Capability, str]] = BY_HAND

    def __init__(self, connection: Connection, now: Callable[[], datetime]) -> None:
        self._connection = connection
        self._now = now
        self._roster = Roster(connection, now)

    def agent(self, email: str) -> DeskAgent | None:
        """One agent, read alone."""
        user = self._find(email)
        return None if user is None else agent_of(user, role_of(user, custom_roles(self._connection)))

    def agents(self) -> Iterator[DeskAgent]:
        """All agents and admins, suspended ones too."""
        custom = custom_roles(self._connection)
        return (agent_of(user, role_of(user, custom)) for user in self._roster.users(fresh=True).values())

    def everybody(self) -> Iterator[AgentAccess]:
        """All agents and admins with groups and OAuth tokens, from lists of the whole account alone."""
        return everybody(self._connection, self._roster, self._now())

    def seats(self) -> Seats:
        """Raises Rejected: the API's reference at hand has no number of seats."""
        raise cannot("does not tell us how many seats there are")

    def roles(self) -> Iterator[str]:
        """Agent, admin, and the account's own roles."""
        return iter(named(custom_roles(self._connection)))

    def invite(self, email: str, name: str, role: str, *, key: IdempotencyKey) -> None:
        """Make the user an agent, new or known as an end user; the desk mails them a link to sign in.

        By e-mail the desk makes one user only, so a repeat is safe. The answer has to show the role: an account may
        take the call and leave an end user.
        """
        wanted = as_sent(self._connection, role)
        if self._find(email) is None:
            body = {"user": {"email": email, "name": name, **wanted}}
            answer = self._connection.write("POST", "/api/v2/users/create_or_update", body)
            self._prove(answer.shaped(UserAnswer).user, role)
            self._roster.users(fresh=True)

    def invite_again(self, email: str, *, key: IdempotencyKey) -> None:
        """Raises Rejected: the API's reference at hand has no call for it."""
        raise cannot("sends no invitation again through the API")

    def set_role(self, email: str, role: str) -> None:
        """Give the agent this role alone."""
        wanted, user = as_sent(self._connection, role), self._need(email)
        if role_of(user, custom_roles(self._connection)) == role:
            return
        if role == "agent" and user.custom_role_id is not None:
            wanted["custom_role_id"] = None
        self._prove(self._update(user, wanted), role)

    def suspend(self, email: str) -> None:
        """Let nobody sign in as them. Their sessions are ended by `sign_out`."""
        self._set_suspended(email, suspended=True)

    def reactivate(self, email: str) -> None:
        """Let them sign in again."""
        self._set_suspended(email, suspended=False)

    def remove(self, email: str) -> None:
        """Make an end user of them: the seat is free, and their open tickets are nobody's."""
        if (user := self._find(email)) is not None:
            self._prove(self._update(user, {"role": "end-user"}), "end-user")

    def groups(self) -> Iterator[str]:
        """Name all groups."""
        return iter([group.name for group in self._roster.groups(fresh=True).values()])

    def memberships(self, email: str) -> Iterator[str]:
        """Name the groups they are in."""
        groups, found = self._roster.groups(), self._memberships(self._need(email))
        return iter([groups[one.group_id].name for one in found if one.group_id in groups])

    def join(self, email: str, group: str) -> None:
        """Put them into a group. Raises: Rejected with the code `no_group` or `no_agent`."""
        user, wanted = self._need(email), self._roster.group_id(group)
        if all(one.group_id != wanted for one in self._memberships(user)):
            body = {"group_membership": {"user_id": user.id, "group_id": wanted}}
            self._connection.write("POST", "/api/v2/group_memberships", body)

    def leave(self, email: str, group: str) -> None:
        """Take them out of a group; a job of the desk's then takes its open tickets from them."""
        user, unwanted = self._need(email), self._roster.group_id(group)
        for one in self._memberships(user):
            if one.group_id == unwanted:
                self._delete(f"/api/v2/group_memberships/{one.id}")

    def sign_out(self, email: str) -> None:
        """End all their sessions."""
        self._connection.write("DELETE", f"/api/v2/users/{self._need(email).id}/sessions")

    def tokens(self, email: str) -> Iterator[DeskToken]:
        """Their OAuth tokens that still work. API tokens are the account's and nobody's, so none is among these."""
        now = self._now()
        return iter([as_token(one) for one in self._tokens(self._need(email)) if one.works(now)])

    def revoke_token(self, email: str, token: str) -> None:
        """Delete a token, if it is one of theirs."""
        wanted = number(token, code="no_token", what="token")
        if any(str(one.id) == wanted for one in self._tokens(self._need(email))):
            self._delete(f"/api/v2/oauth/tokens/{wanted}")

    def _find(self, email: str) -> User | None:
        listed_user = self._roster.find(email)
        if listed_user is None:
            return None
        try:
            answer = self._connection.read(f"/api/v2/users/{listed_user.id}", missing="no_agent")
        except Rejected as exc:
            if exc.code == "no_agent":
                return None
            raise
        user = answer.shaped(UserAnswer).user
        return user if works_here(user) and (user.email or "").lower() == email.lower() else None

    def _need(self, email: str) -> User:
        if (user := self._find(email)) is None:
            raise no_agent(email)
        return user

    def _update(self, user: User, change: Mapping[str, Any]) -> User:
        answer = self._connection.write("PUT", f"/api/v2/users/{user.id}", {"user": dict(change)}, missing="no_agent")
        return answer.shaped(UserAnswer).user

    def _delete(self, path: str) -> None:
        try:
            self._connection.write("DELETE", path, missing="gone")
        except Rejected as exc:
            if exc.code != "gone":  # somebody was quicker, and it is as it should be
                raise

    def _set_suspended(self, email: str, *, suspended: bool) -> None:
        user = self._need(email)
        if user.suspended == suspended:
            return
        if self._update(user, {"suspended": suspended}).suspended != suspended:
            words = f"{TITLE} took the call and shows {email} {'active' if suspended else 'suspended'} all the same"
            raise Rejected(words, system=SYSTEM, code="not_taken")

    def _memberships(self, user: User) -> list[Membership]:
        return list(memberships(self._connection, user))

    def _tokens(self, user: User) -> list[OAuthToken]:
        return [one for one in oauth_tokens(self._connection) if one.user_id == user.id]

    def _prove(self, user: User, role: str) -> None:
        have = role_of(user, custom_roles(self._connection) if user.custom_role_id is not None else {})
        if have != role:
            words = f"{TITLE} took the call and shows {user.email or user.name} as {have}, not {role}"
            raise Rejected(words, system=SYSTEM, code="not_taken")
