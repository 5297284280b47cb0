"""Who is where in Slack, as runs ask it: everybody who may confirm, and who could read a card in its channel."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from automations.domain import Role
from bot.gateway import SlackGateway
from bot.permissions import excluded
from bot.slack_errors import TargetGone

CONFIRM: Final = (Role.LEAD, Role.ADMIN)
"""The roles that may confirm."""


@dataclass(frozen=True, slots=True)
class SlackRooms:
    """`automations.runs.kinds.Rooms` over Slack. `roles` gives user ids and user group ids, as the settings are now."""

    gateway: SlackGateway
    roles: Callable[[], Mapping[Role, Collection[str]]]

    def leads(self) -> tuple[str, ...]:
        """The Slack user ids of everybody who may confirm, in the order of the settings, members of groups by id.

        Guests, apps, people of other organizations and deactivated people are left out, as they are at a click.
        Raises: AdapterError.
        """
        team = self.gateway.auth_test().team_id
        return tuple(user for user in dict.fromkeys(self._granted()) if self._may_act(user, team))

    def is_member(self, channel: str, user: str) -> bool:
        """Whether this Slack user is in the channel. Raises: AdapterError; then nobody knows."""
        return user in self.gateway.members(channel)

    def _granted(self) -> Iterator[str]:
        roles = self.roles()
        for grant in (grant for role in CONFIRM for grant in roles.get(role, ())):
            yield from sorted(self.gateway.usergroup_members(grant)) if grant.startswith("S") else (grant,)

    def _may_act(self, user: str, team: str) -> bool:
        try:
            return not excluded(self.gateway.user(user), team)
        except TargetGone:  # the settings name somebody whom Slack does not know any more
            return False
