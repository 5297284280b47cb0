"""What is special about MuninX: inferred names, silent calls, a token's role, messages without ids, no keys."""

import json
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from automations.adapters.muninx.calls import CALLS, declared
from automations.adapters.muninx.names import Names
from automations.desks import CustomerChange
from automations.domain import Actor, IdempotencyKey, Priority, TicketChange, TicketStatus
from automations.errors import OutcomeUnknown, Rejected, Unavailable
from bot.cli.desk_export import pages
from tests.automations.adapters.contract import DRAFT, KEY, key
from tests.automations.adapters.muninx.room import Room
from tests.desks.fake import Call, Reply, route
from tests.desks.kinds import muninx
from tests.desks.muninx import AGENT_TOKEN, BOT, Muninx, PeopleAtWork

ANNA, BEN = "anna@team.example", "ben@team.example"
LEAD = Actor("U1", "Lea", "lea@team.example")


def test_no_automatic_act_sends_mail_or_names_a_customer(room: Room) -> None:
    desk = room.desk()
    ticket = desk.create(DRAFT, key=KEY).id
    desk.note(ticket, "looked into it", author=ANNA, key=key("n1"))
    desk.update(ticket, TicketChange(TicketStatus.SOLVED, Priority.LOW, BEN), key=key("v1"))
    assert room.fake.mail == []
    assert room.fake.tickets[ticket].fields["creator"] == BOT
    assert [said["type"] for said in room.fake.tickets[ticket].messages] == ["internal"]
    assert not [one for one in room.fake.exchanges if b"participants" in one.request.content]


def test_a_confirmed_reply_is_sent_once_and_leaves_the_status(room: Room) -> None:
    desk = room.desk()
    ticket = desk.create(DRAFT, key=KEY).id
    desk.update(ticket, TicketChange(TicketStatus.ON_HOLD), key=key("v1"))
    for _ in range(2):
        desk.reply(ticket, "It **works** again.", confirmed_by=LEAD, key=key("r1"))
    assert room.fake.mail == [("external message", ticket)]
    assert room.fake.tickets[ticket].messages[-1]["body"] == "It **works** again."
    assert desk.get(ticket).status is TicketStatus.ON_HOLD


def test_a_note_keeps_the_ticket_as_it_is_and_bears_a_name(room: Room) -> None:
    desk = room.desk()
    ticket = desk.create(DRAFT, key=KEY).id
    before = dict(room.fake.tickets[ticket].fields)
    room.clock.move(timedelta(minutes=5))
    desk.note(ticket, "looked into it", author="BEN@team.example", key=key("n1"))
    desk.note(ticket, "Ben Okoro claimed this case", author=BEN, key=key("n2"))
    assert room.fake.tickets[ticket].fields == before
    bodies = [event.body for event in desk.events(ticket, after=None)]
    assert bodies == ["Ben Okoro (by Handoff): looked into it", "Ben Okoro claimed this case"]
    assert "ref handoff:" in room.fake.tickets[ticket].messages[0]["body"]


def test_messages_are_read_across_pages_in_either_order(room: Room) -> None:
    desk, people = room.desk(), PeopleAtWork(room.fake)
    ticket = desk.create(DRAFT, key=KEY).id
    for number in range(230):
        room.clock.move(timedelta(seconds=number % 3))
        people.note(ticket, f"line {number}", by=BEN)
    whole = list(desk.events(ticket, after=None))
    assert [event.body for event in whole] == [f"line {number}" for number in range(230)]
    assert [event.id for event in whole] == [str(number) for number in range(1, 231)]
    assert len(room.asked("GET /messages")) == 3
    assert list(desk.events(ticket, after="228")) == whole[228:]
    room.fake.tickets[ticket].messages.reverse()
    assert list(desk.events(ticket, after=None)) == whole


