"""Freshdesk's agents behind the port for access. Has the administrative API key, and nothing else here has it.

The API knows no suspension: an agent is turned into a contact, and their tickets become unassigned. Nobody can change
their own roles, so the key's own agent cannot be changed here.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, ClassVar, Final

from automations.adapters.freshdesk.connection import API, listed
from automations.adapters.freshdesk.directory import Kept, as_desk_agent
from automations.adapters.freshdesk.limits import BY_HAND, CAPABILITIES, SYSTEM, TITLE
from automations.adapters.freshdesk.options import Options, Scope
from automations.adapters.freshdesk.shapes import Agent, Agents, Group, KnownContacts, Named, NamedOnes
from automations.adapters.http import Connection
from automations.desks import AgentAccess, Capability, DeskToken, Seats
from automations.domain import DeskAgent, IdempotencyKey
from automations.errors import Rejected

_SCOPES: Final = {Scope.GLOBAL: 1, Scope.GROUP: 2, Scope.RESTRICTED: 3}


class FreshdeskAccess:
    """`DeskAccess` over `/api/v2/agents`. `connection` bears the administrative key."""

    system: ClassVar[str] = SYSTEM
    title: ClassVar[str] = TITLE
    capabilities: ClassVar[frozenset[Capability]] = CAPABILITIES
    by_hand: ClassVar[Mapping[Capability, str]] = BY_HAND

    def __init__(self, connection: Connection, now: Callable[[], datetime], options: Options | None = None) -> None:
        self._connection = connection
        self._scope = _SCOPES[(options or Options()).agent_scope]
        self._roles: Kept[Named] = Kept(self._read_roles, now)
        self._groups: Kept[Named] = Kept(lambda: listed(connection, "/groups", NamedOnes), now)

    def agent(self, email: str) -> DeskAgent | None:
        """One agent, read alone; None if there is none."""
        found = self._find(email)
        return self._shown(found) if found else None

    def agents(self) -> Iterator[DeskAgent]:
        """All agents. Each is read alone, since lists leave roles out: as many calls as agents, and one a page more."""
        for one in listed(self._connection, "/agents", Agents):
            yield self._shown(self._read(one.id))

    def everybody(self) -> Iterator[AgentAccess]:
        """All agents with their groups: a call for each page of agents and for each group.

        Lists of agents leave out roles, so the role is empty. Tokens are not told.
        """
        inside: dict[int, set[str]] = {}
        for one in self._groups.again():
            for number in self._members(one.id):
                inside.setdefault(number, set()).add(one.name)
        for agent in listed(self._connection, "/agents", Agents):
            yield AgentAccess(as_desk_agent(agent, ""), tuple(sorted(inside.get(agent.id, ()))), None)

    def seats(self) -> Seats:
        """Raises Rejected: the API tells how many agents there are, and not how many there may be."""
        raise _cannot(Capability.SEATS)

    def roles(self) -> Iterator[str]:
        """The roles of the account."""
        return (role.name for role in self._roles.all())

    def invite(self, email: str, name: str, role: str, *, key: IdempotencyKey) -> None:
        """Create the agent, or make one of the contact with this address. It takes a seat and sends them a mail.

        Raises: Rejected with the code `no_seat` or `no_role`, with nothing changed.
        """
        if self._find(email) is not None:
            return
        body = {"ticket_scope": self._scope, "role_ids": [self._role_id(role)]}
        try:
            self._create({"email": email, "name": name, **body}, body)
        except Rejected as exc:
            if exc.code != "no_seat":
                raise
            words = f"no seat is left in {TITLE} for {email}: free one or buy one. {exc}"
            raise Rejected(words, system=SYSTEM, code="no_seat") from exc

    def invite_again(self, email: str, *, key: IdempotencyKey) -> None:
        """Raises Rejected: the API cannot."""
        raise _cannot(Capability.REINVITES)

    def set_role(self, email: str, role: str) -> None:
        """Give an agent this role alone. Raises: Rejected with the code `no_agent` or `no_role`."""
        agent, wanted = self._get(email), [self._role_id(role)]
        if agent.role_ids != wanted:
            self._connection.write("PUT", f"{API}/agents/{agent.id}", {"role_ids": wanted}, missing="no_agent")

    def suspend(self, email: str) -> None:
        """Raises Rejected: the API cannot."""
        raise _cannot(Capability.SUSPENDS)

    def reactivate(self, email: str) -> None:
        """Raises Rejected: the API cannot."""
        raise _cannot(Capability.SUSPENDS)

    def remove(self, email: str) -> None:
        """Turn the agent into a contact: the seat is free. Their tickets become unassigned: reassign those first."""
        if (found := self._find(email)) is None:
            return
        try:
            self._connection.write("DELETE", f"{API}/agents/{found.id}", missing="no_agent")
        except Rejected as exc:
            if exc.code != "no_agent":  # else somebody was quicker
                raise

    def groups(self) -> Iterator[str]:
        """The names of all groups."""
        return (group.name for group in self._groups.again())

    def memberships(self, email: str) -> Iterator[str]:
        """The groups an agent is in."""
        inside = set(self._get(email).group_ids or ())
        return (group.name for group in self._groups.all() if group.id in inside)

    def join(self, email: str, group: str) -> None:
        """Put an agent into a group; the others stay in it."""
        agent, number = self._get(email), self._group_id(group)
        if number not in (agent.group_ids or ()):
            self._patch(number, {"id": agent.id})

    def leave(self, email: str, group: str) -> None:
        """Take an agent out of a group."""
        agent, number = self._get(email), self._group_id(group)
        if number in (agent.group_ids or ()):
            self._patch(number, {"id": agent.id, "deleted": True})

    def sign_out(self, email: str) -> None:
        """Raises Rejected: the API cannot."""
        raise _cannot(Capability.SESSIONS)

    def tokens(self, email: str) -> Iterator[DeskToken]:
        """Raises Rejected: the API cannot."""
        raise _cannot(Capability.TOKENS)

    def revoke_token(self, email: str, token: str) -> None:
        """Raises Rejected: the API cannot."""
        raise _cannot(Capability.TOKENS)

    def _create(self, whole: Mapping[str, Any], rights: Mapping[str, Any]) -> None:
        try:
            self._connection.write("POST", f"{API}/agents", dict(whole))
        except Rejected as exc:
            contact = self._contact(whole["email"]) if exc.code == "duplicate_value" else None
            if contact is None:
                raise
            self._connection.write("PUT", f"{API}/contacts/{contact}/make_agent", dict(rights))

    def _contact(self, email: str) -> int | None:
        """Who was an agent before is a contact now, and their address is taken."""
        found = listed(self._connection, "/contacts", KnownContacts, {"email": email})
        return next((one.id for one in found if (one.email or "").lower() == email.lower()), None)

    def _find(self, email: str) -> Agent | None:
        found = listed(self._connection, "/agents", Agents, {"email": email})
        there = next((one for one in found if one.email == email.lower()), None)
        return self._read(there.id) if there else None

    def _read_roles(self) -> list[Named]:
        """Roles come in one answer, without pages."""
        return self._connection.read(f"{API}/roles").shaped(NamedOnes).root

    def _get(self, email: str) -> Agent:
        if (found := self._find(email)) is None:
            raise Rejected(f"{TITLE} has no agent {email}", system=SYSTEM, code="no_agent")
        return found

    def _read(self, number: int) -> Agent:
        return self._connection.read(f"{API}/agents/{number}", missing="no_agent").shaped(Agent)

    def _shown(self, agent: Agent) -> DeskAgent:
        names = {role.id: role.name for role in self._roles.all()}
        return as_desk_agent(agent, ", ".join(names.get(role, str(role)) for role in agent.role_ids or ()))

    def _members(self, group: int) -> list[int]:
        """The agents of a group, nobody of one that was deleted meanwhile."""
        try:
            return self._connection.read(f"{API}/groups/{group}", missing="no_group").shaped(Group).agent_ids
        except Rejected as exc:
            if exc.code != "no_group":
                raise
            return []

    def _role_id(self, name: str) -> int:
        if (found := self._roles.find(lambda role: role.name == name)) is None:
            known = ", ".join(self.roles())
            raise Rejected(f"{TITLE} has no role {name!r}; it has {known}", system=SYSTEM, code="no_role")
        return found.id

    def _group_id(self, name: str) -> int:
        if (found := self._groups.find(lambda group: group.name == name)) is None:
            raise Rejected(f"{TITLE} has no group {name!r}", system=SYSTEM, code="no_group")
        return found.id

    def _patch(self, group: int, agent: Mapping[str, Any]) -> None:
        body = {"agents": [dict(agent)]}
        self._connection.write("PATCH", f"{API}/admin/groups/{group}/agents", body, missing="no_group")


def _cannot(capability: Capability) -> Rejected:
    return Rejected(f"{TITLE} cannot do that by API. {BY_HAND[capability]}", system=SYSTEM, code="cannot")
