"""The doors that access looks through, and what is found behind several of them alike."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

from automations.access.context import AccessContext
from automations.access.desk_actions import AtDesk
from automations.access.inside import Inside, SlackGroups
from automations.access.mapping import NOTHING
from automations.access.steps import IN, OUT, Desk, Subject
from automations.access_ports import DeskAccess, IdentitySource
from automations.desks import ACCESS
from automations.errors import Refused, Rejected
from automations.identities import IdentityPerson
from automations.ports import HelpDesk
from automations.runs.context import RunContext
from automations.runs.kinds import Asked, Rooms

_ADDRESS: Final = re.compile(r"[^@\s,<>]+@[^@\s,<>]+")


@dataclass(frozen=True, slots=True)
class Doors:
    """`access` is None without the administrative credential, `identity` where no source is set up."""

    desk: HelpDesk
    access: DeskAccess | None
    identity: IdentitySource | None
    inside: Inside
    slack: SlackGroups
    rooms: Rooms

    @property
    def at(self) -> AtDesk:
        """The two doors of the desk together."""
        return AtDesk(self.desk, self.access)


def access_context(ctx: RunContext) -> AccessContext:
    """The context of access behind that of a run; another one is a mistake of the wiring."""
    if not isinstance(ctx, AccessContext):
        raise TypeError(f"access was given {type(ctx).__name__}")
    return ctx


def desk_of(doors: Doors, ctx: AccessContext) -> Desk:
    """The desk, with what can be done there by the credentials there are."""
    title = doors.desk.title
    can = doors.desk.capabilities - ACCESS
    by_hand = dict(doors.desk.by_hand)
    if doors.access is not None:
        can |= doors.access.capabilities & ACCESS
        by_hand |= doors.access.by_hand
    title = f"the{title[3:]}" if title.startswith("The ") else title
    return Desk(title, can, by_hand, ctx.rules.by_hand_owner or ctx.owner)


def subject_of(asked: Asked, ctx: AccessContext) -> Subject:
    """Whom a run is about, by the team's list and by what was typed beside it: `name`, `slack`.

    Raises: Refused for what is no address, and for the address of somebody's desk agent, naming the person's own.
    """
    email = asked.subject.strip().lower()
    if not _ADDRESS.fullmatch(email):
        raise Refused(f"{email[:80] or 'Nothing'} is not an e-mail address. Name one person. {NOTHING}")
    person = ctx.roster.by_email(email)
    if person is None:
        theirs = next((one for one in ctx.roster.people if (one.desk or "").lower() == email), None)
        if theirs is not None:
            raise Refused(f"{email} is the desk agent of {theirs.name}; ask for {theirs.email}. {NOTHING}")
    name = _text(asked.options, "name") or (person.name if person else "")
    slack = (person.slack if person else None) or _text(asked.options, "slack")
    account = (person.desk if person else None) or email
    return Subject(email, account.lower(), name or email, slack)


def texts(options: Mapping[str, Any], key: str) -> tuple[str, ...]:
    """An option that names several things: a list, or a text with commas between them."""
    value = options.get(key) or ()
    parts = value.split(",") if isinstance(value, str) else value
    return tuple(str(part).strip() for part in parts if str(part).strip())


def _text(options: Mapping[str, Any], key: str) -> str:
    return str(options.get(key) or "").strip()


def upstream_of(doors: Doors, email: str) -> IdentityPerson | None:
    """Whom the identity source knows by this address. Raises: Refused if several; AdapterError if it cannot be read."""
    if doors.identity is None:
        return None
    try:
        return doors.identity.person(email)
    except Rejected as exc:
        if exc.code != "ambiguous":
            raise
        raise Refused(f"{doors.identity.title} knows several people by the address {email}. {NOTHING}") from exc


def slack_groups_of(doors: Doors, slack: str, groups: Collection[str]) -> tuple[tuple[str, str], ...]:
    """Each of the user groups with `in` or `out`; empty where Slack does not know the group or the user is not known.

    Raises: AdapterError if Slack does not answer.
    """
    return tuple((group, _membership(doors, slack, group)) for group in dict.fromkeys(groups))


def _membership(doors: Doors, slack: str, group: str) -> str:
    if not slack:
        return ""
    try:
        return IN if slack in doors.slack.usergroup_users(group) else OUT
    except Rejected:
        return ""
