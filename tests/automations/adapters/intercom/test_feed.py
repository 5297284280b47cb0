"""Following Intercom: a late search without a promised order, changes while it is read, and an import of everything."""

import json
from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import pytest

from automations.adapters.intercom.desk import IntercomDesk
from automations.adapters.intercom.feed import PER_PAGE
from automations.domain import Priority, TicketChange
from automations.errors import Rejected, Unavailable
from tests.automations.adapters.intercom.world import World, world
from tests.desks.fake import Reply
from tests.desks.intercom import OTHER_TYPE, _token
from tests.support import FakeClock

BEN = "ben@team.example"
LATER = timedelta(minutes=30)
ORDERS = ["newest", "oldest", "mixed"]


def read_all(desk: IntercomDesk, cursor: str, between: Callable[[], object] = lambda: None) -> tuple[list[str], str]:
    """Every ticket that is told, as often as it is, and the cursor at the end."""
    told: list[str] = []
    while True:
        page = desk.changed(cursor)
        assert [one.id for one in page.shown] == list(page.tickets)
        told += page.tickets
        cursor = page.cursor
        if not page.more:
            return told, cursor
        between()


def searches(there: World) -> int:
    return sum(one.request.url.path == "/tickets/search" for one in there.fake.exchanges)


@pytest.mark.slow
@pytest.mark.parametrize("order", ORDERS)
def test_nothing_is_lost_while_5000_tickets_change_in_batches_of_one_second(order: str, clock: FakeClock) -> None:
    there = world(clock, held=False, lag_s=300, order=order)
    waiting = [there.fake.seed_ticket() for _ in range(5000)]
    every = set(waiting)
    clock.move(LATER)
    cursor = there.desk.changed(None).cursor
    clock.move(LATER)

    def a_batch() -> None:
        for _ in range(min(400, len(waiting))):
            there.fake.touch(waiting.pop())
        clock.move(timedelta(seconds=20))

    told: Counter[str] = Counter()
    a_batch()
    while waiting:
        clock.move(timedelta(seconds=60))
        more, cursor = read_all(there.desk, cursor, a_batch)
        told.update(more)
        a_batch()
    clock.move(LATER)
    more, cursor = read_all(there.desk, cursor)
    told.update(more)
    assert set(told) == every
    assert set(told.values()) == {1}, "and none twice"
    before = searches(there)
    new = there.fake.seed_ticket()
    clock.move(LATER)
    assert read_all(there.desk, cursor)[0] == [new]
    assert searches(there) - before <= 1 + 5000 // PER_PAGE


def test_a_second_reading_of_a_quiet_desk_is_one_call(clock: FakeClock) -> None:
    there = world(clock)
    tickets = {there.fake.seed_ticket() for _ in range(10)}
    told, cursor = read_all(there.desk, "")
    assert set(told) == tickets
    before = len(there.fake.exchanges)
    assert read_all(there.desk, cursor) == ([], cursor)
    assert len(there.fake.exchanges) == before + 1


def test_two_changes_within_one_second_are_both_told(clock: FakeClock) -> None:
    there = world(clock)
    ticket = there.fake.seed_ticket()
    _, cursor = read_all(there.desk, "")
    there.fake.note(ticket, "one", by=BEN)
    told, cursor = read_all(there.desk, cursor)
    assert told == [ticket]
    there.fake.change(ticket, TicketChange(priority=Priority.LOW), by=BEN)
    told, cursor = read_all(there.desk, cursor)
    assert told == [ticket]
    assert read_all(there.desk, cursor)[0] == []


def test_a_change_that_the_search_shows_ten_minutes_late_is_told(clock: FakeClock) -> None:
    there = world(clock, lag_s=0)
    late, soon = there.fake.seed_ticket(), there.fake.seed_ticket()
    _, cursor = read_all(there.desk, "")
    clock.move(timedelta(hours=1))
    there.fake.note(late, "hidden", by=BEN)
    hidden = there.fake.tickets[late].shown.pop()
    for _ in range(9):
        clock.move(timedelta(minutes=1))
        there.fake.note(soon, "busy", by=BEN)
        told, cursor = read_all(there.desk, cursor)
        assert told == [soon]
    clock.move(timedelta(minutes=1))
    there.fake.tickets[late].shown.append(hidden)
    assert read_all(there.desk, cursor)[0] == [late]


