"""Who may do what: a Slack user becomes an `Actor` with a role, or is told in words why not. When in doubt: no.

Neither a button nor a channel gives a right. Every click is checked against the roles of the settings at that moment,
and again when a form is sent. Guests, people of other organizations, bots and deactivated users may do nothing.
"""

import time
from collections.abc import Callable, Collection, Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooLate
from copy import copy
from dataclasses import dataclass, replace
from typing import Protocol, Self

import structlog

from automations.domain import ROLE_ORDER, Actor, Role
from automations.errors import AdapterError, Rejected
from automations.people import Roster
from bot.permission_matrix import MATRIX

log = structlog.get_logger(__name__)

BLOCKED = "Your access to Handoff was taken away. A lead can tell you why."
"""What somebody is told who was offboarded and tries to act."""

LOOKUP_S = 0.8
"""Seconds that Slack may take to say who somebody is, out of the three in which it wants an answer."""


class SlackUser(Protocol):
    """A Slack user, as far as rights depend on it."""

    @property
    def team_id(self) -> str:
        """The workspace the user belongs to."""

    @property
    def name(self) -> str:
        """What people call the user."""

    @property
    def email(self) -> str | None:
        """The e-mail address, if the app may see it."""

    @property
    def is_bot(self) -> bool:
        """An app's user."""

    @property
    def deleted(self) -> bool:
        """Deactivated."""

    @property
    def is_restricted(self) -> bool:
        """A guest of several channels."""

    @property
    def is_ultra_restricted(self) -> bool:
        """A guest of one channel."""

    @property
    def is_stranger(self) -> bool:
        """Somebody of another organization, met in a shared channel."""


class Directory(Protocol):
    """Where Slack users are looked up; the gateway, which keeps answers for 45 seconds. Raises `AdapterError`."""

    def user(self, user_id: str) -> SlackUser:
        """One user."""

    def usergroup_members(self, group_id: str) -> Collection[str]:
        """The user ids of a user group."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who somebody is. `why_not` says in words why this person may do nothing at all; `actor` names them anyway.

    `blocked`: it is because their access to Handoff was taken away, and for no other reason. `unsure`: Slack gave
    no answer, so it is to be asked again.
    """

    actor: Actor
    why_not: str = ""
    blocked: bool = False
    unsure: bool = False

    def unless(self, blocked: Collection[str]) -> "Identity":
        """The same person, without any right if the address is among these."""
        if self.why_not or not self.actor.email or self.actor.email.lower() not in blocked:
            return self
        return Identity(replace(self.actor, role=None), BLOCKED, blocked=True)


class Permissions:
    """Turns Slack user ids into identities. `roles` maps each role to user ids (U…, W…) and user group ids (S…)."""

    def __init__(
        self,
        roles: Mapping[Role, Collection[str]],
        roster: Roster,
        directory: Directory,
        team_id: str,
        *,
        lookup_s: float = LOOKUP_S,
    ) -> None:
        self._roles = {role: tuple(roles.get(role, ())) for role in ROLE_ORDER}
        self._roster = roster
        self._directory = directory
        self._team_id = team_id
        self._lookup_s = lookup_s
        self._lookups = ThreadPoolExecutor(max_workers=8, thread_name_prefix="who")

    def under(self, *, roles: Mapping[Role, Collection[str]] | None = None, roster: Roster | None = None) -> Self:
        """The same door to Slack, judged by these roles and people."""
        other = copy(self)
        other.__dict__ |= {"_roster": roster or self._roster}
        if roles is not None:
            other.__dict__ |= {"_roles": {role: tuple(roles.get(role, ())) for role in ROLE_ORDER}}
        return other

    def identify(self, user_id: str, team_id: str) -> Identity:
        """Say who this is, within `lookup_s` seconds. Never raises: a look-up that fails is a person without rights."""
        if not user_id:
            return Identity(self._nobody(user_id), "Slack did not say who this is.")
        if team_id and team_id != self._team_id:
            return Identity(self._nobody(user_id), "People of other organizations cannot act in Handoff.")
        return self._told(user_id, self._lookups.submit(self._identify, user_id), self._lookup_s)

    def identify_all(self, user_ids: Iterable[str]) -> dict[str, Identity]:
        """Say who each of these is, all of them within `lookup_s` seconds together. Never raises, as `identify`."""
        end = time.monotonic() + self._lookup_s
        asked = {user_id: self._lookups.submit(self._identify, user_id) for user_id in user_ids}
        return {id: self._told(id, one, max(0.0, end - time.monotonic())) for id, one in asked.items()}

    def close(self) -> None:
        """Stop looking up. Look-ups under way are left to end by themselves."""
        self._lookups.shutdown(wait=False, cancel_futures=True)

    def _told(self, user_id: str, asked: "Future[Identity]", wait_s: float) -> Identity:
        unsure = True
        try:
            return asked.result(timeout=wait_s)
        except TooLate:
            log.warning("slack.lookup_late", user=user_id, seconds=self._lookup_s)
        except AdapterError as exc:
            log.warning("slack.lookup_failed", user=user_id, error=str(exc))
            unsure = not isinstance(exc, Rejected)
        why_not = "Slack cannot tell Handoff who this is right now. Please try again in a minute."
        return Identity(self._nobody(user_id), why_not, unsure=unsure)

    def _nobody(self, user_id: str) -> Actor:
        return Actor(id=user_id or "nobody", name=self._name(user_id))

    def _identify(self, user_id: str) -> Identity:
        user = self._directory.user(user_id)
        person = self._roster.by_slack(user_id) or self._roster.by_email(user.email)
        email = person.email if person else user.email.lower() if user.email else None
        actor = Actor(id=user_id, name=person.name if person else user.name or user_id, email=email)
        if why_not := excluded(user, self._team_id):
            return Identity(actor, why_not)
        role = role_granted(user_id, self._roles, self._directory.usergroup_members)
        return Identity(Actor(actor.id, actor.name, actor.email, role))

    def _name(self, user_id: str) -> str:
        person = self._roster.by_slack(user_id)
        return person.name if person else user_id or "nobody"


def role_granted(
    user_id: str, roles: Mapping[Role, Collection[str]], members: Callable[[str], Collection[str]]
) -> Role | None:
    """The highest role that names this Slack user, or a user group that they are in. Raises what `members` raises."""
    for role in reversed(ROLE_ORDER):
        granted = roles.get(role, ())
        if user_id in granted:
            return role
        if any(user_id in members(group) for group in granted if group.startswith("S")):
            return role
    return None


def refusal(identity: Identity, row: str) -> str:
    """Say why this person may not do what `row` of the matrix names; empty if they may. Raises KeyError for no row."""
    needed = MATRIX[row]
    if identity.why_not:
        return identity.why_not
    if needed is None or identity.actor.may(needed):
        return ""
    has = f"yours is {identity.actor.role}" if identity.actor.role else "you have none"
    return f"This needs the role {needed}; {has}. An admin gives roles in Handoff's settings under [roles]."


def excluded(user: SlackUser, team_id: str) -> str:
    """Say why this Slack user may do nothing at all, whatever the settings say; empty if they may."""
    if user.deleted:
        return "This Slack user is deactivated."
    if user.is_bot:
        return "Apps and bots cannot act in Handoff."
    if user.is_stranger or user.team_id != team_id:
        return "People of other organizations cannot act in Handoff."
    if user.is_restricted or user.is_ultra_restricted:
        return "Guests of this workspace cannot act in Handoff."
    return ""
