"""Forged links, cookies and forms of the built-in desk's pages: refused, written down, and in no line of the log."""

import io
from datetime import timedelta

import pytest
from starlette.requests import cookie_parser

from bot.desk_door import COOKIE, DeskDoor
from bot.door_book import WINDOW
from storage.engine import Database
from tests.automations.failure_tickets.world import World
from tests.bot.desk_world import FAILURES, door_of, open_tickets, with_pages, writable
from tests.bot.http_world import HttpWorld
from tests.bot.test_desk_forms import ANNA, enter
from tests.bot.test_pages import HTML
from tests.doors.forgeries import PROOF
from tests.doors.room import MARK, rows
from tests.figures.told import tell
from tests.support import FakeClock, RecordingJobs

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
KEPT = ("audit_entry", "audit_head", "person_alias")
LONGEST = 1_000
"""A longer token is no token: it is refused before anybody looks."""
CARRIED = {name: bend for name, bend in PROOF.items() if name != "a lone surrogate"}
"""Without what no address and no form can carry."""


@pytest.fixture
def world(database: Database, clock: FakeClock, jobs: RecordingJobs) -> World:
    return World.on(database, clock, jobs)


@pytest.fixture
def port(world: World) -> HttpWorld:
    desk = writable(world)
    open_tickets(world, desk, FAILURES[0])
    return with_pages(world, desk, editing=True)


@pytest.fixture
def door(world: World, port: HttpWorld) -> DeskDoor:
    return door_of(world)


def read(cookie: str) -> str | None:
    """The cookie's value as the framework reads it."""
    return cookie_parser(f"{COOKIE}={cookie}").get(COOKIE)


def written(port: HttpWorld) -> int:
    """How many refusals are written down, after all counts were."""
    port.doors.settle(all_of_them=True)
    return sum(int((row.after or {})["times"]) for row in port.world.audited("door.refused"))


def test_every_forged_link_is_refused_and_written_down(port: HttpWorld, door: DeskDoor, lines: io.StringIO) -> None:
    good = door.link(ANNA)
    before = rows(port.world.database, *KEPT)
    for name, bend in CARRIED.items():
        answer = port.client.get("/desk/enter", params={"token": bend(good)}, headers=HTML)
        assert answer.status_code == (422 if len(bend(good)) > LONGEST else 403), name
        assert "set-cookie" not in answer.headers, name
    assert rows(port.world.database, *KEPT) == before
    assert written(port) == len([bend for bend in CARRIED.values() if len(bend(good)) <= LONGEST])
    assert good not in lines.getvalue()
    assert enter(port, door).status_code == 303
    tell("14", f"the desk's links: {len(CARRIED)} forged shapes, 0 let in, 0 answered 5xx, all written down")


@pytest.mark.parametrize("what", ["cookie", "mark"])
def test_every_forged_form_is_refused_and_written_down(
    port: HttpWorld, door: DeskDoor, lines: io.StringIO, what: str
) -> None:
    """Sent with a cookie or a mark that is not the right one."""
    cookie = door.cookie(door.link(ANNA))
    assert cookie is not None
    mark = door.form(cookie)
    before = rows(port.world.database, *KEPT)
    bent = {name: bend for name, bend in CARRIED.items() if read(bend(cookie)) != cookie}
    assert len(bent) >= len(CARRIED) - 3, "quotes, and what comes after a semicolon, are how cookies are written"
    for name, bend in bent.items():
        given, marked = (bend(cookie), mark) if what == "cookie" else (cookie, bend(mark))
        headers = [*((k.encode(), v.encode()) for k, v in HTML.items()), (b"cookie", f"{COOKIE}={given}".encode())]
        form = {"act": "note", "text": MARK, "form": marked}
        answer = port.client.post("/desk/tickets/1", data=form, headers=headers)
        assert answer.status_code == 403, (name, answer.text)
    assert rows(port.world.database, *KEPT) == before
    assert written(port) == len(bent)
    assert MARK not in lines.getvalue()
    assert len(port.world.audited("door.refused")) <= 4, "few rows, however many attempts"


def test_a_link_that_was_good_yesterday_is_refused(port: HttpWorld, door: DeskDoor, world: World) -> None:
    old = door.link(ANNA)
    world.clock.move(timedelta(hours=13) + WINDOW)
    assert port.client.get("/desk/enter", params={"token": old}, headers=HTML).status_code == 403
    assert written(port) == 1
