"""How the steps at the desk are looked at and made true: account, role, groups, suspension, sessions, tokens, seat.

Each looks at one agent read alone, so that what it says is how the desk shows it now. All acts are true already or made
true. What the credential cannot is refused in words before anything leaves.
"""

from dataclasses import dataclass

from automations.access import steps
from automations.access.desk_tickets import hand_over, open_tickets
from automations.access_ports import DeskAccess
from automations.desks import Capability, require
from automations.domain import DeskAgent, IdempotencyKey
from automations.errors import Refused
from automations.plan import Step
from automations.ports import HelpDesk


@dataclass(frozen=True, slots=True)
class AtDesk:
    """Both doors of the desk; `access` is None without the administrative credential, and then people do it all."""

    desk: HelpDesk
    access: DeskAccess | None

    def agent(self, email: str) -> DeskAgent | None:
        """The agent as the desk shows them now; out of the list where nobody can be read alone."""
        if self.access is not None:
            return self.access.agent(email)
        return next((one for one in self.desk.agents() if one.email.lower() == email.lower()), None)

    def can(self, capability: Capability) -> bool:
        """Whether the credential is there and the desk's API has it."""
        return self.access is not None and capability in self.access.capabilities

    def to(self, *needed: Capability) -> DeskAccess:
        """The door for what needs these. Raises: Refused, with what to do by hand instead."""
        if self.access is None:
            raise Refused(
                f"There is no administrative credential for {self.desk.title}, so nothing was changed there. Set "
                "HANDOFF_DESK__ADMIN_TOKEN, or do it there by hand."
            )
        require(self.access, *needed)
        return self.access


@dataclass(frozen=True, slots=True)
class Account:
    """An agent who can sign in or has been invited to: none, suspended, there."""

    at: AtDesk

    def look(self, step: Step) -> str | None:
        agent = self.at.agent(step.target)
        if agent is None:
            return steps.NONE
        return steps.SUSPENDED if agent.state == steps.SUSPENDED else steps.THERE

    def make(self, step: Step, value: str, *, key: IdempotencyKey) -> None:
        if value == steps.NONE:
            self.at.to(Capability.REMOVES).remove(step.target)
        elif value == steps.SUSPENDED:
            self.at.to(Capability.SUSPENDS).suspend(step.target)
        elif self.look(step) == steps.SUSPENDED:
            self.at.to(Capability.SUSPENDS).reactivate(step.target)
        else:
            access = self.at.to(Capability.INVITES)
            access.invite(step.target, step.arg["name"], step.arg["role"], key=key)


@dataclass(frozen=True, slots=True)
class AgentRole:
    """The role of an agent, as the desk names it; `none` without an agent."""

    at: AtDesk

    def look(self, step: Step) -> str | None:
        agent = self.at.agent(step.target)
        return agent.role if agent else steps.NONE

    def make(self, step: Step, value: str, *, key: IdempotencyKey) -> None:
        self.at.to(Capability.ROLES).set_role(step.target, value)


@dataclass(frozen=True, slots=True)
class Membership:
    """Being in a group of the desk: in, out. Somebody who leaves hands over the open tickets that they have in it."""

    at: AtDesk

    def look(self, step: Step) -> str | None:
        if self.at.access is None or not self.at.can(Capability.MEMBERSHIPS):
            return None
        if self.at.agent(step.target) is None:
            return steps.OUT
        return steps.IN if step.arg["group"] in set(self.at.access.memberships(step.target)) else steps.OUT

    def make(self, step: Step, value: str, *, key: IdempotencyKey) -> None:
        access, group = self.at.to(Capability.MEMBERSHIPS), step.arg["group"]
        if value == steps.IN:
            access.join(step.target, group)
            return
        to = step.arg.get("to")
        if to and Capability.ASSIGNED in self.at.desk.capabilities:
            inside = [one for one in open_tickets(self.at.desk, step.target) if one.group == group]
            hand_over(self.at.desk, inside, to, key=key)
        access.leave(step.target, group)


@dataclass(frozen=True, slots=True)
class Suspension:
    """Whether an agent can sign in: active, invited, suspended. Who is not there cannot, and counts as suspended."""

    at: AtDesk

    def look(self, step: Step) -> str | None:
        agent = self.at.agent(step.target)
        return agent.state if agent else steps.SUSPENDED

    def make(self, step: Step, value: str, *, key: IdempotencyKey) -> None:
        access = self.at.to(Capability.SUSPENDS)
        if value == steps.SUSPENDED:
            access.suspend(step.target)
        else:
            access.reactivate(step.target)


@dataclass(frozen=True, slots=True)
class Sessions:
    """The sessions of an agent: open, ended. No desk tells of them, so what was done is stated and never verified."""

    at: AtDesk

    def look(self, step: Step) -> str | None:
        return None

    def make(self, step: Step, value: str, *, key: IdempotencyKey) -> None:
        self.at.to(Capability.SESSIONS).sign_out(step.target)


@dataclass(frozen=True, slots=True)
class Token:
    """One token of an agent: alive, revoked. Whose agent is gone, their tokens cannot be read, and that is an error."""

    at: AtDesk

    def look(self, step: Step) -> str | None:
        if self.at.access is None or not self.at.can(Capability.TOKENS):
            return None
        alive = {token.id for token in self.at.access.tokens(step.target)}
        return steps.ALIVE if step.arg["token"] in alive else steps.REVOKED

    def make(self, step: Step, value: str, *, key: IdempotencyKey) -> None:
        self.at.to(Capability.TOKENS).revoke_token(step.target, step.arg["token"])


@dataclass(frozen=True, slots=True)
class Seat:
    """Being an agent at all: the role, or `none` when the seat is free. It is taken again by a new invitation."""

    at: AtDesk

    def look(self, step: Step) -> str | None:
        agent = self.at.agent(step.target)
        return agent.role if agent else steps.NONE

    def make(self, step: Step, value: str, *, key: IdempotencyKey) -> None:
        if value == steps.NONE:
            self.at.to(Capability.REMOVES).remove(step.target)
        else:
            self.at.to(Capability.INVITES).invite(step.target, step.arg["name"], value, key=key)


@dataclass(frozen=True, slots=True)
class Accepted:
    """Whether an invitation was accepted. Nobody makes that true for somebody else; it can be sent once more."""

    at: AtDesk

    def look(self, step: Step) -> str | None:
        agent = self.at.agent(step.target)
        return steps.ACCEPTED if agent and agent.state == steps.ACTIVE else steps.NOT_YET

    def make(self, step: Step, value: str, *, key: IdempotencyKey) -> None:
        self.at.to(Capability.REINVITES).invite_again(step.target, key=key)


@dataclass(frozen=True, slots=True)
class Resent:
    """An invitation that is sent once more. Nothing reads that back."""

    at: AtDesk

    def look(self, step: Step) -> str | None:
        return None

    def make(self, step: Step, value: str, *, key: IdempotencyKey) -> None:
        self.at.to(Capability.REINVITES).invite_again(step.target, key=key)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Whether an agent has ever signed in."""

    at: AtDesk

    def look(self, step: Step) -> str | None:
        agent = self.at.agent(step.target)
        return steps.SIGNED_IN if agent and agent.last_seen else steps.NOT_YET

    def make(self, step: Step, value: str, *, key: IdempotencyKey) -> None:
        raise Refused("Only the person can sign in. Nothing was changed.")
