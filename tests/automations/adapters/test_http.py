"""What comes of each answer, for a reading and for a write; pauses for all; errors in words without our secrets."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from automations.adapters.http import Connection, Spoken, System
from automations.adapters.retry_after import LONGEST_WAIT_S, retry_after_s
from automations.errors import AdapterError, OutcomeUnknown, OverBudget, Rejected, Unavailable
from tests.desks.budget import Budget
from tests.desks.fake import FakeDesk, Fault, Faulty, Reply, route
from tests.support import START, FakeClock


class Paper(FakeDesk):
    """A desk of one address."""

    def __init__(self) -> None:
        super().__init__()
        self.written = 0

    @route("GET", "/things/{id}")
    def read(self, call: Any) -> Reply:
        return 200, {"id": call.names["id"]}, {"X-Left": "3"}

    @route("POST", "/things")
    def make(self, call: Any) -> Reply:
        self.written += 1
        return 201, {"id": "1"}

    @route("DELETE", "/things/{id}")
    def drop(self, call: Any) -> Reply:
        return 204, None


def speak(body: Any, headers: Mapping[str, str]) -> Spoken:
    return Spoken("their_code", str(body["message"]) if isinstance(body, dict) else "", headers.get("X-Paper-Id", ""))


def connection(desk: httpx.BaseTransport, budget: Budget, clock: FakeClock, **system: Any) -> Connection:
    auth = httpx.BasicAuth("bot", "hunter2hunter2")
    of = System("paper", "Paper Desk", "https://paper.example/", auth, speak, timeout_s=7, **system)
    return Connection(of, budget, clock.now, desk)


@pytest.fixture
def paper() -> Paper:
    return Paper()


@pytest.fixture
def line(paper: Paper) -> Faulty:
    return Faulty(paper)


@pytest.fixture
def budget() -> Budget:
    return Budget()


@pytest.fixture
def door(line: Faulty, budget: Budget, clock: FakeClock) -> Connection:
    return connection(line, budget, clock)


FAULTS: dict[str, tuple[Fault, type[AdapterError], type[AdapterError], int]] = {
    "no connection": (Fault(".", "refused"), Unavailable, Unavailable, 0),
    "reset before": (Fault(".", "reset"), Unavailable, OutcomeUnknown, 0),
    "reset after": (Fault(".", "reset_after"), Unavailable, OutcomeUnknown, 1),
    "time-out before": (Fault(".", "timeout"), Unavailable, OutcomeUnknown, 0),
    "time-out after": (Fault(".", "timeout_after"), Unavailable, OutcomeUnknown, 1),
    "a page": (Fault(".", "html"), Unavailable, OutcomeUnknown, 0),
    "a page after": (Fault(".", "html_after"), Unavailable, OutcomeUnknown, 1),
    "a cut body": (Fault(".", "cut"), Unavailable, OutcomeUnknown, 1),
    "400": (Fault(".", reply=(400, {"message": "no"})), Rejected, Rejected, 0),
    "401": (Fault(".", reply=(401, {"message": "who are you"})), Rejected, Rejected, 0),
    "403": (Fault(".", reply=(403, {"message": "not yours"})), Rejected, Rejected, 0),
    "404": (Fault(".", reply=(404, None)), Rejected, Rejected, 0),
    "404 in words": (Fault(".", reply=(404, {"message": "no such thing"})), Rejected, Rejected, 0),
    "404 of a proxy": (Fault(".", reply=(404, b"<html>not here")), Unavailable, Unavailable, 0),
    "408": (Fault(".", reply=(408, None)), Unavailable, Unavailable, 0),
    "409": (Fault(".", reply=(409, {"message": "somebody was quicker"})), Unavailable, Unavailable, 0),
    "422": (Fault(".", reply=(422, {"message": "subject: too long"})), Rejected, Rejected, 0),
    "429": (Fault(".", reply=(429, None)), Unavailable, Unavailable, 0),
    "429 with a time": (Fault(".", reply=(429, None, {"Retry-After": "30"})), Unavailable, Unavailable, 0),
    "500": (Fault(".", reply=(500, None)), Unavailable, OutcomeUnknown, 0),
    "502 page": (Fault(".", reply=(502, b"<html>bad gateway")), Unavailable, OutcomeUnknown, 0),
    "503": (Fault(".", reply=(503, None)), Unavailable, OutcomeUnknown, 0),
    "503 with a time": (Fault(".", reply=(503, None, {"Retry-After": "30"})), Unavailable, Unavailable, 0),
    "a redirect": (Fault(".", reply=(302, None, {"Location": "https://else.example/"})), Rejected, Rejected, 0),
}


@pytest.mark.parametrize("name", FAULTS)
def test_what_comes_of_a_fault(name: str, paper: Paper, line: Faulty, door: Connection) -> None:
    fault, reading, writing, written = FAULTS[name]
    fault = Fault(fault.on, fault.kind, 2, fault.reply)
    line.faults.append(fault)
    with pytest.raises(AdapterError) as read:
        door.read("/things/1")
    assert type(read.value) is reading
    with pytest.raises(AdapterError) as wrote:
        door.write("POST", "/things", {"name": "x"})
    assert type(wrote.value) is writing
    assert paper.written == written
    for error in (read.value, wrote.value):
        assert error.system == "paper"
        assert "Paper Desk" in str(error)
        assert "hunter2" not in str(error)
    if isinstance(wrote.value, OutcomeUnknown):
        assert wrote.value.settle_s == 7


def test_an_answer_is_given_back_with_its_headers(door: Connection) -> None:
    answer = door.read("/things/a%20b")
    assert (answer.body, answer.headers["X-Left"]) == ({"id": "a b"}, "3")
    assert door.write("DELETE", "/things/1").body is None


def test_the_desks_own_words_and_request_are_kept(line: Faulty, door: Connection) -> None:
    line.faults.append(Fault(".", reply=(422, {"message": "Subject:\n is too   long"}, {"X-Paper-Id": "req-77"})))
    with pytest.raises(Rejected, match=r"Subject: is too long \(HTTP 422, POST /things, request req-77\)") as refused:
        door.write("POST", "/things", {})
    assert refused.value.code == "their_code"


@pytest.mark.parametrize(("status", "code"), [(401, "unauthorized"), (403, "forbidden"), (404, "no_thing")])
def test_a_refusal_has_a_code_that_we_know(status: int, code: str, line: Faulty, door: Connection) -> None:
    line.faults.append(Fault(".", reply=(status, {"message": "no"})))
    with pytest.raises(Rejected) as refused:
        door.read("/things/1", missing="no_thing")
    assert refused.value.code == code


def test_a_conflict_may_be_final(line: Faulty, budget: Budget, clock: FakeClock) -> None:
    line.faults.append(Fault(".", reply=(409, {"message": "taken"})))
    with pytest.raises(Rejected, match="taken"):
        connection(line, budget, clock, conflict_is_final=True).write("POST", "/things", {})


@pytest.mark.parametrize("status", [429, 503])
def test_a_pause_that_is_asked_for_holds_for_all(status: int, line: Faulty, door: Connection, budget: Budget) -> None:
    line.faults.append(Fault(".", reply=(status, None, {"Retry-After": "30"})))
    with pytest.raises(Unavailable) as refused:
        door.read("/things/1")
    assert (refused.value.retry_after_s, budget.paused) == (30.0, [30.0])


def test_nothing_is_sent_while_the_budget_is_used_up(paper: Paper, door: Connection, budget: Budget) -> None:
    budget.wait_s = 4.2
    with pytest.raises(OverBudget) as refused:
        door.write("POST", "/things", {})
    assert refused.value.retry_after_s == 4.2
    assert paper.exchanges == []


def test_a_limit_of_one_address_holds_back_nobody_else(line: Faulty, budget: Budget, clock: FakeClock) -> None:
    door = connection(line, budget, clock, apart=lambda what: what == "POST /things")
    for status, paused in ((429, []), (503, [30.0])):
        line.faults.append(Fault(".", reply=(status, None, {"Retry-After": "30"})))
        with pytest.raises(Unavailable) as refused:
            door.write("POST", "/things", {"name": "x"})
        assert (refused.value.retry_after_s, budget.paused) == (30.0, paused)
    line.faults.append(Fault(".", reply=(429, None, {"Retry-After": "20"})))
    with pytest.raises(Unavailable):
        door.read("/things/1")
    assert budget.paused == [30.0, 20.0]


def test_a_rate_header_pauses_before_the_desk_refuses(line: Faulty, budget: Budget, clock: FakeClock) -> None:
    door = connection(
        line, budget, clock, per_minute=90, rest=lambda headers: 12.0 if headers["X-Left"] == "3" else 0.0
    )
    door.read("/things/1")
    assert budget.paused == [12.0]
    assert budget.taken == [("desk/paper", 90)]


@pytest.mark.parametrize("rest_s", [1_700_000_000.0, float("inf")])
def test_a_rate_header_that_means_something_else_stops_nobody_for_long(
    rest_s: float, line: Faulty, budget: Budget, clock: FakeClock
) -> None:
    door = connection(line, budget, clock, rest=lambda _headers: rest_s)
    door.read("/things/1")
    assert budget.paused == [LONGEST_WAIT_S]


def test_where_a_redirect_leads_is_told_without_what_it_carries(line: Faulty, door: Connection) -> None:
    leads = {"Location": "https://sso.example/login?SAMLRequest=abc&token=def"}
    line.faults.append(Fault(".", reply=(302, None, leads)))
    with pytest.raises(Rejected, match=r"another address, https://sso\.example/login;"):
        door.read("/things/1")


class Thing(BaseModel):
    id: str
    name: str


def test_a_shape_that_is_not_known_is_named(door: Connection) -> None:
    with pytest.raises(Unavailable, match="name: Field required"):
        door.read("/things/1").shaped(Thing)
    with pytest.raises(OutcomeUnknown, match="name: Field required"):
        door.write("POST", "/things", {}).shaped(Thing)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, 0.0),
        ("0", 0.0),
        (" 12 ", 12.0),
        ("1e3", 0.0),
        ("-5", 0.0),
        ("soon", 0.0),
        ("99999999999", LONGEST_WAIT_S),
        ("Sat, 21 Nov 2026 02:14:30 GMT", 30.0),
        ("Sat, 21 Nov 2026 02:13:00 GMT", 0.0),
        ("Sat, 21 Nov 2026 02:14:30", 0.0),
    ],
)
def test_retry_after_in_each_form(header: str | None, seconds: float) -> None:
    assert retry_after_s(header, now=START) == seconds


@given(header=st.text(max_size=40), now=st.datetimes(timezones=st.just(UTC)))
def test_no_header_stalls_or_breaks_anything(header: str, now: datetime) -> None:
    assert 0.0 <= retry_after_s(header, now=now) <= LONGEST_WAIT_S


@given(wait=st.timedeltas(timedelta(0), timedelta(days=400)))
def test_a_date_is_measured_against_now(wait: timedelta) -> None:
    at = (START + wait).strftime("%a, %d %b %Y %H:%M:%S GMT")
    assert retry_after_s(at, now=START) == min(float(int(wait.total_seconds())), LONGEST_WAIT_S)
