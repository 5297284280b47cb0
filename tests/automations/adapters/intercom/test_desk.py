"""What is special about Intercom's tickets: two calls to make one, one field for two assignees, a bot that signs."""

import json
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from automations.adapters.intercom.desk import NEUTRAL
from automations.adapters.intercom.messages import mark, said
from automations.adapters.intercom.sent import SETTLE_S, Sent
from automations.desks import Capability, CustomerChange
from automations.domain import Actor, CustomerRef, IdempotencyKey, Priority, TicketChange, TicketDraft, TicketStatus
from automations.errors import OutcomeUnknown, Rejected
from tests.automations.adapters.contract import DRAFT, KEY, key
from tests.automations.adapters.intercom.world import REQUESTER, SETUP, World, customers_on, desk_on, world
from tests.desks.fake import Fault
from tests.desks.intercom import ITEMS, ME, TYPE, Intercom
from tests.support import FakeClock

ANNA, BEN = "anna@team.example", "ben@team.example"
ANNA_ID, BEN_ID = 991267400, 991267401
LATER = timedelta(seconds=SETTLE_S)


@pytest.fixture
def there(clock: FakeClock) -> World:
    return world(clock, lag_s=600)


def notes(fake: Intercom, ticket: str) -> list[str]:
    return [said(part["body"])[0] for part in fake.tickets[ticket].parts if part["part_type"] == "note"]


def test_a_ticket_is_asked_for_by_us_and_nobody_is_told(there: World, clock: FakeClock) -> None:
    company = customers_on(there.fake, clock).create_customer(
        CustomerChange(name="Acme GmbH", reference="acct_42"), key=IdempotencyKey("c")
    )
    made = there.desk.create(DRAFT, key=KEY)
    (body,) = [one for one in there.fake.bodies("POST", "/tickets") if "contacts" in one]
    assert body == {
        "ticket_type_id": TYPE,
        "contacts": [{"email": REQUESTER}],
        "ticket_attributes": {
            "_default_title_": DRAFT.subject,
            "_default_description_": NEUTRAL,
            "handoff_key": KEY,
            "Priority": ITEMS["High"],
        },
        "assignment": {"team_assignee_id": "5017690", "admin_assignee_id": str(ANNA_ID)},
        "skip_notifications": True,
        "company_id": company.id,
    }
    assert there.fake.mails == []
    assert notes(there.fake, made.id) == [DRAFT.body]
    held = there.fake.tickets[made.id].parts[-1]
    assert (held["part_type"], held["author"]["id"]) == ("note", ME)
    assert made.url == f"https://desk.example/a/inbox/abc123/inbox/conversation/{made.id}"
    assert (made.status_word, made.priority_word) == ("Submitted", "High")


def test_a_customer_that_intercom_does_not_know_is_left_out(there: World) -> None:
    there.desk.create(replace(DRAFT, customer=CustomerRef("acct_77")), key=KEY)
    (body,) = [one for one in there.fake.bodies("POST", "/tickets") if "contacts" in one]
    assert "company_id" not in body


def test_a_crash_before_the_first_note_is_made_good(there: World, clock: FakeClock) -> None:
    """The process dies between the two calls; the next one has no memory of them and only the search to go by."""
    there.line.faults.append(Fault("/reply$", "refused"))
    with pytest.raises(OutcomeUnknown) as lost:
        there.desk.create(DRAFT, key=KEY)
    assert lost.value.settle_s == SETTLE_S
    began = clock.now()
    clock.move(LATER)
    after = desk_on(there.fake, clock)
    assert after.find(KEY, since=began) is None, "half a ticket is none"
    made = after.create(DRAFT, key=KEY)
    assert list(there.fake.tickets) == [made.id]
    assert notes(there.fake, made.id) == [DRAFT.body]
    found = after.find(KEY, since=began)
    assert found is not None
    assert found.id == made.id


