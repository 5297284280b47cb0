"""What has to become true so that somebody who leaves can do nothing any more, in order. Pure.

First they are stopped inside Handoff, then nobody can sign in as them, then what is theirs is taken and handed over,
and the seat comes last: a desk takes from a removed agent whatever nobody took over before. What no API can is a task
for a named person. One step that fails stops none of the others but those that would lose something by it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from automations.access import steps
from automations.access.mapping import NOTHING, grants_administration
from automations.access.provision_plan import NOW, SEATS, UPSTREAM, now_words, seats_words
from automations.access.rules import AccessRules
from automations.access.steps import Desk, Kind, Subject
from automations.desks import Capability, DeskToken, Seats
from automations.domain import DeskAgent, Role
from automations.errors import Refused
from automations.plan import Plan, Step, in_order

INSIDE = "In Handoff"
SUCCESSOR = "Successor"
BREAK_GLASS = "One person's word cuts the access at once; somebody else has to review it afterwards."
SHOWN = 5


class Upstream(StrEnum):
    """What the identity source says of somebody who leaves."""

    NO_SOURCE = "no source"
    NOT_TOLD = "not told"
    UNKNOWN = "unknown"
    ACTIVE = "active"
    INACTIVE = "inactive"


@dataclass(frozen=True, slots=True)
class Successor:
    """Who takes over. `email` is for cases, empty for who is none of the team; `account` is the agent in the desk."""

    email: str
    account: str
    name: str


@dataclass(frozen=True, slots=True)
class Leaving:
    """What was observed of them.

    `role` is what they may do in Handoff, `duties` the rotations, `named_in` keys of the settings. `tickets` are ids of
    open ones, None where the desk does not list them all, and `hidden` its words for that. `others` is how many people
    can confirm without them.
    `slack_groups` are (id, `in` or `out`, empty where it cannot be read) of those that belong to a role.
    """

    agent: DeskAgent | None
    groups: tuple[str, ...] = ()
    tokens: tuple[DeskToken, ...] = ()
    tickets: tuple[str, ...] | None = ()
    hidden: str = ""
    seats: Seats | None = None
    source: str = ""
    upstream: Upstream = Upstream.NO_SOURCE
    slack_groups: tuple[tuple[str, str], ...] = ()
    role: Role | None = None
    blocked: bool = False
    duties: tuple[str, ...] = ()
    cases: int = 0
    named_in: tuple[str, ...] = ()
    others: int = 2
    integration: str = ""


def plan(who: Subject, seen: Leaving, successor: Successor | None, desk: Desk, rules: AccessRules) -> Plan:
    """Plan that somebody leaves. Raises: Refused, with what to do, for whom no run may touch or nobody follows."""
    permitted(who, seen, rules)
    if seen.tickets and successor is None:
        raise Refused(
            f"{who.name} has {len(seen.tickets)} open tickets and nobody to take them. Name a successor, or set "
            f"access.successor. {NOTHING}"
        )
    inside = _inside(who, seen, successor, desk)
    at_desk = _at_desk(who, seen, successor, desk) if seen.agent is not None else ()
    in_slack = tuple(_slack_groups(who, seen, desk, rules))
    made = in_order((inside, at_desk, in_slack, tuple(_tasks(who, seen, desk, rules))))
    two = _why_two(who, seen, desk, rules)
    return Plan(
        kind="offboard",
        subject=who.email,
        title=f"Offboard {who.name}",
        steps=made,
        facts=_facts(seen, successor, desk),
        warnings=(*_too_few(seen, 2 if two else 1), *steps.warnings_of(made)),
        approvals=2 if two else 1,
        why_two=two,
    )


def suspension(who: Subject, seen: Leaving, desk: Desk, rules: AccessRules) -> Plan:
    """Plan what cuts the access at once, on one person's word. Raises: Refused for whom no run may touch."""
    permitted(who, seen, rules)
    at_desk = _at_desk(who, seen, None, desk) if seen.agent is not None else ()
    made = tuple(step for step in in_order((_inside(who, seen, None, desk), at_desk)) if step.urgent)
    return Plan(
        kind="suspend",
        subject=who.email,
        title=f"Suspend {who.name} now",
        steps=made,
        facts=((NOW, now_words(seen.agent, (), desk)),),
        warnings=(BREAK_GLASS, *steps.warnings_of(made)),
    )


