"""What `handoff doctor` finds without asking anybody outside: settings, tokens, roles, rotations, the port."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from pydantic import BaseModel

from automations.durations import in_words
from automations.duty import least_loaded, turn
from automations.errors import ConfigError
from automations.failure_tickets.rules import RuleBook
from automations.people import Roster
from bot.cli.finding import Finding, State, ok, problem, warning
from bot.parts import data_dir, make_senders, slack_keys
from bot.server import listen
from bot.settings import Settings
from bot.settings_file import SECRETS, Loaded, secret

_UNSET = {"access": "off", "customers": "off", "hours": "always"}
"""What a section that may be missing means without it."""
_TABLES = {("access", "roles"), ("customers", "fields"), ("customers", "sources")}
"""Tables of which only the number of rows is shown."""


def values(loaded: Loaded) -> list[dict[str, str]]:
    """Every single value with where it comes from. Secrets are `set` or `missing`, never shown."""
    rows = []
    for section in Settings.model_fields:
        part = getattr(loaded.settings, section)
        if part is None:
            rows.append({"key": section, "value": _UNSET[section], "from": "default"})
            continue
        if not hasattr(type(part), "model_fields"):
            count = f"{len(part)} in all"
            rows.append({"key": section, "value": count, "from": _whole(loaded, section)})
            continue
        for key in type(part).model_fields:
            shown = _shown(loaded, section, key)
            if shown is not None:
                rows.append({"key": f"{section}.{key}", "value": shown, "from": _origin(loaded, section, key)})
    return rows


def check_secrets(settings: Settings) -> Iterator[Finding]:
    """What must be known before the bot can start."""
    try:
        slack_keys(settings)
    except ConfigError as exc:
        yield problem("secrets", str(exc), "The README says where Slack shows it.")
    else:
        yield ok("secrets", f"Slack's secrets for transport {settings.slack.transport} are set.")
    try:
        make_senders(settings)
    except ConfigError as exc:
        yield problem("ingest", str(exc))
    else:
        yield ok("ingest", "Somebody may report failures.")


def check_roles(settings: Settings) -> Finding:
    """At least one person has to be able to decide."""
    named = [*settings.roles.lead, *settings.roles.admin]
    if named:
        return ok("roles", f"Leads and admins: {', '.join(named)}.")
    return problem("roles", "There is no lead and no admin.", "Name a Slack user or user group under [roles].")


def check_duty(book: RuleBook, roster: Roster, now: datetime) -> Iterator[Finding]:
    """Whoever rules name must be there when the failure comes."""
    for what, email in (("escalation lead", book.lead), ("default owner", book.default_owner)):
        if roster.away(email, now) is not None:
            yield warning("duty", f"The {what}, {roster.name(email)}, is away now.", "Name somebody else meanwhile.")
        else:
            yield ok("duty", f"The {what} is {roster.name(email)}.")
    for rotation in book.rotations:
        found = turn(rotation, roster, now)
        if found.email is not None:
            yield ok(
                "duty", f"Rotation {rotation.name}: {roster.name(found.email)} until {found.until:%d %b %H:%M} UTC."
            )
        elif found.skipped:
            yield warning("duty", f"Rotation {rotation.name}: everybody is away; the default owner gets its cases.")
        else:
            first = f"{found.until:%Y-%m-%d %H:%M} UTC"
            yield warning(
                "duty", f"Rotation {rotation.name}: its first shift begins {first}.", "Check its `first` day."
            )
    for group in book.groups:
        if least_loaded(group, roster, {}, now) is None:
            yield warning("duty", f"Group {group.name}: everybody is away; the default owner gets its cases.")


def check_hours(settings: Settings) -> Finding:
    """When people may be mentioned: without hours always, which a team that sleeps should know."""
    if (hours := settings.hours) is None:
        words = "There are no working hours, so every case may mention its owner at night."
        return Finding("hours", State.OK, words, "Set [hours], unless your team always works.")
    days = ", ".join(hours.days)
    when = f"{days} {hours.start:%H:%M}-{hours.end:%H:%M}, {settings.team.zone}"
    return ok("hours", f"The team works {when}; at other times only urgent cases mention anybody.")


def check_port(settings: Settings, *, bot_runs: bool) -> Finding:
    """The bot's own port."""
    where = f"{settings.http.host} port {settings.http.port}"
    try:
        listen(settings.http.host, settings.http.port).close()
    except ConfigError as exc:
        if bot_runs:
            return ok("http", f"{where} is in use, as it should be while the bot runs.")
        return problem("http", str(exc), "Set HANDOFF_HTTP__PORT to a free port.")
    if bot_runs:
        return warning("http", f"A bot runs, but not on {where}.", "It was started with other settings: restart it.")
    return ok("http", f"{where} is free.")


def _whole(loaded: Loaded, section: str) -> str:
    variables = sorted(name for name in loaded.env if name.startswith(f"HANDOFF_{section}__".upper()))
    return ", ".join(variables) or (str(loaded.path) if section in loaded.given else "default")


def _shown(loaded: Loaded, section: str, key: str) -> str | None:
    """A value in words; None for what is shown in another place or not set."""
    part: Any = getattr(loaded.settings, section)
    if (section, key) in SECRETS:
        try:
            return "set" if secret(part, key) else "missing"
        except ConfigError:
            return "set, but its file cannot be read"
    value = getattr(part, key)
    if (section, key.removesuffix("_file")) in SECRETS or value is None:
        return f"{data_dir() / 'handoff.db'} (default)" if (section, key) == ("database", "url") else None
    if key in ("priority", "reactions") or isinstance(value, BaseModel):
        return None
    if key in ("rules", "required_fields") or (section, key) in _TABLES:
        return f"{len(value)} in all"
    if (section, key) == ("database", "url"):
        return _without_password(str(value))
    if isinstance(value, timedelta):
        return in_words(value)
    return ", ".join(str(one) for one in value) if isinstance(value, tuple) else str(value)


def _origin(loaded: Loaded, section: str, key: str) -> str:
    found = loaded.origin(section, key)
    if found == "default" and (section, key) in SECRETS:
        return loaded.origin(section, f"{key}_file")
    return found


def _without_password(url: str) -> str:
    head, separator, rest = url.partition("://")
    credentials, at, host = rest.rpartition("@")
    name = credentials.partition(":")[0]
    return f"{head}{separator}{name}{':***' if ':' in credentials else ''}{at}{host}"
