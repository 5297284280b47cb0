"""Who works in the account and in which groups, by id and by name, kept for a minute so that a write costs one call."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from automations.adapters.http import Connection
from automations.adapters.zendesk.connect import listed
from automations.adapters.zendesk.limits import SYSTEM, TITLE
from automations.adapters.zendesk.shapes import Group, GroupPage, User, UserAnswer, UserPage
from automations.domain import DeskAgent
from automations.errors import Rejected

KEPT: Final = timedelta(minutes=1)


class Roster:
    """Agents and groups. Who is not in it is looked for once more before they are called unknown."""

    def __init__(self, connection: Connection, now: Callable[[], datetime]) -> None:
        self._connection = connection
        self._now = now
        self._users: tuple[datetime, dict[int, User]] | None = None
        self._groups: tuple[datetime, dict[int, Group]] | None = None
        self._me: User | None = None

    def me(self) -> User:
        """Whom the credential acts as; read once, since it stays the same as long as the credential does."""
        if self._me is None:
            user = self._connection.read("/api/v2/users/me").shaped(UserAnswer).user
            if user.id is None:
                words = f"{TITLE} takes us for an anonymous user: it does not accept our credential; check desk.token"
                raise Rejected(words, system=SYSTEM, code="unauthorized")
            self._me = user
        return self._me

    def users(self, *, fresh: bool = False) -> Mapping[int, User]:
        """All agents and admins by id, suspended ones too."""
        if fresh or self._users is None or self._old(self._users[0]):
            roles = {"role[]": ["agent", "admin"]}
            found = listed(self._connection, "/api/v2/users", UserPage, lambda page: page.users, roles)
            self._users = self._now(), {user.id: user for user in found if user.id is not None and works_here(user)}
        return self._users[1]

    def groups(self, *, fresh: bool = False) -> Mapping[int, Group]:
        """All groups by id."""
        if fresh or self._groups is None or self._old(self._groups[0]):
            only = {"exclude_deleted": "true"}
            found = listed(self._connection, "/api/v2/groups", GroupPage, lambda page: page.groups, only)
            self._groups = self._now(), {group.id: group for group in found if not group.deleted}
        return self._groups[1]

    def find(self, email: str) -> User | None:
        """The agent with this address, None if there is none."""
        known = self._users
        found = _by_email(self.users(), email)
        if found is None and known is self._users:  # it was read a while ago, and they may be new
            found = _by_email(self.users(fresh=True), email)
        return found

    def agent_id(self, email: str) -> int:
        """The id of an agent. Raises: Rejected with the code `no_agent`, naming the address."""
        user = self.find(email)
        if user is None or user.id is None:
            raise no_agent(email)
        return user.id

    def group_id(self, name: str) -> int:
        """The id of a group. Raises: Rejected with the code `no_group`, naming it."""
        known = self._groups
        found = _by_name(self.groups(), name)
        if found is None and known is self._groups:
            found = _by_name(self.groups(fresh=True), name)
        if found is not None:
            return found
        raise Rejected(f"{TITLE} has no group {name!r}", system=SYSTEM, code="no_group")

    def _old(self, read_at: datetime) -> bool:
        return self._now() - read_at >= KEPT


def _by_email(users: Mapping[int, User], email: str) -> User | None:
    return next((user for user in users.values() if (user.email or "").lower() == email.lower()), None)


def _by_name(groups: Mapping[int, Group], name: str) -> int | None:
    return next((group.id for group in groups.values() if group.name == name), None)


def works_here(user: User) -> bool:
    """True for an agent or admin who was not deleted."""
    return user.role in ("agent", "admin") and user.active


def agent_of(user: User, role: str | None = None) -> DeskAgent:
    """A user as the port shows agents. Who never signed in and never proved their address is still invited.

    Calls of the API are no sign-ins, so `last_seen` does not move with them (vendor's reference of users).
    """
    invited = not user.verified and user.last_login_at is None
    state = "suspended" if user.suspended else "invited" if invited else "active"
    seen = user.last_login_at.astimezone(UTC) if user.last_login_at else None
    return DeskAgent(str(user.id), user.name, (user.email or "").lower(), role or user.role, state, seen)


def no_agent(email: str) -> Rejected:
    """What is raised for an address that no agent has."""
    return Rejected(f"{TITLE} has no agent {email!r}", system=SYSTEM, code="no_agent")
