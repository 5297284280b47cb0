"""Refusals at the doors: the first is written at once, the rest counted; none is lost and the chain stays short."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy.exc import OperationalError

from bot.door_book import WINDOW, DoorBook, Refused
from storage.engine import Database
from tests.automations.failure_tickets.world import World
from tests.support import FakeClock, RecordingJobs

FORGED = Refused("/slack/events", "signature does not match", "203.0.113.7")


@pytest.fixture
def world(database: Database, clock: FakeClock, jobs: RecordingJobs) -> World:
    return World.on(database, clock, jobs)


@pytest.fixture
def book(world: World, clock: FakeClock) -> DoorBook:
    return DoorBook(world.database, clock.now)


def counted(world: World) -> list[int]:
    return [int((row.after or {})["times"]) for row in world.audited("door.refused")]


def test_the_first_is_written_at_once_and_names_door_reason_and_peer(world: World, book: DoorBook) -> None:
    book.note(FORGED)
    (row,) = world.audited("door.refused")
    assert (row.actor, row.target, row.outcome) == ("outside", "/slack/events", "refused")
    assert row.after == {"why": "signature does not match", "times": 1, "from": "203.0.113.7"}


def test_a_flood_is_two_rows_for_each_window(world: World, book: DoorBook, clock: FakeClock) -> None:
    for _ in range(4):
        for _ in range(250):
            book.note(FORGED)
        clock.move(WINDOW)
        book.settle()
    assert counted(world) == [1, 249] * 4
    row = world.audited("door.refused")[1]
    assert row.after is not None
    assert row.after["first"] == row.after["last"] == "2026-11-21T02:14:00+00:00"


def test_within_the_window_the_schedule_writes_nothing_and_a_stop_everything(
    world: World, book: DoorBook, clock: FakeClock
) -> None:
    for _ in range(3):
        book.note(FORGED)
    clock.move(WINDOW - timedelta(seconds=1))
    book.settle()
    assert counted(world) == [1]
    book.settle(all_of_them=True)
    assert counted(world) == [1, 2]
    book.settle(all_of_them=True)
    assert counted(world) == [1, 2]


def test_doors_and_reasons_are_counted_apart(world: World, book: DoorBook) -> None:
    for other in (FORGED, Refused("/v1/failures", FORGED.why), Refused(FORGED.door, "timestamp missing")):
        book.note(other)
    assert counted(world) == [1, 1, 1]


def test_a_clock_that_was_put_back_keeps_no_count_for_ever(world: World, book: DoorBook, clock: FakeClock) -> None:
    book.note(FORGED)
    book.note(FORGED)
    clock.move(timedelta(hours=-2))
    book.settle()
    assert counted(world) == [1, 1]


def test_while_the_database_is_away_refusals_are_counted_and_written_later(
    world: World, book: DoorBook, monkeypatch: pytest.MonkeyPatch, clock: FakeClock
) -> None:
    def away(_self: Database, **_how: object) -> None:
        raise OperationalError("begin", {}, Exception("away"))

    with monkeypatch.context() as patched:
        patched.setattr(Database, "begin", away)
        for _ in range(5):
            book.note(FORGED)
        clock.move(WINDOW)
        book.settle()
        book.note(FORGED)
    book.settle(all_of_them=True)
    assert counted(world) == [6]


def test_many_threads_lose_no_count(world: World, book: DoorBook) -> None:
    def flood() -> None:
        for _ in range(200):
            book.note(FORGED)
            book.settle(all_of_them=True)

    threads = [threading.Thread(target=flood) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    book.settle(all_of_them=True)
    assert sum(counted(world)) == 800
