"""What a hostile browser, site or colleague can send to the built-in desk's pages."""

import base64
import json
from datetime import timedelta
from urllib.parse import quote

import pytest

from automations.adapters.builtin.desk import BuiltinDesk
from automations.domain import TicketField
from bot.desk_door import DeskDoor
from storage.engine import Database
from tests.automations.failure_tickets.world import World
from tests.bot.desk_world import FAILURES, door_of, open_tickets, with_pages, writable
from tests.bot.http_world import HttpWorld
from tests.bot.test_desk_forms import ANNA, BEN, enter, logged, send
from tests.bot.test_pages import HTML
from tests.bot.views.test_hostile import ATTACKS
from tests.support import FakeClock, RecordingJobs

one_kind = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
NUMBERS = (
    "0", "-1", "01", "999999999999999999", "9" * 400, "\u0661", "1 ", "1%00", "1%2f..", "..", "%2e%2e", "1;drop", "x",
    "%ff", "1%0d%0aSet-Cookie:x=1",
)  # fmt: skip


@pytest.fixture
def world(database: Database, clock: FakeClock, jobs: RecordingJobs) -> World:
    return World.on(database, clock, jobs)


@pytest.fixture
def desk(world: World) -> BuiltinDesk:
    desk = writable(world, TicketField("cause", "Root cause"), TicketField("who", "Whose", ("ours", "theirs")))
    open_tickets(world, desk, FAILURES[0], FAILURES[2])
    return desk


@pytest.fixture
def door(world: World) -> DeskDoor:
    return door_of(world)


@pytest.fixture
def port(world: World, desk: BuiltinDesk) -> HttpWorld:
    return with_pages(world, desk, editing=True)


@pytest.mark.parametrize("text", ATTACKS, ids=range(len(ATTACKS)))
def test_no_text_in_a_form_breaks_the_desk(port: HttpWorld, door: DeskDoor, text: str) -> None:
    if "\ud83d" in text:
        text = text.replace("\ud83d", "\ufffd")
    enter(port, door)
    for act in ("note", "reply", "customer"):
        assert send(port, 1, act, text=text).status_code in (303, 422)
    for field in ("status", "priority", "assignee", "group", "field__cause", "field__who"):
        assert send(port, 1, "change", **{field: text}).status_code in (303, 422), field
    assert send(port, 1, "merge", into=text).status_code == 422
    assert send(port, 1, text).status_code == 422
    page = port.client.get("/desk/tickets/1", headers=HTML)
    assert page.status_code == 200
    assert "<!channel>" not in page.text
    assert port.client.get("/desk/tickets", params={"q": text[:200]}, headers=HTML).status_code == 200


@pytest.mark.parametrize("number", NUMBERS)
def test_a_ticket_that_is_none_is_not_found(world: World, port: HttpWorld, door: DeskDoor, number: str) -> None:
    enter(port, door)
    known = port.client.get("/desk/tickets/1", headers=HTML).text
    mark = known.partition('name="form" value="')[2].partition('"')[0]
    assert mark
    shown = port.client.get(f"/desk/tickets/{number}", headers=HTML).status_code
    sent = port.client.post(f"/desk/tickets/{number}", data={"form": mark, "act": "delete"}, headers=HTML).status_code
    assert shown in (404, 422) or number in ("..", "%2e%2e"), shown
    assert sent in (303, 404, 405, 422), sent
    assert {target for _, target, *_ in logged(world)} <= {"ticket/1"}


@one_kind
def test_no_token_but_our_own_opens_anything(port: HttpWorld, door: DeskDoor, clock: FakeClock) -> None:
    token = door.link(ANNA)
    said, _, mac = token.partition(".")
    other = door.link(BEN).partition(".")[0]
    later = base64.urlsafe_b64encode(json.dumps([ANNA, 9_999_999_999]).encode()).rstrip(b"=").decode()
    cookie = door.cookie(token)
    assert cookie is not None
    forged = [
        "", ".", said, f"{said}.", f".{mac}", f"{other}.{mac}", f"{later}.{mac}", f"{said}.{mac[:-1]}",
        f"{said}.{mac}0", f"{said}={mac}", f"{said}.{mac.upper()}", f"{said}=.{mac}", cookie, "\u00e9.\u00e9", "\x00",
        "x" * 999,
    ]  # fmt: skip
    for one in forged:
        answer = port.client.get("/desk/enter", params={"token": one}, headers=HTML)
        assert (answer.status_code, "set-cookie" in answer.headers) == (403, False), one
    assert port.client.get("/desk/enter", params={"token": "x" * 1_001}).status_code == 422
    elsewhere = port.asking("203.0.113.7", "bot.example")
    for one in (*(one for one in forged if one.isascii() and one.isprintable() and one != cookie), token):
        assert elsewhere.get("/desk/tickets/1", headers={"Cookie": f"handoff_desk={one}"}).status_code == 403, one
    clock.move(timedelta(hours=12))
    assert elsewhere.get("/desk/tickets/1", headers={"Cookie": f"handoff_desk={cookie}"}).status_code == 403


@one_kind
@pytest.mark.parametrize(
    "body", [b"\xff\xfe", b"form=%ff&act=note", b"&" * 5_000, b"a=1&" * 101, b"", b"{}", b"act", "form=é".encode()]
)
def test_what_is_no_form_of_ours_is_refused(world: World, port: HttpWorld, door: DeskDoor, body: bytes) -> None:
    enter(port, door)
    kind = {"Content-Type": "application/x-www-form-urlencoded", **HTML}
    assert port.client.post("/desk/tickets/1", content=body, headers=kind).status_code in (400, 403)
    assert logged(world) == []


@one_kind
def test_the_log_names_one_ticket_by_one_name(world: World, port: HttpWorld, door: DeskDoor) -> None:
    enter(port, door)
    mark = port.client.get("/desk/tickets/1", headers=HTML).text.partition('name="form" value="')[2].partition('"')[0]
    body = {"form": mark, "act": "note", "text": "x"}
    assert port.client.post("/desk/tickets/0001", data=body, headers=HTML).status_code == 404
    assert logged(world) == []
    assert port.client.post("/desk/tickets/1", data=body, headers=HTML).status_code == 303
    assert [target for _, target, *_ in logged(world)] == ["ticket/1"]


@one_kind
def test_an_address_cannot_carry_a_header(port: HttpWorld, door: DeskDoor) -> None:
    to = "/desk/tickets/1\r\nSet-Cookie: x=1"
    for given in (to, quote(to), "/desk/tickets/1\n", "/desk/tickets/\u0661"):
        assert enter(port, door, to=given).headers["location"] == "/desk/tickets"