def test_another_process_finds_it_once_the_search_has_settled(there: World, clock: FakeClock) -> None:
    made = there.desk.create(DRAFT, key=KEY)
    after = desk_on(there.fake, clock)
    assert after.find(KEY) is None
    assert there.desk.find(KEY) is not None, "its own process remembers"
    clock.move(timedelta(seconds=after.settle_s))
    found = after.find(KEY)
    assert found is not None
    assert found.id == made.id
    assert after.find(IdempotencyKey("handoff-other")) is None


def test_what_was_made_is_remembered_no_longer_than_the_search_is_late(clock: FakeClock) -> None:
    sent = Sent(clock.now)
    sent.made("one", "601")
    clock.move(timedelta(seconds=SETTLE_S))
    sent.made("two", "602")
    assert (sent.ticket("one"), sent.ticket("two")) == ("601", "602")
    clock.move(timedelta(seconds=1))
    sent.made("three", "603")
    assert (sent.ticket("one"), sent.ticket("two"), sent.ticket("three")) == (None, "602", "603")


def test_threads_that_make_tickets_at_the_same_time_do_not_disturb_each_other() -> None:
    """While one looks through what was made, another one adds to it."""
    others: list[threading.Thread] = []

    class Moment(datetime):
        def __sub__(self, other: Any) -> Any:
            others.append(threading.Thread(target=sent.made, args=(f"other {len(others)}", "700")))
            others[-1].start()
            others[-1].join(0.05)
            return timedelta(0)

    at = iter([Moment(2026, 1, 1, tzinfo=UTC)])
    sent = Sent(lambda: next(at, datetime(2026, 1, 1, tzinfo=UTC)))
    sent._made["before"] = datetime(2026, 1, 1, tzinfo=UTC), "600"
    sent.made("one", "601")
    for other in others:
        other.join()
    assert (len(others), sent.ticket("one"), sent.ticket("other 0")) == (1, "601", "700")


def test_a_create_that_was_refused_is_not_waited_for(there: World) -> None:
    there.fake.required.append("Cause")
    with pytest.raises(Rejected, match="Cause is required to create this ticket"):
        there.desk.create(DRAFT, key=KEY)
    assert there.desk.find(KEY) is None


def test_a_key_that_only_begins_like_ours_is_not_ours(there: World, clock: FakeClock) -> None:
    there.fake.seed_ticket(key=f"{KEY}0")
    clock.move(LATER)
    assert desk_on(there.fake, clock).find(KEY) is None


def test_a_deleted_ticket_is_not_found(there: World, clock: FakeClock) -> None:
    made = there.desk.create(DRAFT, key=KEY)
    there.fake.delete(made.id, by=BEN)
    clock.move(LATER)
    assert there.desk.find(KEY) is None


@pytest.mark.parametrize(
    ("change", "shown"),
    [
        (TicketChange(assignee=BEN), (BEN_ID, 5017690)),
        (TicketChange(assignee=""), (0, 5017690)),
        (TicketChange(group="Billing"), (ANNA_ID, 5017691)),
        (TicketChange(assignee=BEN, group="Billing"), (BEN_ID, 5017691)),
        (TicketChange(assignee="", group="Billing"), (0, 5017691)),
    ],
)
def test_what_an_assignment_takes_is_put_back(change: TicketChange, shown: tuple[int, int], there: World) -> None:
    made = there.desk.create(DRAFT, key=KEY)
    there.desk.update(made.id, change, key=key("v1"))
    held = there.fake.tickets[made.id]
    assert (held.admin, held.team) == shown
    assert there.fake.mails == []


def test_only_what_differs_is_sent(there: World) -> None:
    made = there.desk.create(DRAFT, key=KEY)
    there.desk.update(made.id, TicketChange(TicketStatus.OPEN, Priority.HIGH, ANNA, "Support"), key=key("v1"))
    assert list(there.fake.bodies("PUT", "/tickets")) == []
    there.desk.update(made.id, TicketChange(TicketStatus.SOLVED, Priority.HIGH, ANNA, "Support"), key=key("v2"))
    sent = {"ticket_state_id": "8484", "admin_id": int(ME), "skip_notifications": True}
    assert list(there.fake.bodies("PUT", "/tickets")) == [sent]