def test_what_changes_behind_a_slow_reading_is_told_by_the_next(clock: FakeClock) -> None:
    """The reading takes an hour: a ticket of its first page changes at once, and its last page shows a newer change."""
    there = world(clock, held=False, order="mixed")
    every = [there.fake.seed_ticket() for _ in range(400)]
    page = there.desk.changed("")
    behind = page.tickets[0]
    ahead = next(ticket for ticket in every if ticket not in page.tickets)
    there.fake.note(behind, "missed by this reading", by=BEN)
    clock.move(timedelta(hours=1))
    there.fake.note(ahead, "seen by it", by=BEN)
    told, cursor = read_all(there.desk, page.cursor)
    assert (behind in told, ahead in told) == (False, True)
    assert read_all(there.desk, cursor)[0] == [behind]


def test_a_clock_that_is_five_minutes_fast_loses_nothing(clock: FakeClock) -> None:
    there = world(clock)
    cursor = there.desk.changed(None).cursor
    clock.move(timedelta(minutes=-5))
    ticket = there.fake.seed_ticket()
    assert read_all(there.desk, cursor)[0] == [ticket]


def test_tickets_of_other_types_are_not_told(clock: FakeClock) -> None:
    there = world(clock)
    ours, other = there.fake.seed_ticket(), there.fake.seed_ticket()
    there.fake.tickets[other].type = OTHER_TYPE
    there.fake.touch(other)
    assert read_all(there.desk, "")[0] == [ours]


def test_a_deleted_ticket_is_not_told(clock: FakeClock) -> None:
    """Said so by the capability that is not declared."""
    there = world(clock)
    ticket = there.fake.seed_ticket()
    _, cursor = read_all(there.desk, "")
    there.fake.delete(ticket, by=BEN)
    assert read_all(there.desk, cursor)[0] == []
    with pytest.raises(Rejected) as gone:
        there.desk.get(ticket)
    assert gone.value.code == "no_ticket"


@pytest.mark.slow
@pytest.mark.parametrize("order", ["mixed"])
def test_an_import_sends_the_pages_it_needs_and_keeps_no_more_than_one(order: str, clock: FakeClock) -> None:
    there = world(clock, held=False, order=order)
    for _ in range(10_000):
        if int(there.fake.seed_ticket()) % 10 == 0:
            clock.move(timedelta(minutes=1))
    cursor, told, longest, pages = "", set[str](), 0, 0
    while True:
        page = there.desk.changed(cursor)
        told.update(page.tickets)
        longest, cursor, pages = max(longest, len(page.cursor)), page.cursor, pages + 1
        assert len(page.shown) <= PER_PAGE
        if not page.more:
            break
    assert len(told) == 10_000
    assert pages == searches(there) == -(-10_000 // PER_PAGE)
    asked = Counter(one.request.url.path for one in there.fake.exchanges)
    assert {path: times for path, times in asked.items() if times > 1} == {"/tickets/search": pages}
    assert longest < 10_000, "a cursor holds the overlap and not the desk"
    assert read_all(there.desk, cursor)[0] == []


@pytest.mark.parametrize("cursor", ["7", "{}", "[]", '{"mark": "x"}', '{"mark": 1, "page": 2}', "nonsense"])
def test_a_cursor_of_another_desk_is_refused(cursor: str, clock: FakeClock) -> None:
    with pytest.raises(Rejected) as refused:
        world(clock).desk.changed(cursor)
    assert refused.value.code == "bad_cursor"


def test_a_search_that_does_not_move_is_given_up(clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> None:
    there = world(clock, held=False)
    there.fake.seed_ticket()
    asked = there.fake._search

    def stuck(places: list[str]) -> Callable[..., Reply]:
        def answer(call: object) -> Reply:
            status, body, *_ = asked(call)
            place = places[len(there.fake.exchanges) % len(places)]
            return status, {**body, "pages": {**body["pages"], "next": {"per_page": 150, "starting_after": place}}}

        return answer

    for places in ([1], [1, 2, 3]):
        monkeypatch.setattr(there.fake, "_search", stuck([_token((-(2**40), one)) for one in places]))
        with pytest.raises(Unavailable, match="does not come to an end"):
            read_all(there.desk, "")


def test_a_cursor_is_plain_json_of_seconds(clock: FakeClock) -> None:
    cursor = world(clock).desk.changed(None).cursor
    assert json.loads(cursor) == {"mark": int(clock.now().timestamp())}
