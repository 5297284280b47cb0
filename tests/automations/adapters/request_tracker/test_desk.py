"""What is special about Request Tracker: mails, changes it leaves undone, half-made tickets, fields that it lacks."""

from dataclasses import replace

import pytest

from automations.adapters.request_tracker.access import RequestTrackerAccess
from automations.adapters.request_tracker.desk import RequestTrackerDesk
from automations.adapters.request_tracker.line import own_id, quoted
from automations.adapters.request_tracker.values import Terms, priority_of
from automations.desks import Capability
from automations.domain import Actor, IdempotencyKey, Priority, TicketChange, TicketStatus
from automations.errors import Rejected
from tests.automations.adapters.contract import DRAFT, KEY, key
from tests.automations.adapters.followed import BEN, told
from tests.automations.adapters.request_tracker.watched import Watched
from tests.desks.mails import recipients
from tests.desks.request_tracker import AGENTS, CUSTOMER, MARKS, TERMS, Colleagues, RequestTracker

pytestmark = list(MARKS)

OURS = "handoff@team.example"


def test_no_customer_is_written_to(desk: RequestTrackerDesk, tracker: RequestTracker, wire: Watched) -> None:
    """Request Tracker has the scrips it comes with, which mail requestors and Ccs."""
    before = len(tracker.mails())
    ticket = desk.create(DRAFT, key=KEY).id
    desk.note(ticket, f"Ask {CUSTOMER} what they saw", author=BEN, key=key("n1"))
    desk.update(ticket, TicketChange(TicketStatus.PENDING, Priority.LOW, BEN, "Billing"), key=key("v1"))
    desk.update(ticket, TicketChange(TicketStatus.SOLVED), key=key("v2"))
    mails = tracker.mails()[before:]
    written_to = {address for mail in mails for address in recipients(mail)}
    assert OURS in written_to, "it does send mails: to our own address, which asked for the ticket"
    assert written_to <= {OURS, *AGENTS}
    with tracker.client("root") as root:
        shown = root.get(f"/ticket/{ticket}").json()
    assert [one["id"] for one in shown["Requestor"]] == ["handoff"]
    assert (shown["Cc"], shown["AdminCc"]) == ([], [])
    assert not [what for what, _ in wire.written() if what.endswith("/correspond")]
    (made,) = [body for what, body in wire.written() if what == "POST /ticket"]
    assert made["Requestor"] == OURS
    assert "Content" not in made


def test_the_customer_stands_in_a_field(desk: RequestTrackerDesk, tracker: RequestTracker) -> None:
    ticket = desk.create(DRAFT, key=KEY).id
    with tracker.client("root") as root:
        fields = {one["name"]: one["values"] for one in root.get(f"/ticket/{ticket}").json()["CustomFields"]}
    assert fields["Customer"] == ["Acme GmbH (acct_42, enterprise)"]


def test_a_reply_is_public_and_sent_once(desk: RequestTrackerDesk, people: Colleagues) -> None:
    ticket = desk.create(DRAFT, key=KEY).id
    last = told(desk, ticket)[-1]
    for _ in range(2):
        desk.reply(ticket, "It is **fixed**.", confirmed_by=Actor("U1", "Ben"), key=key("r1"))
    (said,) = [event for event in told(desk, ticket, last.id) if event.body]
    assert (said.kind, said.body, said.ours) == ("public", "It is **fixed**.", True)


def test_a_note_names_the_person_it_is_written_for(desk: RequestTrackerDesk) -> None:
    ticket = desk.create(DRAFT, key=KEY).id
    desk.note(ticket, "I am looking", author=BEN.upper(), key=key("n1"))
    last = told(desk, ticket)[-1]
    assert last.body == "Ben Okoro (by Handoff):\nI am looking"
    assert (last.author, last.ours) == ("Handoff", True)


def test_a_half_made_ticket_is_not_found_and_gets_its_note(
    desk: RequestTrackerDesk, tracker: RequestTracker, wire: Watched
) -> None:
    with tracker.client("handoff") as ours:
        body = {"Queue": "Support", "Subject": DRAFT.subject, "Requestor": OURS, "CustomFields": {"Handoff key": KEY}}
        half = ours.post("/ticket", json=body).json()["id"]
    assert desk.find(KEY) is None
    assert desk.create(DRAFT, key=KEY).id == half
    found = desk.find(KEY)
    assert found is not None
    assert found.id == half
    assert [event.body for event in told(desk, half)] == [DRAFT.body]
    assert "POST /ticket" not in [what for what, _ in wire.written()]


def test_a_merged_ticket_is_still_found_by_its_key(desk: RequestTrackerDesk, people: Colleagues) -> None:
    ticket, into = desk.create(DRAFT, key=KEY).id, desk.create(DRAFT, key=IdempotencyKey("handoff-another")).id
    people.merge(ticket, into, by=BEN)
    found = desk.find(KEY)
    assert found is not None
    assert (found.id, found.merged_into) == (ticket, into)
    with pytest.raises(Rejected) as refused:
        desk.note(ticket, "would land in the other one", author=None, key=key("n1"))
    assert refused.value.code == "merged"


