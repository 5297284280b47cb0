"""What is special about tickets in Zendesk: what is sent, whom it can reach, keys, limits."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from automations.adapters.zendesk.desk import ZendeskDesk
from automations.desks import CustomerChange
from automations.domain import (
    Actor,
    CustomerRef,
    IdempotencyKey,
    Priority,
    TicketChange,
    TicketDraft,
    TicketStatus,
)
from automations.errors import Rejected, Unavailable
from tests.automations.adapters.contract import DRAFT, KEY, key
from tests.automations.adapters.zendesk import opened
from tests.automations.adapters.zendesk.opened import asked
from tests.desks.budget import Budget
from tests.desks.contract import HeldToContract
from tests.desks.fake import Fault, Faulty
from tests.desks.zendesk import FakeZendesk
from tests.support import FakeClock

ANNA, BEN = "anna@team.example", "ben@team.example"
CONFIRMED = Actor("U1", "Anna Berg", ANNA)
TICKETS = "/api/v2/tickets"


@pytest.fixture
def fake(clock: FakeClock) -> FakeZendesk:
    return opened.zendesk(clock)


@pytest.fixture
def desk(fake: FakeZendesk, clock: FakeClock) -> ZendeskDesk:
    return opened.desk(HeldToContract(fake, "zendesk"), clock)


def sent(fake: FakeZendesk, method: str) -> list[dict[str, Any]]:
    return [json.loads(one.content)["ticket"] for one in asked(fake, method, TICKETS)]


def test_a_ticket_is_requested_by_us_and_begins_with_a_note(desk: ZendeskDesk, fake: FakeZendesk) -> None:
    desk.create(DRAFT, key=KEY)
    (ticket,) = sent(fake, "POST")
    assert ticket["requester"] == {"name": "requests", "email": opened.REQUESTER}
    assert ticket["comment"]["public"] is False
    assert "Customer: Acme GmbH, acct_42, enterprise" in ticket["comment"]["html_body"]
    assert "organization_id" not in ticket
    (request,) = asked(fake, "POST", TICKETS)
    assert request.headers["Idempotency-Key"] == KEY


def test_a_known_customer_is_attached_as_organization(desk: ZendeskDesk, fake: FakeZendesk, clock: FakeClock) -> None:
    book = opened.customers(fake, clock)
    for reference in ("acct_4", "acct_42"):
        made = book.create_customer(opened_customer(reference), key=IdempotencyKey(reference))
    desk.create(DRAFT, key=KEY)
    (ticket,) = sent(fake, "POST")
    assert ticket["organization_id"] == int(made.id)
    assert "Acme" not in ticket["comment"]["html_body"]


def opened_customer(reference: str) -> CustomerChange:
    return CustomerChange(name=f"Acme {reference}", reference=reference)


def test_nothing_we_do_to_a_ticket_can_reach_a_customer(desk: ZendeskDesk, fake: FakeZendesk) -> None:
    named = replace(DRAFT, customer=CustomerRef("cto@acme.example", "cto@acme.example", "enterprise"))
    made = desk.create(named, key=KEY)
    desk.note(made.id, "claimed", author=BEN, key=key("n1"))
    desk.note(made.id, "seen 10 times", author=None, key=key("n2"))
    desk.update(made.id, TicketChange(TicketStatus.SOLVED, Priority.LOW, BEN, "Billing"), key=key("v1"))
    for ticket in (*sent(fake, "POST"), *sent(fake, "PUT")):
        assert ticket.get("comment", {"public": False})["public"] is False
        assert ticket.get("requester", {"email": opened.REQUESTER})["email"] == opened.REQUESTER
        reaching = {"requester_id", "collaborator_ids", "additional_collaborators", "followers", "email_ccs"}
        assert not reaching & ticket.keys()
    assert {one["requester_id"] for one in fake.tickets.values()} == {fake.user_id(opened.REQUESTER)}


def test_of_two_tickets_with_our_key_the_older_one_is_ours(desk: ZendeskDesk, fake: FakeZendesk) -> None:
    for number in range(2):
        fake.seed_ticket(external_id=KEY, subject=f"number {number}")
    found = desk.find(KEY)
    assert found is not None
    assert found.subject == "number 0"
    assert desk.create(DRAFT, key=KEY).id == found.id
    assert len(fake.tickets) == 2


def test_a_create_in_other_words_under_the_same_key_makes_no_second_ticket(fake: FakeZendesk, clock: FakeClock) -> None:
    """The list does not show the first one yet, and the draft has changed: the desk refuses the key."""
    opened.desk(fake, clock).create(DRAFT, key=KEY)
    unseen = Fault(f"GET {TICKETS}$", reply=(200, {"tickets": []}))
    other = replace(DRAFT, body="seen twice")
    desk = opened.desk(Faulty(fake, [unseen]), clock)
    assert desk.create(other, key=KEY).id == "1"
    unseen.times = 2
    with pytest.raises(Unavailable, match="does not list it yet"):
        desk.create(other, key=KEY)
    assert len(fake.tickets) == 1


def test_the_same_create_again_is_answered_by_the_key_alone(fake: FakeZendesk, clock: FakeClock) -> None:
    opened.desk(fake, clock).create(DRAFT, key=KEY)
    desk = opened.desk(Faulty(fake, [Fault(f"GET {TICKETS}$", reply=(200, {"tickets": []}))]), clock)
    assert desk.create(DRAFT, key=KEY).id == "1"
    assert len(fake.tickets) == 1


def test_only_what_differs_is_sent(desk: ZendeskDesk, fake: FakeZendesk) -> None:
    desk.create(DRAFT, key=KEY)
    same = TicketChange(TicketStatus.OPEN, Priority.HIGH, "ANNA@team.example", "Support")
    desk.update("1", same, key=key("v1"))
    assert sent(fake, "PUT") == []
    desk.update("1", replace(same, priority=Priority.LOW, assignee=""), key=key("v2"))
    (change,) = sent(fake, "PUT")
    assert change.keys() == {"priority", "assignee_id", "safe_update", "updated_stamp"}
    assert (change["priority"], change["assignee_id"]) == ("low", None)


def test_a_closed_ticket_is_solved_already_and_changes_no_more(desk: ZendeskDesk, fake: FakeZendesk) -> None:
    desk.create(DRAFT, key=KEY)
    fake.tickets[1]["status"] = "closed"
    desk.update("1", TicketChange(status=TicketStatus.SOLVED), key=key("v1"))
    assert sent(fake, "PUT") == []
    with pytest.raises(Rejected, match="closed prevents ticket update"):
        desk.update("1", TicketChange(status=TicketStatus.OPEN), key=key("v2"))


@pytest.mark.parametrize(
    ("word", "status"), [("new", "open"), ("hold", "on_hold"), ("in_review", "open"), ("closed", "closed")]
)
def test_the_desks_own_words_are_kept(word: str, status: str, fake: FakeZendesk, clock: FakeClock) -> None:
    fake.seed_ticket(status=word, priority="blocker")
    read = opened.desk(fake, clock).get("1")
    assert (read.status, read.status_word, read.priority, read.priority_word) == (status, word, None, "blocker")


def test_what_is_required_to_solve_is_named_by_its_label(desk: ZendeskDesk, fake: FakeZendesk) -> None:
    fake.required = {27642: "Root cause"}
    desk.create(DRAFT, key=KEY)
    with pytest.raises(Rejected, match="Root cause") as refused:
        desk.update("1", TicketChange(status=TicketStatus.SOLVED), key=key("v1"))
    assert refused.value.code == "fields_missing"
    filled = TicketChange(status=TicketStatus.SOLVED, fields=(("27642", "ledger"),))
    desk.update("1", filled, key=key("v1"))
    read = desk.get("1")
    assert (read.status, read.fields) == (TicketStatus.SOLVED, (("27642", "ledger"),))


def test_a_merged_ticket_reads_as_closed(desk: ZendeskDesk, fake: FakeZendesk) -> None:
    for name in ("a", "b"):
        desk.create(DRAFT, key=key(name))
    fake.merge("1", "2", by=BEN)
    read = desk.get("1")
    assert (read.status, read.merged_into) == (TicketStatus.CLOSED, None)


def test_times_are_told_in_seconds(desk: ZendeskDesk, fake: FakeZendesk) -> None:
    fake.seed_ticket()
    assert desk.metrics("1").first_reply_s is None
    fake.metrics[1] = {
        "reply_time_in_minutes": {"calendar": 12, "business": 0},
        "full_resolution_time_in_minutes": {"calendar": 90, "business": 10},
    }
    assert (desk.metrics("1").first_reply_s, desk.metrics("1").resolution_s) == (720.0, 5400.0)
    fake.metrics[1]["reply_time_in_seconds"] = {"calendar": 745}
    assert desk.metrics("1").first_reply_s == 745.0
    with pytest.raises(Rejected, match="deleted"):
        desk.metrics("7")


def test_what_it_lacks_is_refused_in_words(desk: ZendeskDesk, fake: FakeZendesk) -> None:
    fake.seed_ticket()
    for call in (
        desk.required_fields,
        desk.writing_triggers,
        lambda: desk.update("1", TicketChange(parent="2"), key=key("v1")),
    ):
        with pytest.raises(Rejected) as refused:
            call()
        assert refused.value.code == "cannot"


def test_an_anonymous_answer_is_a_refused_credential(fake: FakeZendesk, clock: FakeClock) -> None:
    nobody = {"user": {"id": None, "name": "Anonymous user", "role": "end-user"}}
    line = Faulty(fake, [Fault("users/me", reply=(200, nobody))])
    with pytest.raises(Rejected, match=r"check desk\.token"):
        opened.desk(line, clock).me()


def test_a_suspended_requester_is_told_in_the_desks_words(desk: ZendeskDesk, fake: FakeZendesk) -> None:
    fake.users[fake.seed_user("Requests", opened.REQUESTER, "end-user")]["suspended"] = True
    with pytest.raises(Rejected, match="Requester: Requests is suspended"):
        desk.create(DRAFT, key=KEY)
    assert fake.tickets == {}


def test_a_newcomer_is_found_though_the_list_was_read_a_moment_ago(desk: ZendeskDesk, fake: FakeZendesk) -> None:
    list(desk.agents())
    fake.seed_user("Cora Diaz", "cora@team.example")
    draft = TicketDraft("s", "b", Priority.NORMAL, "Support", "cora@team.example")
    assert desk.create(draft, key=KEY).assignee == "cora@team.example"


def test_lists_of_people_are_read_once_a_minute(desk: ZendeskDesk, fake: FakeZendesk, clock: FakeClock) -> None:
    for number in range(3):
        desk.create(DRAFT, key=key(str(number)))
    assert len(asked(fake, "GET", "/api/v2/users")) == len(asked(fake, "GET", "/api/v2/groups")) == 1
    clock.move(timedelta(minutes=1))
    desk.create(DRAFT, key=key("later"))
    assert len(asked(fake, "GET", "/api/v2/users")) == 2


def test_when_nothing_is_left_everybody_waits_for_the_minute_to_end(fake: FakeZendesk, clock: FakeClock) -> None:
    budget = Budget()
    desk = opened.desk(fake, clock, budget)
    desk.me()
    assert budget.paused == []
    fake.left = 0
    desk.me()
    list(desk.agents())
    assert budget.paused == [41.0]


def test_a_tickets_own_limit_holds_nobody_else_back(fake: FakeZendesk, clock: FakeClock) -> None:
    """30 updates in 10 minutes for one ticket: its job waits, the desk does not."""
    budget = Budget()
    desk = opened.desk(fake, clock, budget)
    desk.create(DRAFT, key=KEY)
    for number in range(30):
        desk.note("1", f"note {number}", author=None, key=key(f"n{number}"))
    with pytest.raises(Unavailable, match="asks for a pause") as refused:
        desk.note("1", "one more", author=None, key=key("n30"))
    assert (refused.value.retry_after_s, budget.paused) == (600.0, [])


@pytest.mark.parametrize(("via", "channel"), [({"channel": "Email"}, "email"), ({"channel": 24}, "24"), ({}, "")])
def test_the_way_a_ticket_came_is_that_of_its_via_object(
    via: dict[str, Any], channel: str, fake: FakeZendesk, clock: FakeClock
) -> None:
    """The reference lets the channel be a number, the contract here does not, so nothing is held to it."""
    ticket = fake.seed_ticket(via=via)
    assert opened.desk(fake, clock).get(str(ticket["id"])).channel == channel
