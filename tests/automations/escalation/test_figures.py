"""How rules did within a period: a firing counts in the half-open period in which it fired, and in no other."""

from datetime import datetime, timedelta

from automations.escalation.figures import rule_figures
from storage.engine import Database
from tests.automations.escalation.world import ANNA, EscalationWorld
from tests.support import FakeClock, RecordingJobs


def test_a_firing_belongs_to_one_period(database: Database, clock: FakeClock, jobs: RecordingJobs) -> None:
    world = EscalationWorld.on(database, clock, jobs)
    world.promise_nothing()
    world.rules(keywords=("cancel",))
    world.ticket("1", "I want to cancel my contract")
    world.sweep()
    fired, day = world.now, timedelta(days=1)
    world.clock.move(timedelta(minutes=9))
    world.act("claim", 1, ANNA)

    def told(since: datetime | None, until: datetime | None) -> list[tuple[str, int, float | None]]:
        with world.database.read() as session:
            return [(one.reason, one.fired, one.median_ack_s) for one in rule_figures(session, world.ctx, since, until)]

    assert told(None, None) == told(fired, fired + day) == [("keyword", 1, 540.0)]
    assert told(fired - day, fired) == told(fired + timedelta(seconds=1), None) == []