def test_what_it_leaves_undone_is_told_in_its_own_words(desk: RequestTrackerDesk) -> None:
    """It answers 200 to a change that it did not make; the customer may own nothing there."""
    ticket = desk.create(DRAFT, key=KEY).id
    with pytest.raises(Rejected, match="That user may not own tickets in that queue") as refused:
        desk.update(ticket, TicketChange(assignee=CUSTOMER), key=key("v1"))
    assert refused.value.code == "not_done"
    assert desk.get(ticket).assignee == "anna@team.example"


def test_a_status_that_the_lifecycle_does_not_have_is_told_in_its_own_words(tracker: RequestTracker) -> None:
    desk = RequestTrackerDesk(tracker.line(terms=replace(TERMS, pending="parked")))
    ticket = desk.create(DRAFT, key=KEY).id
    with pytest.raises(Rejected, match="'parked' isn't a valid status"):
        desk.update(ticket, TicketChange(status=TicketStatus.PENDING), key=key("v1"))


def test_nothing_is_made_where_the_field_for_our_key_is_missing(tracker: RequestTracker, wire: Watched) -> None:
    """A value for an unknown field is dropped there without a word, and the ticket would be made again and again."""
    desk = RequestTrackerDesk(tracker.line(terms=replace(TERMS, key_field="No such field")), wire)
    with pytest.raises(Rejected, match="No such field") as refused:
        desk.create(DRAFT, key=KEY)
    assert refused.value.code == "no_field"
    assert wire.written() == []


def test_statuses_nobody_told_us_of_count_as_the_desk_counts_them(tracker: RequestTracker, people: Colleagues) -> None:
    mine = RequestTrackerDesk(tracker.line(terms=Terms()))
    ticket = mine.create(DRAFT, key=KEY).id
    people.change(ticket, TicketChange(status=TicketStatus.ON_HOLD), by=BEN)
    shown = mine.get(ticket)
    assert (shown.status, shown.status_word) == (TicketStatus.OPEN, "waiting")
    other = RequestTrackerDesk(tracker.line(terms=Terms(solved="rejected")))
    people.change(ticket, TicketChange(status=TicketStatus.SOLVED), by=BEN)
    assert (other.get(ticket).status, other.get(ticket).status_word) == (TicketStatus.CLOSED, "resolved")


def test_on_hold_is_declared_only_where_the_lifecycle_has_it(tracker: RequestTracker) -> None:
    without = RequestTrackerDesk(tracker.line(terms=Terms()))
    assert Capability.ON_HOLD not in without.capabilities
    assert "desk.request_tracker.on_hold" in without.by_hand[Capability.ON_HOLD]
    assert without.capabilities | without.by_hand.keys() == frozenset(Capability)
    assert Capability.ON_HOLD in RequestTrackerDesk(tracker.line()).capabilities


def test_one_who_left_can_own_nothing(tracker: RequestTracker, desk: RequestTrackerDesk) -> None:
    access = RequestTrackerAccess(tracker.line("handoff-admin"))
    ticket = desk.create(DRAFT, key=KEY).id
    access.suspend(BEN)
    try:
        with pytest.raises(Rejected) as refused:
            desk.update(ticket, TicketChange(assignee=BEN), key=key("v1"))
        assert refused.value.code == "no_agent"
        assert {agent.email: agent.state for agent in desk.agents()}[BEN] == "suspended"
    finally:
        access.reactivate(BEN)


def test_the_ordinary_credential_may_not_change_agents(tracker: RequestTracker) -> None:
    with pytest.raises(Rejected, match="Permission Denied"):
        RequestTrackerAccess(tracker.line("handoff")).suspend(BEN)


def test_who_is_removed_is_in_no_group_any_more(tracker: RequestTracker) -> None:
    """Rights of a group stay with its members there, agents or not."""
    access = RequestTrackerAccess(tracker.line("handoff-admin"))
    cora = "cora.leaver@team.example"
    access.invite(cora, "Cora Leaver", "Privileged", key=KEY)
    access.join(cora, "Support")
    access.remove(cora)
    with tracker.client("root") as root:
        assert root.get(f"/user/{cora}").json()["Memberships"] == []


def test_words_of_ours_cannot_end_a_query() -> None:
    assert quoted("it's \\ here") == r"'it\'s \\ here'"


def test_a_key_with_a_quote_is_found_and_no_other(desk: RequestTrackerDesk) -> None:
    odd = IdempotencyKey("handoff-o'neil \\ or id > 0")
    made = desk.create(DRAFT, key=odd)
    found = desk.find(odd)
    assert found is not None
    assert found.id == made.id
    assert desk.find(IdempotencyKey("handoff-' OR id > 0 OR Subject = '")) is None


@pytest.mark.parametrize("token", ["", "secret", "1-x-abc", "1-2-3-4"])
def test_what_is_no_token_is_said_so(token: str) -> None:
    with pytest.raises(Rejected, match="auth token"):
        own_id(token)


@pytest.mark.parametrize(
    ("number", "word"),
    [
        (-5, "low"),
        (0, "low"),
        (49, "low"),
        (50, "normal"),
        (79, "normal"),
        (80, "high"),
        (99, "high"),
        (1000, "urgent"),
    ],
)
def test_any_number_is_one_of_our_priorities(number: int, word: str) -> None:
    assert priority_of(number, (0, 50, 80, 100)) == word
