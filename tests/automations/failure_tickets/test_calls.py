"""Who is mentioned: nobody for their own act, nobody at night for what can wait, each owner once for one outage."""

import shutil
import tempfile
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from automations.calendar import WorkingHours
from automations.domain import HANDOFF, Actor, Priority
from automations.errors import Refused
from automations.failure_tickets import calls, closing, life, undo
from automations.failure_tickets.rules import Rule
from storage.engine import Database
from tests.automations.failure_tickets.deeds import do
from tests.automations.failure_tickets.timeline import Said, Timeline
from tests.automations.failure_tickets.world import ANNA, BEN, BOOK, LEA, World
from tests.support import START, FakeClock, RecordingJobs

OFFICE = WorkingHours(frozenset(range(5)), time(9), time(17), "Europe/Oslo")
MONDAY = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
NIGHT = START
BENS, LEAS = "ben@team.example", "lea@team.example"
SLACK = {"anna@team.example": "U_AGENT1", BENS: "U_AGENT2", LEAS: "U_LEAD1"}


def team(world: World, priority: Priority = Priority.HIGH, at: datetime = MONDAY) -> Timeline:
    world.ctx = replace(world.ctx, hours=OFFICE, book=replace(BOOK, rules=(Rule(name="all", priority=priority),)))
    world.clock.at = at
    return Timeline(world)


@pytest.mark.parametrize("priority", list(Priority))
@pytest.mark.parametrize("hours", [None, OFFICE])
@pytest.mark.parametrize("at", [NIGHT, MONDAY])
def test_at_night_only_what_is_urgent_may_call(
    world: World, priority: Priority, hours: WorkingHours | None, at: datetime
) -> None:
    ctx = replace(world.ctx, hours=hours)
    may = hours is None or at == MONDAY or priority is Priority.URGENT
    assert calls.may_call(ctx, priority, at) is may
    assert (calls.next_call(ctx, priority, at) == at) is may


@pytest.mark.parametrize(
    "actor",
    [BEN, Actor("os:ben", "Ben", "BEN@team.example"), Actor("U_AGENT2", "Ben"), Actor(BENS, "Ben")],
    ids=["with e-mail", "on the command line", "by Slack id alone", "by e-mail as id"],
)
def test_nobody_is_called_for_their_own_act_however_they_are_known(world: World, actor: Actor) -> None:
    case = world.case(world.open())
    assert calls.called(world.ctx, case, BENS, actor, MONDAY) is None
    assert calls.called(world.ctx, case, BENS, ANNA, MONDAY) == BENS
    assert calls.called(world.ctx, case, BENS, HANDOFF, MONDAY) == BENS
    assert calls.called(world.ctx, case, None, ANNA, MONDAY) is None


def test_the_first_post_calls_the_owner_by_day_and_names_them_at_night(world: World) -> None:
    timeline = team(world)
    by_day = world.open(dedup_key="a")
    timeline.run()
    world.clock.at = NIGHT + timedelta(days=7)
    at_night = world.open(dedup_key="b", source="other")
    timeline.run()
    assert timeline.key_of(f"case/{by_day}").mentions == ("U_AGENT1",)
    assert timeline.key_of(f"case/{at_night}").mentions == ()
    assert "Anna Berg" in timeline.key_of(f"case/{at_night}").text


def test_what_was_decided_stays_decided_when_slack_gets_it_late(world: World) -> None:
    timeline = team(world, at=datetime(2026, 11, 23, 15, 59, tzinfo=UTC))
    case = world.open()
    world.clock.move(timedelta(minutes=2))
    timeline.deliver()
    assert timeline.key_of(f"case/{case}").mentions == ("U_AGENT1",)


def test_one_outage_calls_each_owner_once(world: World) -> None:
    timeline = team(world)
    cases = [world.open(dedup_key=f"k{number}") for number in range(4)]
    other = world.open(dedup_key="k", source="other")
    timeline.run()
    assert [world.case(case).call_owner for case in cases] == [True, False, False, False]
    assert world.case(other).call_owner
    world.clock.move(timedelta(minutes=11))
    assert world.case(world.open(dedup_key="later")).call_owner


def test_a_new_owner_before_the_first_post_is_called_by_it(world: World) -> None:
    timeline = team(world)
    case = world.open()
    do(world, life.reassign, case, ANNA, BENS)
    timeline.deliver()
    assert [one.key for one in timeline.mentions("U_AGENT2")] == [f"case/{case}"]
    assert timeline.mentions("U_AGENT1") == []


