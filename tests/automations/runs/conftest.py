"""Fixtures of runs."""

import pytest

from storage.engine import Database
from tests.automations.runs.stage import Stage
from tests.support import FakeClock, RecordingJobs


@pytest.fixture
def stage(database: Database, clock: FakeClock, jobs: RecordingJobs) -> Stage:
    """A team over an empty database, in mode ask."""
    return Stage.on(database, clock, jobs)
