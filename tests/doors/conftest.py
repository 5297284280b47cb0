"""Fixtures of the doors: a workspace for all tests of a file, a bot over one database, and all that is logged."""

import io
import logging
from collections.abc import Iterator

import pytest

from automations.redact import Redactor
from bot import logs
from storage.engine import Database
from tests.automations.failure_tickets.world import World
from tests.bot.slack_room import slack_room
from tests.bot.workspace.room import Room
from tests.doors.room import Doors, opened
from tests.support import FakeClock, RecordingJobs


@pytest.fixture(scope="module")
def room() -> Iterator[Room]:
    with slack_room() as made:
        yield made


@pytest.fixture
def world(database: Database, clock: FakeClock, jobs: RecordingJobs) -> World:
    made = World.on(database, clock, jobs)
    made.open()
    return made


@pytest.fixture
def doors(world: World, room: Room) -> Iterator[Doors]:
    with opened(world, room) as (made,):
        yield made


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """Everything that is logged, at the lowest level, as it would be written."""
    root, written = logging.getLogger(), io.StringIO()
    before = root.handlers[:], root.level
    logs.configure(Redactor(), as_json=True, level=logging.DEBUG, stream=written)
    yield written
    root.handlers[:], root.level = before
    logging.captureWarnings(capture=False)
