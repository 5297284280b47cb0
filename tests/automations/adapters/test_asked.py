"""Who asked for a ticket, for which customer, and which words no person wrote, as each desk's own answers tell them."""

from datetime import timedelta

from automations.adapters.freshdesk.shapes import TicketRow
from automations.adapters.request_tracker.values import customer_in, customer_words
from automations.domain import CustomerRef
from tests.automations.adapters.contract import DRAFT, KEY
from tests.automations.adapters.freshdesk import world as freshdesk
from tests.automations.adapters.intercom import world as intercom
from tests.automations.adapters.muninx.room import Room
from tests.automations.adapters.zendesk import opened as zendesk
from tests.desks.freshdesk_parts import stamp
from tests.desks.intercom import BOT
from tests.support import START, FakeClock


def test_zendesk_tells_requester_and_organization(clock: FakeClock) -> None:
    fake = zendesk.zendesk(clock)
    theirs = fake.seed_user("Rita", "Rita@acme.example", "end-user")
    asked = fake.seed_ticket(requester_id=theirs, organization_id=501)
    nameless = fake.seed_ticket()
    desk = zendesk.desk(fake, clock)
    shown = desk.get(str(asked["id"]))
    assert (shown.requester, shown.customer) == ("rita@acme.example", CustomerRef("501"))
    shown = desk.get(str(nameless["id"]))
    assert (shown.requester, shown.customer) == (str(fake.customer), None), "who has no address is told by number"


def test_what_a_zendesk_rule_says_is_nobodys_words(clock: FakeClock) -> None:
    fake = zendesk.zendesk(clock)
    made = zendesk.desk(fake, clock).create(DRAFT, key=KEY).id
    fake.customer_replies(made, "It stops")
    fake.customer_replies(made, "We have your message")
    fake.comments[int(made)][-1]["via"] = {"channel": "rule"}
    said = [(one.kind, one.automatic) for one in zendesk.desk(fake, clock).events(made, after=None)]
    assert said == [("internal", False), ("customer", False), ("public", True)]


def test_freshdesk_tells_requester_and_company_and_who_wrote_first(clock: FakeClock) -> None:
    fake = freshdesk.account(clock)
    who, when = fake.contact("rita@acme.example"), stamp(START - timedelta(minutes=1))
    desk = freshdesk.desk_of(fake, clock)
    asked = str(fake.put_ticket(requester=who, subject="s", created_at=when, updated_at=when)["id"])
    assert (desk.get(asked).requester, desk.get(asked).customer) == (str(who), None)
    whole, events = desk.whole(asked)
    assert (whole.requester, [one.kind for one in events]) == ("rita@acme.example", ["customer"])
    outbound = fake.put_ticket(requester=who, subject="s", source=10, created_at=when, updated_at=when)
    first = next(desk.events(str(outbound["id"]), after=None))
    assert (first.kind, first.author_email) == ("public", None), "an agent wrote to the customer"
    row = {"id": 1, "status": 2, "priority": 1, "company_id": 8, "created_at": when, "updated_at": when}
    assert TicketRow.model_validate(row).company_id == 8


def test_intercom_tells_the_contact_and_which_words_are_a_bots(clock: FakeClock) -> None:
    there = intercom.world(clock)
    made = there.desk.create(DRAFT, key=KEY).id
    held = there.fake.tickets[made]
    assert there.desk.get(made).requester == held.contact
    there.fake._part(held, "comment", BOT, body="<p>Somebody will look at it</p>")
    said = [(one.kind, one.automatic) for one in there.desk.events(made, after=None) if one.body]
    assert said == [("public", True), ("internal", False), ("public", True)], "the neutral line is no person's"


def test_what_a_muninx_service_says_is_nobodys_words(clock: FakeClock) -> None:
    room = Room(clock)
    made = room.desk().create(DRAFT, key=KEY).id
    room.desk().note(made, "looked", author=None, key=KEY)
    said = room.fake.tickets[made].messages
    said[-1]["author-role"] = "service"
    assert [one.automatic for one in room.desk().events(made, after=None)] == [False] * (len(said) - 1) + [True]


def test_request_tracker_reads_the_customer_as_it_writes_it() -> None:
    for one in (CustomerRef("acct_42", "Acme GmbH", "enterprise"), CustomerRef("acct_42", "Acme (Oslo)")):
        assert customer_in(customer_words(one)) == one
    assert customer_in("Acme, by hand") == CustomerRef("Acme, by hand", "Acme, by hand")
