"""`DeskAccess` over Request Tracker, with the administrative token.

An agent is a privileged user; what they may do comes with the groups made by people there. Its user needs the rights
AdminUsers, AdminGroupMembership and SeeGroup on everything, and no more.
"""

from collections.abc import Iterator, Mapping
from typing import ClassVar

import httpx

from automations.adapters.request_tracker.groups import groups_by_user, made_groups
from automations.adapters.request_tracker.limits import SYSTEM, TITLE, limits
from automations.adapters.request_tracker.line import Line, cannot, connect, part, said
from automations.adapters.request_tracker.shapes import Account
from automations.adapters.request_tracker.staff import privileged
from automations.adapters.request_tracker.users import AGENT, by_email
from automations.desks import AgentAccess, Capability, DeskToken, Seats
from automations.domain import DeskAgent, IdempotencyKey
from automations.errors import Rejected


class RequestTrackerAccess:
    """Agents of one Request Tracker."""

    system: ClassVar[str] = SYSTEM
    title: ClassVar[str] = TITLE

    def __init__(self, line: Line, transport: httpx.BaseTransport | None = None) -> None:
        self.capabilities: frozenset[Capability]
        self.by_hand: Mapping[Capability, str]
        self.capabilities, self.by_hand = limits(on_hold=line.terms.on_hold is not None)
        self._connection = connect(line, transport)

    def agent(self, email: str) -> DeskAgent | None:
        """A privileged user by address, read alone."""
        account = self._account(email)
        if account is None or not account.privileged:
            return None
        state = "suspended" if account.disabled else "active"
        return DeskAgent(account.name, account.real_name or account.name, account.email, AGENT, state)

    def agents(self) -> Iterator[DeskAgent]:
        """All privileged users, by name."""
        return iter(privileged(self._connection))

    def everybody(self) -> Iterator[AgentAccess]:
        """All privileged users with their groups: two calls for each hundred users, and one for each group.

        Tokens are not told.
        """
        groups = groups_by_user(self._connection)
        agents = privileged(self._connection, grouped=groups)
        return (AgentAccess(one, groups.get(one.id, ()), None) for one in agents)

    def seats(self) -> Seats:
        """As many as there are privileged users, disabled ones too: their number is not limited."""
        return Seats(len(privileged(self._connection)), None)

    def roles(self) -> Iterator[str]:
        """The only one there is."""
        return iter((AGENT,))

    def invite(self, email: str, name: str, role: str, *, key: IdempotencyKey) -> None:
        """Make a privileged user without a password, named by the address; one who only wrote mails becomes one.

        Nothing is mailed: they sign in by the company's sign-on, or an administrator gives them a password.
        """
        if role != AGENT:
            words = f"{TITLE} has no role {role[:40]!r}; known: {AGENT}"
            raise Rejected(words, system=SYSTEM, code="no_role")
        there = self._account(email)
        wanted = {"RealName": name, "Privileged": 1}
        if there is None:
            self._connection.write("POST", "/user", {"Name": email.lower(), "EmailAddress": email.lower(), **wanted})
        elif not there.privileged:
            self._put(email, there, wanted)
        if self.agent(email) is None:
            raise Rejected(f"{TITLE} did not make {email[:80]} an agent", system=SYSTEM, code="not_done")

    def invite_again(self, email: str, *, key: IdempotencyKey) -> None:
        """Raises Rejected: nobody is invited."""
        raise cannot("send an invitation")

    def set_role(self, email: str, role: str) -> None:
        """Raises Rejected: rights come with groups."""
        raise cannot("change an agent's role")

    def suspend(self, email: str) -> None:
        """Disable the user: neither password nor token opens anything."""
        self._disable(email, yes=True)

    def reactivate(self, email: str) -> None:
        """Enable the user."""
        self._disable(email, yes=False)

    def remove(self, email: str) -> None:
        """Take the user out of all groups, whose rights stay with members, then make them unprivileged."""
        account = self._account(email)
        if account is None or not account.privileged:
            return
        for group in self._groups_of(account).values():
            self._leave(account, group)
        self._put(email, account, {"Privileged": 0})
        if self.agent(email) is not None:
            raise Rejected(f"{TITLE} left {email[:80]} an agent", system=SYSTEM, code="not_done")

    def groups(self) -> Iterator[str]:
        """The names of the groups that people made, in order; queues are something else there."""
        return iter(sorted(made_groups(self._connection)))

    def memberships(self, email: str) -> Iterator[str]:
        """The names of the groups the user was put into."""
        return iter(self._groups_of(self._there(email)))

    def join(self, email: str, group: str) -> None:
        """Put the user into a group. Raises: Rejected with the code `no_group`, naming the known ones."""
        account, number = self._there(email), self._group(group)
        if group in self._groups_of(account):
            return
        self._connection.write("PUT", f"/user/{part(account.name)}/groups", [number])
        if group not in self._groups_of(self._there(email)):
            raise Rejected(f"{TITLE} did not put {email[:80]} into {group}", system=SYSTEM, code="not_done")

    def leave(self, email: str, group: str) -> None:
        """Take the user out of a group."""
        account, number = self._there(email), self._group(group)
        if group in self._groups_of(account):
            self._leave(account, number)
            if group in self._groups_of(self._there(email)):
                raise Rejected(f"{TITLE} left {email[:80]} in {group}", system=SYSTEM, code="not_done")

    def sign_out(self, email: str) -> None:
        """Raises Rejected: there is no call for it."""
        raise cannot("sign an agent out everywhere")

    def tokens(self, email: str) -> Iterator[DeskToken]:
        """Raises Rejected: there is no call for it."""
        raise cannot("list an agent's tokens")

    def revoke_token(self, email: str, token: str) -> None:
        """Raises Rejected: there is no call for it."""
        raise cannot("revoke an agent's tokens")

    def _account(self, email: str) -> Account | None:
        found = by_email(self._connection, email, disabled=True)
        return None if found is None else self._connection.read(f"/user/{part(found.id)}").shaped(Account)

    def _there(self, email: str) -> Account:
        account = self._account(email)
        if account is None or not account.privileged:
            raise Rejected(f"{TITLE} has no agent with the address {email[:80]}", system=SYSTEM, code="no_agent")
        return account

    def _put(self, email: str, account: Account, body: Mapping[str, object]) -> str:
        return said(self._connection.write("PUT", f"/user/{part(account.name)}", body, missing="no_agent").body)

    def _disable(self, email: str, *, yes: bool) -> None:
        account = self._there(email)
        if account.disabled is yes:
            return
        answer = self._put(email, account, {"Disabled": int(yes)})
        if self._there(email).disabled is not yes:
            raise Rejected(f"{TITLE} left {email[:80]} as it was: {answer}", system=SYSTEM, code="not_done")

    def _leave(self, account: Account, group: str) -> None:
        self._connection.write("DELETE", f"/group/{group}/member/{account.id}")

    def _groups_of(self, account: Account) -> dict[str, str]:
        numbers = {one.id for one in account.memberships}
        return {name: number for name, number in made_groups(self._connection).items() if number in numbers}

    def _group(self, name: str) -> str:
        groups = made_groups(self._connection)
        if name not in groups:
            listed = ", ".join(sorted(groups)[:20]) or "none"
            raise Rejected(f"{TITLE} has no group {name[:80]!r}; known: {listed}", system=SYSTEM, code="no_group")
        return groups[name]
