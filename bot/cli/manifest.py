"""`handoff manifest`: the Slack app's manifest, made from what the code registers."""

import os
from typing import Annotated
from urllib.parse import urlsplit

import typer

from bot.cli.options import config_of, settings_of
from bot.manifest import as_yaml
from bot.manifest import manifest as build
from bot.settings import Settings
from bot.settings_file import find


def manifest(
    ctx: typer.Context,
    http: Annotated[
        str | None, typer.Option(metavar="URL", help="Let Slack call this https address instead of Socket Mode.")
    ] = None,
) -> None:
    """Print the Slack app's manifest, with only the scopes that are used and the reason of each.

    The commands' prefix comes from the settings, where there are any.
    """
    there = find(config_of(ctx), os.environ) is not None
    settings = settings_of(ctx).settings if there else None
    prefix = settings.slack.command_prefix if settings else "support"
    writes = settings is not None and writes_usergroups(settings)
    print(as_yaml(build(prefix=prefix, request_url=_request_url(http), usergroups_write=writes)), end="")


def writes_usergroups(settings: Settings) -> bool:
    """Whether the app changes Slack's user groups itself, and so needs a scope more."""
    return settings.access is not None and settings.access.slack_usergroups_write


def _request_url(given: str | None) -> str | None:
    """The full address; a bare host means the bot's own path."""
    if given is None:
        return None
    parts = urlsplit(given)
    if parts.scheme != "https" or not parts.hostname:
        raise typer.BadParameter(
            "Slack calls https addresses only, such as https://bot.example/slack/events", param_hint="--http"
        )
    return f"https://{parts.netloc}/slack/events" if parts.path in ("", "/") else given
