"""Who may confirm a plan, by name: whom the settings name as lead or admin, themselves or by a user group of Slack."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from automations.errors import AdapterError
from automations.people import Roster
from bot.cli.slack_look import SlackLook, why_not_usable
from bot.settings import Roles


@dataclass(frozen=True, slots=True)
class Deciders:
    """`users` are Slack user ids in order, `names` what they are called. `unasked` says which groups are not known."""

    users: tuple[str, ...]
    names: tuple[str, ...]
    unasked: tuple[str, ...] = ()


def deciders(roles: Roles, roster: Roster, slack: SlackLook | None, team: str, blocked: Collection[str]) -> Deciders:
    """Everybody who may confirm now. Without Slack only those named themselves, and nobody is known to be gone."""
    named = sorted({*roles.lead, *roles.admin})
    users, unasked = [one for one in named if not one.startswith("S")], []
    for group in (one for one in named if one.startswith("S")):
        try:
            users += sorted(slack.usergroup_members(group)) if slack is not None else ()
        except AdapterError as exc:
            unasked.append(f"{group} ({exc})")
        else:
            unasked += [] if slack is not None else [group]
    known = tuple(dict.fromkeys(user for user in users if _may(user, roster, slack, team, blocked)))
    return Deciders(known, tuple(_names(known, roster, slack)), tuple(unasked))


def _may(user: str, roster: Roster, slack: SlackLook | None, team: str, blocked: Collection[str]) -> bool:
    person = roster.by_slack(user)
    if person is not None and person.email.lower() in blocked:
        return False
    if slack is None:
        return True
    try:
        return not why_not_usable(slack.user(user), team)
    except AdapterError:  # somebody Slack does not know decides nothing, and one it cannot tell of is not counted on
        return False


def _names(users: Collection[str], roster: Roster, slack: SlackLook | None) -> Iterator[str]:
    for user in users:
        if (person := roster.by_slack(user)) is not None:
            yield person.name
            continue
        try:
            yield slack.user(user).name if slack is not None else user
        except AdapterError:
            yield user
