"""SLA clocks against somebody who sits beside the ticket and looks at the wall clock every minute.

`HANDOFF_CLOCKS` sets how many lives are made up; the default is for every day. 5,000 take minutes: `--timeout=0`.
"""

import os
from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis.strategies import DataObject, data

from automations.calendar import WorkingHours
from automations.sla.clocks import ClockNow, clocks
from automations.sla.life import Life, Said, Stood
from automations.sla.policy import ClockKind, SlaPolicy, SlaTarget
from automations.sla.worked import WorkedHours
from tests.automations.sla.lives import World, worlds
from tests.automations.sla.oracle import ENOUGH, MINUTE, Watcher
from tests.support import START

H = timedelta(hours=1)
LIVES = settings(
    max_examples=int(os.environ.get("HANDOFF_CLOCKS", "60")),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def seen(world: World) -> dict[ClockKind, ClockNow]:
    life = world.life
    return {one.kind: one for one in clocks(life, world.policy, WorkedHours(world.hours), life.moments[-1])}


@LIVES
@given(worlds())
def test_they_say_what_somebody_saw_who_looked_every_minute(world: World) -> None:
    life, found = world.life, seen(world)
    target = world.policy.target(life.tier, life.now.priority, life.now.group)
    if target is None:
        assert found == {}
        return
    watcher = Watcher(life, world.hours, target.count)
    watcher.watch(life.moments[-1])
    wanted = {kind for kind in watcher.clocks if target.length(kind) is not None}
    assert found.keys() == wanted
    for kind, clock in found.items():
        told, length = watcher.clocks[kind], target.length(kind)
        assert (clock.turn, clock.state, clock.started_at) == (told.turn, told.state, told.since), kind
        assert (clock.spent, clock.ended_at, clock.length) == (told.spent, told.ended_at, length), kind
        assert clock.late == (max(told.spent - clock.length, timedelta()) if told.ended_at else timedelta())
        assert (clock.target, clock.counted) == (target.name, target.count)
        if clock.state != "running":
            assert (clock.warn_at, clock.due_at) == (None, None)
    _comes_due_when_it_should(watcher, [one for one in found.values() if one.state == "running"])


def _comes_due_when_it_should(watcher: Watcher, running: list[ClockNow]) -> None:
    """Somebody waits beside the ticket until all is due."""
    if not running:
        return
    dues = [one.due_at for one in running]
    last = max(at for at in dues if at is not None)
    end = min(last + 3 * MINUTE, watcher.life.moments[-1] + ENOUGH * MINUTE)
    waiting = Watcher(watcher.life, watcher.hours, "working")
    waiting.watch(max(end, watcher.life.moments[-1]))
    for clock in running:
        assert clock.warn_at is not None
        assert clock.due_at is not None
        told = waiting.clocks[clock.kind]
        for at, length in ((clock.warn_at, clock.warn_after), (clock.due_at, clock.length)):
            reached = told.reached(length)
            assert reached == at or (reached is None and at > end), (clock.kind, length)


@LIVES
@given(data())
def test_what_is_due_moves_only_when_something_happens(data: DataObject) -> None:
    world = data.draw(worlds())
    life, worked = world.life, WorkedHours(world.hours)
    for at in life.moments:
        known, before = life.until(at), None
        for minutes in (0, 1, 59, 1440, 30 * 1440):
            now = clocks(known, world.policy, worked, at + minutes * MINUTE)
            still = [(one.kind, one.turn, one.state, one.warn_at, one.due_at, one.ended_at, one.late) for one in now]
            assert before is None or still == before[0]
            spent = [one.spent for one in now]
            assert before is None or all(is_ >= was for was, is_ in zip(before[1], spent, strict=True))
            before = still, spent
            for one in now:
                overdue = one.due_at is not None and one.due_at <= at + minutes * MINUTE
                assert overdue == (one.state == "running" and one.spent >= one.length)


def life(opened_by: str, *happened: str) -> Life:
    """`3 solved` and `3 customer`: three hours after its creation it was solved, and its customer wrote."""
    stood, said = [Stood(START, "open", "normal", "Support")], []
    for hour, word in (one.split() for one in happened):
        at = START + int(hour) * H
        if word in ("customer", "agent", "bot"):
            said.append(Said(at, word))
        elif word == "deleted":
            return Life(opened_by, "", tuple(stood), tuple(said), at)
        else:
            status = "closed" if word == "merged" else word
            stood.append(stood[-1]._replace(at=at, status=status, merged=word == "merged"))
    return Life(opened_by, "", tuple(stood), tuple(said))


@pytest.mark.parametrize(
    ("lived", "wanted"),
    [
        (life("customer"), "first_reply 1 running 20; resolution 1 running 20"),
        (life("customer", "2 bot", "3 agent"), "first_reply 1 met 3; resolution 1 running 20"),
        (life("customer", "2 pending", "5 open"), "first_reply 1 running 17; resolution 1 running 17"),
        (life("customer", "2 pending"), "first_reply 1 paused 2; resolution 1 paused 2"),
        (life("customer", "2 on_hold"), "first_reply 1 running 20; resolution 1 running 20"),
        (life("customer", "2 solved"), "first_reply 1 ended 2; resolution 1 met 2"),
        (life("customer", "2 solved", "5 open"), "first_reply 1 running 17; resolution 1 running 17"),
        (life("customer", "2 solved", "4 merged"), "first_reply 1 ended 2; resolution 1 met 2"),
        (life("customer", "2 merged"), "first_reply 1 ended 2; resolution 1 ended 2"),
        (life("customer", "2 pending", "3 agent", "4 deleted"), "first_reply 1 met 2; resolution 1 ended 2"),
        (life("customer", "3 agent", "3 deleted"), "first_reply 1 met 3; resolution 1 ended 3"),
        (life("agent", "0 agent"), "resolution 1 running 20"),
        (life("agent", "0 agent", "2 customer", "3 customer"), "next_reply 1 running 18; resolution 1 running 20"),
        (life("bot", "0 bot", "2 customer", "3 bot"), "next_reply 1 running 18; resolution 1 running 20"),
        (
            life("customer", "1 agent", "2 customer", "3 agent", "4 customer", "5 customer", "6 agent"),
            "first_reply 1 met 1; next_reply 2 met 2; resolution 1 running 20",
        ),
        (
            life("customer", "1 agent", "2 customer", "4 solved"),
            "first_reply 1 met 1; next_reply 1 ended 2; resolution 1 met 4",
        ),
        (
            life("customer", "1 agent", "2 customer", "4 solved", "6 open"),
            "first_reply 1 met 1; next_reply 1 running 16; resolution 1 running 18",
        ),
        (
            life("customer", "1 agent", "2 customer", "4 solved", "6 customer", "6 open"),
            "first_reply 1 met 1; next_reply 2 running 14; resolution 1 running 18",
        ),
        (
            life("customer", "1 agent", "2 customer", "4 solved", "6 customer", "7 customer", "8 open"),
            "first_reply 1 met 1; next_reply 2 running 12; resolution 1 running 16",
        ),
        (
            life("customer", "1 agent", "4 customer", "4 solved", "6 open", "7 customer"),
            "first_reply 1 met 1; next_reply 2 running 13; resolution 1 running 18",
        ),
        (
            life("customer", "1 agent", "2 customer", "4 customer", "4 solved", "6 open"),
            "first_reply 1 met 1; next_reply 1 running 16; resolution 1 running 18",
        ),
        (
            life("customer", "1 agent", "2 solved", "4 customer", "5 open", "6 customer"),
            "first_reply 1 met 1; next_reply 1 running 15; resolution 1 running 17",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_runs_and_what_stands_still(lived: Life, wanted: str) -> None:
    """Twenty hours after the ticket was made: each clock's turn, state and hours."""
    policy = SlaPolicy(targets=(SlaTarget(name="all", first_reply=2 * H, next_reply=2 * H, resolution=2 * H),))
    found = clocks(lived, policy, WorkedHours(None), START + 20 * H)
    assert "; ".join(f"{one.kind} {one.turn} {one.state} {one.spent // H}" for one in found) == wanted


def test_what_is_ahead_of_our_clock_counts_and_what_takes_a_century_is_never_due() -> None:
    lived = life("customer", "3 agent")
    slow = SlaTarget(name="slow", first_reply=H, resolution=timedelta(days=40_000), count="calendar")
    hour_a_week = WorkingHours(frozenset({2}), time(9), time(10), "Europe/Oslo")
    reply, solved = clocks(lived, SlaPolicy(targets=(slow,)), WorkedHours(hour_a_week), START)
    assert (reply.state, reply.late) == ("met", 2 * H)
    assert (solved.state, solved.warn_at, solved.due_at) == ("running", START + timedelta(days=30_000), None)
    worked = WorkedHours(hour_a_week)
    assert worked.after(START, 6000 * H, "working") is None
    assert worked.after(START, 520 * H, "working") == datetime(2036, 11, 5, 9, tzinfo=UTC)
