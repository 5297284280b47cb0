"""Fixtures of the listeners: one case with its message in Slack, and people who act on it."""

from collections.abc import Iterator

import pytest
from structlog.testing import capture_logs
from structlog.typing import EventDict

from storage import notifications
from storage.engine import Database
from tests.automations.failure_tickets.world import World
from tests.bot.listeners.people import CARD_TS, CHANNEL, Slack
from tests.support import FakeClock, RecordingJobs


@pytest.fixture
def world(database: Database, clock: FakeClock, jobs: RecordingJobs) -> World:
    """The team, with case 1 open and its message posted."""
    made = World.on(database, clock, jobs)
    assert made.open() == 1
    with made.begin() as session:
        taken = notifications.take(session, "case/1", clock.now())
        link = "https://chat.example/p/1"
        notifications.delivered(session, "case/1", taken.version, CHANNEL, CARD_TS, link, clock.now())
    return made


@pytest.fixture(autouse=True)
def logs() -> Iterator[list[EventDict]]:
    """What was logged, instead of printing it."""
    with capture_logs() as kept:
        yield kept


@pytest.fixture
def slack(world: World) -> Iterator[Slack]:
    made = Slack(world)
    yield made
    made.close()
