"""What happens by the clock is asked for by every process and done once, with the team as it is at that moment."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from automations.duty import Rotation
from automations.failure_tickets import absences, pauses
from bot import timed
from storage.engine import Database
from tests.automations.failure_tickets.world import BEN, BOOK, LEA, ROSTER, World
from tests.support import FakeClock, RecordingJobs

NINE = datetime(2026, 11, 21, 8, tzinfo=UTC)
PEOPLE = ("anna@team.example", "ben@team.example", "lea@team.example")


@pytest.fixture
def world(database: Database, clock: FakeClock, jobs: RecordingJobs) -> World:
    made = World.on(database, clock, jobs)
    nights = Rotation("nights", PEOPLE, "daily 09:00", "Europe/Oslo", date(2026, 11, 20))
    made.ctx = replace(made.ctx, book=replace(BOOK, rotations=(nights,)))
    return made


def ask(world: World) -> int:
    return timed.ask(world.database, lambda: world.ctx)


def perform(world: World, name: str) -> int:
    """Do every job of that name that was asked for, as often as an engine may. Says how many there are."""
    (spec,) = [one for one in timed.specs(world.database, lambda: world.ctx) if one.name == name]
    asked = world.ctx.jobs.of(name)  # type: ignore[attr-defined]  # the tests' jobs remember
    for job in (*asked, *asked):
        spec.advance(job.args)
    return len(asked)


def test_a_hand_over_is_asked_for_by_each_process_and_told_once(world: World) -> None:
    assert ask(world) == 1
    perform(world, "duty.hand_over")
    assert ask(world) == 0
    with world.begin() as session:
        absences.set_away(session, ROSTER.people[1], NINE + timedelta(days=1), BEN, world.ctx)
    world.clock.at = NINE
    assert [ask(world), ask(world)] == [1, 1]
    assert perform(world, "duty.hand_over") == 2
    assert ask(world) == 0
    told = world.notification(f"hand-over/nights/{NINE.isoformat()}")
    assert told is not None
    assert told.data["after"] == "lea@team.example"
    assert len(world.audited("duty.handed_over")) == 1


def test_a_pause_ends_once_at_its_end(world: World) -> None:
    ask(world)
    perform(world, "duty.hand_over")
    with world.begin() as session:
        pauses.pause(session, "failure_tickets", world.clock.now() + timedelta(hours=1), "a move", LEA, world.ctx)
    assert ask(world) == 0
    world.clock.move(timedelta(hours=1))
    assert [ask(world), ask(world)] == [1, 1]
    assert perform(world, "pause.end") == 1
    assert ask(world) == 0
    assert len(world.audited("pause.ended")) == 1
