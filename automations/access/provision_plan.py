"""What has to become true so that somebody can work: account, role, groups, acceptance, first sign-in. Pure.

What is asked for is held against what the identity source says: nobody who is unknown or inactive there gets in, and
nobody gets another role than the one they are mapped to. Nothing is taken away but a role that is replaced.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from automations.access import steps
from automations.access.mapping import NOTHING, grants_administration, known_roles, mapped, matches
from automations.access.rules import AccessRules, RoleRule
from automations.access.steps import Desk, Kind
from automations.desks import Capability, Seats
from automations.domain import DeskAgent
from automations.errors import Refused
from automations.identities import IdentityPerson
from automations.plan import Plan, Step

ASKED = "Asked for"
NOW = "Now"
SEATS = "Seats"
UPSTREAM = "Upstream"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody shall have. `account` is the address in the desk, `slack` a Slack user id, empty if there is none.

    `groups` are spelt as the desk spells them, and hold the role's own.
    """

    email: str
    account: str
    name: str
    role: RoleRule
    groups: tuple[str, ...]
    slack: str = ""


@dataclass(frozen=True, slots=True)
class Seen:
    """What was observed of them. None: there is no such thing, or nothing tells.

    `groups` are those in the desk. `source` is the identity source's title, None where there is none; `person` whom it
    knows by this address. `slack_groups` are (id, `in` or `out`, empty where it cannot be read) of the role's.
    `blocked`: they may do nothing in Handoff.
    """

    agent: DeskAgent | None
    groups: tuple[str, ...]
    seats: Seats | None
    source: str | None
    person: IdentityPerson | None
    slack_groups: tuple[tuple[str, str], ...] = ()
    blocked: bool = False


def plan(wanted: Wanted, seen: Seen, desk: Desk, rules: AccessRules) -> Plan:
    """Plan it. Raises: Refused, with what is known and what to do, if it must not be done or cannot be."""
    _permitted(wanted, seen, desk, rules)
    made = tuple(_steps(wanted, seen, desk, rules))
    admin = _administration(wanted, seen, desk, rules)
    return Plan(
        kind="provision",
        subject=wanted.email,
        title=f"Provision {wanted.name} as {wanted.role.name}",
        steps=made,
        facts=_facts(wanted, seen, desk, rules),
        warnings=steps.warnings_of(made),
        approvals=2 if admin else 1,
        why_two=admin,
    )


def _permitted(wanted: Wanted, seen: Seen, desk: Desk, rules: AccessRules) -> None:
    if {wanted.email.casefold(), wanted.account.casefold()} & {one.casefold() for one in rules.protected}:
        raise Refused(f"{wanted.email} is protected by access.protected, so no run may touch them. {NOTHING}")
    if seen.source is not None:
        _agrees(wanted, seen.person, seen.source, rules)
    seats = seen.seats
    if seen.agent is None and seats is not None and seats.total is not None and seats.used >= seats.total:
        raise Refused(
            f"No seat is left in {desk.title}: {seats.used} of {seats.total} are taken. Free one by offboarding "
            f"somebody, or buy one, and ask again. {NOTHING}"
        )


def _agrees(wanted: Wanted, person: IdentityPerson | None, source: str, rules: AccessRules) -> None:
    """The identity source knows this person, says that they work here, and means this role."""
    if person is None:
        raise Refused(
            f"{source} knows nobody by the address {wanted.email}. Add them there first, or use the address that they "
            f"have there. {NOTHING}"
        )
    if not person.active:
        raise Refused(f"{source} says that {wanted.email} is not active, so they get no access. {NOTHING}")
    role = mapped(person, rules)
    if role != wanted.role:
        raise Refused(
            f"{source} says {role.name} for {wanted.email}, not {wanted.role.name}. Ask for {role.name}, or change "
            f"what they have there. Known roles: {known_roles(rules)}. {NOTHING}"
        )


