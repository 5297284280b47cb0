"""Reading the mirror on: as often as whoever needs it most, once for all replicas, and an absent desk is no news."""

from datetime import timedelta
from typing import cast

import pytest
from sqlalchemy.orm import Session

from automations.ports import HelpDesk
from bot.demo_history import fill
from bot.live import Live
from bot.mirror_side import READ, MirrorSide, Reader
from bot.views.texts import Look
from storage.engine import Database
from tests.automations.weekly_report.newsroom import Newsroom
from tests.bot.live_terms import terms_of
from tests.support import FakeClock, RecordingJobs

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


class Wanting:
    """Two who need the mirror, or not: once a minute, and every twenty seconds with more to read behind it."""

    def __init__(self) -> None:
        self.slow = self.quick = self.more = False
        self.followed = 0

    def readers(self) -> tuple[Reader, Reader]:
        def follow() -> bool:
            self.followed += 1
            return self.more

        def slow(_session: Session) -> bool:
            return self.slow

        def quick(_session: Session) -> bool:
            return self.quick

        return Reader(timedelta(seconds=60), slow), Reader(timedelta(seconds=20), quick, follow)


@pytest.fixture
def room(database: Database, clock: FakeClock, jobs: RecordingJobs) -> Newsroom:
    return Newsroom.on(database, clock, jobs)


@pytest.fixture
def wanting() -> Wanting:
    return Wanting()


@pytest.fixture
def side(room: Newsroom, wanting: Wanting) -> MirrorSide:
    live = Live(terms_of(room.world.ctx, Look(zone="Europe/Oslo")))
    return MirrorSide(room.database, live, cast("HelpDesk", room.desk), room.customers, wanting.readers())


def test_it_is_asked_for_as_often_as_somebody_needs_it(side: MirrorSide, room: Newsroom, wanting: Wanting) -> None:
    assert [one.every_s for one in side.timetable()] == [20.0]
    assert not side.ask()
    assert room.jobs.of(READ) == []
    wanting.slow = True
    for _ in range(2):
        assert side.ask()
        room.later(seconds=20)
    assert len(room.jobs.of(READ)) == 1, "once in this minute, for all replicas"
    wanting.quick = True
    for _ in range(3):
        side.ask()
        room.later(seconds=20)
    assert len(room.jobs.of(READ)) == 4


def test_a_look_goes_on_while_there_is_more_and_an_absent_desk_is_no_news(
    side: MirrorSide, room: Newsroom, wanting: Wanting, caplog: pytest.LogCaptureFixture
) -> None:
    read = side.spec()
    wanting.quick = wanting.more = True
    assert read.advance({}) is None
    assert (wanting.followed, len(room.jobs.of(READ))) == (1, 1), "there was more to read behind it"
    room.jobs.clear()
    wanting.more = False
    read.advance({})
    assert (wanting.followed, room.jobs.of(READ)) == (2, [])
    room.desk.away = True
    assert read.advance({}) is None
    assert (wanting.followed, room.jobs.of(READ)) == (2, [])


def test_a_first_reading_goes_on_in_slices(side: MirrorSide, room: Newsroom, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.mirror_side.SLICE", 1)
    monkeypatch.setattr("automations.adapters.builtin.feed.PAGE", 2)
    for group in ("Support", "Billing"):
        room.desk.ensure_group(group)
    assert fill(room.database, room.clock.now() - timedelta(days=40)) > 6
    room.desk.away = True
    side.spec().advance({})
    assert room.jobs.of(READ) == []
    room.desk.away = False
    turns = 0
    side.spec().advance({})
    while len(room.jobs.of(READ)) > turns:
        turns = len(room.jobs.of(READ))
        room.later(seconds=1)
        side.spec().advance({})
    assert turns >= 3, "it asked for each further slice"
