"""What a workspace is made of at its start: the installed app and the seeded team."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

Json = dict[str, Any]
"""A JSON object as Slack sends it; its keys are Slack's, documented at https://docs.slack.dev."""

Clock = Callable[[], float]
"""Seconds since the epoch, as `time.time` gives them."""


class Command(NamedTuple):
    """One slash command of the app. `should_escape` turns `@name` into `<@U…|name>` as the manifest's key does."""

    command: str
    description: str
    usage_hint: str = ""
    should_escape: bool = True


class Shortcut(NamedTuple):
    """One message shortcut of the app; `name` is what the message's menu shows."""

    name: str
    callback_id: str
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AppConfig:
    """The one app installed in the workspace. `request_url` None means Socket Mode, else signed HTTP to that URL."""

    name: str
    app_id: str
    bot_user_id: str
    bot_token: str
    app_token: str
    signing_secret: str
    commands: tuple[Command, ...] = ()
    scopes: tuple[str, ...] = ()
    events: tuple[str, ...] = ()
    request_url: str | None = None
    shortcuts: tuple[Shortcut, ...] = ()

    @property
    def bot_id(self) -> str:
        """The id of the bot (B…), which is not the id of its user (U…)."""
        return "B" + self.bot_user_id[1:]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seed:
    """The team a fresh workspace starts with; rows are Slack's own objects, channels carry `members` as user ids."""

    team: Json
    users: tuple[Json, ...]
    channels: tuple[Json, ...]
    usergroups: tuple[Json, ...] = ()