def test_whom_a_case_comes_back_to_before_the_first_post_is_called_by_it(world: World) -> None:
    timeline = team(world)
    case = world.open()
    offer = do(world, life.claim, case, BEN).offer
    assert offer is not None
    with world.begin() as session:
        undo.take_back(session, offer.id, BEN, world.ctx)
    timeline.deliver()
    assert [one.key for one in timeline.slack.said if one.mentions] == [f"case/{case}"]
    assert timeline.key_of(f"case/{case}").mentions == ("U_AGENT1",)


def test_a_new_owner_at_night_is_not_called_by_a_post_from_the_day(world: World) -> None:
    timeline = team(world)
    case = world.open()
    world.clock.at = MONDAY + timedelta(hours=12)
    do(world, life.reassign, case, ANNA, BENS)
    timeline.deliver()
    assert [one for one in timeline.slack.said if one.mentions] == []


def test_who_takes_a_case_and_gives_it_back_before_the_first_post_is_not_called(world: World) -> None:
    timeline = team(world)
    case = world.open()
    do(world, life.claim, case, BEN)
    do(world, life.release, case, BEN)
    timeline.deliver()
    assert [one for one in timeline.slack.said if one.mentions] == []


def test_a_later_case_of_an_outage_still_calls_whom_it_is_reassigned_to(world: World) -> None:
    timeline = team(world)
    cases = [world.open(dedup_key=f"k{number}") for number in range(2)]
    do(world, life.reassign, cases[1], ANNA, BENS)
    timeline.deliver()
    assert len(timeline.mentions("U_AGENT2")) == 1


WAYS: dict[str, Any] = {
    "claim": (life.claim, ()),
    "release": (life.release, ()),
    "to ben": (life.reassign, (BENS,)),
    "to lea": (life.reassign, (LEAS,)),
    "escalate": (life.escalate, ("the customer called",)),
    "resolve": (closing.resolve, ("restarted",)),
    "not needed": (closing.not_needed, ("",)),
    "reopen": (closing.reopen, ()),
}
steps = st.lists(
    st.one_of(
        st.tuples(st.just("act"), st.sampled_from(sorted(WAYS)), st.sampled_from([ANNA, BEN, LEA]), st.integers(1, 3)),
        st.tuples(st.just("fail"), st.integers(1, 3)),
        st.tuples(st.just("time"), st.sampled_from([1, 20, 61, 240, 600])),
        st.tuples(st.just("deliver")),
    ),
    min_size=4,
    max_size=14,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=25)
@given(steps=steps, priority=st.sampled_from([Priority.HIGH, Priority.URGENT]), begin=st.integers(0, 7 * 24))
def test_whatever_happens_nobody_is_called_wrongly(
    sqlite_template: Path, steps: list[Any], priority: Priority, begin: int
) -> None:
    """Never the actor, never at night for what can wait, and at most one first post for each owner of one outage."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copyfile(sqlite_template, Path(folder) / "handoff.db")
        database = Database(f"sqlite:///{folder}/handoff.db")
        world = World.on(database, FakeClock(), RecordingJobs())
        timeline = team(world, priority, START + timedelta(hours=begin))
        cases: list[int] = []
        for number in range(1, 4):
            cases += [world.open(dedup_key=f"k{number}")]
        for step in steps:
            _take(world, timeline, step, cases, priority)
        timeline.run()
        _posts_call_once(world, timeline.slack.said)
        database.close()


def _take(world: World, timeline: Timeline, step: Any, cases: list[int], priority: Priority) -> None:
    match step:
        case ("act", name, actor, number):
            timeline.deliver()
            before = len(timeline.slack.said)
            act, words = WAYS[name]
            try:
                do(world, act, cases[number - 1], actor, *words)
            except Refused:
                return
            timeline.deliver()
            mine = SLACK[(actor.email or "").lower()]
            assert all(mine not in one.mentions for one in timeline.slack.said[before:]), (name, actor.name)
        case ("fail", number):
            world.fail(dedup_key=f"k{number}", occurred_at=world.clock.now())
        case ("time", minutes):
            timeline.deliver()
            world.clock.move(timedelta(minutes=minutes))
            timeline.run()
        case _:
            timeline.deliver()
    if priority is not Priority.URGENT:
        timeline.deliver()
        assert all(OFFICE.covers(one.at) for one in timeline.slack.said if one.mentions)


def _posts_call_once(world: World, said: list[Said]) -> None:
    """Of the cases that an owner still has: who gave one away is called again if the failure comes back to them."""
    for email, user in SLACK.items():
        first = [one for one in said if user in one.mentions and one.key.count("/") == 1]
        ids = {int(one.key.removeprefix("case/")) for one in first}
        opened = sorted(world.case(one).opened_at for one in ids if world.case(one).owner == email)
        assert all(later - earlier >= timedelta(minutes=10) for earlier, later in pairwise(opened))
