"""Accounts of MuninX: the token's own, and those of the team."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import quote

from automations.adapters.http import Connection
from automations.adapters.muninx.limits import SYSTEM, TITLE
from automations.adapters.muninx.shapes import User, Users
from automations.domain import DeskAgent
from automations.errors import Rejected

ROLES: Final = ("agent", "admin")
"""The types of accounts that work on tickets, the smaller one first. The third one is customer."""
KEEP: Final = timedelta(minutes=1)
_STATES: Final = {"pending": "invited", "active": "active", "suspended": "suspended"}


class People:
    """Reads accounts. What the ticket calls need of them is kept for a minute."""

    def __init__(self, connection: Connection, now: Callable[[], datetime]) -> None:
        self._connection = connection
        self._now = now
        self._kept: tuple[datetime, DeskAgent, dict[str, DeskAgent]] | None = None

    def me(self) -> DeskAgent:
        """Whose token this is."""
        return as_agent(self._connection.read("/users/me").shaped(User))

    def team(self) -> Iterator[DeskAgent]:
        """All admins and agents. The filter by status takes no `pending`, so none is sent."""
        answer = self._connection.read("/users", {"type": ",".join(sorted(ROLES))}).shaped(Users)
        return (as_agent(user) for user in answer.users if user.type in ROLES)

    def account(self, email: str) -> User | None:
        """One account as it is now, of whatever type; None if there is none. `me` would be the token's own."""
        if "@" not in email:
            return None
        try:
            return self._connection.read(path(email)).shaped(User)
        except Rejected as exc:
            if exc.code != "not_found":
                raise
            return None

    def kept(self) -> tuple[DeskAgent, dict[str, DeskAgent]]:
        """The token's own account and the team by address, at most a minute old."""
        now = self._now()
        if self._kept is None or not timedelta() <= now - self._kept[0] < KEEP:
            self._kept = now, self.me(), {one.email: one for one in self.team()}
        return self._kept[1:]

    def able(self, email: str) -> str:
        """The address of an active agent. Raises: Rejected (`no_agent`, `agent_not_active`) before anything is sent."""
        found = self.account(email.lower())
        if found is None or found.type not in ROLES:
            raise Rejected(f"{TITLE} has no agent with the address {email[:80]}", system=SYSTEM, code="no_agent")
        agent = as_agent(found)
        if agent.state != "active":
            raise Rejected(f"{agent.name} is {agent.state} in {TITLE}", system=SYSTEM, code="agent_not_active")
        return agent.email


def path(email: str, then: str = "") -> str:
    """The address of an account."""
    return f"/users/{quote(email.lower(), safe='@')}{then}"


def as_agent(user: User) -> DeskAgent:
    """An account as the ports show people. It has no id beside its address."""
    name = " ".join(part for part in (user.name.strip(), user.last_name.strip()) if part)
    email = user.email.lower()
    return DeskAgent(email, name or email, email, user.type, _STATES.get(user.status, user.status or "active"))
