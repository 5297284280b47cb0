"""Open tickets of a teammate in Intercom: all pages, all ticket types, in whatever order the search gives them."""

import pytest

from tests.automations.adapters.access import ANNA, BEN
from tests.automations.adapters.intercom.world import world
from tests.desks.intercom import OTHER_TYPE, Held, Intercom
from tests.support import FakeClock


def give(fake: Intercom, ticket: str, email: str, state: str = "in_progress", **more: object) -> Held:
    """Let a ticket lie with this teammate."""
    held = fake.tickets[ticket]
    held.admin = next(int(number) for number, one in fake.admins.items() if one["email"] == email)
    held.state = state
    for name, value in more.items():
        setattr(held, name, value)
    fake.touch(ticket)
    return held


@pytest.mark.parametrize("order", ["newest", "oldest", "mixed"])
def test_all_pages_are_read(clock: FakeClock, order: str) -> None:
    there = world(clock, order=order, held=False)
    mine = [there.fake.seed_ticket(title=f"Ticket {number}") for number in range(320)]
    for ticket in mine:
        give(there.fake, ticket, ANNA)
    give(there.fake, there.fake.seed_ticket(), BEN)
    assert {one.id for one in there.desk.assigned(ANNA)} == set(mine)
    assert len(list(there.fake.bodies("POST", "/tickets/search"))) == 3


def test_tickets_of_all_types_count_and_those_that_wait(clock: FakeClock) -> None:
    there = world(clock)
    other, waiting, closed, solved = (there.fake.seed_ticket() for _ in range(4))
    give(there.fake, other, ANNA, type=OTHER_TYPE)
    give(there.fake, waiting, ANNA, "waiting_on_customer")
    give(there.fake, closed, ANNA, open=False)
    give(there.fake, solved, ANNA, "resolved")
    assert {one.id for one in there.desk.assigned(ANNA)} == {other, waiting}


def test_the_search_is_late(clock: FakeClock) -> None:
    there = world(clock, lag_s=600)
    give(there.fake, there.fake.seed_ticket(), ANNA)
    assert list(there.desk.assigned(ANNA)) == []
