"""SLA clocks against somebody who sits beside the ticket and looks at the wall clock every minute.

`HANDOFF_CLOCKS` sets how many lives are made up; the default is for every day.
"""

import os
from datetime import timedelta
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis.strategies import DataObject, data

from automations.sla.clocks import ClockNow, clocks
from automations.sla.policy import ClockKind
from automations.sla.worked import WorkedHours
from tests.automations.sla.lives import World, worlds
from tests.automations.sla.oracle import ENOUGH, MINUTE, Watcher

LIVES = settings(
    max_examples=int(os.environ.get("HANDOFF_CLOCKS", "60")),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
OSLO = ZoneInfo("Europe/Oslo")
H = timedelta(hours=1)


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
