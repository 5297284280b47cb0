"""Following Freshdesk: no change is passed over, whatever happens while it is read, and nothing is read in vain."""

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from automations.adapters.freshdesk.desk import FreshdeskDesk
from automations.adapters.freshdesk.place import OVERLAP, Place, read_on
from automations.adapters.freshdesk.shapes import TicketRow
from automations.domain import TicketStatus
from automations.errors import Rejected, Unavailable
from tests.automations.adapters.freshdesk.world import account, called, desk_of
from tests.desks.fake import Fault, Faulty
from tests.desks.freshdesk import FakeFreshdesk
from tests.desks.freshdesk_parts import stamp
from tests.support import START, FakeClock


@pytest.fixture
def fake(clock: FakeClock) -> FakeFreshdesk:
    return account(clock)


@pytest.fixture
def line(fake: FakeFreshdesk) -> Faulty:
    return Faulty(fake)


@pytest.fixture
def desk(line: Faulty, clock: FakeClock) -> FreshdeskDesk:
    return desk_of(line, clock)


def tickets(fake: FakeFreshdesk, many: int, at: Callable[[int], datetime]) -> list[int]:
    """Have tickets of a customer that changed last at these times."""
    who = fake.contact("rita@acme.example")
    made = []
    for number in range(many):
        when = stamp(at(number))
        row = fake.put_ticket(requester=who, subject=f"No. {number}", created_at=when, updated_at=when, group_id=40)
        made.append(int(row["id"]))
    return made


def to_the_end(
    desk: FreshdeskDesk, cursor: str | None, between: Callable[[], None] = lambda: None
) -> tuple[list[str], str]:
    """What is told until there is no more, and where that was."""
    told: list[str] = []
    for _ in range(2000):
        page = desk.changed(cursor)
        assert len(page.tickets) <= 200, "a page of each list"
        assert len(set(page.tickets)) == len(page.tickets)
        told, cursor = [*told, *page.tickets], page.cursor
        between()
        if not page.more:
            return told, cursor
    raise AssertionError("it does not end")


