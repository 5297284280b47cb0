"""Channels of Slack as the bot sees them: whether they are there, whether it is in them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.gateway import SlackGateway


@dataclass(frozen=True, slots=True)
class SlackChannel:
    """A channel as the bot sees it."""

    id: str
    name: str
    is_member: bool
    is_archived: bool


def channel_of(gateway: SlackGateway, channel: str) -> SlackChannel:
    """Look at one channel. Raises TargetGone if there is none, or a private one without the bot; Unavailable."""
    found: Mapping[str, Any] = gateway.read("conversations.info", {"channel": channel})["channel"]
    archived, member = bool(found.get("is_archived")), bool(found.get("is_member"))
    return SlackChannel(channel, str(found.get("name") or channel), is_member=member, is_archived=archived)
