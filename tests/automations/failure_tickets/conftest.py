"""Fixtures of this automation."""

import pytest

from storage.engine import Database
from tests.automations.failure_tickets.world import World
from tests.support import FakeClock, RecordingJobs


@pytest.fixture
def world(database: Database, clock: FakeClock, jobs: RecordingJobs) -> World:
    """A team with its rules over an empty database."""
    return World.on(database, clock, jobs)
