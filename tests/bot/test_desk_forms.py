"""Working on the built-in desk's pages: by a personal link alone, each act seen in the ticket and in the audit log."""

import re
from datetime import timedelta
from typing import Any

import pytest
from httpx import Response

from automations.adapters.builtin.desk import BuiltinDesk
from automations.domain import TicketField, TicketStatus
from bot.desk_door import DeskDoor
from storage import audit
from storage.engine import Database
from tests.automations.failure_tickets.world import World
from tests.bot.desk_world import FAILURES, door_of, open_tickets, with_pages, writable
from tests.bot.http_world import HttpWorld, problem
from tests.bot.test_pages import HOSTILE, HTML, seen
from tests.support import FakeClock, RecordingJobs

ANNA = "anna@team.example"
BEN = "b.okoro@desk.example"
one_kind = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def world(database: Database, clock: FakeClock, jobs: RecordingJobs) -> World:
    return World.on(database, clock, jobs)


@pytest.fixture
def desk(world: World) -> BuiltinDesk:
    desk = writable(world, TicketField("root_cause", "Root cause", ("code", "vendor")))
    open_tickets(world, desk, FAILURES[0], FAILURES[2])
    return desk


@pytest.fixture
def door(world: World) -> DeskDoor:
    return door_of(world)


@pytest.fixture
def port(world: World, desk: BuiltinDesk) -> HttpWorld:
    return with_pages(world, desk, editing=True)


def enter(port: HttpWorld, door: DeskDoor, email: str = ANNA, **query: str) -> Response:
    """Open a personal link as a browser does."""
    return port.client.get("/desk/enter", params={"token": door.link(email), **query}, headers=HTML)


def send(port: HttpWorld, ticket: int, act: str, **fields: str) -> Response:
    """Fill in the ticket's form as the page shows it, and send it."""
    page = port.client.get(f"/desk/tickets/{ticket}", headers=HTML).text
    hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page)
    shown = {name.removeprefix("was."): value for name, value in hidden}
    body = {**dict(hidden), **shown, **{name.replace("__", "."): value for name, value in fields.items()}, "act": act}
    return port.client.post(f"/desk/tickets/{ticket}", data=body, headers=HTML)


def logged(world: World) -> list[tuple[str, str, Any, Any]]:
    with world.database.read() as session:
        rows = audit.entries(session, action="desk.changed")
    return [(row.actor, row.target, row.before, row.after) for row in rows]


def test_a_person_changes_what_they_chose_and_nothing_else(
    world: World, desk: BuiltinDesk, port: HttpWorld, door: DeskDoor
) -> None:
    assert enter(port, door, to="/desk/tickets/1").headers["location"] == "/desk/tickets/1"
    page = seen(port.client.get("/desk/tickets/1", headers=HTML))
    assert "Anna Berg" in page.words
    assert "Root cause" in page.words
    assert send(port, 1, "change", priority="low", assignee=BEN).status_code == 303
    ticket = desk.get("1")
    assert (ticket.priority, ticket.assignee, ticket.status, ticket.group) == ("low", BEN, "open", "Support")
    assert "priority urgent → low" in seen(port.client.get("/desk/tickets/1", headers=HTML)).words
    changed = {"priority": "urgent", "assignee": ANNA}, {"priority": "low", "assignee": BEN}
    assert logged(world) == [(ANNA, "ticket/1", *changed)]
    assert send(port, 1, "change").status_code == 303
    assert len(logged(world)) == 1, "nothing was changed, so nothing is written down"


def test_a_required_field_is_asked_for_before_solving(desk: BuiltinDesk, port: HttpWorld, door: DeskDoor) -> None:
    enter(port, door)
    refused = seen(send(port, 1, "change", status="solved"), 422)
    assert "cannot be solved before Root cause is filled in. Nothing was changed." in refused.words
    assert ("option", "solved") in [(tag, attrs.get("value")) for tag, attrs in refused.tags if "selected" in attrs]
    assert desk.get("1").status is TicketStatus.OPEN
    send(port, 1, "change", status="solved", field__root_cause="vendor")
    assert (desk.get("1").status, dict(desk.get("1").fields)) == (TicketStatus.SOLVED, {"root_cause": "vendor"})


