"""Who decides about a plan on the command line: somebody named by `--as` who is known to be a lead.

Roles are given to Slack users and to user groups. A user named there is known without Slack; who is in a group only
Slack knows. Whom Slack has deactivated decides nothing, as long as it can be asked.

The terminal cannot tell who types: it believes `--as`, and writes down the user of the machine beside it. That is
enough where one person decides, and counts for nobody where two have to.
"""

from automations.domain import Actor, Role
from automations.errors import AdapterError, Refused
from automations.people import Person
from bot.cli.options import Opened, os_user
from bot.cli.slack_look import SlackLook, reached, slack_look, why_not_usable


def deciding(here: Opened, email: str) -> Actor:
    """The person of `--as` with the highest role that is known of them. Whether it suffices, the act itself says.

    Raises: Refused if there is no such person, Slack says that they may do nothing, or only Slack knows their role and
    cannot be asked.
    """
    actor, person = here.acting(email), here.person(email)
    slack, team, not_asked = reached(slack_look(here.settings))
    if slack is not None and person.slack is not None and (why := _excluded(slack, team, person.slack)):
        raise Refused(f"--as {email}: {why}. Nothing was changed.")
    groups = {
        role: [one for one in getattr(here.settings.roles, role) if one.startswith("S")]
        for role in (Role.ADMIN, Role.LEAD)
    }
    if actor.may(Role.LEAD) or not any(groups.values()):
        return actor
    for role, listed in groups.items():
        if any(_is_in(group, person, slack, not_asked) for group in listed):
            return Actor(actor.id, actor.name, actor.email, role)
    return actor


def unnamed(actor: Actor) -> Actor:
    """The user of this machine in the place of the person they say they are, with that person's role."""
    return Actor(os_user(), os_user(), None, actor.role)


def _excluded(slack: SlackLook, team: str, user: str) -> str:
    """Why Slack says this user may do nothing; empty if they may, or it cannot say."""
    try:
        return why_not_usable(slack.user(user), team)
    except AdapterError:
        return ""


def _is_in(group: str, person: Person, slack: SlackLook | None, not_asked: str) -> bool:
    if person.slack is None:
        words = f"{person.name} has no Slack user here, and leads are the user group {group}"
        raise Refused(f"{words}. Settle it: handoff people link {person.email} --slack ID. Nothing was changed.")
    if slack is None:
        raise Refused(_only_slack_knows(group, person, not_asked))
    try:
        return person.slack in slack.usergroup_members(group)
    except AdapterError as exc:
        raise Refused(_only_slack_knows(group, person, str(exc))) from exc


def _only_slack_knows(group: str, person: Person, why: str) -> str:
    return (
        f"Whether {person.name} is a lead only Slack knows, since the user group {group} is: {why.rstrip('.')}. "
        f"Name {person.slack} itself under [roles] for times when Slack is away. Nothing was changed."
    )
