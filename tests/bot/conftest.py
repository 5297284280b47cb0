"""Fixtures of the bot's HTTP room."""

import pytest

from storage.engine import Database
from tests.automations.failure_tickets.world import World
from tests.bot.http_world import HttpWorld
from tests.support import FakeClock, RecordingJobs


@pytest.fixture
def port(database: Database, clock: FakeClock, jobs: RecordingJobs) -> HttpWorld:
    """The HTTP port of a team without cases."""
    return HttpWorld(World.on(database, clock, jobs))
