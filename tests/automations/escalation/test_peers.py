"""What failed in the tools of others, played against ours. The numbers are those of the acceptance list."""

from datetime import timedelta

import pytest

from automations.errors import Refused
from tests.automations.escalation.world import ANNA, BEN, EscalationWorld

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def world(world: EscalationWorld) -> EscalationWorld:
    """A keyword has escalated ticket 1."""
    world.promise_nothing()
    world.rules(keywords=("cancel",))
    world.ticket("1", "cancel")
    world.sweep()
    return world


def test_acceptance_04_an_acknowledgement_a_second_after_the_end_leaves_it_ended_and_says_so(
    world: EscalationWorld,
) -> None:
    """Elsewhere such a late acknowledgement opened the alert again."""
    world.clock.move(timedelta(minutes=1))
    world.change("1", status="solved")
    world.sweep()
    before = world.row()
    world.clock.move(timedelta(seconds=1))
    with pytest.raises(Refused) as told:
        world.act("claim", 1, BEN)
    words = "ESC-1 ended at 09:01, since #1 is over: #1 is solved in builtin. Nothing was changed."
    assert str(told.value) == words
    after = world.row()
    assert (after.state, after.ending, after.claimed_by, after.version) == ("closed", "solved", None, before.version)
    assert world.ctx.jobs.of("escalation.assign") == []  # type: ignore[attr-defined]  # the jobs of a test are kept
    assert world.sweep().fired == 0
    assert len(world.rows()) == 1


def test_acceptance_05_acknowledged_and_forgotten_for_90_days_is_named_stale_and_never_wakes_anybody(
    world: EscalationWorld,
) -> None:
    """Somebody acknowledged it and forgot it; months later it must not wake anybody, since it was said long before."""
    world.act("claim", 1, ANNA)
    claimed_at, opened = world.now, len(world.lines())
    world.go(timedelta(days=2), step=timedelta(hours=1))
    said = world.lines()[opened:]
    assert [whom for _, whom in said] == ["anna@team.example"] * 3
    assert [text.startswith("Anna Berg claimed this at") for text, _ in said] == [True] * 3
    assert said[-1][0].endswith("It is stale now; this is said no more.")
    times = [one.at for one in world.audited() if one.action in ("escalation.reminded", "escalation.stale")]
    hours = [(at.weekday(), at.hour) for at in times]
    assert hours == [(0, 12), (1, 7), (1, 11)], "four working hours apart, from 09:00 on Monday: 13:00, 08:00, 12:00"
    assert times[-1] - claimed_at < timedelta(days=2)
    assert world.card().stale
    before = world.audit_rows()
    world.go(timedelta(days=90), step=timedelta(days=10))
    row = world.row()
    assert (row.state, row.claimed_by, row.next_at, row.stale_at) == ("claimed", "anna@team.example", None, None)
    assert (world.audit_rows(), len(world.lines()), world.calls()[len(said) :]) == (before, opened + 3, [])


def test_acceptance_05_whoever_touches_it_begins_the_time_anew(world: EscalationWorld) -> None:
    world.act("claim", 1, ANNA)
    world.go(timedelta(hours=5), step=timedelta(hours=1))
    assert world.row().reminders == 1
    world.say("1", "agent", author="anna@team.example")
    world.sweep()
    assert (world.row().reminders, world.row().touched_at) == (0, world.now)
    world.away("anna@team.example", days=30)
    world.go(timedelta(days=2), step=timedelta(hours=4))
    assert {whom for _, whom in world.lines()[2:]} == {"lea@team.example"}, "nobody is called while they are away"