def permitted(who: Subject, seen: Leaving, rules: AccessRules) -> None:
    """Raise Refused for whom no run may touch: protected people, the integration user, the last one to confirm."""
    if who.addresses & {one.strip().casefold() for one in rules.protected}:
        raise Refused(f"{who.name} is protected by access.protected, so no run may touch them. {NOTHING}")
    if seen.integration and seen.integration.casefold() in who.addresses:
        raise Refused(
            f"Handoff itself works in the desk as {seen.integration}, so that account stays. Give Handoff another "
            f"credential first. {NOTHING}"
        )
    if seen.others == 0:
        raise Refused(
            f"Nobody but {who.name} can confirm anything here. Give somebody else the role lead under [roles] "
            f"first. {NOTHING}"
        )


def _inside(who: Subject, seen: Leaving, successor: Successor | None, desk: Desk) -> tuple[Step, ...]:
    to = successor.email if successor else ""
    heir = successor.name if successor and to else "whom their rules name"
    cases = "1 open case" if seen.cases == 1 else f"{seen.cases or 'no'} open cases"
    duty = steps.HAS_DUTY if seen.duties else steps.NONE
    named = f"Take them out of {', '.join(seen.named_in)}" if seen.named_in else "No setting names them"
    by_hand = f"{named} in Handoff's settings, then run handoff config reload." if seen.named_in else ""
    now = steps.BLOCKED if seen.blocked else steps.FREE
    words = "Block in Handoff: role, approvals given, personal links"
    return (
        Step(Kind.BLOCK, who.email, now, steps.BLOCKED, words, who.also, undo="Unblock", urgent=True),
        Step(Kind.DUTY, who.email, duty, steps.NONE, f"Off duty{_of(seen.duties)}", needs=(0,)),
        Step(
            Kind.CASES, who.email, steps.OPEN if seen.cases else steps.NONE, steps.NONE,
            f"Hand {cases} over to {heir}", (("to", to),) if to else (), needs=(0,),
        ),
        Step(
            Kind.RULES, who.email, steps.NAMED if seen.named_in else steps.NOWHERE, steps.NOWHERE,
            named, by_hand=by_hand, owner=desk.owner if by_hand else "",
        ),
    )  # fmt: skip


def _at_desk(who: Subject, seen: Leaving, successor: Successor | None, desk: Desk) -> tuple[Step, ...]:
    assert seen.agent is not None, "asked only of who is in the desk"
    email, to = who.account, successor.account if successor else ""
    made = [steps.suspend(desk, email, seen.agent.state), steps.sessions(desk, email)]
    made += steps.tokens(desk, email, seen.tokens)
    made += [steps.group(desk, email, name, steps.IN, steps.OUT, to=to) for name in seen.groups]
    if Capability.GROUPS in desk.can and Capability.MEMBERSHIPS not in desk.can:
        made.append(steps.every_group(desk, email))
    heir = successor.name if successor else "somebody else"
    count = None if seen.tickets is None else len(seen.tickets)
    made.append(steps.tickets(desk, email, to, heir, count, seen.hidden))
    lost = (Kind.TOKEN, Kind.GROUP, Kind.TICKETS)
    first = tuple(place for place, step in enumerate(made) if step.kind in lost and not step.by_hand)
    return (*made, steps.seat(desk, email, who.name, seen.agent.role, needs=first))


