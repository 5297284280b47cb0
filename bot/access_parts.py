"""The parts of access, each made from the settings and from doors that `bot.app` has opened."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from automations.access import kinds as access_kinds
from automations.access.context import AccessContext
from automations.access.doors import Doors
from automations.access.inside import SlackGroups
from automations.access_ports import DeskAccess, IdentitySource
from automations.desks import ACCESS, Capability
from automations.errors import ConfigError
from automations.failure_tickets.context import Context
from automations.ports import HelpDesk
from automations.runs.context import RunContext
from automations.runs.kinds import Actions, Kinds, Rooms
from bot.inside import InsideHandoff
from bot.live import Terms
from bot.settings import Settings
from bot.team import channel
from storage.engine import Database


@dataclass(frozen=True, slots=True)
class AccessDoors:
    """What access reaches the outside through.

    `access` is None without the administrative credential, `identity` where no source is set up.
    """

    desk: HelpDesk
    access: DeskAccess | None
    identity: IdentitySource | None


def make_access_context(settings: Settings, context: Context, doors: AccessDoors | None = None) -> AccessContext | None:
    """What every act of access is given; None where the settings say nothing of it.

    Raises: ConfigError if a channel or a person that [access] names is not there.
    """
    section = settings.access
    if section is None:
        return None
    owner = section.owner or settings.failure_tickets.default_owner
    named = {"owner": owner, "successor": section.successor, "by_hand_owner": section.by_hand_owner}
    for key, email in named.items():
        if email and context.roster.by_email(email) is None:
            known = ", ".join(sorted(one.email for one in context.roster.people)) or "nobody yet"
            raise ConfigError(f"access.{key}: nobody under [[people]] has the address {email}. Known: {known}.")
    return AccessContext(
        roster=context.roster,
        zone=context.zone,
        jobs=context.jobs,
        clock=context.clock,
        redactor=context.redactor,
        automation="access",
        mode=section.mode,
        channel=channel(settings, section.channel, "access.channel"),
        owner=owner,
        expires_after=section.expires_after,
        remind_after=section.remind_after,
        waits_for=section.waits_for,
        remind_waiting=section.remind_waiting,
        look_every=section.look_every,
        rules=section,
        desk_system=context.desk_system,
        desk_title=doors.desk.title if doors else context.desk_system,
        desk_can=doors.access.capabilities & ACCESS if doors and doors.access else frozenset(),
        by_hand=_by_hand(doors),
    )


def open_doors(
    doors: AccessDoors,
    database: Database,
    terms: Callable[[], Terms],
    runs: Callable[[], RunContext],
    slack: SlackGroups,
    rooms: Rooms,
) -> Doors:
    """All the doors of access: those outside, Slack's, and what lies inside Handoff itself."""
    inside = InsideHandoff(database, terms, runs, slack.usergroup_users)
    return Doors(doors.desk, doors.access, doors.identity, inside, slack, rooms)


def run_kinds(doors: Doors) -> Kinds:
    """Provisioning, offboarding, *Suspend now*."""
    return access_kinds.kinds(doors)


def run_actions(doors: Doors) -> Actions:
    """Every action of access."""
    return access_kinds.actions(doors)


def _by_hand(doors: AccessDoors | None) -> Mapping[Capability, str]:
    if doors is None:
        return {}
    return {**doors.desk.by_hand, **(doors.access.by_hand if doors.access else {})}
