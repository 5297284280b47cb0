"""One reminder for each owner, in working hours; it follows what becomes of the work, which leaves with words."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from automations.calendar import WorkingHours
from automations.domain import HANDOFF
from bot import stuck_acts, stuck_reminders, stuck_shown, stuck_told
from bot.engine.failures import FailureQueue
from bot.render import render
from storage import stuck
from storage.engine import Database
from storage.models import Notification
from tests.automations.failure_tickets.world import ANNA, BEN, LEA, World
from tests.blocked import a_run
from tests.support import FakeClock, RecordingJobs

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

MONDAY = datetime(2026, 11, 23, 8, tzinfo=UTC)
OFFICE = WorkingHours(frozenset(range(5)), time(9), time(17), "Europe/Oslo")
ANNAS, BENS = "anna@team.example", "ben@team.example"


@pytest.fixture
def world(database: Database, clock: FakeClock, jobs: RecordingJobs) -> World:
    made = World.on(database, clock, jobs)
    made.open()
    return made


def put(world: World, number: int, owner: str = ANNAS, args: Mapping[str, Any] | None = None) -> int:
    with world.begin() as session:
        return stuck.add(
            session, job="ticket.sync", key=f"ticket/{number}", args=args or {"case_id": 1}, target=f"CASE-{number}",
            owner=owner, reason="the desk answered 503", attempts=20, at=world.clock.now(),
        ).id  # fmt: skip


def due(world: World) -> list[str]:
    with world.database.read() as session:
        return [str(args["owner"]) for _, args in stuck_reminders.due(session, world.ctx)]


def remind(world: World, owner: str) -> bool:
    with world.begin() as session:
        return stuck_reminders.remind(session, {"owner": owner}, world.ctx)


def reminders(world: World) -> list[Notification]:
    with world.database.read() as session:
        rows = session.query(Notification).where(Notification.kind == stuck_reminders.POST)
        return list(rows.order_by(Notification.created_at))


def rendered(world: World, row: Notification) -> Any:
    with world.database.read() as session:
        return render(session, row, world.ctx)


def test_each_owner_is_reminded_once_for_all_of_it(world: World) -> None:
    for number in range(5):
        put(world, number, ANNAS if number else BENS)
    assert due(world) == [], "not at once"
    world.clock.move(timedelta(hours=1))
    assert due(world) == [ANNAS, BENS]
    assert [remind(world, ANNAS), remind(world, ANNAS)] == [True, False]
    (sent,) = reminders(world)
    assert sent.channel == "U_AGENT1"
    assert rendered(world, sent)["text"] == "4 pieces of work stuck with you"
    (row,) = world.audited("stuck.reminded")
    assert (row.target, row.after) == (ANNAS, {"items": 4})
    assert due(world) == [BENS]
    world.clock.move(timedelta(days=1))
    assert due(world) == [ANNAS, BENS], "again the next day"


def test_nobody_is_reminded_outside_working_hours_or_where_it_is_switched_off(world: World) -> None:
    put(world, 1)
    world.clock.move(timedelta(hours=2))
    world.ctx = replace(world.ctx, hours=OFFICE)
    assert due(world) == [], "a Saturday night"
    assert not remind(world, ANNAS), "nor by a job that came late"
    world.clock.at = MONDAY
    assert due(world) == [ANNAS]
    world.ctx = replace(world.ctx, timing=replace(world.ctx.timing, stuck_remind_after=None))
    assert due(world) == []


def test_whoever_cannot_be_told_is_not_asked_for_again_and_again(world: World) -> None:
    put(world, 1, "gone@team.example")
    world.clock.move(timedelta(days=1))
    assert due(world) == []


def test_the_reminder_follows_what_becomes_of_the_work(world: World) -> None:
    first, second = put(world, 1), put(world, 2, args={"case_id": 1, "n": 2})
    world.clock.move(timedelta(hours=1))
    remind(world, ANNAS)
    with world.begin() as session:
        stuck_acts.discard(session, first, LEA, "the desk is replaced", world.ctx)
    (sent,) = reminders(world)
    assert sent.version == 2
    shown = str(rendered(world, sent))
    assert "1 piece of work stuck with you" in shown
    assert "given up" in shown
    assert "Lea Lind" in shown
    assert "the desk is replaced" in shown
    queue = FailureQueue(
        {}, world.clock, lambda: ANNAS, lambda session, item: stuck_told.left(session, item, HANDOFF, world.ctx)
    )
    with world.begin() as session:
        queue.settle(session, "ticket.sync", "ticket/1/9", {"case_id": 1, "n": 2}, world.clock.now())
        assert stuck.get(session, second).state == "done"  # type: ignore[union-attr]  # it is there
    (sent,) = reminders(world)
    assert rendered(world, sent)["text"] == "Nothing of yours is stuck any more"
    told = [entry.text for entry in world.entries(1)][-2:]
    assert told[0] == "gave this up: Bring the ticket up to date (the desk is replaced)"
    assert told[1].startswith("notes that this was done after all: Bring the ticket up to date")


def test_what_is_left_to_nobody_says_nothing_to_others(world: World) -> None:
    number = put(world, 1, BENS)
    with world.begin() as session:
        stuck_acts.retry(session, number, BEN, world.ctx)
        assert stuck_shown.rows(session, ANNA, world.ctx, limit=5) == []
    assert reminders(world) == []


def test_of_a_run_about_themselves_nobody_hears_though_it_is_theirs(world: World) -> None:
    """Leads see it in the list."""
    with world.begin() as session:
        for subject in (ANNAS, BENS):
            run_id = a_run(session, world.clock.now(), subject=subject, correlation_id=f"run/{subject}").id
            stuck.add(
                session, job="run.plan", key=f"plan/{run_id}", args={"run_id": run_id}, target=f"RUN-{run_id}",
                owner=ANNAS, reason="the desk refuses", attempts=3, at=world.clock.now(),
            )  # fmt: skip
    world.clock.move(timedelta(hours=1))
    assert due(world) == [ANNAS]
    assert remind(world, ANNAS)
    (sent,) = reminders(world)
    shown = str(rendered(world, sent))
    assert ("1 piece of work stuck with you" in shown, "RUN-1" in shown, "RUN-2" in shown) == (True, False, True)
    with world.begin() as session:
        stuck_acts.discard(session, 2, LEA, "asked for anew", world.ctx)
        stuck_acts.discard(session, 1, LEA, "asked for anew", world.ctx)
    (sent,) = reminders(world)
    shown = str(rendered(world, sent))
    assert ("RUN-1" in shown, "RUN-2" in shown) == (False, True)