def _steps(wanted: Wanted, seen: Seen, desk: Desk, rules: AccessRules) -> Iterator[Step]:
    email, agent = wanted.account, seen.agent
    if seen.blocked:
        words = "Let them act in Handoff again"
        yield Step(Kind.BLOCK, wanted.email, steps.BLOCKED, steps.FREE, words, _also(wanted), undo="Block them again")
    first = (1,) if seen.blocked else (0,)
    state = steps.NONE if agent is None else steps.SUSPENDED if agent.state == steps.SUSPENDED else steps.THERE
    yield steps.account(desk, email, wanted.name, wanted.role.desk_role, state)
    now = agent.role if agent else steps.NONE
    yield steps.role(desk, email, now, wanted.role.desk_role, needs=first)
    for group in wanted.groups:
        yield steps.group(desk, email, group, steps.IN if group in seen.groups else steps.OUT, steps.IN, needs=first)
    for group, inside in seen.slack_groups:
        writes = rules.slack_usergroups_write
        yield steps.slack_group(wanted.slack, wanted.email, group, inside, steps.IN, writes=writes, owner=desk.owner)
    if Capability.INVITATIONS in desk.can:
        accepted = steps.ACCEPTED if agent and agent.state == steps.ACTIVE else steps.NOT_YET
        words = f"Accept the invitation to {desk.title}"
        yield Step(Kind.ACCEPTED, email, accepted, steps.ACCEPTED, words, needs=first, waits=True)
    if Capability.LAST_SEEN in desk.can:
        signed_in = steps.SIGNED_IN if agent and agent.last_seen else steps.NOT_YET
        words = f"Sign in to {desk.title} for the first time"
        yield Step(Kind.SIGNED_IN, email, signed_in, steps.SIGNED_IN, words, needs=first, waits=True)


def _also(wanted: Wanted) -> tuple[tuple[str, str], ...]:
    return (("also", wanted.account),) if wanted.account != wanted.email else ()


def _administration(wanted: Wanted, seen: Seen, desk: Desk, rules: AccessRules) -> str:
    """Why a second person has to confirm, empty where one will do: administration is given or taken."""
    if wanted.role.privileged or grants_administration(wanted.role.desk_role, rules):
        return f"The role {wanted.role.name} grants administration in {desk.title}"
    if seen.agent is not None and grants_administration(seen.agent.role, rules):
        return f"{wanted.name} is {seen.agent.role} in {desk.title}, which is a role of administrators"
    return ""


def _facts(wanted: Wanted, seen: Seen, desk: Desk, rules: AccessRules) -> tuple[tuple[str, str], ...]:
    asked = f"{wanted.role.name} ({wanted.role.desk_role} in {desk.title})"
    groups = ", ".join(wanted.groups)
    return (
        (ASKED, f"{asked}, in {groups}" if groups else asked),
        (NOW, now_words(seen.agent, seen.groups, desk)),
        (SEATS, seats_words(seen.seats)),
        (UPSTREAM, _upstream(seen, rules)),
    )


def now_words(agent: DeskAgent | None, groups: tuple[str, ...], desk: Desk) -> str:
    """What somebody has in the desk, in words: `agent, active, in Billing`."""
    if agent is None:
        return f"no agent in {desk.title}"
    where = f", in {', '.join(groups)}" if groups else ""
    return f"{agent.role}, {agent.state}{where}"


def seats_words(seats: Seats | None) -> str:
    """`3 of 10 left`; `not limited`; that the desk does not tell."""
    if seats is None:
        return "the desk does not tell"
    return "not limited" if seats.total is None else f"{max(seats.total - seats.used, 0)} of {seats.total} left"


def _upstream(seen: Seen, rules: AccessRules) -> str:
    if seen.source is None or seen.person is None:
        return "no identity source is set up, so nothing was compared"
    return f"active in {seen.source}: {', '.join(map(str, matches(seen.person, rules)))}"
