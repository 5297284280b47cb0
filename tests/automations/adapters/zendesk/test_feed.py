"""Tickets that changed: nothing passed over, nothing twice without need, a place that does not move refused."""

import json
from datetime import timedelta

import pytest

from automations.adapters.zendesk.desk import ZendeskDesk
from automations.domain import Changed, Priority, TicketStatus
from automations.errors import Rejected, Unavailable
from tests.automations.adapters.zendesk import opened
from tests.automations.adapters.zendesk.opened import asked
from tests.desks.budget import Budget
from tests.desks.contract import HeldToContract
from tests.desks.fake import Fault, Faulty
from tests.desks.zendesk import FakeZendesk
from tests.support import FakeClock

EXPORT = "/api/v2/incremental/"
MINUTE = timedelta(seconds=61)


@pytest.fixture
def fake(clock: FakeClock) -> FakeZendesk:
    return opened.zendesk(clock)


@pytest.fixture
def desk(fake: FakeZendesk, clock: FakeClock) -> ZendeskDesk:
    return opened.desk(fake, clock)


def read_on(desk: ZendeskDesk, cursor: str | None) -> list[Changed]:
    """Page by page to the end."""
    pages = [desk.changed(cursor)]
    while pages[-1].more:
        pages.append(desk.changed(pages[-1].cursor))
    return pages


def test_what_changes_while_it_is_read_is_seen(desk: ZendeskDesk, fake: FakeZendesk, clock: FakeClock) -> None:
    """5,000 tickets change in batches that share one second, a batch between any two looks."""
    tickets = [fake.seed_ticket() for _ in range(5_000)]
    clock.move(timedelta(minutes=10))
    cursor = desk.changed(None).cursor
    seen: list[str] = []
    for batch in range(0, 5_000, 500):
        for ticket in tickets[batch : batch + 500]:
            fake.touch(ticket)
        clock.move(timedelta(seconds=20))
        page = desk.changed(cursor)
        seen, cursor = [*seen, *page.tickets], page.cursor
    clock.move(MINUTE)
    for page in read_on(desk, cursor):
        seen, cursor = [*seen, *page.tickets], page.cursor
    assert set(seen) == {str(ticket["id"]) for ticket in tickets}
    assert len(seen) == 5_000, "none is told twice here"
    assert desk.changed(cursor).tickets == ()
    fake.touch(tickets[7])
    clock.move(MINUTE)
    assert desk.changed(cursor).tickets == ("8",)


def test_a_batch_larger_than_a_page_has_one_timestamp(desk: ZendeskDesk, fake: FakeZendesk, clock: FakeClock) -> None:
    for _ in range(2_500):
        fake.seed_ticket()
    clock.move(MINUTE)
    pages = read_on(desk, "")
    assert [len(page.tickets) for page in pages] == [1000, 1000, 500]
    assert len({ticket for page in pages for ticket in page.tickets}) == 2_500


def test_importing_costs_the_pages_and_holds_one_at_a_time(
    desk: ZendeskDesk, fake: FakeZendesk, clock: FakeClock
) -> None:
    anna, group = fake.user_id("anna@team.example"), min(fake.groups)
    for number in range(10_000):
        fake.seed_ticket(subject=f"ticket {number}", status="solved", priority="high", assignee_id=anna, group_id=group)
    clock.move(MINUTE)
    cursor, count, more = "", 0, True
    while more:
        page = desk.changed(cursor)
        assert len(page.shown) <= 1000
        last = page.shown[-1]
        assert (last.assignee, last.group, last.priority) == ("anna@team.example", "Support", Priority.HIGH)
        cursor, more, count = page.cursor, page.more, count + len(page.shown)
    assert count == 10_000
    assert [one.request.method for one in fake.exchanges] == ["POST", *["GET"] * 10]
    assert len(asked(fake, "GET", EXPORT)) == 10


def test_a_page_tells_tickets_whole_and_deleted_ones_by_id(fake: FakeZendesk, clock: FakeClock) -> None:
    desk = opened.desk(HeldToContract(fake, "zendesk"), clock)
    fake.seed_ticket(subject="kept", status="hold", assignee_id=fake.user_id("ben@team.example"))
    fake.seed_ticket(subject="dropped")
    fake.delete("2", by="ben@team.example")
    clock.move(MINUTE)
    page = desk.changed("")
    assert page.tickets == ("1", "2")
    (kept,) = page.shown
    assert kept == desk.get("1")
    assert (kept.status, kept.assignee) == (TicketStatus.ON_HOLD, "ben@team.example")


def test_beginning_now_reads_past_clocks_that_differ(desk: ZendeskDesk, fake: FakeZendesk, clock: FakeClock) -> None:
    """The place is the desk's own, so it does not matter that our clock is two minutes ahead of it."""
    theirs = fake.seed_ticket()
    fake.clock = FakeClock(clock.now() - timedelta(minutes=2))
    fake.touch(theirs)
    begin = desk.changed(None)
    assert begin.tickets == ()
    fake.clock.move(MINUTE)
    assert desk.changed(begin.cursor).tickets == ("1",)


def test_an_account_without_a_ticket_is_begun_all_the_same(
    desk: ZendeskDesk, fake: FakeZendesk, clock: FakeClock
) -> None:
    begin = desk.changed(None)
    assert json.loads(begin.cursor).keys() == {"start"}, "the desk gave no place"
    assert desk.changed(begin.cursor).cursor == begin.cursor
    fake.seed_ticket()
    clock.move(MINUTE)
    assert desk.changed(begin.cursor).tickets == ("1",)


@pytest.mark.parametrize("told", [0, 2], ids=["empty", "with tickets"])
def test_a_place_that_does_not_move_is_refused(told: int, fake: FakeZendesk, clock: FakeClock) -> None:
    tickets = [fake.seed_ticket() for _ in range(told)]
    page = {"tickets": tickets, "after_cursor": "c3R1Y2s=", "end_of_stream": bool(told)}
    line = Faulty(fake, [Fault(EXPORT, times=9, reply=(200, page))])
    with pytest.raises(Unavailable, match="its export does not move"):
        opened.desk(line, clock).changed('{"cursor": "c3R1Y2s="}')
    assert len(line.met) == 1


@pytest.mark.parametrize("cursor", ["x", "[]", "17", '{"page": 2}', '{"cursor": 7}'])
def test_a_place_that_is_none_of_ours_is_refused(cursor: str, desk: ZendeskDesk, fake: FakeZendesk) -> None:
    with pytest.raises(Rejected) as refused:
        desk.changed(cursor)
    assert refused.value.code == "bad_cursor"
    assert fake.exchanges == []


def test_the_exports_own_limit_holds_nobody_else_back(fake: FakeZendesk, clock: FakeClock) -> None:
    budget = Budget()
    desk = opened.desk(fake, clock, budget)
    fake.seed_ticket()
    for _ in range(10):
        desk.changed(None)
    with pytest.raises(Unavailable) as refused:
        desk.changed(None)
    assert (refused.value.retry_after_s, budget.paused) == (60.0, [])
    assert desk.get("1").id == "1"
