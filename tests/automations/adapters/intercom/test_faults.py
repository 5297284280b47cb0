"""What comes of each thing that can go wrong on the line to Intercom, and of 200 creates whose answer was lost."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest

from automations.adapters.intercom.desk import IntercomDesk
from automations.adapters.intercom.sent import INDEX_WAIT_S, SETTLE_S
from automations.domain import IdempotencyKey, Ticket, TicketChange, TicketStatus
from automations.errors import AdapterError, OutcomeUnknown, Rejected, Unavailable
from tests.automations.adapters.contract import DRAFT, KEY, key
from tests.automations.adapters.intercom.world import World, desk_on, world
from tests.desks.fake import Fault, Reply
from tests.support import START, FakeClock

REQUEST = "b68959ea-6328-4f70-83cb-e7913dba1542"
CREATE, NOTE, CHANGE, READ = r"POST /tickets$", r"/reply$", r"PUT /tickets/", r"GET /tickets/"


def refusal(status: int, code: str, message: str, **headers: str) -> Reply:
    body = {"type": "error.list", "request_id": REQUEST, "errors": [{"code": code, "message": message}]}
    return status, body, {name.replace("_", "-"): value for name, value in headers.items()}


RESET = {"X_RateLimit_Remaining": "0", "X_RateLimit_Reset": str(int(START.timestamp()) + 7)}


@dataclass(frozen=True)
class Cell:
    """A fault, what a write and a reading make of it, the code or the seconds to wait, and whether it was done."""

    fault: Fault
    write: type[AdapterError]
    read: type[AdapterError]
    code: str = ""
    wait_s: float | None = None
    paused: tuple[float, ...] = ()
    done: bool = False


def reply(status: int, code: str, message: str, **headers: str) -> Fault:
    return Fault("", reply=refusal(status, code, message, **headers))


TABLE = {
    "401": Cell(reply(401, "unauthorized", "Access Token Invalid"), Rejected, Rejected, "unauthorized"),
    "403": Cell(reply(403, "api_plan_restricted", "Active subscription needed."), Rejected, Rejected, "forbidden"),
    "404": Cell(reply(404, "ticket_not_found", "Ticket not found"), Rejected, Rejected, "no_ticket"),
    "409": Cell(reply(409, "conflict", "Somebody was quicker"), Unavailable, Unavailable),
    "422": Cell(reply(422, "parameter_invalid", "Value is invalid"), Rejected, Rejected, "parameter_invalid"),
    "429": Cell(
        reply(429, "rate_limit_exceeded", "Exceeded rate limit", **RESET), Unavailable, Unavailable, paused=(7.0,)
    ),
    "429 with a time": Cell(
        reply(429, "rate_limit_exceeded", "Exceeded rate limit", Retry_After="30"),
        Unavailable, Unavailable, wait_s=30.0, paused=(30.0,),
    ),
    "429 page": Cell(Fault("", reply=(429, b"<html>slow down")), Unavailable, Unavailable),
    "500": Cell(reply(500, "server_error", "We messed up"), OutcomeUnknown, Unavailable),
    "503": Cell(Fault("", reply=(503, b"<html>")), OutcomeUnknown, Unavailable),
    "503 with a time": Cell(
        Fault("", reply=(503, None, {"Retry-After": "9"})), Unavailable, Unavailable, wait_s=9.0, paused=(9.0,)
    ),
    "no connection": Cell(Fault("", "refused"), Unavailable, Unavailable),
    "a page": Cell(Fault("", "html"), OutcomeUnknown, Unavailable),
    "a page after": Cell(Fault("", "html_after"), OutcomeUnknown, Unavailable, done=True),
    "a cut body": Cell(Fault("", "cut"), OutcomeUnknown, Unavailable, done=True),
    "time-out before": Cell(Fault("", "timeout"), OutcomeUnknown, Unavailable),
    "time-out after": Cell(Fault("", "timeout_after"), OutcomeUnknown, Unavailable, done=True),
    "reset before": Cell(Fault("", "reset"), OutcomeUnknown, Unavailable),
    "reset after": Cell(Fault("", "reset_after"), OutcomeUnknown, Unavailable, done=True),
}  # fmt: skip


def fails(there: World, cell: Cell, on: str, act: Callable[[], object]) -> AdapterError:
    """The error of one call that meets the cell's fault on its way, with its words checked."""
    there.line.faults.append(Fault(on, cell.fault.kind, 1, cell.fault.reply))
    there.budget.paused.clear()
    with pytest.raises(AdapterError) as failed:
        act()
    error = failed.value
    assert there.line.faults.pop().times == 0, "the fault was met"
    assert error.system == "intercom"
    assert "dG9r" not in str(error), "no credential in words"
    if isinstance(cell.fault.reply[1], dict) and cell.fault.kind == "reply":
        assert REQUEST in str(error)
        assert str(cell.fault.reply[1]["errors"][0]["message"]) in str(error)
    return error


