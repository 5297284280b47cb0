"""`DeskAccess` over MuninX: accounts by e-mail. It is given the administrative token alone, which must be an admin's.

Writes answer a text instead of the account, so every one is read back. A suspended person cannot sign in and is still
billed (team guide); whether their tokens stop working is not documented.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, ClassVar, Final, NoReturn

from automations.adapters.http import Connection
from automations.adapters.muninx.limits import BY_HAND, CAPABILITIES, SYSTEM, TITLE, cannot
from automations.adapters.muninx.people import ROLES, People, as_agent, path
from automations.desks import ACCESS, AgentAccess, Capability, DeskToken, Seats
from automations.domain import DeskAgent, IdempotencyKey
from automations.errors import Rejected

HUMAN: Final = "human"
"""The kind of agent that people are; required of admins and agents, forbidden for customers."""


class MuninxAccess:
    """Who may work in MuninX."""

    system: ClassVar[str] = SYSTEM
    title: ClassVar[str] = TITLE
    capabilities: ClassVar[frozenset[Capability]] = CAPABILITIES & ACCESS
    by_hand: ClassVar[Mapping[Capability, str]] = {one: words for one, words in BY_HAND.items() if one in ACCESS}

    def __init__(self, connection: Connection, now: Callable[[], datetime]) -> None:
        self._connection = connection
        self._people = People(connection, now)

    def agent(self, email: str) -> DeskAgent | None:
        """One admin or agent as MuninX shows them now; None for a customer too."""
        found = self._people.account(email)
        return as_agent(found) if found is not None and found.type in ROLES else None

    def agents(self) -> Iterator[DeskAgent]:
        """All admins and agents."""
        return self._people.team()

    def everybody(self) -> Iterator[AgentAccess]:
        """All admins and agents, by one call. There are no groups, and tokens are told to their owners alone."""
        return (AgentAccess(one, None, None) for one in self._people.team())

    def seats(self) -> Seats:
        """Raises Rejected: the plan is told to service users alone."""
        cannot(Capability.SEATS)

    def roles(self) -> Iterator[str]:
        """The types of accounts that work on tickets."""
        return iter(ROLES)

    def invite(self, email: str, name: str, role: str, *, key: IdempotencyKey) -> None:
        """Make an account, which MuninX mails a link to; it is invited until that is used.

        Raises: Rejected `no_role`; `no_last_name`, since MuninX requires one.
        """
        _known(role)
        if (there := self._people.account(email)) is not None:
            if there.type not in ROLES:  # a customer by this address becomes an agent
                self._change(email, {"type": role, "agent-type": HUMAN})
            return
        first, _, last = name.strip().rpartition(" ")
        if not first:
            words = f"{TITLE} needs a last name too, and {name[:80]!r} is one word"
            raise Rejected(words, system=SYSTEM, code="no_last_name")
        who = {"email": email.lower(), "name": first.strip(), "last-name": last}
        self._connection.write("POST", "/users", {**who, "type": role, "agent-type": HUMAN})
        if self.agent(email) is None:
            self._not_followed(f"the invitation of {email}")

    def invite_again(self, email: str, *, key: IdempotencyKey) -> None:
        """Mail the activation link once more. Raises: Rejected `accepted`; `suspended`, since it would not help."""
        state = self._there(email).state
        if state == "suspended":
            words = f"{email} is suspended in {TITLE}, so no invitation helps them: reactivate them first"
            raise Rejected(words, system=SYSTEM, code="suspended")
        if state != "invited":
            words = f"{email} accepted their invitation to {TITLE} already, so there is none to send again"
            raise Rejected(words, system=SYSTEM, code="accepted")
        self._connection.write("POST", path(email, "/activation-email"), missing="no_agent")

    def set_role(self, email: str, role: str) -> None:
        """Make an agent of an admin, or the other way round."""
        _known(role)
        if self._there(email).role != role:
            self._change(email, {"type": role})
            if self._there(email).role != role:
                self._not_followed(f"the role {role} of {email}")

    def suspend(self, email: str) -> None:
        """Let nobody sign in as this agent any more. They are billed all the same."""
        if self._there(email).state != "suspended":
            self._change(email, {"status": "suspended"})
            if self._there(email).state != "suspended":
                self._not_followed(f"the suspension of {email}")

    def reactivate(self, email: str) -> None:
        """Take a suspension back."""
        if self._there(email).state == "suspended":
            self._change(email, {"status": "active"})
            if self._there(email).state == "suspended":
                self._not_followed(f"the end of {email}'s suspension")

    def remove(self, email: str) -> None:
        """Make a customer of the agent: the API deletes no account. Whether that frees the seat is not documented."""
        if self.agent(email) is not None:
            self._change(email, {"type": "customer"})
            if self.agent(email) is not None:
                self._not_followed(f"the removal of {email}")

    def groups(self) -> Iterator[str]:
        """Raises Rejected: there are no groups."""
        cannot(Capability.MEMBERSHIPS)

    def memberships(self, email: str) -> Iterator[str]:
        """Raises Rejected: there are no groups."""
        cannot(Capability.MEMBERSHIPS)

    def join(self, email: str, group: str) -> None:
        """Raises Rejected: there are no groups."""
        cannot(Capability.MEMBERSHIPS)

    def leave(self, email: str, group: str) -> None:
        """Raises Rejected: there are no groups."""
        cannot(Capability.MEMBERSHIPS)

    def sign_out(self, email: str) -> None:
        """Raises Rejected: no call ends a session."""
        cannot(Capability.SESSIONS)

    def tokens(self, email: str) -> Iterator[DeskToken]:
        """Raises Rejected: an account lists only its own tokens."""
        cannot(Capability.TOKENS)

    def revoke_token(self, email: str, token: str) -> None:
        """Raises Rejected: an account revokes only its own tokens."""
        cannot(Capability.TOKENS)

    def _there(self, email: str) -> DeskAgent:
        if (found := self.agent(email)) is None:
            raise Rejected(f"{TITLE} has no agent with the address {email[:80]}", system=SYSTEM, code="no_agent")
        return found

    def _change(self, email: str, body: Mapping[str, Any]) -> None:
        self._connection.write("PUT", path(email), dict(body), missing="no_agent")

    def _not_followed(self, what: str) -> NoReturn:
        raise Rejected(f"{TITLE} accepted {what} and did not make it so", system=SYSTEM, code="not_changed")


def _known(role: str) -> None:
    if role not in ROLES:
        words = f"{TITLE} has no role {role[:40]!r} for agents; it has {' and '.join(ROLES)}"
        raise Rejected(words, system=SYSTEM, code="no_role")
