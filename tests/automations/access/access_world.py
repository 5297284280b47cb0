"""A desk that can everything, Slack's groups, an identity source and the inside of Handoff, all in memory."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from automations.access.context import AccessContext
from automations.access.doors import Doors
from automations.access.rules import AccessRules, RoleRule
from automations.access.steps import Desk
from automations.access_ports import DeskAccess, Progress
from automations.adapters.builtin.desk import BuiltinDesk
from automations.desks import ACCESS, AgentAccess, Capability, DeskToken, Seats
from automations.domain import DeskAgent, IdempotencyKey, Mode, Role
from automations.errors import AdapterError, Rejected
from automations.identities import IdentityPerson
from automations.people import Person, Roster
from automations.redact import Redactor
from automations.runs.kinds import Asked
from storage.engine import Database
from tests.support import START, FakeClock, RecordingJobs

ANNA = "anna@team.example"
BEN = "ben@team.example"
BEN_DESK = "b.okoro@desk.example"
LEA = "lea@team.example"
NORA = "nora@team.example"
ROSTER = Roster(
    (
        Person("Anna Berg", ANNA, "U_ANNA"),
        Person("Ben Okoro", BEN, "U_BEN", desk=BEN_DESK),
        Person("Lea Lind", LEA, "U_LEA"),
    )
)
RULES = AccessRules(
    roles=(
        RoleRule(name="Agent", desk_role="agent", groups=("Support",), from_groups=("support",), slack_groups=("S1",)),
        RoleRule(
            name="Lead", desk_role="lead", groups=("Support", "Billing"), from_groups=("support-leads",),
            from_attributes={"title": "Team Lead"},
        ),
        RoleRule(name="Admin", desk_role="owner", from_groups=("admins",), privileged=True),
    ),
    successor=ANNA,
    by_hand_owner=LEA,
    by_hand=("Change the password of the shared mailbox",),
)  # fmt: skip
EVERYTHING = Desk("Desk", frozenset(Capability), {}, LEA)


@dataclass
class Account:
    """An agent of the desk in memory."""

    agent: DeskAgent
    groups: set[str] = field(default_factory=set)
    tokens: dict[str, str] = field(default_factory=dict)
    signed_in: bool = True


@dataclass
class EveryAccess:
    """`DeskAccess` that can everything. `calls` are the acts that changed something."""

    accounts: dict[str, Account] = field(default_factory=dict)
    total: int | None = None
    calls: list[str] = field(default_factory=list)
    system: str = "every"
    title: str = "Desk"
    capabilities: frozenset[Capability] = ACCESS
    by_hand: Mapping[Capability, str] = field(default_factory=dict)

    def add(self, email: str, role: str = "agent", state: str = "active", *groups: str, **tokens: str) -> Account:
        """Have an agent."""
        account = Account(DeskAgent(email, email.partition("@")[0], email, role, state, START), set(groups), tokens)
        self.accounts[email] = account
        return account

    def agent(self, email: str) -> DeskAgent | None:
        account = self.accounts.get(email.lower())
        return account.agent if account else None

    def agents(self) -> Iterator[DeskAgent]:
        return iter([account.agent for account in self.accounts.values()])

    def everybody(self) -> Iterator[AgentAccess]:
        raise AssertionError("nothing here reads everybody")

    def seats(self) -> Seats:
        return Seats(len(self.accounts), self.total)

    def roles(self) -> Iterator[str]:
        return iter(("agent", "lead", "owner"))

    def invite(self, email: str, name: str, role: str, *, key: IdempotencyKey) -> None:
        if email not in self.accounts:
            self.calls.append("invite")
            self.add(email, role, "invited")
            self._change(email, last_seen=None, name=name)

    def invite_again(self, email: str, *, key: IdempotencyKey) -> None:
        if self._there(email).agent.state != "invited":
            raise Rejected("accepted already", system=self.system, code="accepted")
        self.calls.append("invite again")

    def set_role(self, email: str, role: str) -> None:
        self._change(email, role=role)

    def suspend(self, email: str) -> None:
        self._change(email, state="suspended")

    def reactivate(self, email: str) -> None:
        self._change(email, state="active")

    def remove(self, email: str) -> None:
        if self.accounts.pop(email, None) is not None:
            self.calls.append("remove")

    def groups(self) -> Iterator[str]:
        return iter(("Billing", "Support"))

    def memberships(self, email: str) -> Iterator[str]:
        return iter(sorted(self._there(email).groups))

    def join(self, email: str, group: str) -> None:
        self._there(email).groups.add(group)

    def leave(self, email: str, group: str) -> None:
        self._there(email).groups.discard(group)

    def sign_out(self, email: str) -> None:
        self._there(email).signed_in = False

    def tokens(self, email: str) -> Iterator[DeskToken]:
        return iter([DeskToken(id, name) for id, name in sorted(self._there(email).tokens.items())])

    def revoke_token(self, email: str, token: str) -> None:
        if self._there(email).tokens.pop(token, None) is not None:
            self.calls.append(f"revoke {token}")

    def _there(self, email: str) -> Account:
        if email not in self.accounts:
            raise Rejected(f"no agent {email}", system=self.system, code="no_agent")
        return self.accounts[email]

    def _change(self, email: str, **values: Any) -> None:
        account = self._there(email)
        changed = replace(account.agent, **values)
        if changed != account.agent:
            account.agent = changed
            self.calls.append(" ".join(f"{name} {value}" for name, value in values.items()))


@dataclass
class Company:
    """`IdentitySource` over a few people. `away` is what it raises instead of an answer."""

    known: dict[str, IdentityPerson] = field(default_factory=dict)
    away: AdapterError | None = None
    system: str = "company"
    title: str = "The company"

    def add(self, email: str, *groups: str, active: bool = True, **attributes: str) -> None:
        self.known[email] = IdentityPerson(email, email, "Nora Lund", active, groups, tuple(attributes.items()))

    def people(self, *, progress: Progress | None = None) -> tuple[IdentityPerson, ...]:
        return tuple(self.known.values())

    def person(self, email: str) -> IdentityPerson | None:
        if self.away is not None:
            raise self.away
        return self.known.get(email)


@dataclass
class Within:
    """`Inside` in memory."""

    roles: dict[str, Role] = field(default_factory=dict)
    blocks: set[str] = field(default_factory=set)
    on_duty: set[str] = field(default_factory=set)
    owned: dict[str, list[str]] = field(default_factory=dict)
    named: dict[str, tuple[str, ...]] = field(default_factory=dict)
    keys: list[str] = field(default_factory=list)

    def role(self, email: str) -> Role | None:
        return self.roles.get(email)

    def blocked(self, email: str) -> bool:
        return email in self.blocks

    def block(self, email: str, also: Collection[str], *, key: IdempotencyKey) -> None:
        self.blocks |= {email, *also}
        self.keys.append(key)

    def unblock(self, email: str, also: Collection[str], *, key: IdempotencyKey) -> None:
        self.blocks -= {email, *also}

    def duties(self, email: str) -> tuple[str, ...]:
        return ("first-line",) if email in self.on_duty else ()

    def end_duties(self, email: str, *, key: IdempotencyKey) -> None:
        self.on_duty.discard(email)

    def cases(self, email: str) -> int:
        return len(self.owned.get(email, ()))

    def hand_over(self, email: str, to: str, *, key: IdempotencyKey) -> None:
        self.owned.setdefault(to, []).extend(self.owned.pop(email, []))

    def named_in(self, email: str) -> tuple[str, ...]:
        return self.named.get(email, ())


@dataclass
class Workspace:
    """`SlackGroups` and `Rooms` in memory."""

    groups: dict[str, set[str]] = field(default_factory=lambda: {"S1": {"U_ANNA"}})
    deciders: tuple[str, ...] = ("U_LEA", "U_ANNA", "U_SAM")

    def usergroup_users(self, group: str) -> frozenset[str]:
        if group not in self.groups:
            raise Rejected("no such group", system="slack", code="no_such_subteam")
        return frozenset(self.groups[group])

    def usergroup_set(self, group: str, users: Collection[str]) -> None:
        assert users, "Slack refuses an empty group"
        self.groups[group] = set(users)

    def leads(self) -> tuple[str, ...]:
        return self.deciders

    def is_member(self, channel: str, user: str) -> bool:
        return True


@dataclass
class AccessWorld:
    """All doors over one database, whose tickets are the built-in desk's."""

    database: Database
    clock: FakeClock
    jobs: RecordingJobs
    desk: BuiltinDesk
    access: EveryAccess = field(default_factory=EveryAccess)
    company: Company | None = None
    inside: Within = field(default_factory=Within)
    slack: Workspace = field(default_factory=Workspace)
    rules: AccessRules = RULES
    door: DeskAccess | None = None
    roster: Roster = ROSTER

    @classmethod
    def on(cls, database: Database, clock: FakeClock, jobs: RecordingJobs) -> "AccessWorld":
        """A desk with two groups; Anna and Ben have tickets in it."""
        desk = BuiltinDesk(database, clock, "https://bot.example")
        for group in ("Support", "Billing"):
            desk.ensure_group(group)
        for name, email in (("Anna Berg", ANNA), ("Ben Okoro", BEN_DESK), ("Lea Lind", LEA)):
            desk.ensure_agent(name, email, groups=("Support",))
        world = cls(database, clock, jobs, desk)
        world.access.add(ANNA)
        return world

    @property
    def doors(self) -> Doors:
        """The doors as they are now."""
        access = self.door or self.access
        return Doors(self.desk, access, self.company, self.inside, self.slack, self.slack)

    @property
    def ctx(self) -> AccessContext:
        """The context as the rules are now."""
        return AccessContext(
            roster=self.roster, zone="Europe/Oslo", jobs=self.jobs, clock=self.clock, redactor=Redactor(()),
            automation="access", mode=Mode.ASK, channel="C_ACCESS", owner=LEA, rules=self.rules,
            desk_system="builtin", desk_title="Desk",
        )  # fmt: skip

    def asked(self, kind: str, subject: str, **options: Any) -> Asked:
        """A request of Lea's."""
        return Asked(7, kind, subject, LEA, options)
