"""Notices in a running bot: the desk is read for them, a look comes by the clock, a job writes the note."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from automations.customer_context import notices
from automations.domain import Mode
from automations.failure_tickets.context import Context
from bot import customer_notices
from bot.customer_notices import LOOK, CustomerNotices
from bot.engine import JobSpec
from bot.jobs import ROUTES
from bot.live import Live
from bot.mirror_side import MirrorSide
from bot.render import render
from bot.views.texts import Look
from storage import notifications
from storage.engine import Database
from storage.exclusive import alone
from storage.models import Notification
from tests.automations.customer_context.writing import Writing
from tests.bot.live_terms import terms_of
from tests.support import FakeClock, RecordingJobs


@dataclass
class Room:
    """One bot with notices over a desk in which customers write."""

    writing: Writing
    live: Live
    side: CustomerNotices
    mirror: MirrorSide

    def job(self, name: str) -> JobSpec:
        return next(spec for spec in self.side.specs() if spec.name == name)

    def look(self) -> None:
        self.mirror.spec().advance({})
        self.writing.world.clock.move(timedelta(minutes=1))
        self.job(LOOK).advance({})

    def set(self, **changes: Any) -> None:
        ctx = self.live.terms.customers
        self.live.replace(replace(self.live.terms, customers=ctx and replace(ctx, **changes)))


@pytest.fixture
def room(database: Database, clock: FakeClock, jobs: RecordingJobs) -> Room:
    writing = Writing.on(database, clock, jobs)
    ctx: Context = writing.world.ctx
    live = Live(terms_of(ctx, Look(zone="Europe/Oslo"), customers=writing.ctx))
    side = CustomerNotices(database, writing.desk, lambda: live.terms.customers)
    made = Room(writing, live, side, MirrorSide(database, live, writing.desk, None, (side.reader,)))
    made.look()
    return made


def args(room: Room) -> dict[str, str | int]:
    (asked,) = room.writing.world.jobs.of(notices.JOB)
    return dict(asked.args)


def test_what_customers_write_is_found_by_the_clock_and_noted_by_a_job(room: Room) -> None:
    room.writing.world.open()
    room.writing.ticket()
    assert [room.side.ask(), room.side.ask()] == [True, True]
    assert len(room.writing.world.jobs.of(LOOK)) == 1, "replicas ask for one and the same"
    room.look()
    room.job(notices.JOB).advance(args(room))
    assert room.writing.notices() == [(1, "1", "noted", "")]
    (entry,) = room.side.timetable()
    assert (entry.run, entry.every_s) == (room.side.ask, 20.0)


def test_the_line_shows_how_the_note_stands(room: Room) -> None:
    room.writing.world.open()
    room.writing.ticket()
    room.look()

    def shown() -> str:
        with room.writing.database.read() as session:
            row = notifications.get(session, "customers/note/1/builtin/1")
            assert isinstance(row, Notification)
            return str(render(session, row, room.writing.world.ctx, customers=room.live.terms.customers)["blocks"])

    assert "Customer acct_42 (acct_42) wrote in: " in shown()
    assert "is not verified yet" in shown()
    room.job(notices.JOB).advance(args(room))
    assert "An internal note there names CASE-1, verified in The desk" in shown()


def test_what_was_given_up_is_the_case_owners_and_is_said(room: Room) -> None:
    room.writing.world.open()
    room.writing.ticket()
    room.look()
    spec, asked = room.job(notices.JOB), args(room)
    assert spec.target(asked) == "CASE-1"
    with room.writing.world.begin() as session:
        assert spec.owner_of(session, asked) == "anna@team.example"
        assert spec.owner_of(session, {**asked, "case_id": 99}) == ""
        assert spec.on_stuck is not None
        spec.on_stuck(session, asked, "it is broken")
        assert room.job(LOOK).owner_of(session, {}) == "lea@team.example"
    assert room.writing.notices() == [(1, "1", "failed", "it is broken")]


def test_without_customers_nothing_is_read_and_nothing_asked_for(room: Room) -> None:
    room.writing.world.open()
    room.writing.ticket()
    room.look()
    asked = args(room)
    room.writing.world.jobs.clear()
    room.live.replace(replace(room.live.terms, customers=None))
    assert not room.side.ask()
    assert not room.mirror.ask()
    room.side.ask_for_what_was_lost()
    room.look()
    room.job(notices.JOB).advance(asked)
    with room.writing.world.begin() as session:
        assert room.job(LOOK).owner_of(session, {}) == ""
        on_stuck = room.job(notices.JOB).on_stuck
        assert on_stuck is not None
        on_stuck(session, asked, "it is broken")
    assert room.writing.world.jobs.calls == []
    assert room.writing.notices() == [(1, "1", "planned", "")]


def test_switched_off_it_looks_once_more_to_note_that(room: Room) -> None:
    room.set(mode=Mode.OFF)
    assert room.side.ask()
    room.look()
    assert not room.side.ask()
    assert not room.mirror.ask()


def test_what_was_lost_is_asked_for_at_a_start_and_one_looks_at_a_time(room: Room) -> None:
    room.writing.world.open()
    room.writing.ticket()
    with alone(room.writing.database, f"{LOOK}/builtin"):
        room.look()
    assert room.writing.notices() == []
    room.look()
    room.writing.world.jobs.clear()
    room.side.ask_for_what_was_lost()
    assert len(room.writing.world.jobs.of(notices.JOB)) == 1


def test_whoever_only_asks_knows_its_jobs() -> None:
    assert set(customer_notices.ROUTES) <= set(ROUTES)
