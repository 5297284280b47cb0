"""What Slack answers, in our own small types."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Posted:
    """A message in Slack. (`channel`, `ts`) is its name; `version` is the version of ours that it was posted with."""

    channel: str
    ts: str
    permalink: str | None = None
    version: int | None = None


@dataclass(frozen=True, slots=True)
class SlackFile:
    """A file in Slack. `media_type` is empty until Slack has looked at it; `channels` are those that show it."""

    id: str
    media_type: str
    channels: frozenset[str]


@dataclass(frozen=True, slots=True)
class SlackUser:
    """A person in Slack, with the marks that decide whether they may act here at all."""

    id: str
    name: str
    email: str | None
    team_id: str
    is_bot: bool
    deleted: bool
    is_restricted: bool
    is_ultra_restricted: bool
    is_stranger: bool


@dataclass(frozen=True, slots=True)
class Identity:
    """Who we are in Slack. `scopes` are those granted; `url` is the workspace's address."""

    team_id: str
    user_id: str
    bot_id: str
    url: str
    scopes: tuple[str, ...]
