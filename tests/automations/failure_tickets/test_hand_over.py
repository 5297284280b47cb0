"""A hand-over is told once, with what is taken over; a first sight not at all; what was missed late, and once."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from sqlalchemy import select

from automations.calendar import WorkingHours
from automations.duty import Rotation
from automations.failure_tickets import absences, closing, covers, hand_over, life
from automations.failure_tickets.present import present
from automations.failure_tickets.team_types import HandOverCard
from automations.words import PersonRef
from storage import stuck
from storage.models import HandOver, Notification, Run
from tests.automations.failure_tickets.world import ANNA, BEN, BOOK, LEA, ROSTER, World

ANNAS, BENS = "anna@team.example", "ben@team.example"
NIGHTS = Rotation("nights", (ANNAS, BENS), "daily 09:00", "Europe/Oslo", date(2026, 11, 20))
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NINE = datetime(2026, 11, 21, 8, tzinfo=UTC)  # the end of Anna's first shift


@pytest.fixture
def world(world: World) -> World:
    """A team with one rotation, whose first hand-over to Ben is still to come and was the first to be noticed."""
    world.ctx = replace(world.ctx, book=replace(BOOK, rotations=(NIGHTS,), escalate_after=None))
    assert look(world) == 0
    return world


def look(world: World) -> int:
    """Do all that is due, as every replica does. Says how many messages were asked for."""
    with world.database.read() as session:
        due = hand_over.due(session, present(session, world.ctx))
    asked = 0
    for _, args in due:
        with world.begin() as session:
            asked += hand_over.tell(session, args, present(session, world.ctx))
    return asked


def messages(world: World) -> list[Notification]:
    with world.database.read() as session:
        posted = select(Notification).where(Notification.kind == hand_over.POST).order_by(Notification.created_at)
        return list(session.scalars(posted))


def card(world: World, number: int = 0) -> HandOverCard:
    shown = messages(world)[number].data
    with world.database.read() as session:
        return hand_over.hand_over_card(session, shown, present(session, world.ctx))


def a_run(state: str, at: datetime) -> Run:
    return Run(
        kind="provision", subject="new@team.example", title="Provision", state=state, asked={}, plan={}, digest="d",
        needed=1, requested_by=ANNAS, requested_at=at, owner=ANNAS, correlation_id="c", channel="C1", private=False,
        shown_to=[], version=1, words="", review="none",
    )  # fmt: skip


def test_the_first_sight_of_a_rotation_is_only_written_down(world: World) -> None:
    with world.database.read() as session:
        assert [(row.rotation, row.at) for row in session.scalars(select(HandOver))] == [("nights", NINE - DAY)]
    assert messages(world) == []


def test_each_hand_over_is_told_once_whoever_looks_and_however_often(world: World) -> None:
    world.clock.at = NINE
    with world.database.read() as session:
        ((key, args),) = hand_over.due(session, world.ctx)
    assert key == f"nights/{NINE.isoformat()}"
    assert look(world) == 1
    assert look(world) == 0
    with world.begin() as session:
        assert not hand_over.tell(session, args, world.ctx)
    world.clock.move(DAY)
    assert look(world) == 1
    assert [row.data["before"] for row in messages(world)] == [ANNAS, BENS]
    assert [row.data["after"] for row in messages(world)] == [BENS, ANNAS]
    rows = world.audited("duty.handed_over")
    assert [(row.actor, row.target) for row in rows] == [("handoff", "nights")] * 2


def test_it_calls_the_one_who_comes_on_duty(world: World) -> None:
    world.clock.at = NINE
    look(world)
    (row,) = messages(world)
    assert (row.channel, row.data["mention"], row.data["late"]) == ("C_FAILURES", BENS, False)


def test_outside_working_hours_it_calls_nobody(world: World) -> None:
    world.ctx = replace(world.ctx, hours=WorkingHours(frozenset(range(5)), time(9), time(17), "Europe/Oslo"))
    world.clock.at = NINE  # a Saturday
    look(world)
    assert messages(world)[0].data["mention"] is None


def test_who_keeps_the_duty_is_not_called(world: World) -> None:
    with world.begin() as session:
        covers.cover(session, NIGHTS, ROSTER.people[0], ANNA, world.ctx, start=NINE, until=NINE + DAY)
    world.clock.at = NINE
    look(world)
    (row,) = messages(world)
    assert (row.data["before"], row.data["after"], row.data["mention"]) == (ANNAS, ANNAS, None)


def test_who_had_it_last_is_known_though_the_cover_and_the_absence_are_over(world: World) -> None:
    with world.begin() as session:
        absences.set_away(session, ROSTER.people[0], NINE, ANNA, world.ctx)
        lea = ROSTER.by_email("lea@team.example")
        assert lea is not None
        covers.cover(session, NIGHTS, lea, LEA, world.ctx)
    world.clock.at = NINE
    look(world)
    assert (card(world).before, card(world).after) == (
        PersonRef("lea@team.example", "Lea Lind", "U_LEAD1"),
        PersonRef(BENS, "Ben Okoro", "U_AGENT2"),
    )


def test_what_was_missed_is_told_late_once_and_only_the_newest(world: World) -> None:
    world.clock.at = NINE + 3 * DAY + 3 * HOUR
    assert look(world) == 1
    assert look(world) == 0
    (row,) = messages(world)
    assert row.data["late"]
    assert (row.data["at"], row.data["since"]) == ((NINE + 3 * DAY).isoformat(), (NINE - DAY).isoformat())


def test_a_short_pause_of_the_bot_is_not_called_late(world: World) -> None:
    world.clock.at = NINE + 2 * HOUR
    look(world)
    assert not messages(world)[0].data["late"]


def test_a_rotation_that_is_gone_since_is_passed_over(world: World) -> None:
    world.clock.at = NINE
    with world.database.read() as session:
        ((_, args),) = hand_over.due(session, world.ctx)
    with world.begin() as session:
        assert not hand_over.tell(session, args, replace(world.ctx, book=BOOK))


def test_it_counts_new_and_older_cases_and_what_is_stuck(world: World) -> None:
    older = [world.open(dedup_key=f"old-{n}") for n in range(7)]
    with world.begin() as session:
        life.claim(session, older[0], ANNA, world.ctx)
    world.clock.at = NINE
    look(world)
    world.clock.move(HOUR)
    new = [world.open(dedup_key=f"new-{n}") for n in range(2)]
    with world.begin() as session:
        closing.resolve(session, new[0], BEN, "restarted", world.ctx)
        stuck.add(
            session, job="ticket.sync", key="ticket/1/1", args={"case_id": 1}, target="CASE-1", owner=ANNAS,
            reason="the desk answered 422", attempts=20, at=world.clock.now(),
        )  # fmt: skip
        session.add_all(a_run(state, world.clock.now()) for state in ("proposed", "proposed", "running", "done"))
    world.clock.at = NINE + DAY
    look(world)
    shown = card(world, 1)
    assert (shown.since, shown.at, shown.until) == (NINE, NINE + DAY, NINE + 2 * DAY)
    assert (shown.unclaimed, shown.claimed, shown.stale) == (7, 1, 0)
    assert (shown.new, shown.new_closed, shown.older, shown.stuck, shown.waiting) == (2, 1, 7, 1, 2)
    assert [row.id for row in shown.newest] == new
    assert [row.id for row in shown.oldest] == older[: hand_over.FIRST]
    assert [(line.target, line.attempts) for line in shown.stuck_first] == [("CASE-1", 20)]


def test_nobody_there_to_take_it_is_said(world: World) -> None:
    with world.begin() as session:
        for person in ROSTER.people[:2]:
            absences.set_away(session, person, NINE + DAY, LEA, world.ctx, start=NINE)
    world.clock.at = NINE
    look(world)
    assert card(world).after is None
    assert messages(world)[0].data["mention"] is None
