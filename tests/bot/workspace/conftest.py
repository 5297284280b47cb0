"""A workspace for each test."""

from collections.abc import Iterator

import pytest

from bot.workspace import WorkspaceServer, sample_app, sample_seed
from tests.bot.workspace.room import FakeSeconds, Room


@pytest.fixture
def seconds() -> FakeSeconds:
    """The workspace's clock."""
    return FakeSeconds()


@pytest.fixture
def room(seconds: FakeSeconds) -> Iterator[Room]:
    """A running workspace with the sample team, in memory, on any free port."""
    events = (*sample_app().events, "message.channels", "channel_archive", "member_left_channel")
    room = Room(WorkspaceServer(sample_seed(), sample_app(events=events), clock=seconds).start())
    yield room
    room.leave()