def create_like_the_core(clock: FakeClock, desk: IntercomDesk, name: IdempotencyKey) -> Ticket:
    """Create; after an unknown outcome wait as long as it says, look, and create only what is not there."""
    for _ in range(6):
        try:
            return desk.create(DRAFT, key=name)
        except OutcomeUnknown as unknown:
            clock.move(timedelta(seconds=unknown.settle_s or 0))
            if (found := desk.find(name)) is not None:
                return found
        except Unavailable as later:
            clock.move(timedelta(seconds=later.retry_after_s or 10))
    raise AssertionError("it never came to rest")


def written(there: World, ticket: str) -> list[str]:
    return [part["body"] for part in there.fake.tickets[ticket].parts if part["part_type"] == "note"]


@pytest.mark.parametrize("name", TABLE)
def test_a_create_ends_as_one_ticket_or_in_the_failure_queue(name: str, clock: FakeClock) -> None:
    cell, there = TABLE[name], world(clock, held=False, lag_s=600)
    error = fails(there, cell, CREATE, lambda: there.desk.create(DRAFT, key=KEY))
    assert type(error) is cell.write
    assert len(there.fake.tickets) == int(cell.done)
    if isinstance(error, Unavailable):
        assert error.retry_after_s == cell.wait_s
        assert tuple(there.budget.paused) == cell.paused
    if isinstance(error, Rejected):
        assert error.code == ("not_found" if name == "404" else cell.code)
    if isinstance(error, OutcomeUnknown):
        assert error.settle_s == there.desk.settle_s
        clock.move(timedelta(seconds=error.settle_s or 0))
        found = there.desk.find(KEY)
        assert found is None, "what was made lacks its note, and counts as not made"
    made = create_like_the_core(clock, there.desk, KEY)
    assert list(there.fake.tickets) == [made.id]
    assert len(written(there, made.id)) == 1


@pytest.mark.parametrize("name", TABLE)
def test_the_first_note_of_a_new_ticket_is_written_once(name: str, clock: FakeClock) -> None:
    """Whatever it meets, the ticket is there: so the outcome is unknown, and the search decides after its time."""
    cell, there = TABLE[name], world(clock, held=False, lag_s=600)
    error = fails(there, cell, NOTE, lambda: there.desk.create(DRAFT, key=KEY))
    assert isinstance(error, OutcomeUnknown)
    assert error.settle_s == SETTLE_S
    clock.move(timedelta(seconds=error.settle_s))
    another = desk_on(there.fake, clock)
    assert (another.find(KEY) is not None) is cell.done
    made = create_like_the_core(clock, another, KEY)
    assert list(there.fake.tickets) == [made.id]
    assert len(written(there, made.id)) == 1


@pytest.mark.parametrize("name", TABLE)
def test_a_note_is_written_once(name: str, clock: FakeClock) -> None:
    cell, there = TABLE[name], world(clock, held=False)
    made = there.desk.create(DRAFT, key=KEY)

    def act() -> None:
        there.desk.note(made.id, "a note", author=None, key=key("n1"))

    error = fails(there, cell, NOTE, act)
    assert type(error) is cell.write
    if isinstance(error, Rejected):
        assert error.code == cell.code
    act()
    assert len([body for body in written(there, made.id) if "a note" in body]) == 1


