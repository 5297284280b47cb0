"""What happens by the clock is asked for by every process and done once, with the team as it is at that moment."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest

from automations.calendar import WorkingHours
from automations.domain import Priority
from automations.duty import Group, Rotation
from automations.failure_tickets import absences, life, pauses, snooze
from automations.failure_tickets.rules import Rule
from bot import timed
from storage.engine import Database
from tests.automations.failure_tickets.deeds import do
from tests.automations.failure_tickets.world import ANNA, BEN, BOOK, LEA, ROSTER, World
from tests.support import FakeClock, RecordingJobs

NINE = datetime(2026, 11, 21, 8, tzinfo=UTC)
MONDAY = datetime(2026, 11, 23, 8, tzinfo=UTC)
OFFICE = WorkingHours(frozenset(range(5)), time(9), time(17), "Europe/Oslo")
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


def claimed(world: World, pause: timedelta) -> None:
    do(world, life.claim, world.open(), ANNA)
    world.clock.move(pause)


def asleep(world: World) -> None:
    case = world.open()
    with world.begin() as session:
        snooze.snooze(session, case, BEN, world.clock.now() + timedelta(hours=4), world.ctx)
    world.clock.move(timedelta(hours=4))


def escalated_at_night(world: World) -> None:
    world.ctx = replace(world.ctx, hours=OFFICE, book=replace(world.ctx.book, rules=(plain_rule(),)))
    do(world, life.escalate, world.open(), ANNA, "it burns")
    world.clock.at = MONDAY


def plain_rule() -> Rule:
    return Rule.model_validate({"name": "all", "owner": "group:billing", "priority": Priority.NORMAL})


def opened_at_night(world: World) -> None:
    world.ctx = replace(world.ctx, hours=OFFICE, book=replace(world.ctx.book, rules=(plain_rule(),)))
    world.open()
    world.clock.at = MONDAY


def owner_away(world: World) -> None:
    """Ben has claimed a case and has been away for longer than the limit, at night."""
    book = replace(world.ctx.book, rules=(plain_rule(),), groups=(Group("billing", PEOPLE[1:]),))
    world.ctx = replace(world.ctx, hours=OFFICE, book=book)
    do(world, life.claim, world.open(), BEN)
    with world.begin() as session:
        absences.set_away(session, ROSTER.people[1], world.clock.now() + timedelta(days=9), LEA, world.ctx)
    world.clock.move(timedelta(hours=5))


def owner_moved_at_night(world: World) -> None:
    owner_away(world)
    ask(world)
    perform(world, "case.owner")
    world.clock.at = MONDAY


def silent(world: World) -> None:
    world.ctx = replace(world.ctx, timing=replace(world.ctx.timing, expect_every={"nightly-export": timedelta(days=1)}))
    ask(world)
    perform(world, "source.silence")
    world.clock.move(timedelta(days=1))


DUE: dict[str, tuple[Callable[[World], None], str]] = {
    "case.call_lead": (escalated_at_night, "case.lead_called"),
    "case.call_owner": (opened_at_night, "case.owner_called"),
    "case.owner": (owner_away, "case.moved"),
    "case.owner_told": (owner_moved_at_night, "case.owner_called"),
    "case.remind": (lambda world: claimed(world, timedelta(hours=4)), "case.reminded"),
    "case.undo_lapse": (lambda world: claimed(world, world.ctx.timing.undo_for), "case.undo_lapsed"),
    "case.wake": (asleep, "case.woke"),
    "source.silence": (silent, "case.opened"),
}
"""How each of the others comes to be due, and what is audited when it is done."""


@pytest.mark.parametrize("name", DUE)
def test_what_is_due_is_asked_for_by_each_process_and_done_once(world: World, name: str) -> None:
    stage, action = DUE[name]
    stage(world)
    before = len(world.audited(action))
    assert ask(world) == ask(world)
    assert perform(world, name) >= 1
    assert len(world.audited(action)) == before + 1
    jobs = len(world.jobs.of(name))
    ask(world)
    assert len(world.jobs.of(name)) == jobs, "what was done is not due again"


def test_every_entry_is_played() -> None:
    """`group.ended` only passes the work on: test_group_ticket.py; reminders: test_stuck_reminders.py."""
    played = {*DUE, "duty.hand_over", "pause.end", "group.ended", "stuck.remind"}
    assert played == {one.name for one in timed.TIMED}
