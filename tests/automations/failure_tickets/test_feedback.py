"""Feedback per rule: what stands, what was withdrawn, and how it is counted."""

from datetime import timedelta

import pytest

from automations.domain import Actor
from automations.errors import Refused
from automations.failure_tickets import closing, feedback
from tests.automations.failure_tickets.world import ANNA, BEN, World
from tests.support import START


def not_needed(world: World, case: int, actor: Actor, note: str = "") -> None:
    with world.begin() as session:
        closing.not_needed(session, case, actor, note, world.ctx)


def counted(world: World, days: int = 30) -> list[tuple[str, int, int]]:
    with world.database.read() as session:
        return feedback.not_needed_per_rule(session, world.clock.now() - timedelta(days=days))


def test_rules_are_counted_with_the_cases_they_opened(world: World) -> None:
    billing = [world.open(source="billing-worker", dedup_key=f"b{n}") for n in range(3)]
    others = [world.open(dedup_key=f"o{n}") for n in range(2)]
    assert counted(world) == []
    for case in (*billing[:2], others[0]):
        not_needed(world, case, ANNA)
    assert counted(world) == [("billing", 2, 3), ("default", 1, 2)]
    world.clock.move(timedelta(days=31))
    world.open(source="billing-worker", dedup_key="new")
    assert counted(world) == []


def test_a_case_counts_once_and_not_while_it_is_reopened(world: World) -> None:
    case = world.open()
    not_needed(world, case, ANNA)
    with world.begin() as session:
        closing.reopen(session, case, BEN, world.ctx)
    assert counted(world) == []
    not_needed(world, case, BEN, "only a test: password=Tr0ub4dor&3x")
    assert counted(world) == [("default", 1, 1)]
    with world.database.read() as session:
        first, second = feedback.of_case(session, case)
    assert first == {
        "rule": "default", "actor": "anna@team.example", "at": START.isoformat(), "note": "",
        "withdrawn_at": START.isoformat(),
    }  # fmt: skip
    assert (second["actor"], second["withdrawn_at"]) == ("ben@team.example", None)
    assert "Tr0ub4dor" not in second["note"]


def test_a_reopening_that_is_refused_withdraws_nothing(world: World) -> None:
    case = world.open()
    not_needed(world, case, ANNA)
    world.open()
    with world.begin() as session:
        with pytest.raises(Refused, match="came back as CASE-2"):
            closing.reopen(session, case, BEN, world.ctx)
        assert [one["withdrawn_at"] for one in feedback.of_case(session, case)] == [None]
