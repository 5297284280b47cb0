"""A workspace per test file and a delivery in it; the workspace is emptied for each test."""

from collections.abc import Iterator

import pytest

from bot.delivery import Delivery
from storage.engine import Database
from tests.bot.delivery.acts import render
from tests.bot.engine.world import WallClock
from tests.bot.slack_room import FALLBACK, gateway_in, slack_room
from tests.bot.workspace.room import Room
from tests.support import FakeClock, RecordingJobs


@pytest.fixture(scope="module")
def workspace() -> Iterator[Room]:
    with slack_room() as made:
        yield made


@pytest.fixture
def room(workspace: Room) -> Room:
    workspace.act("reset")
    workspace.act("faults", clear=True)
    return workspace


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(WallClock().now())


@pytest.fixture
def delivery(database: Database, room: Room, jobs: RecordingJobs, clock: FakeClock) -> Delivery:
    return Delivery(database, gateway_in(room, timeout_s=2), render, jobs, clock, fallback_channel=lambda: FALLBACK)
