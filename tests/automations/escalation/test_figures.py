"""How each rule did, by what people said and what became of it."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from automations.domain import Mode
from automations.escalation.acts import escalate_ticket
from automations.escalation.figures import SPAN, rule_figures
from automations.escalation.reasons import EscalationReason
from automations.escalation.rules import EscalationRules
from tests.automations.escalation.world import ANNA, BEN, DESK, EscalationWorld

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def test_each_rule_is_counted_with_its_verdicts_and_how_fast_it_was_acknowledged(world: EscalationWorld) -> None:
    world.promise_nothing()
    world.ctx = replace(world.ctx, rules=EscalationRules(keywords=("cancel",)))
    for number in ("1", "2", "3", "4"):
        world.ticket(number, "I want to cancel", customer=number, requester=f"{number}@x.example")
        world.clock.move(timedelta(seconds=10))
        world.sweep()
    world.clock.move(timedelta(minutes=5))
    world.act("claim", 1, ANNA)
    world.act("resolve", 1, ANNA, "done")
    world.act("not_needed", 2, ANNA, "")
    world.act("too_late", 3, BEN, "")
    world.ticket("9", "hello", customer="9")
    with world.begin() as session:
        escalate_ticket(session, DESK, "9", ANNA, "they rang", world.ctx)
    world.mode(Mode.SHADOW)
    world.ticket("10", "cancel it", customer="10")
    world.sweep()
    with world.database.read() as session:
        person, keyword = rule_figures(session, world.ctx)
    assert (person.reason, person.fired, person.missed, person.precision) == (EscalationReason.PERSON, 1, 1, None)
    assert keyword.reason is EscalationReason.KEYWORD
    counts = keyword.fired, keyword.right, keyword.not_needed, keyword.too_late, keyword.unknown, keyword.missed
    assert counts == (4, 1, 1, 1, 1, 0), "shadow counts for nothing"
    assert keyword.precision == pytest.approx(1 / 3)
    assert keyword.median_ack_s == pytest.approx(320, abs=11)
    world.clock.move(SPAN + timedelta(days=1))
    with world.database.read() as session:
        assert rule_figures(session, world.ctx) == ()


def test_a_firing_belongs_to_one_period(world: EscalationWorld) -> None:
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