@pytest.mark.parametrize("name", TABLE)
def test_a_change_is_made_true_in_the_end(name: str, clock: FakeClock) -> None:
    cell, there = TABLE[name], world(clock, held=False)
    made = there.desk.create(DRAFT, key=KEY)
    change = TicketChange(status=TicketStatus.SOLVED, group="Billing")
    error = fails(there, cell, CHANGE, lambda: there.desk.update(made.id, change, key=key("v1")))
    assert type(error) is cell.write
    there.desk.update(made.id, TicketChange(TicketStatus.SOLVED, None, DRAFT.assignee, "Billing"), key=key("v1"))
    read = there.desk.get(made.id)
    assert (read.status, read.assignee, read.group) == (TicketStatus.SOLVED, DRAFT.assignee, "Billing")


@pytest.mark.parametrize("name", TABLE)
def test_a_reading_changes_nothing_and_is_tried_again(name: str, clock: FakeClock) -> None:
    cell, there = TABLE[name], world(clock, held=False)
    made = there.desk.create(DRAFT, key=KEY)
    error = fails(there, cell, READ, lambda: there.desk.get(made.id))
    assert type(error) is cell.read
    if isinstance(error, Rejected):
        assert error.code == cell.code
    assert there.desk.get(made.id).id == made.id


@pytest.mark.parametrize("name", [name for name, cell in TABLE.items() if cell.read is Unavailable])
def test_a_feed_that_fails_in_the_midst_goes_on_where_it_was(name: str, clock: FakeClock) -> None:
    cell, there = TABLE[name], world(clock, held=False)
    every = {there.fake.seed_ticket() for _ in range(400)}
    first = there.desk.changed("")
    fails(there, cell, "/tickets/search", lambda: there.desk.changed(first.cursor))
    told, cursor = {*first.tickets}, first.cursor
    while True:
        page = there.desk.changed(cursor)
        told |= {*page.tickets}
        cursor = page.cursor
        if not page.more:
            break
    assert told == every


LOST = ("timeout_after", "reset", "html_after", "cut", "timeout", "reset_after", "html")


def test_of_200_creates_whose_answer_was_lost_none_is_doubled(clock: FakeClock) -> None:
    """Each meets a fault at the ticket or at its note; every other one is gone on with by another process."""
    there = world(clock, held=False, lag_s=int(INDEX_WAIT_S))
    names = [IdempotencyKey(f"handoff-{number:016x}") for number in range(200)]
    for number, name in enumerate(names):
        there.line.faults.append(Fault(CREATE if number % 3 else NOTE, LOST[number % len(LOST)]))
        with pytest.raises(OutcomeUnknown) as unknown:
            there.desk.create(DRAFT, key=name)
        clock.move(timedelta(seconds=unknown.value.settle_s or 0))
        desk = desk_on(there.line, clock) if number % 2 else there.desk
        if desk.find(name) is None:
            desk.create(DRAFT, key=name)
    assert len(there.line.met) == 200
    keys = [held.attributes["handoff_key"] for held in there.fake.tickets.values()]
    assert sorted(keys) == sorted(names)
    assert all(len(written(there, ticket)) == 1 for ticket in there.fake.tickets)


def test_a_revoked_token_in_mid_run_is_said_so(clock: FakeClock) -> None:
    there = world(clock, held=False)
    with pytest.raises(Rejected, match=r"check desk\.token.*Access Token Invalid") as refused:
        desk_on(there.fake, clock, token="gone").get("1")
    assert refused.value.code == "unauthorized"


def test_an_empty_window_is_waited_out_before_intercom_refuses(clock: FakeClock) -> None:
    there = world(clock, held=False, allowed=3)
    made = there.fake.seed_ticket()
    clock.move(timedelta(seconds=20))
    there.desk.changed(None)
    list(there.desk.agents())
    assert there.budget.paused == []
    list(there.desk.groups())
    assert there.budget.paused == [10.0]
    with pytest.raises(Unavailable, match="Exceeded rate limit of 3 in 10_seconds"):
        there.desk.get(made)