@pytest.mark.slow
def test_importing_costs_the_pages_and_no_call_for_each_ticket(desk: FreshdeskDesk, fake: FakeFreshdesk) -> None:
    """Each page begins with the last row of the one before it: 100 rows, then 99 new ones a page."""
    made = tickets(fake, 10_000, lambda number: START - timedelta(days=800) + timedelta(minutes=number))
    cursor, shown, most = "", 0, 0
    more = True
    while more:
        page = desk.changed(cursor)
        shown, most = shown + len(page.shown), max(most, len(page.shown))
        cursor, more = page.cursor, page.more
        assert len(cursor) < 1000, "the place does not grow with what was read"
    assert (shown, most) == (len(made), 100)
    pages = 1 + -(-(10_000 - 100) // 99)
    lists = ["GET /ticket_fields", "GET /groups"]
    assert called(fake).count("GET /tickets") == pages + 1, "and one look into the trash"
    assert sorted(set(called(fake)) - {"GET /tickets"}) == sorted(lists)
    assert len(fake.exchanges) == pages + 1 + len(lists)


def test_what_a_page_shows_is_what_a_reading_shows_but_for_tags(desk: FreshdeskDesk, fake: FakeFreshdesk) -> None:
    (one,) = tickets(fake, 1, lambda _: START)
    fake.change(fake.tickets[one], {"status": 7, "priority": 4, "responder_id": 902, "type": "Incident"})
    (shown,) = desk.changed("").shown
    assert shown == desk.get(str(one))
    assert (shown.status, shown.group, shown.fields) == (
        TicketStatus.ON_HOLD,
        "Support",
        (("ticket_type", "Incident"),),
    )


@pytest.mark.slow
@pytest.mark.parametrize("batch", [5000, 500, 150])
def test_no_change_is_lost_while_thousands_change_in_the_same_second(
    desk: FreshdeskDesk, fake: FakeFreshdesk, clock: FakeClock, batch: int
) -> None:
    made = tickets(fake, 5000, lambda number: START - timedelta(days=9) + timedelta(seconds=number // batch))
    untold = set(made)
    chance = random.Random(batch)
    rounds = 0

    def colleagues() -> None:
        nonlocal rounds
        rounds += 1
        clock.move(timedelta(seconds=1))
        if rounds > 120:
            return
        for one in chance.sample(made, 40 if rounds % 3 else 2):
            fake.change(fake.tickets[one], {"priority": 1 + rounds % 4})
            untold.add(one)

    cursor: str = ""
    more = True
    while more or untold:
        page = desk.changed(cursor)
        untold -= {int(one) for one in page.tickets}
        cursor, more = page.cursor, page.more
        colleagues()
        assert rounds < 1000, f"{len(untold)} changes were never told"
    clock.move(timedelta(seconds=10))
    _, cursor = to_the_end(desk, cursor)
    assert to_the_end(desk, cursor)[0] == [], "a second run reads only what is new"
    for one in made[:3]:
        fake.change(fake.tickets[one], {"priority": 2})
    clock.move(timedelta(seconds=10))
    assert sorted(to_the_end(desk, cursor)[0]) == sorted(str(one) for one in made[:3])


def test_what_shows_late_is_told_all_the_same(desk: FreshdeskDesk, fake: FakeFreshdesk, clock: FakeClock) -> None:
    tickets(fake, 3, lambda _: START)
    clock.move(timedelta(minutes=1))
    _, cursor = to_the_end(desk, "")
    clock.move(timedelta(minutes=1))
    (late,) = tickets(fake, 1, lambda _: START)
    assert desk.changed(cursor).tickets == (str(late),)


def test_a_ticket_that_changes_twice_in_a_second_is_told_twice(
    desk: FreshdeskDesk, fake: FakeFreshdesk, clock: FakeClock
) -> None:
    cursor = desk.changed(None).cursor
    (one,) = tickets(fake, 1, lambda _: START)
    page = desk.changed(cursor)
    fake.change(fake.tickets[one], {"priority": 4})
    assert fake.tickets[one]["updated_at"] == stamp(START), "the same second"
    again = desk.changed(page.cursor)
    assert (page.tickets, again.tickets) == ((str(one),), (str(one),))
    clock.move(timedelta(seconds=10))
    last = desk.changed(again.cursor)
    assert desk.changed(last.cursor).tickets == ()


def test_a_quiet_desk_costs_two_calls_a_look(desk: FreshdeskDesk, fake: FakeFreshdesk, clock: FakeClock) -> None:
    """Though the last thing that happened was that thousands changed at once."""
    tickets(fake, 1000, lambda _: START)
    clock.move(OVERLAP + timedelta(seconds=10))
    _, cursor = to_the_end(desk, "")
    clock.move(timedelta(minutes=1))
    before = len(fake.exchanges)
    assert desk.changed(cursor).tickets == ()
    assert called(fake, before) == ["GET /tickets", "GET /tickets"]


def test_deleted_and_restored_tickets_are_told(desk: FreshdeskDesk, fake: FakeFreshdesk, clock: FakeClock) -> None:
    one, other = tickets(fake, 2, lambda _: START - timedelta(days=90))
    _, cursor = to_the_end(desk, "")
    fake.delete(one)
    clock.move(timedelta(seconds=10))
    page = desk.changed(cursor)
    assert (page.tickets, page.shown) == ((str(one),), ())
    fake.change(fake.tickets[one], {"deleted": False})
    clock.move(timedelta(seconds=10))
    assert desk.changed(page.cursor).tickets == (str(one),)
    assert to_the_end(desk, "")[0] == [str(other), str(one)]


def test_the_desks_clock_counts_and_not_ours(fake: FakeFreshdesk) -> None:
    """Ours is two minutes ahead: what the desk stamps now is not passed over."""
    ours = FakeClock(START + timedelta(minutes=2))
    desk = desk_of(fake, ours)
    cursor = desk.changed(None).cursor
    (one,) = tickets(fake, 1, lambda _: START + timedelta(seconds=1))
    assert desk.changed(cursor).tickets == (str(one),)


def test_a_place_that_is_not_ours_is_refused(desk: FreshdeskDesk) -> None:
    for garbage in ("17", "{}", '{"there": 3}', "x"):
        with pytest.raises(Rejected) as refused:
            desk.changed(garbage)
        assert refused.value.code == "cursor"


def row(identity: int, at: datetime) -> dict[str, Any]:
    return {
        "id": identity, "status": 2, "priority": 1, "requester_id": 7, "created_at": stamp(at), "updated_at": stamp(at),
    }  # fmt: skip


NEXT = {"link": '<https://desk.example/api/v2/tickets?page=2>; rel="next"'}


@pytest.mark.parametrize(
    "answer",
    [
        [row(1, START - timedelta(days=1))],
        [row(1, START + timedelta(seconds=2)), row(2, START + timedelta(seconds=1))],
    ],
    ids=["older than asked for", "not in order"],
)
def test_a_list_that_was_not_asked_for_is_refused(desk: FreshdeskDesk, line: Faulty, answer: list[Any]) -> None:
    cursor = desk.changed(None).cursor
    line.faults.append(Fault("GET /api/v2/tickets", reply=(200, answer, NEXT)))
    with pytest.raises(Unavailable, match="order"):
        desk.changed(cursor)


def test_a_place_that_does_not_move_is_refused(desk: FreshdeskDesk, line: Faulty) -> None:
    same = [row(number, START) for number in range(1, 101)]
    line.faults.append(Fault("GET /api/v2/tickets", times=9, reply=(200, same, NEXT)))
    with pytest.raises(Unavailable, match="same page of tickets twice"):
        to_the_end(desk, "")


def rows(first: int, count: int, at: datetime) -> list[TicketRow]:
    return [TicketRow.model_validate(row(number, at)) for number in range(first, first + count)]


def test_a_second_with_more_than_three_hundred_pages_is_refused() -> None:
    last_but_one = Place(since=START, page=299, pass_now="of the pages before")
    _, place, more = read_on(last_but_one, rows(29_801, 100, START), more=True, read_at=START + OVERLAP)
    assert (more, place.page) == (True, 300)
    with pytest.raises(Rejected, match="300 pages") as refused:
        read_on(place, rows(29_901, 100, START), more=True, read_at=START + OVERLAP)
    assert refused.value.code == "too_many"


def test_a_time_that_fills_pages_is_left_once_two_passes_are_the_same() -> None:
    later = START + timedelta(minutes=1)
    first, second = rows(1, 100, START), [*rows(101, 50, START), *rows(500, 50, later)]
    place, asked = Place(since=START), []
    for here in (first, second, first, second):
        asked.append(place.page)
        _, place, _ = read_on(place, here, more=True, read_at=later + OVERLAP)
    assert asked == [1, 2, 1, 2]
    assert (place.since, place.page, place.by_page) == (later, 1, False)


def test_a_row_that_slipped_over_the_border_of_a_page_is_told_in_the_next_pass() -> None:
    """101 moves onto the first page, which was read already, when 1 changes."""
    later = START + timedelta(minutes=1)
    passes = [
        rows(1, 100, START),
        rows(102, 60, START),
        rows(2, 100, START),
        rows(102, 60, START),
        rows(2, 100, START),
        rows(102, 60, START),
    ]
    place, told, more = Place(since=START), [], True
    for number, here in enumerate(passes):
        assert more, number
        fresh, place, more = read_on(place, here, more=number % 2 == 0, read_at=later)
        told += [one.id for one in fresh]
    assert not more
    assert 101 in told
    assert len(told) == len(set(told)) == 161


def test_times_are_compared_as_exactly_as_they_can_be_asked_for() -> None:
    place = Place(since=START)
    odd = [TicketRow.model_validate(row(1, START) | {"updated_at": "2026-11-21T02:14:00.700Z"})]
    fresh, place, more = read_on(place, odd, more=False, read_at=datetime(2026, 11, 21, 2, 20, 0, 5, tzinfo=UTC))
    assert (len(fresh), more, place.since.microsecond) == (1, False, 0)
