"""What is special about Freshdesk: own statuses and fields, who may see agents, replies sent once, no mail outside."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from automations.adapters.freshdesk.calls import CALLS
from automations.adapters.freshdesk.customers import FreshdeskCustomers
from automations.adapters.freshdesk.desk import FreshdeskDesk
from automations.adapters.freshdesk.options import Options
from automations.desks import Capability, CustomerChange
from automations.domain import Actor, IdempotencyKey, TicketChange, TicketStatus
from automations.errors import OutcomeUnknown, Rejected
from tests.automations.adapters.contract import AGENTS, DRAFT, KEY, key
from tests.automations.adapters.freshdesk.declared import undeclared
from tests.automations.adapters.freshdesk.world import Colleagues, account, called, customers_of, desk_of
from tests.desks.budget import Budget
from tests.desks.contract import contract_of
from tests.desks.fake import Fault, Faulty
from tests.desks.freshdesk import PLAIN_KEY, REQUESTER, FakeFreshdesk
from tests.support import FakeClock

ANNA, BEN = (email for _, email in AGENTS)
CONFIRMED = Actor("U0ANNA", "Anna Berg", ANNA)
TAKEN = IdempotencyKey("reply-1")


@pytest.fixture
def fake(clock: FakeClock) -> FakeFreshdesk:
    return account(clock)


@pytest.fixture
def line(fake: FakeFreshdesk) -> Faulty:
    return Faulty(fake)


@pytest.fixture
def desk(line: Faulty, clock: FakeClock) -> FreshdeskDesk:
    return desk_of(line, clock)


def sent(fake: FakeFreshdesk, method: str, ending: str) -> list[Any]:
    """The bodies of these requests."""
    found = [one.request for one in fake.exchanges if one.request.method == method]
    return [json.loads(request.content) for request in found if request.url.path.endswith(ending)]


def test_a_new_ticket_is_requested_by_us_and_says_nothing_in_public(desk: FreshdeskDesk, fake: FakeFreshdesk) -> None:
    made = desk.create(DRAFT, key=KEY)
    (body,) = sent(fake, "POST", "/tickets")
    assert body["email"] == REQUESTER
    assert not {"cc_emails", "requester_id", "company_id", "phone", "name"} & body.keys()
    assert "invoice" not in body["description"].lower()
    assert body["custom_fields"] == {"cf_handoff_key": KEY, "cf_handoff_customer": "acct_42"}
    (note,) = sent(fake, "POST", "/notes")
    assert note["private"] is True
    assert "notify_emails" not in note
    assert fake.mails == [f"{REQUESTER}: your ticket was received"]
    first, second = desk.events(made.id, after=None)
    assert (first.kind, first.ours, second.kind, second.ours) == ("internal", True, "internal", True)
    assert second.body == DRAFT.body, "without our mark"


def test_creating_again_writes_no_second_note(desk: FreshdeskDesk, fake: FakeFreshdesk) -> None:
    made = [desk.create(DRAFT, key=KEY).id for _ in range(3)]
    assert len(set(made)) == 1
    assert len(fake.said[int(made[0])]) == 1


def test_nothing_is_made_without_the_field_of_our_key(desk: FreshdeskDesk, fake: FakeFreshdesk) -> None:
    fake.ticket_fields = [one for one in fake.ticket_fields if one["name"] != "cf_handoff_key"]
    calls: tuple[Callable[[], object], ...] = (lambda: desk.create(DRAFT, key=KEY), lambda: desk.find(KEY))
    for call in calls:
        with pytest.raises(Rejected, match="cf_handoff_key") as refused:
            call()
        assert refused.value.code == "no_field"
    assert fake.tickets == {}


def test_the_customers_field_may_be_missing(desk: FreshdeskDesk, fake: FakeFreshdesk) -> None:
    fake.ticket_fields = [one for one in fake.ticket_fields if one["name"] != "cf_handoff_customer"]
    desk.create(DRAFT, key=KEY)
    assert sent(fake, "POST", "/tickets")[0]["custom_fields"] == {"cf_handoff_key": KEY}


@pytest.mark.parametrize("by", ["reference", "name"])
@pytest.mark.parametrize("allowed", [True, False])
def test_the_company_is_attached_where_the_plan_allows_it(
    fake: FakeFreshdesk, clock: FakeClock, by: str, allowed: bool
) -> None:
    fake.multiple_companies = allowed
    reference = {"cf_handoff_reference": "acct_42"} if by == "reference" else {}
    company = fake.company("Acme GmbH", custom_fields=reference)
    made = desk_of(fake, clock, options=Options(attach_company=True)).create(DRAFT, key=KEY)
    assert fake.tickets[int(made.id)]["company_id"] == (company["id"] if allowed else None)
    assert len(fake.tickets) == 1
    assert called(fake).count("POST /tickets") == (1 if allowed else 2), "a refusal made nothing"
    assert sent(fake, "POST", "/tickets")[-1]["email"] == REQUESTER


@pytest.mark.parametrize(
    ("number", "status", "word"),
    [
        (2, TicketStatus.OPEN, "Open"),
        (3, TicketStatus.PENDING, "Pending"),
        (4, TicketStatus.SOLVED, "Resolved"),
        (5, TicketStatus.CLOSED, "Closed"),
        (6, TicketStatus.PENDING, "Waiting on Customer"),
        (7, TicketStatus.ON_HOLD, "Waiting on Third Party"),
        (8, TicketStatus.OPEN, "In the lab"),
        (42, TicketStatus.OPEN, "42"),
    ],
)
def test_each_status_has_a_common_one_and_keeps_its_word(
    desk: FreshdeskDesk, fake: FakeFreshdesk, number: int, status: TicketStatus, word: str
) -> None:
    made = desk.create(DRAFT, key=KEY)
    fake.change(fake.tickets[int(made.id)], {"status": number})
    read = desk.get(made.id)
    assert (read.status, read.status_word, read.priority_word) == (status, word, "High")


def test_a_status_that_waits_already_is_not_sent_again(desk: FreshdeskDesk, fake: FakeFreshdesk) -> None:
    made = desk.create(DRAFT, key=KEY)
    fake.change(fake.tickets[int(made.id)], {"status": 6})
    desk.update(made.id, TicketChange(status=TicketStatus.PENDING), key=key("v1"))
    assert sent(fake, "PUT", made.id) == []


def test_on_hold_is_the_status_that_the_settings_name(fake: FakeFreshdesk, clock: FakeClock) -> None:
    named = desk_of(fake, clock, options=Options(on_hold_statuses=("in the LAB",)))
    made = named.create(DRAFT, key=KEY)
    named.update(made.id, TicketChange(status=TicketStatus.ON_HOLD), key=key("v1"))
    assert fake.tickets[int(made.id)]["status"] == 8
    unknown = desk_of(fake, clock, options=Options(on_hold_statuses=("Parked",)))
    with pytest.raises(Rejected, match="Parked") as refused:
        unknown.update(made.id, TicketChange(status=TicketStatus.ON_HOLD), key=key("v2"))
    assert refused.value.code == "no_status"


def test_only_what_changes_is_sent(desk: FreshdeskDesk, fake: FakeFreshdesk) -> None:
    made = desk.create(DRAFT, key=KEY)
    desk.update(made.id, TicketChange(TicketStatus.OPEN, DRAFT.priority, BEN, "Support"), key=key("v1"))
    assert sent(fake, "PUT", made.id) == [{"responder_id": fake.agent_by_email(BEN)["id"]}]  # type: ignore[index]  # Ben is there


def test_a_required_type_is_asked_for_and_sent_as_such(desk: FreshdeskDesk, fake: FakeFreshdesk) -> None:
    next(one for one in fake.ticket_fields if one["name"] == "ticket_type")["required_for_closure"] = True
    made = desk.create(DRAFT, key=KEY)
    (asked,) = desk.required_fields()
    assert (asked.id, asked.label, asked.options) == ("ticket_type", "Type", ("Incident", "Question"))
    with pytest.raises(Rejected, match="Type") as refused:
        desk.update(made.id, TicketChange(TicketStatus.SOLVED), key=key("v1"))
    assert refused.value.code == "fields_missing"
    assert sent(fake, "PUT", made.id) == [], "it is said before anything is sent"
    desk.update(made.id, TicketChange(TicketStatus.SOLVED, fields=(("ticket_type", "Incident"),)), key=key("v1"))
    assert sent(fake, "PUT", made.id) == [{"status": 4, "type": "Incident"}]


def test_a_field_that_became_required_meanwhile_is_named_by_the_desk(desk: FreshdeskDesk, fake: FakeFreshdesk) -> None:
    made = desk.create(DRAFT, key=KEY)
    fake.require("cf_cause", "Cause", ["a", "b"])
    with pytest.raises(Rejected, match="cf_cause: It should not be blank") as refused:
        desk.update(made.id, TicketChange(TicketStatus.SOLVED), key=key("v1"))
    assert refused.value.code == "fields_missing"


def test_the_desk_says_how_long_things_took(desk: FreshdeskDesk, fake: FakeFreshdesk, clock: FakeClock) -> None:
    made = desk.create(DRAFT, key=KEY)
    assert (desk.metrics(made.id).first_reply_s, desk.metrics(made.id).resolution_s) == (None, None)
    clock.move(timedelta(minutes=5))
    desk.reply(made.id, "We are on it", confirmed_by=CONFIRMED, key=TAKEN)
    clock.move(timedelta(minutes=5))
    desk.update(made.id, TicketChange(TicketStatus.SOLVED), key=key("v1"))
    assert (desk.metrics(made.id).first_reply_s, desk.metrics(made.id).resolution_s) == (300.0, 600.0)


def test_a_note_bears_its_authors_name_and_is_not_mailed(desk: FreshdeskDesk, fake: FakeFreshdesk) -> None:
    made = desk.create(DRAFT, key=KEY)
    desk.note(made.id, "claimed", author="ANNA@team.example", key=key("n1"))
    desk.note(made.id, "claimed too", author="gone@team.example", key=key("n2"))
    first, second = list(desk.events(made.id, after=None))[-2:]
    assert (first.author, first.author_email, first.ours, first.body) == ("Anna Berg", ANNA, True, "claimed")
    assert (second.author, second.body) == ("Handoff", "gone@team.example (by Handoff): claimed too")
    assert fake.mails == [f"{REQUESTER}: your ticket was received"]


def public(fake: FakeFreshdesk, ticket: str) -> list[dict[str, Any]]:
    return [one for one in fake.said[int(ticket)] if not one["private"]]


@pytest.mark.parametrize("kind", ["timeout", "timeout_after", "reset_after", "cut", "html_after"])
@pytest.mark.parametrize("on", ["POST .*/notes", "POST .*/reply"])
def test_a_reply_is_sent_once_as_the_person_who_confirmed_it(
    desk: FreshdeskDesk, fake: FakeFreshdesk, line: Faulty, on: str, kind: str
) -> None:
    made = desk.create(DRAFT, key=KEY)
    line.faults.append(Fault(on, kind))
    with pytest.raises(OutcomeUnknown):
        desk.reply(made.id, "We are **on** it", confirmed_by=CONFIRMED, key=TAKEN)
    desk.reply(made.id, "We are **on** it", confirmed_by=CONFIRMED, key=TAKEN)
    desk.reply(made.id, "We are **on** it", confirmed_by=CONFIRMED, key=TAKEN)
    (said,) = public(fake, made.id)
    assert said["body"] == "<div><p>We are <strong>on</strong> it</p></div>", "and nothing that nobody confirmed"
    assert said["user_id"] == fake.agent_by_email(ANNA)["id"]  # type: ignore[index]  # Anna is there
    last = list(desk.events(made.id, after=None))[-1]
    assert (last.kind, last.author, last.ours, last.body) == ("public", "Anna Berg", True, "We are **on** it")
    desk.reply(made.id, "We are **on** it", confirmed_by=CONFIRMED, key=IdempotencyKey("reply-2"))
    assert len(public(fake, made.id)) == 2, "the same words may be meant twice"


def test_a_reply_by_hand_in_between_leaves_it_to_a_person(
    desk: FreshdeskDesk, fake: FakeFreshdesk, line: Faulty
) -> None:
    made = desk.create(DRAFT, key=KEY)
    line.faults.append(Fault("POST .*/reply", "timeout"))
    with pytest.raises(OutcomeUnknown):
        desk.reply(made.id, "We are on it", confirmed_by=CONFIRMED, key=TAKEN)
    people = Colleagues(fake)
    people.reply(made.id, "Ben writes too", by=BEN)
    people.reply(made.id, "Hello, we are at it", by=ANNA)
    with pytest.raises(Rejected) as refused:
        desk.reply(made.id, "We are on it", confirmed_by=CONFIRMED, key=TAKEN)
    assert refused.value.code == "unclear"
    assert len(public(fake, made.id)) == 2


def test_a_colleagues_reply_after_ours_is_theirs(desk: FreshdeskDesk, fake: FakeFreshdesk) -> None:
    made = desk.create(DRAFT, key=KEY)
    desk.reply(made.id, "We are on it", confirmed_by=CONFIRMED, key=TAKEN)
    Colleagues(fake).reply(made.id, "Done", by=ANNA)
    assert [one.ours for one in desk.events(made.id, after=None)][-2:] == [True, False]


def test_events_go_on_after_one_that_was_taken_away(desk: FreshdeskDesk, fake: FakeFreshdesk) -> None:
    made = desk.create(DRAFT, key=KEY)
    people = Colleagues(fake)
    people.note(made.id, "first", by=BEN)
    heard = list(desk.events(made.id, after=None))[-1].id
    people.note(made.id, "second", by=BEN)
    del fake.said[int(made.id)][1]
    assert [one.body for one in desk.events(made.id, after=heard)] == ["second"]


def test_messages_are_read_across_pages_in_order(desk: FreshdeskDesk, fake: FakeFreshdesk) -> None:
    made = desk.create(DRAFT, key=KEY)
    people = Colleagues(fake)
    for number in range(250):
        people.note(made.id, f"note {number}", by=BEN)
    before = len(fake.exchanges)
    bodies = [one.body for one in desk.events(made.id, after=None)]
    assert bodies[2:] == [f"note {number}" for number in range(250)]
    assert called(fake, before).count(f"GET /tickets/{made.id}/conversations") == 3


def test_an_ordinary_agents_key_is_not_enough(fake: FakeFreshdesk, clock: FakeClock) -> None:
    with pytest.raises(Rejected, match="no right") as refused:
        desk_of(fake, clock, key=PLAIN_KEY).create(DRAFT, key=KEY)
    assert refused.value.code == "forbidden"
    assert fake.tickets == {}


def test_an_agent_who_is_gone_is_shown_by_number_and_looked_for_once_a_minute(
    desk: FreshdeskDesk, fake: FakeFreshdesk, clock: FakeClock
) -> None:
    made = desk.create(DRAFT, key=KEY)
    fake.tickets[int(made.id)]["responder_id"] = 5
    before = len(fake.exchanges)
    for _ in range(5):
        assert desk.get(made.id).assignee == "agent 5"
    assert called(fake, before).count("GET /agents") == 1
    newcomer = fake.agent("Cora Diaz", "cora@team.example")
    fake.tickets[int(made.id)]["responder_id"] = newcomer
    clock.move(timedelta(minutes=1))
    assert desk.get(made.id).assignee == "cora@team.example"


def test_a_new_colleague_is_known_at_once(desk: FreshdeskDesk, fake: FakeFreshdesk) -> None:
    made = desk.create(DRAFT, key=KEY)
    fake.agent("Cora Diaz", "cora@team.example")
    fake.group("Legal")
    desk.update(made.id, TicketChange(assignee="cora@team.example", group="Legal"), key=key("v1"))
    assert (desk.get(made.id).assignee, desk.get(made.id).group) == ("cora@team.example", "Legal")


def test_the_desk_rests_when_nothing_is_left_of_a_minute(fake: FakeFreshdesk, clock: FakeClock) -> None:
    budget = Budget()
    fake.per_minute = 3
    desk = desk_of(fake, clock, budget=budget)
    list(desk.agents())
    list(desk.groups())
    assert budget.paused == []
    list(desk.required_fields())
    assert budget.paused == [60.0]


def test_a_parent_is_refused_in_words_before_anything_changes(desk: FreshdeskDesk, fake: FakeFreshdesk) -> None:
    made = desk.create(DRAFT, key=KEY)
    with pytest.raises(Rejected) as refused:
        desk.update(made.id, TicketChange(parent="7", assignee=BEN), key=key("v1"))
    assert refused.value.code == "cannot"
    assert desk.get(made.id).assignee == ANNA
    assert Capability.PARENTS not in desk.capabilities


def test_a_company_is_found_by_search_once_it_is_old(fake: FakeFreshdesk, clock: FakeClock) -> None:
    book = customers_of(fake, clock)
    made = book.create_customer(CustomerChange("Acme GmbH", "acct_42", ("acme.example",)), key=KEY)
    clock.move(timedelta(days=90))
    for found in (book.find_customer(reference="acct_42"), book.find_customer(domain="acme.example")):
        assert found is not None
        assert found.id == made.id
    assert book.find_customer(reference="o'brien") is None, "what a search cannot quote is looked for in the list"
    again = book.create_customer(CustomerChange("Acme GmbH"), key=KEY)
    assert again.id == made.id, "names are unique"


def test_a_name_that_another_company_has_is_refused_for_good(fake: FakeFreshdesk, clock: FakeClock) -> None:
    book: FreshdeskCustomers = customers_of(fake, clock)
    fake.company("Acme GmbH")
    with pytest.raises(Rejected, match="unique") as refused:
        book.create_customer(CustomerChange("Acme GmbH", "acct_42"), key=KEY)
    assert refused.value.code == "duplicate_value"
    assert len(fake.companies) == 1


def test_an_emptied_value_is_sent_as_null_and_only_once(fake: FakeFreshdesk, clock: FakeClock) -> None:
    book = customers_of(fake, clock)
    made = book.create_customer(CustomerChange("Acme", "a", ("acme.example",), "business", (("region", "x"),)), key=KEY)
    for _ in range(2):
        book.update_customer(made.id, CustomerChange(domains=(), tier="", fields=(("region", ""),)))
    emptied: dict[str, Any] = {"domains": [], "account_tier": None, "custom_fields": {"cf_region": None}}
    assert sent(fake, "PUT", made.id) == [emptied]
    shown = book.customer(made.id)
    assert (shown.domains, shown.tier, shown.fields, shown.reference) == ((), "", (), "a")


def test_every_declared_call_is_one_of_the_contract() -> None:
    contract = contract_of("freshdesk")
    if contract is None:
        pytest.skip("the contract lies elsewhere")
    paths = contract.spec / "paths"
    for call in CALLS:
        assert call.path in paths, call.path
        assert call.method.lower() in paths / call.path, call


def test_what_is_not_declared_is_seen(desk: FreshdeskDesk, fake: FakeFreshdesk) -> None:
    """The check that the conformance tests make can fail."""
    desk.create(replace(DRAFT, customer=None), key=KEY)
    assert undeclared(fake.exchanges) == []
    request = fake.exchanges[-1].request
    fake.exchanges[-1].request = type(request)(
        "POST", request.url, json={"body": "x", "notify_emails": ["a@b.example"]}
    )
    assert undeclared(fake.exchanges) == [f"POST {request.url.path} notify_emails"]


@pytest.mark.parametrize(("source", "channel"), [(1, "email"), (3, "phone"), (7, "chat"), (15, ""), (None, "")])
def test_the_way_a_ticket_came_is_told_where_its_number_is_documented(
    source: int | None, channel: str, desk: FreshdeskDesk, fake: FakeFreshdesk
) -> None:
    ticket = fake.put_ticket(requester=fake.contact("rita@acme.example"), subject="s", source=source)
    assert desk.get(str(ticket["id"])).channel == channel