def test_what_we_wrote_is_ours_and_a_customer_keeps_their_address(room: Room) -> None:
    desk, people = room.desk(), PeopleAtWork(room.fake)
    ticket = desk.create(DRAFT, key=KEY).id
    desk.note(ticket, "ours", author=None, key=key("n1"))
    people.customer_replies(ticket, "still broken")
    people.note(ticket, "theirs", by=BEN)
    assert [(e.ours, e.kind) for e in desk.events(ticket, after=None)] == [
        (True, "internal"),
        (False, "customer"),
        (False, "internal"),
    ]


@pytest.mark.parametrize("word", ["new", "open", "waiting-for-godot"])
def test_a_status_that_is_not_known_is_not_done(room: Room, word: str) -> None:
    desk = room.desk()
    ticket = desk.create(DRAFT, key=KEY).id
    room.fake.tickets[ticket].fields["status"] = word
    shown = desk.get(ticket)
    assert (shown.status, shown.status_word) == (TicketStatus.OPEN, word)


def test_closed_by_the_timer_is_solved_enough_and_takes_nothing_else(room: Room) -> None:
    desk = room.desk()
    ticket = desk.create(DRAFT, key=KEY).id
    room.fake.tickets[ticket].fields["status"] = "closed"
    desk.update(ticket, TicketChange(TicketStatus.SOLVED), key=key("v1"))
    with pytest.raises(Rejected, match="locks it for good") as refused:
        desk.update(ticket, TicketChange(TicketStatus.OPEN), key=key("v2"))
    assert refused.value.code == "closed"
    assert room.asked("PATCH .*") == []


def test_what_was_accepted_and_not_done_is_said(room: Room) -> None:
    desk = room.desk()
    ticket = desk.create(DRAFT, key=KEY).id
    room.fake.deaf = {"assignee"}
    with pytest.raises(Rejected, match=r"assignee 'ben@team\.example'") as refused:
        desk.update(ticket, TicketChange(TicketStatus.PENDING, assignee=BEN), key=key("v1"))
    assert refused.value.code == "not_changed"


def test_a_suspended_agent_gets_no_ticket(room: Room) -> None:
    room.fake.users[ANNA]["status"] = "suspended"
    with pytest.raises(Rejected, match="Anna Berg is suspended in MuninX") as refused:
        room.desk().create(DRAFT, key=KEY)
    assert refused.value.code == "agent_not_active"
    assert room.fake.tickets == {}


def test_a_token_of_an_agent_takes_no_hidden_ticket_for_deleted(room: Room) -> None:
    room.fake.tokens[AGENT_TOKEN] = ANNA
    desk = room.desk(AGENT_TOKEN)
    ticket = desk.create(DRAFT, key=KEY).id
    room.fake.tickets[ticket].fields |= {"assignee": BEN, "creator": BOT}
    with pytest.raises(Rejected, match="only a part of the tickets") as refused:
        desk.get(ticket)
    assert refused.value.code == "hidden"
    assert desk.me().role == "agent"
    said = list(desk.warnings())
    assert "anna@team.example has the role agent" in said[0]
    assert len(list(room.desk().warnings())) == len(said) - 1, "an admin's token sees all"


def test_an_address_that_was_inferred_wrongly_makes_no_ticket_look_deleted(room: Room) -> None:
    ticket = room.desk().create(DRAFT, key=KEY).id
    room.fault(r"GET /tickets/.+", times=4, reply=(404, {"code": "not_found", "message": "no such route", "error": ""}))
    desk = room.desk()
    with pytest.raises(Rejected, match="desk check muninx --contract FILE") as refused:
        desk.get(ticket)
    assert refused.value.code == "unchecked"
    room.line.faults.clear()
    assert desk.get(ticket).id == ticket
    with pytest.raises(Rejected) as gone:
        desk.get("tkt_404")
    assert gone.value.code == "no_ticket", "the address was seen to be right"


