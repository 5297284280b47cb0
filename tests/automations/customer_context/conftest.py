"""Fixtures of customer context."""

import pytest

from storage.engine import Database
from tests.automations.customer_context import synced
from tests.support import FakeClock, RecordingJobs


@pytest.fixture
def here(database: Database, clock: FakeClock, jobs: RecordingJobs) -> synced.Synced:
    """Ten customers who are the same in source and desk."""
    return synced.of(database, clock, jobs)
