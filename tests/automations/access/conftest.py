"""Fixtures of access."""

import pytest

from storage.engine import Database
from tests.automations.access import reconciled
from tests.support import FakeClock, RecordingJobs


@pytest.fixture
def here(database: Database, clock: FakeClock, jobs: RecordingJobs) -> reconciled.Reconciled:
    """Ten people who have what they should."""
    return reconciled.of(database, clock, jobs)
