"""Fixtures of this automation."""

import pytest

from storage.engine import Database
from tests.automations.escalation.world import EscalationWorld
from tests.support import FakeClock, RecordingJobs


@pytest.fixture
def world(database: Database, clock: FakeClock, jobs: RecordingJobs) -> EscalationWorld:
    """A team at work on a Monday morning, with escalation just switched on."""
    return EscalationWorld.on(database, clock, jobs)
