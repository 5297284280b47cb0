"""The doors to who may work where: the desk's agents, and the company's list of people.

Only the access automation is given them. Everything behind them raises only `AdapterError`.
"""

from collections.abc import Callable, Iterator
from typing import Protocol

from automations.desks import AgentAccess, Declared, DeskToken, Seats
from automations.domain import DeskAgent, IdempotencyKey
from automations.identities import IdentityPerson

Progress = Callable[[int, int | None], None]
"""Told how many were read so far, and of how many where that is known."""


class DeskAccess(Declared, Protocol):
    """Who may work in the desk. Has the administrative credential; only the access automation is given it.

    Agents are named by e-mail. Every act is true already or made true, so a repeat is safe; all raise only
    `AdapterError`, `Rejected` with the code `no_agent` for somebody the desk does not have.
    """

    def agent(self, email: str) -> DeskAgent | None:
        """One agent as the desk shows them now, read alone and not from a list; None if there is none."""

    def agents(self) -> Iterator[DeskAgent]:
        """All agents with role and state, across all pages."""

    def everybody(self) -> Iterator[AgentAccess]:
        """All agents with their groups and tokens, read in pages: the calls grow with the pages, not with the people.

        What a desk tells only for one agent at a time is None, or empty if it is the role.
        """

    def seats(self) -> Seats:
        """How many agents there are and may be. Needs `seats`."""

    def invite_again(self, email: str, *, key: IdempotencyKey) -> None:
        """Send the invitation once more to an agent who has not accepted it. Needs `reinvites`.

        Raises: Rejected with the code `accepted` if they have accepted.
        """

    def roles(self) -> Iterator[str]:
        """The roles an agent can have, by the names that `invite` and `set_role` take."""

    def invite(self, email: str, name: str, role: str, *, key: IdempotencyKey) -> None:
        """Create the agent, or invite them where the desk does that. There already is success. Needs `invites`.

        Raises: Rejected with the code `no_seat` if no seat is left, `no_role` for a role the desk does not have.
        """

    def set_role(self, email: str, role: str) -> None:
        """Give an agent this role instead of theirs. Needs `roles`."""

    def suspend(self, email: str) -> None:
        """Let nobody sign in as this agent any more. Needs `suspends`."""

    def reactivate(self, email: str) -> None:
        """Take a suspension back. Needs `suspends`."""

    def remove(self, email: str) -> None:
        """Make an end user of the agent, or remove them: the seat is free. Not there is success. Needs `removes`."""

    def groups(self) -> Iterator[str]:
        """The groups that agents can be in, by the names that `join` takes. Needs `memberships`.

        They need not be those that tickets are in: some desks have queues beside groups of people.
        """

    def memberships(self, email: str) -> Iterator[str]:
        """The names of the groups an agent is in. Needs `memberships`, as `join` and `leave` do."""

    def join(self, email: str, group: str) -> None:
        """Put an agent into a group."""

    def leave(self, email: str, group: str) -> None:
        """Take an agent out of a group."""

    def sign_out(self, email: str) -> None:
        """End all sessions of an agent. Needs `sessions`."""

    def tokens(self, email: str) -> Iterator[DeskToken]:
        """The tokens that let programs act as this agent. Needs `tokens`."""

    def revoke_token(self, email: str, token: str) -> None:
        """Make a token of this agent worthless. Worthless already is success. Needs `tokens`."""


class IdentitySource(Protocol):
    """Where it is kept who works for the company. Only read, never written.

    A list that is empty, cut, or shorter than the source itself says is `Rejected` with the code `incomplete`: it must
    never look as if everybody had left.
    """

    @property
    def system(self) -> str:
        """The source's name in one word, as rows keep it: `scim`, `people_file`."""

    @property
    def title(self) -> str:
        """The source's name as people read it."""

    def people(self, *, progress: Progress | None = None) -> tuple[IdentityPerson, ...]:
        """Everybody, active or not, with all their groups; the whole list or an error."""

    def person(self, email: str) -> IdentityPerson | None:
        """One person by mail address, whatever its case, read alone; None if the source knows none.

        Raises: Rejected with the code `ambiguous` if several have this address.
        """