def _slack_groups(who: Subject, seen: Leaving, desk: Desk, rules: AccessRules) -> Iterator[Step]:
    """Out of the Slack user groups of their roles, which they may be in without being in the desk."""
    writes = rules.slack_usergroups_write
    for group, inside in seen.slack_groups:
        if inside != steps.OUT:
            yield steps.slack_group(who.slack, who.email, group, inside, steps.OUT, writes=writes, owner=desk.owner)


def _tasks(who: Subject, seen: Leaving, desk: Desk, rules: AccessRules) -> Iterator[Step]:
    """What only people can do. Nothing of it is green but what can be read back."""
    owner = desk.owner
    by_hand = f"Deactivate {who.email} in Slack, under Manage members."
    yield Step(Kind.SLACK_ACCOUNT, who.email, "", "", "Slack account", by_hand=by_hand, owner=owner)
    readable = seen.upstream is not Upstream.NO_SOURCE
    now = steps.INACTIVE if seen.upstream in (Upstream.INACTIVE, Upstream.UNKNOWN) else steps.ACTIVE
    where = seen.source or "your identity provider"
    yield Step(
        Kind.UPSTREAM, who.email, now if readable else "", steps.INACTIVE if readable else "",
        f"Account in {where}", by_hand=f"Deactivate {who.email} in {where}.", owner=owner,
    )  # fmt: skip
    for task in rules.by_hand:
        yield Step(Kind.TASK, task, "", "", task, by_hand=f"{task.rstrip('.')}.", owner=owner)


def _why_two(who: Subject, seen: Leaving, desk: Desk, rules: AccessRules) -> str:
    if seen.role is Role.ADMIN:
        return f"{who.name} is an admin of Handoff"
    if seen.agent is not None and grants_administration(seen.agent.role, rules):
        return f"{who.name} is {seen.agent.role} in {desk.title}, which is a role of administrators"
    return "Two people confirm that somebody leaves" if rules.offboard_approvals == 2 else ""


def _too_few(seen: Leaving, approvals: int) -> tuple[str, ...]:
    if seen.others >= approvals:
        return ()
    who = f"{approvals} people have to confirm, and only {seen.others} can."
    return (f"{who} Give somebody else the role lead under [roles], or suspend them now.",)


def _facts(seen: Leaving, successor: Successor | None, desk: Desk) -> tuple[tuple[str, str], ...]:
    may = f"role {seen.role}" if seen.role else "no role"
    cases = "1 open case" if seen.cases == 1 else f"{seen.cases or 'no'} open cases"
    blocked = ", blocked already" if seen.blocked else ""
    return (
        (NOW, f"{now_words(seen.agent, seen.groups, desk)}{_tickets_words(seen)}"),
        (INSIDE, f"{may}, {cases}{', on duty' if seen.duties else ''}{_of(seen.duties)}{blocked}"),
        (SUCCESSOR, successor.name if successor else "nobody; cases go to whom their rules name"),
        (SEATS, seats_words(seen.seats)),
        (UPSTREAM, _upstream_words(seen)),
    )


def _tickets_words(seen: Leaving) -> str:
    if seen.agent is None or seen.tickets is None:
        return ""
    if not seen.tickets:
        return ", no open tickets"
    named = ", ".join(f"#{one}" for one in seen.tickets[:SHOWN])
    more = f" and {len(seen.tickets) - SHOWN} more" if len(seen.tickets) > SHOWN else ""
    return f", open tickets: {named}{more}"


def _upstream_words(seen: Leaving) -> str:
    match seen.upstream:
        case Upstream.NO_SOURCE:
            return "no identity source is set up"
        case Upstream.NOT_TOLD:
            return f"{seen.source} does not answer"
        case Upstream.UNKNOWN:
            return f"{seen.source} does not know them"
        case said:
            return f"{said} in {seen.source}"


def _of(duties: tuple[str, ...]) -> str:
    return f" in {', '.join(duties)}" if duties else ""
