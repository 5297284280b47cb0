"""The change feed: 500 tickets changed while it is read, late numbers, gaps, cursors that lead nowhere, reading all."""

import json
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest

from automations.adapters.request_tracker.desk import RequestTrackerDesk
from automations.adapters.request_tracker.feed import LATE, MOST_GAPS
from automations.adapters.request_tracker.line import Line
from automations.domain import TicketStatus
from automations.errors import Rejected, Unavailable
from tests.automations.adapters.contract import DRAFT, KEY
from tests.automations.adapters.followed import told
from tests.automations.adapters.request_tracker.watched import Watched, path_of
from tests.desks.request_tracker import MARKS, TERMS, NoBudget, RequestTracker
from tests.support import FakeClock

PAUSE = threading.Event()


def real(test: Callable[..., None]) -> Callable[..., None]:
    """Mark a test that needs the server."""
    for mark in MARKS:
        test = mark(test)
    return test


MANY = 500


@pytest.fixture(scope="module")
def many(request_tracker: RequestTracker) -> list[str]:
    """So many tickets, one after the other by number."""
    with request_tracker.many("make", str(MANY)) as making:
        assert making.stdout is not None
        made = making.stdout.read().split()
    assert (making.returncode, len(made)) == (0, MANY)
    return made


@real
@pytest.mark.slow
@pytest.mark.usefixtures("quiet")
def test_five_hundred_tickets_change_while_they_are_read(
    many: list[str], tracker: RequestTracker, desk: RequestTrackerDesk, wire: Watched
) -> None:
    cursor = desk.changed(None).cursor
    seen: list[str] = []
    with tracker.many("change", many[0], many[-1]) as changing:
        while changing.poll() is None:
            page = desk.changed(cursor)
            seen += page.tickets
            cursor = page.cursor
            PAUSE.wait(1.0)  # a bot looks every few seconds, and SQLite lets nobody write who is never let in
    assert changing.returncode == 0
    while (page := desk.changed(cursor)).tickets:
        seen += page.tickets
        cursor = page.cursor
    assert set(seen) == set(many)
    assert desk.changed(cursor).tickets == ()
    deleted, merged = many[7], many[9]
    with pytest.raises(Rejected, match="deleted"):
        desk.get(deleted)
    assert told(desk, deleted)[-1].kind == "deleted"
    assert (desk.get(merged).status, desk.get(merged).merged_into) == (TicketStatus.CLOSED, many[0])
    stamps = {desk.get(ticket).updated_at for ticket in many[20:60]}
    assert len(stamps) < 40, "several share a second, which is all that a time says there"


