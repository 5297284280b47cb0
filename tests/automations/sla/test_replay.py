"""What clocks would have fired, against somebody who looked at them every minute of a ticket's life."""

import os
from datetime import datetime, timedelta

from hypothesis import HealthCheck, given, settings

from automations.sla.clocks import clocks
from automations.sla.life import Life, Said, Stood
from automations.sla.policy import ClockKind, SlaPolicy, SlaTarget
from automations.sla.replay import TOLD, Firing, due_now, firings
from automations.sla.worked import WorkedHours
from tests.automations.sla.lives import World, worlds
from tests.support import START

MINUTE, H = timedelta(minutes=1), timedelta(hours=1)
LIVES = settings(
    max_examples=int(os.environ.get("HANDOFF_CLOCKS", "200")) // 10,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def walked(world: World, until: datetime) -> list[Firing]:
    """What is found due by looking every minute, whenever something happens, and whenever a clock says it will be."""
    life, worked = world.life, WorkedHours(world.hours)
    known = {at: clocks(life.until(at), world.policy, worked, at) for at in life.moments}
    looks = {life.created_at + n * MINUTE for n in range((until - life.created_at) // MINUTE)} | known.keys()
    looks |= {at for some in known.values() for one in some for at in (one.warn_at, one.due_at) if at is not None}
    told: dict[tuple[ClockKind, int], str] = {}
    found, now_known = list[Firing](), known[life.created_at]
    for now in sorted(at for at in looks if life.created_at <= at <= until):
        now_known = known.get(now, now_known)
        for one in now_known:
            which = due_now(now, one.warn_at, one.due_at, told.get((one.kind, one.turn), ""))
            if which is not None:
                told[one.kind, one.turn] = TOLD[which]
                found.append(Firing(now, one.kind, one.turn, which, one.target))
    return sorted(found)


@LIVES
@given(worlds())
def test_it_fires_what_somebody_finds_who_looks_all_the_time(world: World) -> None:
    until = world.life.moments[-1] + timedelta(days=2)
    replayed = firings(world.life, world.policy, world.hours)
    assert [one for one in replayed if one.at <= until] == walked(world, until)
    assert list(replayed) == sorted(replayed)
    assert len({one[1:4] for one in replayed}) == len(replayed), "once for each turn"


def test_a_life_by_hand() -> None:
    policy = SlaPolicy(
        targets=(
            SlaTarget(name="gold", group="Gold", first_reply=H, resolution=8 * H),
            SlaTarget(name="all", first_reply=4 * H, next_reply=2 * H),
        )
    )
    life = Life(
        "customer",
        "",
        (
            Stood(START, "open", "normal", "Support"),
            Stood(START + 2 * H, "open", "normal", "Gold"),
            Stood(START + 3 * H, "pending", "normal", "Gold"),
            Stood(START + 6 * H, "open", "normal", ""),
            Stood(START + 9 * H, "solved", "normal", ""),
        ),
        (Said(START + 3 * H, "agent"), Said(START + 6 * H, "customer"), Said(START + 7 * H, "bot")),
    )
    assert firings(life, policy, None) == (
        Firing(START + 2 * H, ClockKind.FIRST_REPLY, 1, "breach", "gold"),
        Firing(START + 7 * H + 30 * MINUTE, ClockKind.NEXT_REPLY, 1, "warn", "all"),
        Firing(START + 8 * H, ClockKind.NEXT_REPLY, 1, "breach", "all"),
    )
