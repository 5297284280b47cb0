"""Looks at everything that bears on somebody's coming, and plans it. Nothing is changed here."""

from automations.access.context import AccessContext
from automations.access.doors import Doors, desk_of, slack_groups_of, subject_of, texts, upstream_of
from automations.access.mapping import NOTHING, groups_wanted, role_named
from automations.access.provision_plan import Seen, Wanted, plan
from automations.access.rules import RoleRule
from automations.access.steps import Desk, Subject
from automations.desks import Capability
from automations.domain import DeskAgent
from automations.errors import Refused
from automations.identities import IdentityPerson
from automations.plan import Plan
from automations.runs.kinds import Asked


def observe_and_plan(asked: Asked, doors: Doors, ctx: AccessContext) -> Plan:
    """Plan what was asked for: `role`, `groups`, and for people who are not in the team's list yet `name`, `slack`.

    Raises: Refused, in words and with what is known; AdapterError if something outside does not answer.
    """
    subject, desk = subject_of(asked, ctx), desk_of(doors, ctx)
    role = role_named(str(asked.options.get("role") or ""), ctx.rules)
    if desk.can & {Capability.INVITES, Capability.ROLES}:
        _desk_has(role, doors)
    groups = groups_wanted(role, texts(asked.options, "groups"), all_groups(doors, desk))
    person = upstream_of(doors, subject.email)
    wanted = Wanted(subject.email, subject.account, _name(subject, person), role, groups, subject.slack)
    agent = doors.at.agent(subject.account)
    seen = Seen(
        agent,
        groups_of(doors, desk, agent),
        doors.access.seats() if doors.access is not None and Capability.SEATS in desk.can else None,
        doors.identity.title if doors.identity else None,
        person,
        slack_groups_of(doors, subject.slack, role.slack_groups),
        blocked=doors.inside.blocked(subject.email),
    )
    return plan(wanted, seen, desk, ctx.rules)


def all_groups(doors: Doors, desk: Desk) -> tuple[str, ...] | None:
    """The groups that somebody can be in; those that tickets are in where only these are told, None where neither."""
    if doors.access is not None and Capability.MEMBERSHIPS in desk.can:
        return tuple(doors.access.groups())
    return tuple(doors.desk.groups()) if Capability.GROUPS in desk.can else None


def groups_of(doors: Doors, desk: Desk, agent: DeskAgent | None) -> tuple[str, ...]:
    """The groups an agent is in; none where the desk does not tell."""
    if agent is None or doors.access is None or Capability.MEMBERSHIPS not in desk.can:
        return ()
    return tuple(doors.access.memberships(agent.email))


def _desk_has(role: RoleRule, doors: Doors) -> None:
    if doors.access is None:
        return
    known = tuple(doors.access.roles())
    if role.desk_role not in known:
        raise Refused(
            f"The role {role.name} is {role.desk_role!r} in the desk, which has only: {', '.join(known) or 'none'}. "
            f"An admin corrects desk_role under [[access.roles]]. {NOTHING}"
        )


def _name(subject: Subject, person: IdentityPerson | None) -> str:
    """What they are called: as the team's list or whoever asked says, else as the source does."""
    if subject.name != subject.email or person is None:
        return subject.name
    return person.name or subject.name
