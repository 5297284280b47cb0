"""Open tickets of an agent in Zendesk: all pages of a search that is late, and what it shows that is true no more."""

from datetime import timedelta

import pytest

from automations.adapters.zendesk.desk import ZendeskDesk
from tests.automations.adapters.access import ANNA, BEN
from tests.automations.adapters.zendesk import opened
from tests.automations.adapters.zendesk.opened import asked
from tests.desks.contract import HeldToContract
from tests.desks.fake import Fault, Faulty
from tests.desks.zendesk import LATE, FakeZendesk
from tests.support import FakeClock

SEARCH = "/api/v2/search/export"


@pytest.fixture
def fake(clock: FakeClock) -> FakeZendesk:
    return opened.zendesk(clock)


@pytest.fixture
def desk(fake: FakeZendesk, clock: FakeClock) -> ZendeskDesk:
    return opened.desk(HeldToContract(fake, "zendesk"), clock)


def test_all_pages_are_read(desk: ZendeskDesk, fake: FakeZendesk, clock: FakeClock) -> None:
    anna = fake.user_id(ANNA)
    for number in range(230):
        fake.seed_ticket(subject=f"Ticket {number}", assignee_id=anna, status="open")
    clock.move(LATE)
    assert [one.id for one in desk.assigned(ANNA)] == [str(number) for number in range(1, 231)]
    assert len(asked(fake, "GET", SEARCH)) == 3


def test_a_ticket_comes_when_the_search_knows_of_it(desk: ZendeskDesk, fake: FakeZendesk, clock: FakeClock) -> None:
    fake.seed_ticket(assignee_id=fake.user_id(ANNA), status="hold")
    assert list(desk.assigned(ANNA)) == []
    clock.move(timedelta(minutes=1))
    assert [one.status for one in desk.assigned(ANNA)] == ["on_hold"]


def test_tickets_of_a_suspended_agent_are_told(desk: ZendeskDesk, fake: FakeZendesk, clock: FakeClock) -> None:
    fake.users[fake.user_id(BEN)]["suspended"] = True
    fake.seed_ticket(assignee_id=fake.user_id(BEN), status="open")
    clock.move(LATE)
    assert [one.assignee for one in desk.assigned(BEN)] == [BEN]


def test_what_a_search_finds_too_much_is_left_out(fake: FakeZendesk, clock: FakeClock) -> None:
    anna, ben = fake.user_id(ANNA), fake.user_id(BEN)
    rows = [
        fake.seed_ticket(assignee_id=whose, status=status)
        for whose, status in ((anna, "new"), (ben, "open"), (anna, "solved"), (anna, "closed"), (anna, "deleted"))
    ]
    page = {"results": rows, "meta": {"has_more": False}}
    desk = opened.desk(Faulty(fake, [Fault(SEARCH, reply=(200, page))]), clock)
    assert [one.id for one in desk.assigned(ANNA)] == ["1"]
