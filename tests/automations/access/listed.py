"""A company and a desk in memory, behind the doors of access: lists in pages, calls counted."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from automations.access import steps
from automations.access_ports import Progress
from automations.desks import ACCESS, AgentAccess, Capability, DeskToken, Seats
from automations.domain import DeskAgent, IdempotencyKey
from automations.errors import Rejected
from automations.identities import IdentityPerson
from automations.plan import Step

PER_PAGE = 100


def person(email: str, *groups: str, active: bool = True, name: str = "", number: str = "") -> IdentityPerson:
    """Somebody upstream; the id is made of the address unless it is given."""
    known = name or email.partition("@")[0].replace(".", " ").title()
    return IdentityPerson(number or f"id-{email}", email, known, active, tuple(sorted(groups)))


def user(email: str, role: str = "Agent", state: str = "active", **more: object) -> AgentAccess:
    """A desk user. More: groups, tokens, last_seen, name, number."""
    name = str(more.get("name") or email.partition("@")[0].replace(".", " ").title())
    agent = DeskAgent(str(more.get("number") or f"u-{email}"), name, email, role, state, more.get("last_seen"))  # type: ignore[arg-type]  # given by name for the tests' sake
    tokens = more.get("tokens", ())
    held = None if tokens is None else tuple(DeskToken(str(one), f"token {one}") for one in tokens)  # type: ignore[attr-defined]  # as above
    groups = more.get("groups", ("Support",))
    return AgentAccess(agent, None if groups is None else tuple(groups), held)  # type: ignore[arg-type]  # as above


@dataclass
class Company:
    """The door `IdentitySource`."""

    listed: list[IdentityPerson]
    calls: int = 0
    why_not: Rejected | None = None

    system = "people_file"
    title = "the people file"

    def people(self, *, progress: Progress | None = None) -> tuple[IdentityPerson, ...]:
        if self.why_not is not None:
            raise self.why_not
        for read in range(0, len(self.listed), PER_PAGE):
            self.calls += 1
            if progress is not None:
                progress(min(read + PER_PAGE, len(self.listed)), len(self.listed))
        return tuple(self.listed)

    def person(self, email: str) -> IdentityPerson | None:
        self.calls += 1
        found = [one for one in self.listed if one.email == email.lower()]
        if len(found) > 1:
            raise Rejected(f"{len(found)} people have the address {email}", system=self.system, code="ambiguous")
        return found[0] if found else None

    def change(self, email: str, **values: object) -> None:
        """Let something else be so of one person."""
        self.listed = [replace(one, **values) if one.email == email else one for one in self.listed]  # type: ignore[arg-type]  # as above


@dataclass
class Team:
    """The door `DeskAccess`. `quiet` are lists that tell no tokens."""

    users: list[AgentAccess]
    capabilities: frozenset[Capability] = ACCESS
    calls: int = 0
    writes: list[tuple[str, ...]] = field(default_factory=list)
    refuses: frozenset[str] = frozenset()
    quiet: bool = False

    system = "listed"
    title = "Listed"
    by_hand: dict[Capability, str] = field(default_factory=dict)

    def everybody(self) -> Iterator[AgentAccess]:
        for begin in range(0, len(self.users), PER_PAGE):
            self.calls += 1
            for one in self.users[begin : begin + PER_PAGE]:
                yield replace(one, tokens=None) if self.quiet else one

    def agents(self) -> Iterator[DeskAgent]:
        return (one.agent for one in self.users)

    def agent(self, email: str) -> DeskAgent | None:
        self.calls += 1
        found = self._find(email)
        return found.agent if found else None

    def groups(self) -> Iterator[str]:
        self.calls += 1
        return iter(sorted({name for one in self.users for name in one.groups or ()}))

    def memberships(self, email: str) -> Iterator[str]:
        self.calls += 1
        return iter(self._one(email).groups or ())

    def tokens(self, email: str) -> Iterator[DeskToken]:
        self.calls += 1
        return iter(self._one(email).tokens or ())

    def seats(self) -> Seats:
        return Seats(len(self.users), None)

    def roles(self) -> Iterator[str]:
        return iter(("Light", "Agent", "Admin"))

    def invite(self, email: str, name: str, role: str, *, key: IdempotencyKey) -> None:
        self.writes.append(("invite", email, role))
        self.users.append(user(email, role, "invited", name=name, groups=()))

    def invite_again(self, email: str, *, key: IdempotencyKey) -> None:
        self.writes.append(("invite_again", email))

    def set_role(self, email: str, role: str) -> None:
        self._write("set_role", email, role)
        self._change(email, role=role)

    def suspend(self, email: str) -> None:
        self._write("suspend", email)
        self._change(email, state="suspended")

    def reactivate(self, email: str) -> None:
        self._write("reactivate", email)
        self._change(email, state="active")

    def remove(self, email: str) -> None:
        self._write("remove", email)
        self.users = [one for one in self.users if one.agent.email != email]

    def join(self, email: str, group: str) -> None:
        self._write("join", email, group)
        one = self._one(email)
        self._put(replace(one, groups=(*(one.groups or ()), group)))

    def leave(self, email: str, group: str) -> None:
        self._write("leave", email, group)
        one = self._one(email)
        self._put(replace(one, groups=tuple(name for name in one.groups or () if name != group)))

    def sign_out(self, email: str) -> None:
        self._write("sign_out", email)

    def revoke_token(self, email: str, token: str) -> None:
        self._write("revoke_token", email, token)
        one = self._one(email)
        self._put(replace(one, tokens=tuple(held for held in one.tokens or () if held.id != token)))

    def _write(self, *what: str) -> None:
        if what[0] in self.refuses:
            raise Rejected(f"Listed refuses {what[0]}", system=self.system)
        self.writes.append(what)

    def _find(self, email: str) -> AgentAccess | None:
        return next((one for one in self.users if one.agent.email.lower() == email.lower()), None)

    def _one(self, email: str) -> AgentAccess:
        if (found := self._find(email)) is None:
            raise Rejected(f"nobody has the address {email}", system=self.system, code="no_agent")
        return found

    def _change(self, email: str, **values: str) -> None:
        one = self._one(email)
        self._put(replace(one, agent=replace(one.agent, **values)))  # type: ignore[arg-type]  # role and state alone

    def _put(self, changed: AgentAccess) -> None:
        self.users = [changed if one.agent.id == changed.agent.id else one for one in self.users]


@dataclass(frozen=True)
class Hand:
    """Every action a finding's fix needs, on a `Team`."""

    team: Team

    def look(self, step: Step) -> str | None:
        agent = self.team.agent(step.target)
        match step.kind:
            case steps.Kind.SUSPEND:
                return agent.state if agent else None
            case steps.Kind.ROLE:
                return agent.role if agent else steps.NONE
            case steps.Kind.ACCOUNT:
                return steps.THERE if agent else steps.NONE
            case steps.Kind.GROUP:
                inside = agent is not None and step.arg["group"] in self.team.memberships(step.target)
                return steps.IN if inside else steps.OUT
            case steps.Kind.TOKEN:
                held = {token.id for token in self.team.tokens(step.target)}
                return steps.ALIVE if step.arg["token"] in held else steps.REVOKED
            case steps.Kind.ACCEPTED:
                return steps.ACCEPTED if agent and agent.state == "active" else steps.NOT_YET
            case _:
                return None

    def make(self, step: Step, value: str, *, key: IdempotencyKey) -> None:
        match step.kind:
            case steps.Kind.SUSPEND:
                self.team.suspend(step.target)
            case steps.Kind.SESSIONS:
                self.team.sign_out(step.target)
            case steps.Kind.ROLE:
                self.team.set_role(step.target, value)
            case steps.Kind.ACCOUNT:
                self.team.invite(step.target, step.arg["name"], step.arg["role"], key=key)
            case steps.Kind.GROUP:
                act = self.team.join if value == steps.IN else self.team.leave
                act(step.target, step.arg["group"])
            case steps.Kind.TOKEN:
                self.team.revoke_token(step.target, step.arg["token"])
            case _:
                assert step.kind == steps.Kind.RESEND, step.kind
                self.team.invite_again(step.target, key=key)