@real
@pytest.mark.slow
def test_reading_all_costs_the_pages_and_no_call_for_each_ticket(
    many: list[str], desk: RequestTrackerDesk, wire: Watched
) -> None:
    total = _total(desk, wire)
    begin = len(wire.exchanges)
    cursor, shown, pages = "", 0, 0
    while True:
        page = desk.changed(cursor)
        assert [one.id for one in page.shown] == list(page.tickets)
        assert len(page.shown) <= 100, "one page at a time"
        cursor, shown, pages = page.cursor, shown + len(page.shown), pages + 1
        if "ticket" not in json.loads(cursor):
            break
    assert shown == total >= MANY - 1
    assert pages == -(-total // 100)
    assert len(wire.exchanges) - begin == pages + 1, "the pages, and one look at where the changes are"
    assert desk.changed(cursor).tickets == ()


def _total(desk: RequestTrackerDesk, wire: Watched) -> int:
    desk.changed("")
    (last,) = [one for one in wire.exchanges if path_of(one.request) == "/tickets"][-1:]
    return int(last.response.json()["total"])


@real
def test_a_change_in_the_same_second_is_told_again(desk: RequestTrackerDesk) -> None:
    ticket = desk.create(DRAFT, key=KEY).id
    cursor = desk.changed(None).cursor
    for number in range(3):
        desk.note(ticket, "again", author=None, key=KEY.__class__(f"{KEY}/n{number}"))
        page = desk.changed(cursor)
        assert page.tickets == (ticket,)
        cursor = page.cursor


class Numbers(httpx.BaseTransport):
    """A list of transactions, by number, that has holes which may be filled later.

    `hidden` ones take up their place in a page and are not shown. `counted`: we are told how many there are, as a
    superuser is.
    """

    def __init__(self, *numbers: int) -> None:
        self.numbers = set(numbers)
        self.hidden: set[int] = set()
        self.counted = False
        self.asked: list[str] = []
        self.stuck = False

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        query = request.url.params["query"]
        self.asked.append(query)
        after = 0 if self.stuck else int(query.rpartition("id > ")[2])
        found = sorted((number for number in self.numbers if number > after), reverse="order=DESC" in str(request.url))
        begin = 100 * (int(request.url.params.get("page", "1")) - 1)
        page = [number for number in found[begin : begin + 100] if number not in self.hidden]
        items = [{"id": str(number), "ObjectId": str(number)} for number in page]
        total = len(found) if self.counted else None
        body: dict[str, Any] = {"count": len(items), "total": total, "items": items}
        return httpx.Response(200, json=body, request=request)


def over(numbers: Numbers, clock: FakeClock) -> RequestTrackerDesk:
    line = Line("https://rt.example", "1-7-abc", "us@team.example", NoBudget(), clock.now, TERMS)
    return RequestTrackerDesk(line, numbers)


def test_a_smaller_number_that_comes_late_is_told(clock: FakeClock) -> None:
    numbers = Numbers(1, 2, 5)
    desk = over(numbers, clock)
    begin = desk.changed(None)
    numbers.numbers |= {3, 9}
    page = desk.changed(begin.cursor)
    assert page.tickets == ("3", "9")
    numbers.numbers |= {4, 7}
    page = desk.changed(page.cursor)
    assert page.tickets == ("4", "7")
    assert desk.changed(page.cursor).tickets == ()


def test_what_is_read_again_takes_no_room_from_what_is_new(clock: FakeClock) -> None:
    numbers = Numbers(*range(1, 200, 2))
    desk = over(numbers, clock)
    begin = desk.changed(None).cursor
    numbers.numbers |= {200, 201, 202}
    page = desk.changed(begin)
    assert (page.tickets, page.more) == (("200", "201", "202"), False)
    assert desk.changed(page.cursor).tickets == ()


def test_after_a_while_nothing_is_read_again(clock: FakeClock) -> None:
    numbers = Numbers(1, 5)
    desk = over(numbers, clock)
    cursor = desk.changed(None).cursor
    clock.move(LATE)
    numbers.numbers.add(6)
    numbers.asked.clear()
    page = desk.changed(cursor)
    assert page.tickets == ("6",)
    assert [asked.rpartition("AND ")[2] for asked in numbers.asked] == ["id > 5", "id > 6"]
    clock.move(timedelta(seconds=1))
    assert json.loads(page.cursor) == {"high": 6, "gaps": []}


def test_a_cursor_stays_small_and_passes_nothing_over(clock: FakeClock) -> None:
    """Every second number is of somebody else's queue; then all of those come to be seen."""
    numbers = Numbers(1)
    desk = over(numbers, clock)
    cursor = desk.changed(None).cursor
    numbers.numbers |= set(range(3, 3 * MOST_GAPS, 2))
    seen: set[str] = set()
    for _ in range(20):
        page = desk.changed(cursor)
        cursor, seen = page.cursor, seen | set(page.tickets)
        if not page.more:
            break
    assert seen == {str(number) for number in range(3, 3 * MOST_GAPS, 2)}
    assert len(json.loads(cursor)["gaps"]) == MOST_GAPS
    numbers.numbers |= set(range(2, 3 * MOST_GAPS, 2))
    for _ in range(20):
        page = desk.changed(cursor)
        cursor, seen = page.cursor, seen | set(page.tickets)
        if not page.more:
            break
    assert seen == {str(number) for number in range(2, 3 * MOST_GAPS)}


@pytest.mark.parametrize("counted", [False, True])
def test_what_our_user_may_not_see_hides_nothing_behind_it(counted: bool, clock: FakeClock) -> None:
    """A bulk change of a field that is hidden from us fills whole pages, and one comment in each makes others short."""
    numbers = Numbers(1)
    numbers.counted = counted
    desk = over(numbers, clock)
    cursor = desk.changed(None).cursor
    numbers.numbers |= set(range(2, 900))
    numbers.hidden = set(range(2, 350)) | set(range(400, 900, 90))
    seen: list[str] = []
    while (page := desk.changed(cursor)).more or page.tickets:
        cursor, seen = page.cursor, [*seen, *page.tickets]
        if not page.more:
            break
    assert seen == [str(number) for number in range(350, 900) if number not in numbers.hidden]
    assert desk.changed(cursor).tickets == ()


def test_a_list_that_does_not_end_is_refused(clock: FakeClock) -> None:
    numbers = Numbers(*range(1, 150))
    desk = over(numbers, clock)
    cursor = desk.changed(None).cursor
    numbers.stuck = True
    with pytest.raises(Unavailable, match="does not end"):
        desk.changed(cursor)


@pytest.mark.parametrize("cursor", ["yesterday", "{}x", '{"high": "many"}'])
def test_a_place_that_is_none_is_refused(cursor: str, clock: FakeClock) -> None:
    with pytest.raises(Rejected) as refused:
        over(Numbers(), clock).changed(cursor)
    assert refused.value.code == "bad_cursor"
