"""What comes of each thing that goes wrong: done, tried again, for a person, or unknown and for a person too."""

from typing import Any

import pytest

from automations.domain import IdempotencyKey, TicketChange, TicketStatus
from automations.errors import AdapterError, OutcomeUnknown, Rejected, Unavailable
from tests.automations.adapters.contract import DRAFT, KEY, key
from tests.automations.adapters.muninx.room import Room

GIN = {"code": "forbidden", "message": "not for you", "error": "not for you"}
PROBLEM = {"title": "conflict", "detail": "somebody was quicker"}
HEADERS = {"X-Request-Id": "req-7"}

CELLS: list[tuple[str, dict[str, Any], type[AdapterError], type[AdapterError], str]] = [
    ("401", {"reply": (401, GIN)}, Rejected, Rejected, "check desk.token"),
    ("403", {"reply": (403, GIN)}, Rejected, Rejected, "not for you"),
    ("404", {"reply": (404, GIN)}, Rejected, Rejected, "not for you|deleted"),
    ("409", {"reply": (409, PROBLEM)}, Unavailable, Unavailable, "somebody was quicker"),
    ("422", {"reply": (422, PROBLEM, HEADERS)}, Rejected, Rejected, "somebody was quicker .*request req-7"),
    ("429", {"reply": (429, None)}, Unavailable, Unavailable, "asks for a pause"),
    ("429 with a time", {"reply": (429, None, {"Retry-After": "7"})}, Unavailable, Unavailable, "asks for a pause"),
    ("500", {"reply": (500, GIN)}, Unavailable, OutcomeUnknown, "failed: not for you"),
    ("503", {"reply": (503, None)}, Unavailable, OutcomeUnknown, "failed"),
    ("503 with a time", {"reply": (503, None, {"Retry-After": "7"})}, Unavailable, Unavailable, "asks for a pause"),
    ("a redirect", {"reply": (302, None, {"Location": "/login"})}, Rejected, Rejected, "check desk.url"),
    ("a page", {"kind": "html_after"}, Unavailable, OutcomeUnknown, "not JSON"),
    ("another shape", {"reply": (200, ["?"])}, Unavailable, OutcomeUnknown, "shape that is not known"),
    ("a cut answer", {"kind": "cut"}, Unavailable, OutcomeUnknown, "not JSON"),
    ("no connection", {"kind": "refused"}, Unavailable, Unavailable, "cannot be reached"),
    ("reset", {"kind": "reset"}, Unavailable, OutcomeUnknown, "broke off"),
    ("slow", {"kind": "timeout"}, Unavailable, OutcomeUnknown, "did not answer within 20 s"),
    ("slow, and done", {"kind": "timeout_after"}, Unavailable, OutcomeUnknown, "did not answer within 20 s"),
]


@pytest.mark.parametrize(("fault", "read", "words"), [(f, r, w) for _, f, r, _, w in CELLS], ids=[c[0] for c in CELLS])
def test_a_reading_is_tried_again_or_refused(
    room: Room, fault: dict[str, Any], read: type[AdapterError], words: str
) -> None:
    desk = room.desk()
    ticket = desk.create(DRAFT, key=KEY).id
    room.fault(r"GET /tickets/", **fault)
    with pytest.raises(read, match=words):
        desk.get(ticket)
    assert desk.get(ticket).id == ticket


@pytest.mark.parametrize(("fault", "wrote", "words"), [(f, w, s) for _, f, _, w, s in CELLS], ids=[c[0] for c in CELLS])
def test_a_create_is_refused_tried_again_or_unknown(
    room: Room, fault: dict[str, Any], wrote: type[AdapterError], words: str
) -> None:
    """What may have been done is unknown; what is not unknown was not done."""
    room.fault(r"POST /tickets", **fault)
    with pytest.raises(wrote, match=words):
        room.desk().create(DRAFT, key=KEY)
    if wrote is not OutcomeUnknown:
        assert room.fake.tickets == {}


@pytest.mark.parametrize("kind", ["timeout_after", "reset_after", "cut", "html_after", "timeout", "reset"])
@pytest.mark.parametrize("what", ["note", "update"])
def test_a_note_or_change_that_is_unknown_is_made_once_by_a_repeat(room: Room, what: str, kind: str) -> None:
    desk = room.desk()
    ticket = desk.create(DRAFT, key=KEY).id

    def act() -> None:
        if what == "note":
            desk.note(ticket, "looked into it", author=None, key=key("n1"))
        else:
            desk.update(ticket, TicketChange(TicketStatus.SOLVED), key=key("v1"))

    room.fault(r"POST /messages|PATCH", kind)
    with pytest.raises(OutcomeUnknown):
        act()
    act()
    written = room.asked(r"POST /messages|PATCH .*")
    assert len(written) == 1
    assert desk.get(ticket).status is (TicketStatus.SOLVED if what == "update" else TicketStatus.OPEN)


def test_the_pause_is_for_all_replicas(room: Room) -> None:
    room.fault(r"GET /users", reply=(429, None, {"Retry-After": "7"}))
    with pytest.raises(Unavailable) as asked:
        list(room.desk().agents())
    assert (asked.value.retry_after_s, room.budget.paused) == (7.0, [7.0])


@pytest.mark.parametrize("call", ["messages", "tickets"])
def test_a_list_that_does_not_end_is_given_up(room: Room, call: str) -> None:
    desk = room.desk()
    ticket = desk.create(DRAFT, key=KEY).id
    answer = {"items": [], "limit": 100, "nextPageToken": "p100"}
    room.fault(rf"GET /{call}$", times=9, reply=(200, answer))
    with pytest.raises(Unavailable, match="does not end"):
        list(desk.events(ticket, after=None)) if call == "messages" else desk.by_number("77")


def test_a_token_that_dies_in_mid_run_is_for_a_person(room: Room) -> None:
    desk = room.desk()
    ticket = desk.create(DRAFT, key=KEY).id
    room.fake.tokens.clear()
    with pytest.raises(Rejected, match=r"check desk\.token") as refused:
        desk.note(ticket, "looked into it", author=None, key=key("n1"))
    assert refused.value.code == "unauthorized"


def test_two_hundred_creates_whose_answer_is_lost_make_no_double(room: Room) -> None:
    """Nothing can be looked up, so each one ends unknown; a person who finds it tells its number, and none is made."""
    desk = room.desk()
    kinds = ("timeout_after", "reset_after", "cut", "html_after")
    for number in range(200):
        room.fault(r"POST /tickets", kinds[number % len(kinds)])
        with pytest.raises(OutcomeUnknown):
            desk.create(DRAFT, key=IdempotencyKey(f"handoff-{number}"))
        with pytest.raises(Rejected) as refused:
            desk.find(IdempotencyKey(f"handoff-{number}"))
        assert refused.value.code == "cannot"
    assert len(room.fake.tickets) == 200
    assert desk.by_number("#150").id in room.fake.tickets
