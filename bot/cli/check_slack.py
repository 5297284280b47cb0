"""What `handoff doctor` asks Slack: the token, its scopes, the channels, the people, and on request its validator."""

from collections.abc import Iterator

from automations.errors import AdapterError, Rejected
from bot.cli.finding import Finding, ok, problem, warning
from bot.cli.manifest import writes_usergroups
from bot.cli.slack_look import SlackLook, is_slacks_own, why_not_usable
from bot.cli.view_examples import EXAMPLES
from bot.manifest import scopes
from bot.settings import Settings
from bot.slack_channels import channel_of


def check_slack(slack: SlackLook, settings: Settings, *, live: bool) -> Iterator[Finding]:
    """Everything about Slack; only the first finding where Slack cannot be asked at all."""
    try:
        us = slack.auth_test()
    except Rejected as exc:
        yield problem("slack", f"Slack refuses the bot token: {exc}", "Install the app again, set its new token.")
        return
    except AdapterError as exc:
        yield problem("slack", f"Slack cannot be asked: {exc}", "Check the network and slack.base_url.")
        return
    yield ok("slack", f"Handoff is {us.user_id} in {us.url or us.team_id}.")
    yield from check_scopes(us.scopes, usergroups_write=writes_usergroups(settings))
    for name, channel in sorted(settings.channels.items()):
        yield check_channel(slack, name, channel)
    yield from _check_people(slack, settings, us.team_id)
    yield from _check_groups(slack, settings)
    if live:
        yield from check_views(slack, settings)


def check_scopes(granted: tuple[str, ...], *, usergroups_write: bool = False) -> Iterator[Finding]:
    """The granted scopes against the manifest's, with the one for user groups only where the settings want it."""
    wanted = scopes(usergroups_write=usergroups_write)
    if not granted:
        yield warning("scopes", "Slack did not say which scopes were granted.")
        return
    for scope in sorted(set(wanted) - set(granted)):
        yield problem("scopes", f"{scope} is not granted: {wanted[scope]}.", "Update the app by `handoff manifest`.")
    if more := sorted(set(granted) - set(wanted)):
        yield warning("scopes", f"Granted, but not used: {', '.join(more)}.", "Take them back in the app's settings.")
    elif set(wanted) <= set(granted):
        yield ok("scopes", f"All {len(wanted)} scopes of the manifest are granted, and no other.")


def check_channel(slack: SlackLook, name: str, channel: str) -> Finding:
    """The channel is there, not archived, and the bot is in it."""
    area = "channels"
    try:
        found = channel_of(slack, channel)
    except Rejected as exc:
        if exc.code == "channel_not_found":
            words = f"{name}: Slack knows no channel {channel}, or it is private and Handoff is not in it."
            return problem(area, words, "Check the id; invite the bot with /invite @Handoff.")
        return problem(area, f"{name} ({channel}): {exc}")
    except AdapterError as exc:
        return warning(area, f"{name} ({channel}) could not be looked at: {exc}")
    if found.is_archived:
        return problem(area, f"{name}: #{found.name} is archived.", "Choose another channel.")
    if not found.is_member:
        return problem(area, f"{name}: Handoff is not in #{found.name}.", "Type /invite @Handoff there.")
    return ok(area, f"{name} is #{found.name}, and Handoff is in it.")


def check_views(slack: SlackLook, settings: Settings) -> Iterator[Finding]:
    """Ask Slack's validator about an example of every view."""
    area = "views"
    if not is_slacks_own(settings):
        yield warning(area, f"{settings.slack.base_url} is not Slack itself, which has the validator: not asked.")
        return
    checked = 0
    for name, example in EXAMPLES.items():
        try:
            faults = slack.faults_of(example())
        except AdapterError as exc:
            yield warning(area, f"Slack's validator could not be asked about {name}: {exc}")
            return
        checked += 1
        if faults:
            yield problem(area, f"{name}: {'; '.join(faults)}", "Please report this: it is a fault of Handoff.")
    yield ok(area, f"Slack's validator looked at {checked} views.")


def _check_people(slack: SlackLook, settings: Settings, team_id: str) -> Iterator[Finding]:
    wrong = []
    for person in settings.people:
        if person.slack is None:
            continue
        try:
            user = slack.user(person.slack)
        except Rejected as exc:
            wrong.append(f"{person.name} ({person.slack}): {exc}")
            continue
        except AdapterError as exc:
            yield warning("people", f"{person.name} could not be looked up: {exc}")
            return
        if why := why_not_usable(user, team_id):
            wrong.append(f"{person.name} ({person.slack}): {why}")
    for words in wrong:
        yield problem("people", words, "Correct `slack` under [[people]].")
    if not wrong:
        yield ok("people", f"{len(settings.people)} people; `handoff people check` says more.")


def _check_groups(slack: SlackLook, settings: Settings) -> Iterator[Finding]:
    named = sorted({one for role in ("agent", "lead", "admin") for one in getattr(settings.roles, role)})
    for group in (one for one in named if one.startswith("S")):
        try:
            members = slack.usergroup_members(group)
        except Rejected as exc:
            yield problem("roles", f"User group {group}: {exc}", "Correct it under [roles].")
        except AdapterError as exc:
            yield warning("roles", f"User group {group} could not be looked up: {exc}")
        else:
            if not members:
                yield problem("roles", f"User group {group} has no members.", "Add somebody in Slack.")