def test_a_ticket_that_was_closed_in_the_inbox_is_closed_and_opens_again(there: World) -> None:
    made = there.desk.create(DRAFT, key=KEY)
    there.desk.update(made.id, TicketChange(status=TicketStatus.CLOSED), key=key("v1"))
    assert there.desk.get(made.id).status is TicketStatus.CLOSED
    there.desk.update(made.id, TicketChange(status=TicketStatus.SOLVED), key=key("v2"))
    assert there.desk.get(made.id).status is TicketStatus.CLOSED, "closed is solved already"
    there.desk.update(made.id, TicketChange(status=TicketStatus.OPEN), key=key("v3"))
    assert there.desk.get(made.id).status is TicketStatus.OPEN
    assert there.fake.tickets[made.id].open


@pytest.mark.parametrize(
    ("dropped", "change", "said_so"),
    [
        ("ticket_state_id", TicketChange(status=TicketStatus.SOLVED), "the status Submitted, not solved"),
        ("ticket_attributes", TicketChange(priority=Priority.LOW), "the priority High, not low"),
        ("assignee_id", TicketChange(assignee=BEN), f"{ANNA} as assignee, not {BEN}"),
        ("assignee_id", TicketChange(group="Billing"), "the team Support, not Billing"),
    ],
)
def test_an_answer_that_does_not_show_the_change_is_no_success(
    dropped: str, change: TicketChange, said_so: str, there: World
) -> None:
    made = there.desk.create(DRAFT, key=KEY)
    there.fake.drops.add(dropped)
    with pytest.raises(Rejected, match=said_so) as refused:
        there.desk.update(made.id, change, key=key("v1"))
    assert refused.value.code == "not_done"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (TicketChange(status=TicketStatus.ON_HOLD), "cannot"),
        (TicketChange(parent="1"), "cannot"),
        (TicketChange(fields=(("a", "b"),)), "cannot"),
        (TicketChange(status=TicketStatus.SOLVED, assignee="nobody@team.example"), "no_agent"),
        (TicketChange(status=TicketStatus.SOLVED, group="Nowhere"), "no_group"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_changes(change: TicketChange, code: str, there: World) -> None:
    made = there.desk.create(DRAFT, key=KEY)
    with pytest.raises(Rejected) as refused:
        there.desk.update(made.id, change, key=key("v1"))
    assert refused.value.code == code
    assert list(there.fake.bodies("PUT", "/tickets")) == []


def test_without_the_attribute_priorities_are_explained_and_not_sent(clock: FakeClock) -> None:
    bare = world(clock, replace(SETUP, priority_attribute=None))
    assert Capability.PRIORITIES not in bare.desk.capabilities
    assert "desk.intercom.priority_attribute" in bare.desk.by_hand[Capability.PRIORITIES]
    assert Capability.PRIORITIES in world(clock).desk.capabilities
    made = bare.desk.create(DRAFT, key=KEY)
    assert "Priority" not in bare.fake.tickets[made.id].attributes
    with pytest.raises(Rejected, match="cannot give a ticket a priority"):
        bare.desk.update(made.id, TicketChange(priority=Priority.LOW), key=key("v1"))


@pytest.mark.parametrize(
    ("setup", "code", "named"),
    [
        (replace(SETUP, ticket_type="Request"), "no_ticket_type", "Bug, Incident"),
        (replace(SETUP, key_attribute="ref"), "no_attribute", "Priority, _default_description_"),
        (replace(SETUP, priority_attribute="Urgency"), "no_attribute", "handoff_key"),
        (replace(SETUP, priority_attribute="handoff_key"), "no_priority", "its items are: none"),
    ],
)
def test_a_wrong_setting_is_named_with_what_there_is(setup: Any, code: str, named: str, clock: FakeClock) -> None:
    wrong = world(clock, setup)
    with pytest.raises(Rejected, match=named) as refused:
        wrong.desk.create(DRAFT, key=KEY)
    assert refused.value.code == code
    assert wrong.fake.tickets == {}


def test_types_and_attributes_may_be_named_by_id(clock: FakeClock) -> None:
    by_id = world(clock, replace(SETUP, ticket_type=TYPE, key_attribute="210", priority_attribute="211"))
    made = by_id.desk.create(DRAFT, key=KEY)
    assert (made.key, made.priority) == (KEY, Priority.HIGH)


def test_a_priority_is_read_by_label_too_and_others_are_kept_as_words(there: World) -> None:
    made = there.desk.create(DRAFT, key=KEY)
    there.fake.tickets[made.id].attributes["Priority"] = "Urgent"
    assert there.desk.get(made.id).priority is Priority.URGENT
    there.fake.tickets[made.id].attributes["Priority"] = "Someday"
    read = there.desk.get(made.id)
    assert (read.priority, read.priority_word) == (None, "Someday")


def test_people_and_teams_are_read_once_a_minute(there: World, clock: FakeClock) -> None:
    made = there.desk.create(DRAFT, key=KEY)
    before = len(there.fake.exchanges)
    there.desk.get(made.id)
    assert len(there.fake.exchanges) == before + 1
    clock.move(timedelta(minutes=2))
    there.desk.get(made.id)
    paths = {one.request.url.path for one in there.fake.exchanges[before + 1 :]}
    assert {"/admins", "/teams", "/ticket_types", "/me"} <= paths


def test_a_newcomer_is_known_at_once(there: World) -> None:
    made = there.desk.create(DRAFT, key=KEY)
    there.fake.seed_admin("Cora Diaz", "cora@team.example", "991267500")
    there.desk.update(made.id, TicketChange(assignee="cora@team.example"), key=key("v1"))
    assert there.desk.get(made.id).assignee == "cora@team.example"


def test_who_is_no_teammate_any_more_is_sought_once_a_minute(there: World, clock: FakeClock) -> None:
    made = there.desk.create(DRAFT, key=KEY)
    there.fake.tickets[made.id].admin = 991269999
    for _ in range(3):
        assert there.desk.get(made.id).assignee is None
    assert [one.request.url.path for one in there.fake.exchanges].count("/admins") == 2
    there.fake.seed_admin("Cora Diaz", "cora@team.example", "991269999")
    clock.move(timedelta(minutes=1))
    assert there.desk.get(made.id).assignee == "cora@team.example"


def test_a_note_is_its_authors_own(there: World) -> None:
    made = there.desk.create(DRAFT, key=KEY)
    there.desk.note(made.id, "I look", author=BEN, key=key("n1"))
    there.desk.note(made.id, "I look", author="gone@team.example", key=key("n2"))
    events = list(there.desk.events(made.id, after=None))[-2:]
    assert [(one.author, one.body, one.ours) for one in events] == [
        ("Ben Okoro", "I look", True),
        ("Handoff", "gone@team.example (by Handoff):\nI look", True),
    ]
    assert all(one.get("skip_notifications") for one in there.fake.bodies("POST", f"/tickets/{made.id}/reply"))


def test_a_reply_goes_out_once_as_whoever_confirmed_it(there: World) -> None:
    made = there.desk.create(DRAFT, key=KEY)
    anna = Actor("U1", "Anna Berg", ANNA)
    for _ in range(2):
        there.desk.reply(made.id, "**Sorry**, <b>fixed</b>", confirmed_by=anna, key=key("r1"))
    (sent,) = [one for one in there.fake.bodies("POST", f"/tickets/{made.id}") if one["message_type"] == "comment"]
    assert (sent["admin_id"], sent.get("skip_notifications")) == (str(ANNA_ID), None)
    assert sent["body"].startswith("<p><strong>Sorry</strong>, &lt;b&gt;fixed&lt;/b&gt;</p>")
    last = list(there.desk.events(made.id, after=None))[-1]
    assert (last.kind, last.author_email, last.body) == ("public", ANNA, "**Sorry**, <b>fixed</b>")
    assert len(there.fake.mails) == 1


def test_nobody_outside_can_be_answered_on_a_ticket_that_they_do_not_see(clock: FakeClock) -> None:
    inside = world(clock, category="Back-office")
    made = inside.desk.create(DRAFT, key=KEY)
    with pytest.raises(Rejected, match="no customer can read") as refused:
        inside.desk.reply(made.id, "hello", confirmed_by=Actor("U1", "Anna Berg", ANNA), key=key("r1"))
    assert refused.value.code == "cannot"


def test_changes_by_people_bear_their_names_and_those_by_a_bot_are_told_by_value_alone(there: World) -> None:
    made = there.desk.create(DRAFT, key=KEY)
    last = list(there.desk.events(made.id, after=None))[-1]
    there.fake.change(made.id, TicketChange(TicketStatus.PENDING, Priority.LOW, BEN, "Billing"), by=BEN)
    there.fake.workflow_sets(made.id, Priority.URGENT)
    told = list(there.desk.events(made.id, after=last.id))
    assert [(one.kind, one.author_email, one.ours, one.changes) for one in told] == [
        ("change", BEN, False, (("status", "open", "pending"),)),
        ("change", BEN, False, (("priority", "", "low"),)),
        ("change", BEN, False, (("assignee", "", BEN),)),
        ("change", BEN, False, (("group", "", "Billing"),)),
    ]
    assert there.desk.get(made.id).priority is Priority.URGENT


@pytest.mark.parametrize("bot_signs", [False, True])
def test_our_own_changes_are_nobody_elses(bot_signs: bool, there: World) -> None:
    there.fake.bot_signs = bot_signs
    made = there.desk.create(DRAFT, key=KEY)
    change = TicketChange(TicketStatus.PENDING, Priority.LOW, BEN, "Billing")
    there.desk.update(made.id, change, key=key("v1"))
    assert {one.ours for one in there.desk.events(made.id, after=None)} == {True}


def test_the_words_a_customers_ticket_began_with_come_first(there: World) -> None:
    ticket = there.fake.seed_ticket()
    there.fake.tickets[ticket].attributes["_default_description_"] = "It does not work"
    there.fake.note(ticket, "which?", by=BEN)
    told = list(there.desk.events(ticket, after=None))
    assert (told[0].id, told[0].kind, told[0].ours, told[0].body) == ("0", "customer", False, "It does not work")
    assert [one.body for one in there.desk.events(ticket, after="0")] == ["which?"]


def test_of_a_long_ticket_the_newest_parts_are_told_after_one_that_is_gone(there: World) -> None:
    made = there.desk.create(DRAFT, key=KEY)
    first = list(there.desk.events(made.id, after=None))[1].id
    for number in range(520):
        there.fake.note(made.id, f"note {number}", by=BEN)
    told = [one.body for one in there.desk.events(made.id, after=first)]
    assert told == [f"note {number}" for number in range(20, 520)]
    assert there.desk.create(DRAFT, key=KEY).id == made.id
    assert len(there.fake.tickets[made.id].parts) == 522, "the first note is there, though it is shown no more"


def test_a_mark_that_a_colleague_quotes_does_not_count(there: World) -> None:
    made = there.desk.create(DRAFT, key=KEY)
    there.fake.note(made.id, f"{mark(key('n1'))} is what it says", by=BEN)
    there.desk.note(made.id, "mine", author=None, key=key("n1"))
    assert notes(there.fake, made.id)[-1] == "mine"


def test_what_intercom_does_not_have_is_refused_with_what_to_do(there: World) -> None:
    for call in (there.desk.required_fields, lambda: there.desk.metrics("1"), there.desk.writing_triggers):
        with pytest.raises(Rejected) as refused:
            call()
        assert refused.value.code == "cannot"
        assert str(refused.value).endswith(".")


def test_every_request_bears_the_pinned_version(there: World) -> None:
    there.desk.create(TicketDraft("s", "b", Priority.LOW, "Support", None), key=KEY)
    assert {one.request.headers["Intercom-Version"] for one in there.fake.exchanges} == {"2.16"}
    assert all(json.loads(one.response.content) for one in there.fake.exchanges)
