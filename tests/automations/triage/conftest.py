"""Fixtures of triage."""

import pytest

from storage.engine import Database
from tests.automations.triage.stage import Stage
from tests.support import FakeClock, RecordingJobs


@pytest.fixture
def stage(database: Database, clock: FakeClock, jobs: RecordingJobs) -> Stage:
    """A team in mode ask over an empty database."""
    return Stage.on(database, clock, jobs)
