"""What came at night and could wait calls its owner once when working hours begin."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest

from automations.calendar import WorkingHours
from automations.domain import Mode, Priority
from automations.failure_tickets import absences, closing, life, mirror_acts, pauses, snooze
from automations.failure_tickets.mirror_plan import Author, FieldMove, Line
from automations.failure_tickets.rules import Rule
from tests.automations.failure_tickets.deeds import do
from tests.automations.failure_tickets.timeline import Said, Timeline
from tests.automations.failure_tickets.world import ANNA, BEN, BOOK, LEA, ROSTER, World

OFFICE = WorkingHours(frozenset(range(5)), time(9), time(17), "Europe/Oslo")
NIGHT = datetime(2026, 11, 24, 1, tzinfo=UTC)
MORNING = datetime(2026, 11, 24, 8, tzinfo=UTC)
OWNER = "U_AGENT1"


@pytest.fixture
def timeline(world: World) -> Timeline:
    book, timing = replace(BOOK, escalate_after=None, rules=(rule(),)), replace(world.ctx.timing, remind_after=None)
    world.ctx = replace(world.ctx, hours=OFFICE, book=book, timing=timing)
    world.clock.at = NIGHT
    return Timeline(world)


def rule(priority: Priority = Priority.HIGH) -> Rule:
    return Rule(name="all", priority=priority)


def called(timeline: Timeline, user: str = OWNER) -> list[Said]:
    """Who was called in the morning, after all that was said at night."""
    timeline.run()
    assert timeline.mentions(user) == [], "nobody is called at night"
    timeline.world.clock.at = MORNING
    timeline.run()
    first = timeline.mentions(user)
    timeline.go(timedelta(hours=6), step=timedelta(hours=1))
    assert timeline.mentions(user) == first, "once"
    return first


def test_the_owner_is_called_in_the_thread_when_work_begins(world: World, timeline: Timeline) -> None:
    case = world.open()
    (line,) = called(timeline)
    assert line.thread_ts
    assert line.at == MORNING
    said = "tells Anna Berg: this case came outside working hours, and nobody has claimed it"
    assert line.text == f"<@{OWNER}> Handoff {said}"
    (row,) = world.audited("case.owner_called")
    assert (row.actor, row.target) == ("handoff", f"CASE-{case}")


def test_by_day_the_first_post_calls_and_nothing_else(world: World, timeline: Timeline) -> None:
    world.clock.at = MORNING
    case = world.open()
    timeline.run()
    timeline.go(timedelta(days=2), step=timedelta(hours=3))
    assert [one.key for one in timeline.mentions(OWNER)] == [f"case/{case}"]


def test_what_is_urgent_calls_at_night_and_not_again(world: World, timeline: Timeline) -> None:
    world.ctx = replace(world.ctx, book=replace(world.ctx.book, rules=(rule(Priority.URGENT),)))
    case = world.open()
    timeline.run()
    timeline.go(timedelta(days=1), step=timedelta(hours=1))
    assert [one.key for one in timeline.mentions(OWNER)] == [f"case/{case}"]


def test_what_becomes_urgent_at_night_calls_then(world: World, timeline: Timeline) -> None:
    case = world.open()
    timeline.run()
    move = FieldMove("priority", "urgent", Author("Ben Okoro", "b.okoro@desk.example"), "high")
    with world.begin() as session:
        mirror_acts.follow_field(session, case, move, world.ctx)
    timeline.run()
    (line,) = timeline.mentions(OWNER)
    assert line.at == NIGHT
    assert "this case is urgent now, and nobody has claimed it" in line.text
    timeline.go(timedelta(days=1), step=timedelta(hours=1))
    assert timeline.mentions(OWNER) == [line]


def test_several_cases_call_their_owner_once(world: World, timeline: Timeline) -> None:
    cases = [world.open(source=f"s{number}", dedup_key=str(number)) for number in range(3)]
    assert len(called(timeline)) == 1
    assert [row.target for row in world.audited("case.owner_called")] == [f"CASE-{case}" for case in cases]


def test_a_group_is_told_in_one_line_of_its_thread(world: World, timeline: Timeline) -> None:
    cases = [world.open(dedup_key=str(number)) for number in range(40)]
    lines = called(timeline)
    assert len(lines) == 1, "of five with a message of their own and thirty-five in the group's"
    said = [one for one in timeline.slack.said if "came outside working hours" in one.text]
    assert [one.key.startswith("group/") for one in said].count(True) == 1
    assert "35 cases of this group came outside working hours" in said[-1].text
    assert len(world.audited("case.owner_called")) == len(cases)


def claimed(world: World, case: int) -> None:
    do(world, life.claim, case, ANNA)


def put_off(world: World, case: int) -> None:
    with world.begin() as session:
        snooze.snooze(session, case, BEN, MORNING + timedelta(days=2), world.ctx)


def paused(world: World, _case: int) -> None:
    with world.begin() as session:
        pauses.pause(session, "failure_tickets", MORNING + timedelta(days=1), "migration", LEA, world.ctx)


TAKEN_UP: dict[str, Callable[[World, int], object]] = {
    "claimed by its owner": claimed,
    "claimed by a colleague": lambda world, case: do(world, life.claim, case, BEN),
    "resolved": lambda world, case: do(world, closing.resolve, case, BEN, "restarted"),
    "touched by its owner": lambda world, case: do(world, life.escalate, case, ANNA, "I cannot"),
    "given to a colleague": lambda world, case: do(world, life.reassign, case, ANNA, "ben@team.example"),
    "put off": put_off,
    "paused": paused,
}


@pytest.mark.parametrize("name", TAKEN_UP)
def test_whoever_need_not_hear_of_it_any_more_is_not_called(world: World, timeline: Timeline, name: str) -> None:
    TAKEN_UP[name](world, world.open())
    assert called(timeline) == []


def test_whom_a_colleague_gave_it_at_night_is_called(world: World, timeline: Timeline) -> None:
    do(world, life.reassign, world.open(), ANNA, "ben@team.example")
    assert len(called(timeline, "U_AGENT2")) == 1


def test_whom_a_customer_answered_at_night_is_called(world: World, timeline: Timeline) -> None:
    case = world.open()
    do(world, life.claim, case, BEN)
    world.clock.move(timedelta(minutes=5))
    with world.begin() as session:
        line = Line("customer", "still broken", Author("Petra", customer=True))
        mirror_acts.follow_line(session, case, line, "1", world.ctx)
    (told,) = called(timeline, "U_AGENT2")
    assert "outside working hours Petra (customer) replied in the ticket" in told.text


@pytest.mark.parametrize("after", [timedelta(hours=4), timedelta(hours=8)])
def test_a_reminder_that_is_due_then_is_the_one_call(world: World, timeline: Timeline, after: timedelta) -> None:
    world.ctx = replace(world.ctx, timing=replace(world.ctx.timing, remind_after=after))
    case = world.open()
    do(world, life.claim, case, BEN)
    with world.begin() as session:
        line = Line("customer", "still broken", Author("Petra", customer=True))
        mirror_acts.follow_line(session, case, line, "1", world.ctx)
    timeline.run()
    world.clock.at = MORNING
    timeline.run()
    assert len(timeline.mentions("U_AGENT2")) == 1


def test_who_is_away_in_the_morning_is_called_when_back(world: World, timeline: Timeline) -> None:
    world.open()
    with world.begin() as session:
        back = MORNING + timedelta(hours=2)
        absences.set_away(session, ROSTER.people[0], back, ANNA, world.ctx, start=MORNING - timedelta(minutes=5))
    (line,) = called_late(timeline)
    assert line.at == back


def called_late(timeline: Timeline) -> list[Said]:
    timeline.world.clock.at = MORNING
    timeline.run()
    assert timeline.mentions(OWNER) == []
    timeline.go(timedelta(hours=3), step=timedelta(hours=1))
    return timeline.mentions(OWNER)


def test_hours_that_were_changed_meanwhile_put_it_off(world: World, timeline: Timeline) -> None:
    world.open()
    timeline.run()
    world.ctx = replace(world.ctx, hours=replace(OFFICE, start=time(11)))
    assert [one.at for one in called_late(timeline)] == [MORNING + timedelta(hours=2)]


def test_nothing_is_done_while_the_automation_may_not_act(world: World, timeline: Timeline) -> None:
    world.open()
    timeline.run()
    world.ctx = replace(world.ctx, mode=Mode.SHADOW)
    world.clock.at = MORNING
    timeline.run()
    assert timeline.mentions(OWNER) == []
