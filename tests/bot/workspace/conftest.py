"""A workspace for each test; one that no app connected to is reset and used again, since stopping takes a while."""

from collections.abc import Iterator

import pytest

from bot.workspace import WorkspaceServer, sample_app, sample_seed
from tests.bot.workspace.room import FakeSeconds, Room

Idle = list[tuple[WorkspaceServer, FakeSeconds]]


@pytest.fixture(scope="session")
def idle() -> Iterator[Idle]:
    """Running workspaces that nobody uses."""
    servers: Idle = []
    yield servers
    for server, _ in servers:
        server.stop()


def _started() -> tuple[WorkspaceServer, FakeSeconds]:
    events = (*sample_app().events, "message.channels", "channel_archive", "member_left_channel")
    seconds = FakeSeconds()
    server = WorkspaceServer(sample_seed(), sample_app(events=events), clock=seconds).start()
    return server, seconds


@pytest.fixture
def taken(idle: Idle) -> tuple[WorkspaceServer, FakeSeconds]:
    """The workspace of this test, with its clock."""
    return idle.pop() if idle else _started()


@pytest.fixture
def seconds(taken: tuple[WorkspaceServer, FakeSeconds]) -> FakeSeconds:
    """The workspace's clock."""
    return taken[1]


@pytest.fixture
def room(taken: tuple[WorkspaceServer, FakeSeconds], idle: Idle) -> Iterator[Room]:
    """A running workspace with the sample team, in memory, on any free port."""
    room = Room(taken[0])
    room.workspace.pace.burst = 0  # the clock stands still, so that no second would ever be over
    yield room
    if room.handlers:
        room.leave()
    else:
        room.act("reset")
        room.http.close()
        idle.append(taken)