def test_a_ticket_is_known_by_its_number_too(room: Room) -> None:
    desk = room.desk()
    made = [desk.create(DRAFT, key=IdempotencyKey(str(n))).id for n in range(130)]
    assert desk.by_number("#1").id == made[0]
    assert desk.by_number(made[7]).id == made[7]
    assert len(room.asked("GET /tickets")) == 2
    with pytest.raises(Rejected) as refused:
        desk.by_number("999")
    assert refused.value.code == "no_ticket"


def test_candidates_are_hints_by_title(room: Room) -> None:
    desk = room.desk()
    made = desk.create(DRAFT, key=KEY).id
    desk.create(replace(DRAFT, subject="[CASE-11] case 1 again"), key=key("b"))
    assert [one.id for one in desk.candidates("[CASE-1]", room.clock.now())] == [made]
    room.fake.indexed = lambda name: False
    assert list(desk.candidates("[CASE-1]", room.clock.now())) == []


def test_the_means_of_the_analytics_are_found_by_name(room: Room) -> None:
    """One call for each, in days; what it tells nothing of is left out."""
    days = date(2026, 11, 2), date(2026, 11, 8)
    assert room.desk().means(*days) == {}
    room.fake.means = {
        "avg_first_reply_time": ("avg-first-reply-sec", 7200),
        "avg_resolution_time": ("avg-resolution-time-sec", 86_400.5),
    }
    assert room.desk().means(*days) == {"first_reply": 7200, "resolution": 86_400.5}
    asked = [json.loads(one.request.content) for one in room.asked("POST /analytics")]
    assert asked[0] == {"metric": "avg_first_reply_time", "from": "2026-11-02", "to": "2026-11-08"}


class Renamed(Muninx):
    """A MuninX whose ticket calls turned out otherwise than was inferred."""

    NAMES = Names(
        "key", "no", "subject", "body", "state", "urgency", "owner", "made", "changed", "quiet", "ticket", "rows"
    )

    @route("POST", "/tickets")
    def create_ticket(self, call: Call) -> Reply:
        self.got = dict(call.body)
        body = {"title": call.body["subject"], "description": call.body["body"], "priority": call.body["urgency"]}
        body |= {"assignee": call.body["owner"], "skip-notifications": call.body["quiet"]}
        status, made = super().create_ticket(replace(call, body=body))[:2]
        return status, {"ticket": self._renamed(made)}

    @route("GET", "/tickets/{id}")
    def get_ticket(self, call: Call) -> Reply:
        return 200, {"ticket": self._renamed(super().get_ticket(call)[1])}

    @route("GET", "/tickets")
    def list_tickets(self, call: Call) -> Reply:
        answer = super().list_tickets(call)[1]
        return 200, {"rows": [self._renamed(one) for one in answer["items"]]}

    def _renamed(self, one: dict[str, Any]) -> dict[str, Any]:
        theirs = {"id": "key", "number": "no", "title": "subject", "status": "state", "priority": "urgency"}
        theirs |= {"assignee": "owner", "created-at": "made", "updated-at": "changed"}
        return {name: one[ours] for ours, name in theirs.items()}


def test_every_inferred_name_is_a_setting(clock: Any) -> None:
    room = Room(clock)
    fake = Renamed(clock.now)
    fake.users, room.held.desk = room.fake.users, fake
    desk = room.desk(names=Renamed.NAMES)
    made = desk.create(DRAFT, key=KEY)
    assert fake.got.keys() == {"subject", "body", "urgency", "owner", "quiet"}
    shown = desk.get(made.id)
    assert (shown.subject, shown.assignee, shown.priority) == (DRAFT.subject, ANNA, Priority.HIGH)
    assert desk.by_number("1").id == made.id
    with pytest.raises(Unavailable, match="not known here: id"):
        room.desk().get(made.id)
    with pytest.raises(OutcomeUnknown, match="not known here: id"):
        room.desk(names=replace(Renamed.NAMES, id="uuid")).create(DRAFT, key=KEY)
    told = {key for call in declared(Renamed.NAMES) if call.inferred for key in (*call.body, *call.reads)}
    assert {"subject", "ticket.key", "ticket.state", "rows[].no"} <= told