@one_kind
def test_notes_replies_and_the_customer(world: World, desk: BuiltinDesk, port: HttpWorld, door: DeskDoor) -> None:
    enter(port, door)
    send(port, 2, "change", status="pending")
    for act, text in (("note", "Looked at it"), ("reply", "We are on it"), ("customer", HOSTILE)):
        assert send(port, 2, act, text=text).status_code == 303
    page = seen(port.client.get("/desk/tickets/2", headers=HTML))
    for words in ("Internal note", "Looked at it", "Public reply", "We are on it", "<script>alert(1)</script>"):
        assert words in page.words
    assert desk.get("2").status is TicketStatus.OPEN, "the customer wrote, so it waits for us again"
    assert [after for *_, after in logged(world)][1:] == [
        {"message": "internal"},
        {"message": "public"},
        {"message": "customer"},
    ]
    assert "empty message" in seen(send(port, 2, "note", text="  "), 422).words


@one_kind
def test_merge_and_delete(world: World, desk: BuiltinDesk, port: HttpWorld, door: DeskDoor) -> None:
    enter(port, door)
    assert "merged into itself" in seen(send(port, 1, "merge", into="1"), 422).words
    assert send(port, 1, "merge", into="#2").headers["location"] == "/desk/tickets/1"
    assert desk.get("1").merged_into == "2"
    assert send(port, 2, "delete").headers["location"] == "/desk/tickets"
    problem(port.client.get("/desk/tickets/2"), 404)
    assert [target for _, target, *_ in logged(world)] == ["ticket/1", "ticket/2"]


@one_kind
def test_without_a_person_the_pages_are_read_only_and_say_how_to_get_a_link(port: HttpWorld, door: DeskDoor) -> None:
    page = port.client.get("/desk/tickets/1", headers=HTML)
    assert "handoff people desk-link EMAIL" in seen(page).words
    assert not [tag for tag, attrs in seen(page).tags if tag == "form" and attrs.get("method") == "post"]
    answer = port.client.post("/desk/tickets/1", data={"act": "note", "text": "x"}, headers=HTML)
    assert "read-only" in seen(answer, 403).words
    assert "read-only" in problem(port.client.post("/desk/tickets/1", data={"act": "note"}), 403)["title"]


@one_kind
def test_a_form_of_another_site_or_another_person_is_refused(
    world: World, port: HttpWorld, door: DeskDoor, clock: FakeClock
) -> None:
    enter(port, door)
    other = door.cookie(door.link(BEN))
    assert other is not None
    for mark in ("", "0" * 64, door.form(other)):
        answer = port.client.post("/desk/tickets/1", data={"act": "delete", "form": mark}, headers=HTML)
        assert "too old" in seen(answer, 403).words
    assert logged(world) == []
    clock.move(timedelta(hours=12))
    assert "Read only" in seen(port.client.get("/desk/tickets/1", headers=HTML)).words


@one_kind
def test_who_is_no_agent_of_the_desk_changes_nothing(world: World, port: HttpWorld, door: DeskDoor) -> None:
    assert enter(port, door, "gone@team.example").status_code == 403
    assert send(port, 1, "note", text="x").status_code == 403
    assert logged(world) == []


@one_kind
@pytest.mark.parametrize("act", ["", "destroy", "change"])
def test_what_is_no_act_changes_nothing(world: World, port: HttpWorld, door: DeskDoor, act: str) -> None:
    enter(port, door)
    assert send(port, 1, act, status="gone").status_code == 422
    assert logged(world) == []


@one_kind
def test_a_link_leads_nowhere_but_into_the_desk(port: HttpWorld, door: DeskDoor) -> None:
    for to in ("https://evil.example", "//evil.example", "/v1/cases/1", "/desk/tickets/../../x", "/desk/enter"):
        assert enter(port, door, to=to).headers["location"] == "/desk/tickets"
    cookie = enter(port, door).headers["set-cookie"]
    for words in ("HttpOnly", "SameSite=lax", "Path=/desk", "Max-Age=43200"):
        assert words in cookie


@one_kind
def test_a_person_with_a_link_may_read_from_elsewhere(port: HttpWorld, door: DeskDoor) -> None:
    elsewhere = port.asking("203.0.113.7", "bot.example")
    cookie = door.cookie(door.link(ANNA))
    assert elsewhere.get("/desk/tickets/1").status_code == 403
    assert elsewhere.get("/desk/tickets/1", headers={"Cookie": f"handoff_desk={cookie}"}).status_code == 200


@one_kind
def test_a_secret_that_is_pasted_into_a_ticket_is_not_kept(world: World, port: HttpWorld, door: DeskDoor) -> None:
    token = "xoxb" + "-123456789012-" + "aB3dE5gH7jK9mN1pQ2rS4tU6"
    enter(port, door)
    for act in ("note", "reply", "customer"):
        assert send(port, 1, act, text=f"see {token} there").status_code == 303
    page = port.client.get("/desk/tickets/1", headers=HTML).text
    assert page.count("see [redacted] there") >= 3
    assert token not in page
