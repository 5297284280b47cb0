"""Fixtures of this automation."""

import pytest

from storage.engine import Database
from tests.automations.failure_tickets.shaky import ShakyDesk
from tests.automations.failure_tickets.world import World
from tests.support import FakeClock, RecordingJobs


@pytest.fixture
def world(database: Database, clock: FakeClock, jobs: RecordingJobs) -> World:
    """A team with its rules over an empty database."""
    return World.on(database, clock, jobs)


@pytest.fixture
def desk(world: World) -> ShakyDesk:
    """A desk that does as it is told until a test breaks it."""
    return ShakyDesk.on(world)
