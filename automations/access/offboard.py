"""Looks at everything somebody has who leaves, and plans that they have it no more. Nothing is changed here."""

from automations.access.context import AccessContext
from automations.access.doors import Doors, desk_of, slack_groups_of, subject_of, upstream_of
from automations.access.mapping import NOTHING
from automations.access.offboard_plan import Leaving, Successor, Upstream, plan, suspension
from automations.access.provision import groups_of
from automations.access.steps import ACTIVE, Desk, Subject
from automations.desks import Capability
from automations.errors import AdapterError, Refused, Rejected
from automations.plan import Plan
from automations.runs.kinds import Asked
from automations.words import when


def observe_and_plan(asked: Asked, doors: Doors, ctx: AccessContext) -> Plan:
    """Plan that somebody leaves. `successor` names by address who takes over, else the settings do.

    Raises: Refused, in words; AdapterError if the desk or Slack does not answer. The identity source may be away.
    """
    who, desk = subject_of(asked, ctx), desk_of(doors, ctx)
    _not_by_oneself(who, asked)
    seen = _observe(who, doors, desk, ctx)
    successor = _successor(asked, who, doors, ctx, takes_tickets=bool(seen.tickets))
    return plan(who, seen, successor, desk, ctx.rules)


def observe_and_suspend(asked: Asked, doors: Doors, ctx: AccessContext) -> Plan:
    """Plan what cuts the access at once, for one person's word with a `reason`. Raises: as `observe_and_plan`."""
    who, desk = subject_of(asked, ctx), desk_of(doors, ctx)
    _not_by_oneself(who, asked)
    if not str(asked.options.get("reason") or "").strip():
        raise Refused(f"Please say in a sentence why {who.name} is suspended at once. {NOTHING}")
    agent = doors.at.agent(who.account)
    seen = Leaving(
        agent,
        tokens=tuple(doors.access.tokens(who.account)) if agent and doors.access and _reads_tokens(desk) else (),
        blocked=doors.inside.blocked(who.email),
        others=_others(who, doors, ctx),
        integration=doors.desk.me().email,
    )
    return suspension(who, seen, desk, ctx.rules)


def _observe(who: Subject, doors: Doors, desk: Desk, ctx: AccessContext) -> Leaving:
    agent = doors.at.agent(who.account)
    tickets, hidden = _tickets(who, doors, desk) if agent else ((), "")
    return Leaving(
        agent,
        groups=groups_of(doors, desk, agent),
        tokens=tuple(doors.access.tokens(who.account)) if agent and doors.access and _reads_tokens(desk) else (),
        tickets=tickets,
        hidden=hidden,
        seats=doors.access.seats() if doors.access is not None and Capability.SEATS in desk.can else None,
        source=doors.identity.title if doors.identity else "",
        upstream=_upstream(who, doors),
        slack_groups=slack_groups_of(doors, who.slack, [one for role in ctx.rules.roles for one in role.slack_groups]),
        role=doors.inside.role(who.email),
        blocked=doors.inside.blocked(who.email),
        duties=doors.inside.duties(who.email),
        cases=doors.inside.cases(who.email),
        named_in=doors.inside.named_in(who.email),
        others=_others(who, doors, ctx),
        integration=doors.desk.me().email,
    )


def _tickets(who: Subject, doors: Doors, desk: Desk) -> tuple[tuple[str, ...] | None, str]:
    """The ids of their open tickets; None with the desk's words where it does not tell all of them."""
    if Capability.ASSIGNED not in desk.can:
        return None, ""
    try:
        return tuple(one.id for one in doors.desk.assigned(who.account)), ""
    except Rejected as exc:
        return None, f"{exc}."


def _reads_tokens(desk: Desk) -> bool:
    return Capability.TOKENS in desk.can


def _not_by_oneself(who: Subject, asked: Asked) -> None:
    if asked.requested_by.casefold() in who.addresses:
        raise Refused(f"Nobody takes their own access away. Ask another lead to. {NOTHING}")


def _upstream(who: Subject, doors: Doors) -> Upstream:
    """What the source says; a leaver does not wait for a source that is away or cannot tell people apart."""
    if doors.identity is None:
        return Upstream.NO_SOURCE
    try:
        person = upstream_of(doors, who.email)
    except (AdapterError, Refused):
        return Upstream.NOT_TOLD
    if person is None:
        return Upstream.UNKNOWN
    return Upstream.ACTIVE if person.active else Upstream.INACTIVE


def _others(who: Subject, doors: Doors, ctx: AccessContext) -> int:
    """How many people can confirm something when this one is gone."""
    people = {slack: ctx.roster.by_slack(slack) for slack in doors.rooms.leads() if slack != who.slack}
    emails = [person.email if person else "" for person in people.values()]
    return sum(email.lower() != who.email and not (email and doors.inside.blocked(email)) for email in emails)


def _successor(
    asked: Asked, who: Subject, doors: Doors, ctx: AccessContext, *, takes_tickets: bool
) -> Successor | None:
    """Who takes over. Raises: Refused for the leaver, a blocked person, or an agent that cannot have tickets."""
    named = str(asked.options.get("successor") or "").strip().lower()
    email = named or ctx.rules.successor.strip().lower()
    if not email or (not named and email in who.addresses):
        return None
    person = ctx.roster.by_email(email)
    found = Successor(
        person.email.lower() if person else "",
        (person.desk or person.email).lower() if person else email,
        person.name if person else email,
    )
    if found.account in who.addresses:
        raise Refused(f"{who.name} cannot be the successor of themselves. Name somebody else. {NOTHING}")
    if person is not None and doors.inside.blocked(person.email):
        raise Refused(f"{person.name} may do nothing in Handoff any more. Name another successor. {NOTHING}")
    if person is not None and (absence := ctx.roster.away(person.email, ctx.clock.now())) is not None:
        raise Refused(f"{person.name} is away until {when(absence.end, ctx)}. Name another successor. {NOTHING}")
    if takes_tickets:
        agent = doors.at.agent(found.account)
        if agent is None or agent.state != ACTIVE:
            state = "no agent" if agent is None else agent.state
            raise Refused(f"{found.name} is {state} in the desk, so gets no tickets. Name another. {NOTHING}")
    return found