def test_three_calls_alone_are_inferred() -> None:
    assert [(call.method, call.path) for call in CALLS if call.inferred] == [
        ("POST", "/tickets"),
        ("GET", "/tickets/{id}"),
        ("GET", "/tickets"),
    ]


def test_an_invitation_is_sent_again_only_while_it_waits(room: Room) -> None:
    access = room.access()
    access.invite("cora@team.example", "Cora Maria Diaz", "agent", key=KEY)
    assert room.fake.users["cora@team.example"]["name"] == "Cora Maria"
    access.invite_again("cora@team.example", key=KEY)
    assert room.fake.mail == [("invitation", "cora@team.example")] * 2
    with pytest.raises(Rejected, match="accepted their invitation to MuninX already"):
        access.invite_again(ANNA, key=KEY)
    access.suspend(ANNA)
    with pytest.raises(Rejected, match="reactivate them first"):
        access.invite_again(ANNA, key=KEY)
    with pytest.raises(Rejected, match="needs a last name"):
        access.invite("cher@team.example", "Cher", "agent", key=KEY)


def test_a_customer_becomes_an_agent_and_one_who_left_a_customer(room: Room) -> None:
    room.fake.seed("Carl", "Diaz", "carl@acme.example", "customer")
    access = room.access()
    assert access.agent("carl@acme.example") is None
    access.invite("carl@acme.example", "Carl Diaz", "agent", key=KEY)
    access.remove("carl@acme.example")
    assert room.fake.users["carl@acme.example"]["type"] == "customer"


@pytest.mark.parametrize("act", ["set_role", "suspend", "remove"])
def test_an_act_that_is_accepted_and_not_done_is_said(room: Room, act: str) -> None:
    room.fake.deaf = {"type", "status"}
    doing = getattr(room.access(), act)
    with pytest.raises(Rejected, match="did not make it so") as refused:
        doing(BEN, "admin") if act == "set_role" else doing(BEN)
    assert refused.value.code == "not_changed"


def test_a_customer_is_known_by_a_domain_alone(room: Room) -> None:
    book = room.customers()
    made = book.create_customer(CustomerChange("Acme", "https://crm.example/42", ("Acme.example",)), key=KEY)
    assert (made.id, made.reference) == ("org_1@acme.example", "https://crm.example/42")
    book.update_customer(made.id, CustomerChange(domains=("acme.test",)))
    with pytest.raises(Rejected) as gone:
        book.customer(made.id)
    assert (gone.value.code, book.customer("org_1@acme.test").name) == ("no_customer", "Acme")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (CustomerChange("Beta"), "no_domain"),
        (CustomerChange("Beta", domains=tuple(f"b{n}.example" for n in range(6))), "too_many_domains"),
        (CustomerChange("Beta", domains=("beta.example", "acme.example")), "domain_taken"),
        (CustomerChange("Beta", domains=("beta.example",), tier="gold"), "cannot"),
    ],
)
def test_a_customer_that_muninx_could_not_keep_is_refused_before_anything_is_sent(
    room: Room, change: CustomerChange, code: str
) -> None:
    book = room.customers()
    book.create_customer(CustomerChange("Acme", domains=("acme.example",)), key=KEY)
    with pytest.raises(Rejected) as refused:
        book.create_customer(change, key=KEY)
    assert refused.value.code == code
    assert len(room.asked("POST /customer-organizations")) == 1


def test_all_of_it_is_read_by_the_pages_of_its_list(room: Room) -> None:
    filled = muninx(1_000, Path())
    assert filled.fake is not None
    told = [ticket for page in pages(filled.desk) for ticket in page.shown]
    assert len({ticket.id for ticket in told}) == len(told) == 1_000
    asked = [one.request.url.path for one in filled.fake.exchanges]
    assert asked.count("/tickets") == 10, "a hundred to a page"
    assert len(asked) <= 11, "and the people once"
