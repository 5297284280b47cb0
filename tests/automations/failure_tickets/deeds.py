"""Doing something to a case as a person, and being refused."""

from collections.abc import Callable

import pytest

from automations.domain import Actor
from automations.errors import Refused
from automations.failure_tickets.moves import Outcome
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
