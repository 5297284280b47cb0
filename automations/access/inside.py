"""What of a person is inside Handoff itself, and in Slack, as access sees it: ports, since other automations own it."""

from collections.abc import Collection
from typing import Protocol

from automations.domain import IdempotencyKey, Role


class Inside(Protocol):
    """A person inside Handoff, named by e-mail address. Every act is true already or made true.

    Methods raise Refused or NotFound in words. `also` are further addresses of the same person, such as the one of
    their agent in the desk.
    """

    def role(self, email: str) -> Role | None:
        """What the settings let them do; None for nothing. Raises AdapterError where Slack does not tell."""

    def blocked(self, email: str) -> bool:
        """Whether they may do nothing in Handoff."""

    def block(self, email: str, also: Collection[str], *, key: IdempotencyKey) -> None:
        """Let them do nothing any more: no role, no duty, no cases, no personal links, no pending approvals.

        `key` begins with the run's (`run/7/…`), which the block names.
        """

    def unblock(self, email: str, also: Collection[str], *, key: IdempotencyKey) -> None:
        """Take a block back. What it withdrew stays withdrawn."""

    def duties(self, email: str) -> tuple[str, ...]:
        """The rotations in which they have the duty now or cover it later."""

    def end_duties(self, email: str, *, key: IdempotencyKey) -> None:
        """End their covers. Their turns pass to the next in order, since they are blocked."""

    def cases(self, email: str) -> int:
        """How many open cases they have."""

    def hand_over(self, email: str, to: str, *, key: IdempotencyKey) -> None:
        """Give all their open cases to `to`, an address; where it is empty, to whom each case's rule names."""

    def named_in(self, email: str) -> tuple[str, ...]:
        """The keys of the settings in force that name them, in order: `rotations.first-line.people`."""


class SlackGroups(Protocol):
    """User groups of the Slack workspace. Raises only `AdapterError`."""

    def usergroup_users(self, group: str) -> frozenset[str]:
        """The user ids in a group, read anew."""

    def usergroup_set(self, group: str, users: Collection[str]) -> None:
        """Let a group consist of these users. Needs the scope usergroups:write."""
