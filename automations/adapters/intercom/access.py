"""Who works in Intercom: readable with role and teams; nothing about it can be changed through the API.

The API has no call that creates, changes, suspends or removes a teammate, and none for sessions and tokens; away mode
is no lock-out. Source: the vendor's reference, admins and teams.
"""

from collections.abc import Iterator, Mapping
from typing import ClassVar, NoReturn

from automations.adapters.http import Connection
from automations.adapters.intercom.limits import BY_HAND, CAPABILITIES, SYSTEM, TITLE
from automations.adapters.intercom.line import refused
from automations.adapters.intercom.shapes import AdminShape, AdminsShape, TeamShape, TeamsShape
from automations.desks import ABILITY, AgentAccess, Capability, DeskToken, Seats
from automations.domain import DeskAgent, IdempotencyKey
from automations.errors import Rejected


class IntercomAccess:
    """`DeskAccess` over Intercom's admins, by the administrative credential."""

    system: ClassVar[str] = SYSTEM
    title: ClassVar[str] = TITLE
    capabilities: ClassVar[frozenset[Capability]] = CAPABILITIES
    by_hand: ClassVar[Mapping[Capability, str]] = BY_HAND

    def __init__(self, line: Connection) -> None:
        self._line = line

    def agent(self, email: str) -> DeskAgent | None:
        """One teammate, found in the list by address and then read alone; None if there is none."""
        if (listed := self._listed(email)) is None:
            return None
        try:
            return _agent(self._line.read(f"/admins/{listed.id}").shaped(AdminShape))
        except Rejected as exc:
            if exc.code != "not_found":
                raise
            return None

    def agents(self) -> Iterator[DeskAgent]:
        """All teammates. Whoever is removed is listed no more, so all are active."""
        return iter([_agent(one) for one in self._all()])

    def everybody(self) -> Iterator[AgentAccess]:
        """All teammates with their teams, by two calls. Tokens are not told."""
        teams = self._teams()
        return iter([AgentAccess(_agent(one), tuple(sorted(_names(one, teams))), None) for one in self._all()])

    def roles(self) -> Iterator[str]:
        """The roles that somebody has; Intercom lists no others."""
        return iter(sorted({one.role.name for one in self._all() if one.role and one.role.name}))

    def groups(self) -> Iterator[str]:
        """The names of all teams, which can be read though not changed."""
        return iter([team.name for team in self._line.read("/teams").shaped(TeamsShape).teams])

    def memberships(self, email: str) -> Iterator[str]:
        """The teams a teammate is in, which can be read though not changed. Raises: Rejected, `no_agent`."""
        if (listed := self._listed(email)) is None:
            raise refused(f"Intercom has no teammate with the address {email[:100]}", "no_agent")
        return iter(_names(listed, self._teams()))

    def invite(self, email: str, name: str, role: str, *, key: IdempotencyKey) -> None:
        """Raises: Rejected, with what to do by hand; so do all that follow."""
        _refuse(Capability.INVITES)

    def invite_again(self, email: str, *, key: IdempotencyKey) -> None:
        _refuse(Capability.REINVITES)

    def seats(self) -> Seats:
        _refuse(Capability.SEATS)

    def set_role(self, email: str, role: str) -> None:
        _refuse(Capability.ROLES)

    def suspend(self, email: str) -> None:
        _refuse(Capability.SUSPENDS)

    def reactivate(self, email: str) -> None:
        _refuse(Capability.SUSPENDS)

    def remove(self, email: str) -> None:
        _refuse(Capability.REMOVES)

    def join(self, email: str, group: str) -> None:
        _refuse(Capability.MEMBERSHIPS)

    def leave(self, email: str, group: str) -> None:
        _refuse(Capability.MEMBERSHIPS)

    def sign_out(self, email: str) -> None:
        _refuse(Capability.SESSIONS)

    def tokens(self, email: str) -> Iterator[DeskToken]:
        _refuse(Capability.TOKENS)

    def revoke_token(self, email: str, token: str) -> None:
        _refuse(Capability.TOKENS)

    def _all(self) -> tuple[AdminShape, ...]:
        return self._line.read("/admins").shaped(AdminsShape).admins

    def _teams(self) -> tuple[TeamShape, ...]:
        return self._line.read("/teams").shaped(TeamsShape).teams

    def _listed(self, email: str) -> AdminShape | None:
        return next((one for one in self._all() if (one.email or "").lower() == email.lower()), None)


def _agent(admin: AdminShape) -> DeskAgent:
    role = admin.role.name if admin.role else ""
    return DeskAgent(admin.id, admin.name or "", (admin.email or "").lower(), role, "active")


def _names(admin: AdminShape, teams: tuple[TeamShape, ...]) -> list[str]:
    mine = {str(one) for one in admin.team_ids or ()}
    return [team.name for team in teams if team.id in mine]


def _refuse(lacking: Capability) -> NoReturn:
    raise refused(f"{TITLE} cannot {ABILITY[lacking]}. {BY_HAND[lacking]}", "cannot")
