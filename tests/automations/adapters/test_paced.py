from collections.abc import Callable
from datetime import timedelta

import pytest

from automations.adapters.paced import Paced
from automations.domain import TicketChange
from automations.errors import OverBudget, Unavailable
from storage.budget import RateBudgets
from storage.engine import Database
from tests.automations.adapters.contract import DRAFT, KEY, key
from tests.automations.adapters.test_conformance import seeded
from tests.support import FakeClock

CALLS: dict[str, Callable[[Paced, str], object]] = {
    "create": lambda desk, _: desk.create(DRAFT, key=key("other")),
    "find": lambda desk, _: desk.find(KEY),
    "get": lambda desk, ticket: desk.get(ticket),
    "update": lambda desk, ticket: desk.update(ticket, TicketChange(group="Billing"), key=key("v1")),
    "note": lambda desk, ticket: desk.note(ticket, "a note", author=None, key=key("n1")),
    "agents": lambda desk, _: list(desk.agents()),
    "groups": lambda desk, _: list(desk.groups()),
}


@pytest.mark.parametrize("name", CALLS)
def test_every_call_takes_one_unit_and_none_is_made_without(database: Database, clock: FakeClock, name: str) -> None:
    built, budgets = seeded(database, clock), RateBudgets(database, clock.now)
    ticket = built.create(DRAFT, key=KEY)
    desk = Paced(built, budgets, 10)
    for _ in range(9):
        budgets.take("desk/builtin", 10)
    CALLS[name](desk, ticket.id)
    before = built.get(ticket.id)
    with pytest.raises(OverBudget) as refused:
        CALLS[name](desk, ticket.id)
    assert isinstance(refused.value, Unavailable)
    assert refused.value.system == "builtin"
    assert refused.value.retry_after_s is not None
    assert 0 < refused.value.retry_after_s <= 60
    assert str(refused.value) == "builtin may be called 10 times a minute, and that is used up"
    assert built.get(ticket.id) == before
    clock.move(timedelta(seconds=refused.value.retry_after_s))
    CALLS[name](desk, ticket.id)


def test_replicas_share_the_budget(database: Database, clock: FakeClock) -> None:
    built = seeded(database, clock)
    replicas = [Paced(built, RateBudgets(database, clock.now), 10) for _ in range(2)]
    for number in range(10):
        replicas[number % 2].find(KEY)
    for replica in replicas:
        with pytest.raises(OverBudget):
            replica.find(KEY)
