"""What MuninX tells of people at once, and whose open tickets it tells to whom."""

import pytest

from automations.errors import Rejected
from tests.automations.adapters.access import ANNA
from tests.automations.adapters.contract import DRAFT, key
from tests.automations.adapters.muninx.room import Room
from tests.desks.muninx import AGENT_TOKEN


def test_everybody_is_read_by_one_call(room: Room) -> None:
    for number in range(247):
        room.fake.seed(
            "Agent", str(number), f"agent{number}@team.example", status="pending" if number % 2 else "active"
        )
    told = list(room.access().everybody())
    assert len(told) == 250
    assert {(one.groups, one.tokens, one.agent.last_seen) for one in told} == {(None, None, None)}
    assert sum(one.agent.state == "invited" for one in told) == 123
    assert len(room.asked("GET /users")) == len(room.fake.exchanges) == 1


def test_open_tickets_come_out_of_all_pages_of_the_list(room: Room) -> None:
    desk = room.desk()
    for number in range(120):
        desk.create(DRAFT, key=key(str(number)))
    assert len({one.id for one in desk.assigned(ANNA)}) == 120
    assert len(room.asked("GET /tickets")) == 2


def test_a_partial_list_is_no_list_of_open_tickets(room: Room) -> None:
    """An agent's token sees only their own tickets, and MuninX does not say so."""
    room.fake.tokens[AGENT_TOKEN] = "ben@team.example"
    with pytest.raises(Rejected, match="Use a token that an admin made") as refused:
        room.desk(AGENT_TOKEN).assigned(ANNA)
    assert refused.value.code == "hidden"


def test_seats_are_refused_in_words(room: Room) -> None:
    with pytest.raises(Rejected, match="look at the plan") as refused:
        room.access().seats()
    assert refused.value.code == "cannot"
