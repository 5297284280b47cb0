"""Doing something to a case as a person, and being refused."""

from collections.abc import Callable

import pytest

from automations.domain import Actor
from automations.errors import Refused
from automations.failure_tickets.moves import Outcome
from storage.models import DeskFact
from tests.automations.failure_tickets.world import World

Doing = Callable[..., Outcome]


def do(world: World, act: Doing, case: int, actor: Actor, *words: str) -> Outcome:
    with world.begin() as session:
        return act(session, case, actor, *words, world.ctx)


def refusal(world: World, act: Doing, case: int, actor: Actor, *words: str) -> str:
    rows, version = world.audit_rows(), world.case(case).version
    with pytest.raises(Refused) as refused:
        do(world, act, case, actor, *words)
    assert (world.audit_rows(), world.case(case).version) == (rows, version), "a refusal changes nothing"
    return str(refused.value)


def wants_a_cause(world: World) -> None:
    """Let the desk ask for a field of its own before a ticket is solved."""
    field = {"id": "cause", "label": "Root cause", "options": []}
    at = world.clock.now()
    with world.begin() as session:
        session.add(DeskFact(system="builtin", name="required_fields", value={"fields": [field]}, read_at=at))
