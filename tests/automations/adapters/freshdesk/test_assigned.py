"""Open tickets of an agent in Freshdesk: a search that is late, knows the account's own statuses, and ends at 300."""

import pytest

from automations.adapters.freshdesk.desk import FreshdeskDesk
from automations.errors import Rejected
from tests.automations.adapters.access import ANNA, BEN
from tests.automations.adapters.freshdesk.declared import undeclared
from tests.automations.adapters.freshdesk.world import account, called, desk_of
from tests.desks.contract import HeldToContract
from tests.desks.freshdesk import LATE, FakeFreshdesk
from tests.support import FakeClock

SEARCH = "GET /search/tickets"


@pytest.fixture
def fake(clock: FakeClock) -> FakeFreshdesk:
    return account(clock)


@pytest.fixture
def desk(fake: FakeFreshdesk, clock: FakeClock) -> FreshdeskDesk:
    return desk_of(HeldToContract(fake, "freshdesk"), clock)


def put(fake: FakeFreshdesk, email: str, count: int = 1, status: int = 2) -> None:
    agent, who = fake.agent_by_email(email), fake.contact("rita@acme.example")
    assert agent is not None
    for _ in range(count):
        fake.put_ticket(requester=who, subject="a ticket", responder_id=agent["id"], status=status)


def test_all_pages_are_read_as_far_as_the_search_goes(
    desk: FreshdeskDesk, fake: FakeFreshdesk, clock: FakeClock
) -> None:
    put(fake, ANNA, 300)
    put(fake, BEN, 20)
    clock.move(LATE)
    assert [one.id for one in desk.assigned(ANNA)] == [str(number) for number in range(1, 301)]
    assert called(fake).count(SEARCH) == 10
    assert undeclared(fake.exchanges) == []


def test_what_goes_beyond_the_search_is_refused_and_not_cut(
    desk: FreshdeskDesk, fake: FakeFreshdesk, clock: FakeClock
) -> None:
    put(fake, ANNA, 301)
    clock.move(LATE)
    with pytest.raises(
        Rejected, match=r"anna@team\.example has 301 open tickets in Freshdesk, whose search gives 300"
    ) as refused:
        desk.assigned(ANNA)
    assert refused.value.code == "too_many"


def test_the_accounts_own_statuses_are_open_too(desk: FreshdeskDesk, fake: FakeFreshdesk, clock: FakeClock) -> None:
    for status in (2, 3, 4, 5, 6, 7, 8):
        put(fake, ANNA, status=status)
    clock.move(LATE)
    words = [one.status_word for one in desk.assigned(ANNA)]
    assert words == ["Open", "Pending", "Waiting on Customer", "Waiting on Third Party", "In the lab"]


def test_many_statuses_are_asked_for_in_several_queries(
    desk: FreshdeskDesk, fake: FakeFreshdesk, clock: FakeClock
) -> None:
    """One query may have 512 characters."""
    more = {str(number): [f"Step {number}", "Being Processed"] for number in range(10, 70)}
    fake.ticket_fields[0]["choices"] = {**fake.ticket_fields[0]["choices"], **more}
    for status in (2, 40, 69):
        put(fake, ANNA, status=status)
    clock.move(LATE)
    assert len(list(desk.assigned(ANNA))) == 3
    assert called(fake).count(SEARCH) == 3


def test_a_ticket_comes_when_the_search_knows_of_it(desk: FreshdeskDesk, fake: FakeFreshdesk, clock: FakeClock) -> None:
    put(fake, ANNA)
    assert list(desk.assigned(ANNA)) == []
    clock.move(LATE)
    assert [one.assignee for one in desk.assigned(ANNA)] == [ANNA]
