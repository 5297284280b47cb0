"""What comes of each fault: done, tried again, the failure queue, or not known and then looked up. Nothing twice."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from automations.adapters.freshdesk.desk import FreshdeskDesk
from automations.domain import IdempotencyKey, Ticket, TicketChange, TicketDraft, TicketStatus
from automations.errors import OutcomeUnknown, OverBudget, Rejected, Unavailable
from tests.automations.adapters.contract import DRAFT, KEY, key
from tests.automations.adapters.freshdesk.world import account, called, desk_of
from tests.desks.budget import Budget
from tests.desks.fake import Fault, Faulty, Reply
from tests.desks.freshdesk import FakeFreshdesk
from tests.desks.freshdesk_parts import invalid
from tests.support import START, FakeClock

LOGIN = {"code": "invalid_credentials", "message": "You have to be logged in to perform this action."}
DENIED = {"code": "access_denied", "message": "You are not authorized to perform this action."}
SLOW_DOWN = {"message": "You have exceeded the limit of requests per minute"}
TAKEN = invalid("name", "It should be a unique value", "duplicate_value")
WRONG = invalid("priority", "It should be one of these values: '1,2,3,4'", "invalid_value")

ANSWERS: dict[str, tuple[Reply, str, str]] = {
    "400": ((400, WRONG), "rejected", "rejected"),
    "401": ((401, LOGIN), "rejected", "rejected"),
    "403": ((403, DENIED), "rejected", "rejected"),
    "404": ((404, None), "rejected", "rejected"),
    "409": ((409, TAKEN), "rejected", "rejected"),
    "422": ((422, None), "rejected", "rejected"),
    "422 in another shape": ((422, {"errors": 5}), "rejected", "rejected"),
    "429 with Retry-After": ((429, SLOW_DOWN, {"Retry-After": "34"}), "retried", "retried"),
    "429 without": ((429, SLOW_DOWN), "retried", "retried"),
    "500": ((500, None), "retried", "unknown"),
    "503": ((503, None), "retried", "unknown"),
    "503 with Retry-After": ((503, None, {"Retry-After": "5"}), "retried", "retried"),
    "another address": ((302, None, {"Location": "https://else.example"}), "rejected", "rejected"),
    "another shape": ((200, {"odd": 1}), "retried", "unknown"),
}
LINES = {
    "no connection": ("refused", "retried", "retried"),
    "reset": ("reset", "retried", "unknown"),
    "slow": ("timeout", "retried", "unknown"),
    "reset after it was done": ("reset_after", "retried", "unknown"),
    "slow after it was done": ("timeout_after", "retried", "unknown"),
    "cut": ("cut", "retried", "unknown"),
    "HTML": ("html", "retried", "unknown"),
    "HTML after it was done": ("html_after", "retried", "unknown"),
}
CELLS = [
    *((name, Fault("", reply=reply), reading, write) for name, (reply, reading, write) in ANSWERS.items()),
    *((name, Fault("", kind), reading, write) for name, (kind, reading, write) in LINES.items()),
]
NAMES = [name for name, *_ in CELLS]


@pytest.fixture
def fake(clock: FakeClock) -> FakeFreshdesk:
    return account(clock)


@pytest.fixture
def line(fake: FakeFreshdesk) -> Faulty:
    return Faulty(fake)


@pytest.fixture
def budget() -> Budget:
    return Budget()


@pytest.fixture
def desk(line: Faulty, clock: FakeClock, budget: Budget) -> FreshdeskDesk:
    return desk_of(line, clock, budget=budget)


def made_at_last(desk: FreshdeskDesk, draft: TicketDraft, of: IdempotencyKey) -> tuple[Ticket | None, list[str]]:
    """Make a ticket as the core does: look first wherever the outcome is unknown, make it only if there is none."""
    ways: list[str] = []
    for _ in range(6):
        try:
            if ways and ways[-1] == "unknown":
                found = desk.find(of, since=draft.since)
                if found is not None:
                    return found, ways
            return desk.create(draft, key=of), ways
        except OutcomeUnknown:
            ways.append("unknown")
        except Unavailable:
            ways.append("retried")
        except Rejected:
            ways.append("rejected")
            return None, ways
    raise AssertionError(f"it does not come to an end: {ways}")


def first_notes(fake: FakeFreshdesk) -> Counter[int]:
    """How many notes each ticket has."""
    return Counter({ticket: len(said) for ticket, said in fake.said.items()})


@pytest.mark.parametrize("on", ["POST /api/v2/tickets$", "POST /api/v2/tickets/1/notes"], ids=["ticket", "note"])
@pytest.mark.parametrize(("fault", "_reading", "write"), [cell[1:] for cell in CELLS], ids=NAMES)
def test_a_ticket_is_made_once_with_one_note(
    desk: FreshdeskDesk, fake: FakeFreshdesk, line: Faulty, on: str, fault: Fault, _reading: str, write: str
) -> None:
    line.faults.append(replace(fault, on=on))
    made, ways = made_at_last(desk, DRAFT, KEY)
    assert ways == [write]
    assert len(line.met) == 1
    if write == "rejected":
        assert made is None
        assert desk.find(KEY) is None, "a ticket without its note is not made yet"
        made, _ = made_at_last(desk, DRAFT, KEY)
    assert made is not None
    assert first_notes(fake) == {int(made.id): 1}


@pytest.mark.parametrize("on", ["GET /api/v2/tickets$", "GET /api/v2/agents", "GET /api/v2/ticket_fields"])
@pytest.mark.parametrize(("fault", "reading", "_write"), [cell[1:] for cell in CELLS], ids=NAMES)
def test_a_look_that_fails_makes_nothing(
    desk: FreshdeskDesk, fake: FakeFreshdesk, line: Faulty, on: str, fault: Fault, reading: str, _write: str
) -> None:
    line.faults.append(replace(fault, on=on))
    made, ways = made_at_last(desk, DRAFT, KEY)
    assert ways == [reading]
    assert len(fake.tickets) == (0 if reading == "rejected" else 1)
    assert (made is None) == (reading == "rejected")


@pytest.mark.parametrize(("fault", "_reading", "write"), [cell[1:] for cell in CELLS], ids=NAMES)
def test_an_update_is_true_after_a_repeat(
    desk: FreshdeskDesk, fake: FakeFreshdesk, line: Faulty, fault: Fault, _reading: str, write: str
) -> None:
    made = desk.create(DRAFT, key=KEY)
    line.faults.append(replace(fault, on="PUT "))
    change = TicketChange(status=TicketStatus.SOLVED)
    errors = {"rejected": Rejected, "retried": Unavailable, "unknown": OutcomeUnknown}
    with pytest.raises(errors[write]) as failed:
        desk.update(made.id, change, key=key("v1"))
    assert "Freshdesk" in str(failed.value)
    desk.update(made.id, change, key=key("v1"))
    assert desk.get(made.id).status is TicketStatus.SOLVED


class Second(httpx.BaseTransport):
    """Lets the first list of tickets pass and has a bad line for the next."""

    def __init__(self, desk: FakeFreshdesk, fault: Fault) -> None:
        self.desk = desk
        self.faulty = Faulty(desk, [replace(fault, on="GET /api/v2/tickets$")])

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        trash = request.url.params.get("filter") == "deleted"
        return (self.faulty if trash else self.desk).handle_request(request)


@pytest.mark.parametrize(("fault", "reading", "_write"), [cell[1:] for cell in CELLS], ids=NAMES)
@pytest.mark.parametrize("which", ["tickets", "trash"])
def test_a_page_of_changes_that_fails_is_read_again(
    desk: FreshdeskDesk, fake: FakeFreshdesk, line: Faulty, which: str, fault: Fault, reading: str, _write: str
) -> None:
    cursor = desk.changed(None).cursor
    made = desk.create(DRAFT, key=KEY)
    if which == "trash":
        line.desk = Second(fake, fault)
    else:
        line.faults.append(replace(fault, on="GET /api/v2/tickets$"))
    with pytest.raises(Rejected if reading == "rejected" else Unavailable):
        desk.changed(cursor)
    assert made.id in desk.changed(cursor).tickets


def test_the_desks_own_words_and_code_are_kept(desk: FreshdeskDesk, line: Faulty) -> None:
    line.faults.append(Fault("POST /api/v2/tickets$", reply=(400, WRONG, {"X-Request-Id": "req-77"})))
    with pytest.raises(Rejected, match=r"priority: It should be one of these values.*req-77") as refused:
        desk.create(DRAFT, key=KEY)
    assert refused.value.code == "invalid_value"


def test_a_pause_that_is_asked_for_holds_everybody(desk: FreshdeskDesk, line: Faulty, budget: Budget) -> None:
    line.faults.append(Fault("GET ", reply=(429, SLOW_DOWN, {"Retry-After": "34"})))
    with pytest.raises(Unavailable) as asked:
        desk.get("1")
    assert (asked.value.retry_after_s, budget.paused) == (34.0, [34.0])


def test_the_accounts_own_limit_holds_us_for_the_minute(clock: FakeClock) -> None:
    budget = Budget()
    fake = account(clock, per_minute=2)
    desk = desk_of(fake, clock, budget=budget)
    with pytest.raises(Unavailable) as paused:
        desk.create(DRAFT, key=KEY)
    assert paused.value.retry_after_s == 60.0
    clock.move(timedelta(minutes=1))
    fake.per_minute = None
    desk.create(DRAFT, key=KEY)
    assert len(fake.tickets) == 1


def test_a_pause_between_ticket_and_note_leaves_no_second_ticket(
    desk: FreshdeskDesk, fake: FakeFreshdesk, line: Faulty, budget: Budget
) -> None:
    """Our own limit is used up right after the ticket was made, and then the process dies."""
    desk.get(desk.create(replace(DRAFT, subject="other"), key=IdempotencyKey("other")).id)
    taken = len(budget.taken)
    original = budget.take

    def take(name: str, per_minute: int | None) -> float:
        original(name, per_minute)
        return 9.0 if len(budget.taken) == taken + 3 else 0.0

    budget.take = take  # type: ignore[method-assign]  # the third call from here is one too many
    with pytest.raises(OverBudget):
        desk.create(DRAFT, key=KEY)
    assert len(fake.tickets) == 2
    assert desk.find(KEY) is None
    made = desk.create(DRAFT, key=KEY)
    assert first_notes(fake) == {1: 1, int(made.id): 1}
    found = desk.find(KEY)
    assert found is not None
    assert found.id == made.id


@pytest.mark.parametrize(
    "turns", [("tickets$",), ("notes$",), ("tickets$", "notes$")], ids=["ticket", "note", "by turns"]
)
def test_two_hundred_creates_of_unknown_outcome_make_no_double(
    desk: FreshdeskDesk, fake: FakeFreshdesk, line: Faulty, clock: FakeClock, turns: tuple[str, ...]
) -> None:
    kinds = ["timeout_after", "reset_after", "cut", "html_after", "timeout", "reset", "html"]
    for number in range(200):
        since = clock.now()
        line.faults.append(Fault(f"POST .*{turns[number % len(turns)]}", kinds[number % len(kinds)]))
        made, ways = made_at_last(desk, replace(DRAFT, since=since), IdempotencyKey(f"handoff-{number}"))
        assert made is not None
        assert ways == ["unknown"]
        clock.move(timedelta(seconds=20))
    keys = Counter(one["custom_fields"]["cf_handoff_key"] for one in fake.tickets.values())
    assert keys == {f"handoff-{number}": 1 for number in range(200)}
    assert set(first_notes(fake).values()) == {1}


def test_a_look_up_goes_no_further_back_than_it_must(
    desk: FreshdeskDesk, fake: FakeFreshdesk, clock: FakeClock
) -> None:
    for number in range(250):
        who = fake.contact("handoff@team.example")
        fake.put_ticket(requester=who, custom_fields={"cf_handoff_key": f"old-{number}"})
    clock.move(timedelta(days=40))
    made = desk.create(replace(DRAFT, since=clock.now()), key=KEY)
    assert called(fake).count("GET /tickets") == 1
    clock.move(timedelta(days=40))
    before = len(fake.exchanges)
    found = desk.find(KEY, since=START + timedelta(days=40))
    assert found is not None
    assert found.id == made.id
    assert called(fake, before).count("GET /tickets") == 1
    old = desk.find(IdempotencyKey("old-0"))
    assert old is None, "it lacks its note"
    assert called(fake).count("GET /tickets") == 2 + 3, "older than 30 days is looked through too, to the last page"


def test_old_tickets_that_changed_lately_are_not_looked_through(
    desk: FreshdeskDesk, fake: FakeFreshdesk, clock: FakeClock
) -> None:
    who = fake.contact("handoff@team.example")
    old = [fake.put_ticket(requester=who) for _ in range(250)]
    clock.move(timedelta(days=40))
    for one in old:
        fake.change(one, {"priority": 2})
    before = len(fake.exchanges)
    assert desk.find(KEY, since=clock.now()) is None
    assert called(fake, before).count("GET /tickets") == 2, "a page of tickets, and one of the trash"


def test_a_deleted_ticket_is_found_so_that_it_is_not_made_again(desk: FreshdeskDesk, fake: FakeFreshdesk) -> None:
    made = desk.create(DRAFT, key=KEY)
    fake.delete(int(made.id))
    found = desk.find(KEY)
    assert found is not None
    assert found.id == made.id


def test_a_list_without_end_is_given_up_after_three_hundred_pages(desk: FreshdeskDesk, line: Faulty) -> None:
    one = {
        "id": 1,
        "status": 2,
        "priority": 1,
        "created_at": "2026-11-21T02:14:00Z",
        "updated_at": "2026-11-21T02:14:00Z",
    }
    more = {"link": '<https://desk.example/api/v2/tickets?page=2>; rel="next"'}
    line.faults.append(Fault("GET /api/v2/tickets$", times=1000, reply=(200, [one], more)))
    with pytest.raises(Rejected, match="300 pages") as refused:
        desk.find(KEY)
    assert refused.value.code == "too_many"
    assert len(line.met) == 300
