"""A workspace on the real clock with our gateway in it, for tests of what Handoff says to Slack."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from bot.gateway import SlackGateway
from bot.workspace import WorkspaceServer, sample_app, sample_seed
from tests.bot.workspace.room import Room

CHANNEL = "C_FAILURES"
FALLBACK = "C_ESCALATIONS"


@contextmanager
def slack_room() -> Iterator[Room]:
    """A running workspace with the sample team, in memory."""
    room = Room(WorkspaceServer(sample_seed(), sample_app()).start())
    try:
        yield room
    finally:
        room.leave()


def gateway_in(room: Room, *, timeout_s: int = 5, monotonic: Callable[[], float] = time.monotonic) -> SlackGateway:
    """Our gateway, with the bot's token."""
    return SlackGateway("xoxb-demo-handoff", base_url=room.server.base_url, timeout_s=timeout_s, monotonic=monotonic)


def posted(room: Room, channel: str = CHANNEL, **query: str) -> list[str]:
    """The texts of a channel or thread, oldest first."""
    return [message["text"] for message in room.messages(channel, **query)]
