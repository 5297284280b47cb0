"""What `handoff doctor` finds about access: who may confirm, what the roles name, what is missing for it to work."""

from collections.abc import Collection, Iterator
from contextlib import closing

from automations.access.blocks import blocked
from automations.access.mapping import unknown_to_desk
from automations.access.rules import AccessRules
from automations.access_ports import DeskAccess
from automations.desks import Capability
from automations.domain import Mode
from automations.errors import AdapterError, ConfigError
from automations.people import Roster
from automations.ports import HelpDesk
from bot.access_parts import make_access_context
from bot.cli.automation_rows import ACCESS
from bot.cli.deciders import Deciders, deciders
from bot.cli.finding import Finding, ok, problem, warning
from bot.cli.slack_look import SlackLook, reached
from bot.desk import open_access, open_desk
from bot.engine import EngineClient
from bot.parts import SystemClock, make_context
from bot.settings import Settings
from bot.team import roster
from storage.engine import Database
from storage.modes import mode_of

MODES = frozenset({Mode.OFF, Mode.SHADOW, Mode.ASK})
WRITES_GROUPS = "usergroups:write"
SECOND = "Name another Slack user or user group under [roles] lead."


def check_access(settings: Settings, database: Database, look: SlackLook | None) -> Iterator[Finding]:
    """Everything that access needs beside what the desk and Slack need anyway. Nothing is changed."""
    with database.read() as session:
        by_command, gone = mode_of(session, ACCESS), blocked(session)
    if by_command is not None and by_command not in MODES:
        words = f"The mode {by_command} was set by command; access never goes above ask, so it is off."
        yield problem(ACCESS, words, f"`handoff automations mode {ACCESS} ask`.")
        return
    people, (slack, team, _) = roster(settings), reached(look)
    able, section = deciders(settings.roles, people, slack, team, gone), settings.access
    if section is None or (by_command or section.mode) == Mode.OFF:
        yield ok(ACCESS, "It is off: nobody's access is planned or changed.")
        if len(able.users) < 2 and not able.unasked:
            yield warning(ACCESS, f"{_only(able)}; it needs two people before it is switched on.", SECOND)
        return
    yield _approvers(able)
    try:
        with closing(EngineClient(database, ())) as jobs:
            make_access_context(settings, make_context(settings, database, settings.desk.kind, jobs=jobs))
    except ConfigError as exc:
        yield problem(ACCESS, str(exc), "Correct it under [access].")
    if not section.roles:
        yield problem(ACCESS, "No role is named, so nobody can be provisioned.", "Write [[access.roles]].")
    if settings.identity.kind == "none":
        words = "No identity source is set: people come and go by hand, and nobody can be reconciled."
        yield warning(ACCESS, words, "Set [identity].")
    yield from _in_slack(section, slack)
    yield from _in_the_desk(section, settings, database, people)


def _approvers(able: Deciders) -> Finding:
    names = ", ".join(able.names)
    if len(able.users) >= 2:
        return ok(ACCESS, f"{len(able.users)} people can confirm: {names}.")
    if able.unasked:
        words = f"Who is in {', '.join(able.unasked)} only Slack knows; beside them {names or 'nobody'} can confirm."
        return warning(ACCESS, words, "Give doctor a bot token, and look again.")
    return problem(ACCESS, f"{_only(able)}; offboarding, administrators and many at once need two.", SECOND)


def _only(able: Deciders) -> str:
    return f"Only {able.names[0]} can confirm" if able.names else "Nobody can confirm"


def _in_slack(rules: AccessRules, slack: SlackLook | None) -> Iterator[Finding]:
    """What access asks of Slack: user groups that are there, and the right to change them where that is wanted."""
    if slack is None:
        return
    try:
        granted = slack.auth_test().scopes
        if rules.slack_usergroups_write and granted and WRITES_GROUPS not in granted:
            words = f"access.slack_usergroups_write is set, and {WRITES_GROUPS} is not granted."
            yield problem(ACCESS, words, "Add it by `handoff manifest`, or leave groups to people.")
        for group in dict.fromkeys(one for role in rules.roles for one in role.slack_groups):
            if (why := _unknown_group(slack, group)) is not None:
                yield why
    except AdapterError as exc:
        yield warning(ACCESS, f"Slack could not be asked about user groups: {exc}")


def _unknown_group(slack: SlackLook, group: str) -> Finding | None:
    try:
        slack.usergroup_members(group)
    except AdapterError as exc:
        return problem(ACCESS, f"User group {group}: {exc}", "Correct it under [[access.roles]].")
    return None


def _in_the_desk(rules: AccessRules, settings: Settings, database: Database, people: Roster) -> Iterator[Finding]:
    """Whether the desk has the roles, groups and people that the settings name."""
    clock = SystemClock()
    try:
        desk, access = open_desk(settings, database, clock), open_access(settings, database, clock)
    except ConfigError:  # told already with the desk
        return
    if access is None:
        words = f"desk.admin_token is not set, so {desk.title} is changed by people alone, step by step."
        yield problem(ACCESS, words, "Set HANDOFF_DESK__ADMIN_TOKEN to a credential that may change agents.")
        return
    try:
        unknown = list(unknown_to_desk(rules, _roles(access), _groups(desk)))
        for words in unknown:
            yield problem(ACCESS, words, "Correct it under [[access.roles]], or make it in the desk.")
        if rules.roles and not unknown:
            yield ok(ACCESS, f"{desk.title} has every role and group that [[access.roles]] names.")
        yield from _agents(rules, access, people)
    except AdapterError as exc:
        yield problem(ACCESS, f"{desk.title} cannot be asked about roles and agents: {exc}", "Check desk.admin_token.")


def _roles(access: DeskAccess) -> Collection[str]:
    return tuple(access.roles())


def _groups(desk: HelpDesk) -> Collection[str] | None:
    return tuple(desk.groups()) if Capability.GROUPS in desk.capabilities else None


def _agents(rules: AccessRules, access: DeskAccess, people: Roster) -> Iterator[Finding]:
    """Protected accounts are there, else a name that was mistyped protects nobody; a successor can be given tickets."""
    for email in rules.protected:
        person = people.by_email(email)
        if access.agent(person.desk or email if person else email) is None:
            words = f"access.protected: the desk has nobody by the address {email}, so it protects nobody."
            yield warning(ACCESS, words, "Correct it, or take it out.")
    if rules.successor and (person := people.by_email(rules.successor)) is not None:
        agent = access.agent(person.desk or person.email)
        if agent is None or agent.state != "active":
            state = "no agent" if agent is None else agent.state
            words = f"access.successor: {person.name} is {state} in the desk, so cannot get a leaver's tickets."
            yield problem(ACCESS, words, "Name somebody else, or let them in there.")
