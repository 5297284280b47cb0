"""What is special about Intercom's companies, and reading who works in it."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from automations.adapters.intercom.customers import IntercomCustomers
from automations.desks import Capability, CustomerChange
from automations.domain import IdempotencyKey
from automations.errors import OutcomeUnknown, Rejected
from tests.automations.adapters.intercom.world import SETUP, access_on, customers_on
from tests.desks.contract import HeldToContract
from tests.desks.fake import Fault, Faulty
from tests.desks.intercom import Intercom
from tests.support import FakeClock

KEY = IdempotencyKey("customer-1")
ACME = CustomerChange(name="Acme GmbH", reference="acct_42", tier="enterprise", fields=(("region", "north"),))


@pytest.fixture
def fake(clock: FakeClock) -> Intercom:
    return Intercom(clock)


@pytest.fixture
def book(fake: Intercom, clock: FakeClock) -> IntercomCustomers:
    return customers_on(HeldToContract(fake, "intercom"), clock)


def test_the_tier_is_the_plan_and_the_rest_are_attributes(book: IntercomCustomers, fake: Intercom) -> None:
    made = book.create_customer(ACME, key=KEY)
    held = fake.companies[made.id]
    assert (held["company_id"], held["plan"]["name"]) == ("acct_42", "enterprise")
    assert held["custom_attributes"] == {"region": "north"}


def test_an_answer_that_was_lost_makes_no_second_company(fake: Intercom, clock: FakeClock) -> None:
    line = Faulty(fake, [Fault("POST /companies$", "timeout_after")])
    book = customers_on(line, clock)
    with pytest.raises(OutcomeUnknown):
        book.create_customer(ACME, key=KEY)
    book.create_customer(ACME, key=KEY)
    assert len(fake.companies) == 1


def test_a_company_without_our_reference_is_known_by_its_name(book: IntercomCustomers, fake: Intercom) -> None:
    bare = CustomerChange(name="Acme GmbH")
    first, again = book.create_customer(bare, key=KEY), book.create_customer(bare, key=KEY)
    assert first == again
    assert (len(fake.companies), first.reference) == (1, None)


def test_a_reference_stays_as_it_was_set(book: IntercomCustomers) -> None:
    made = book.create_customer(ACME, key=KEY)
    book.update_customer(made.id, CustomerChange(reference="acct_42"))
    with pytest.raises(Rejected) as refused:
        book.update_customer(made.id, CustomerChange(reference="acct_43", name="Other"))
    assert refused.value.code == "fixed"
    assert book.customer(made.id).name == "Acme GmbH"


def test_nothing_is_sent_for_what_is_true_already(book: IntercomCustomers, fake: Intercom) -> None:
    made = book.create_customer(ACME, key=KEY)
    book.update_customer(made.id, ACME)
    assert [one.request.method for one in fake.exchanges].count("PUT") == 0


@pytest.mark.parametrize(
    "change", [CustomerChange(name="Other"), CustomerChange(tier="business"), CustomerChange(fields=(("region", "x"),))]
)
def test_a_change_that_the_answer_does_not_show_is_no_success(
    change: CustomerChange, book: IntercomCustomers, fake: Intercom
) -> None:
    made = book.create_customer(ACME, key=KEY)
    fake.drops.add("company")
    with pytest.raises(Rejected, match="does not show it") as refused:
        book.update_customer(made.id, change)
    assert refused.value.code == "not_done"


def test_an_attribute_that_is_not_there_is_refused_in_their_words(book: IntercomCustomers) -> None:
    with pytest.raises(Rejected, match="Custom attribute 'colour' does not exist"):
        book.create_customer(replace(ACME, fields=(("colour", "red"),)), key=KEY)


def test_values_that_are_no_text_are_read_as_text(book: IntercomCustomers, fake: Intercom) -> None:
    made = book.create_customer(ACME, key=KEY)
    fake.companies[made.id]["custom_attributes"] |= {"seats": 9, "paid": True}
    assert dict(book.customer(made.id).fields) == {"region": "north", "seats": "9", "paid": "true"}


def test_without_an_attribute_for_it_nobody_is_suspended(fake: Intercom, clock: FakeClock) -> None:
    book = customers_on(fake, clock, replace(SETUP, status_attribute=None))
    assert Capability.CUSTOMER_SUSPENDS not in book.capabilities
    made = book.create_customer(ACME, key=KEY)
    with pytest.raises(Rejected, match=r"desk\.intercom\.status_attribute") as refused:
        book.suspend_customer(made.id)
    assert refused.value.code == "cannot"


def test_domains_are_refused_with_what_to_do(book: IntercomCustomers, fake: Intercom) -> None:
    calls: list[Callable[[], object]] = [
        lambda: book.create_customer(replace(ACME, domains=("acme.example",)), key=KEY),
        lambda: book.find_customer(domain="acme.example"),
    ]
    for call in calls:
        with pytest.raises(Rejected, match="keeps no domains") as refused:
            call()
        assert refused.value.code == "cannot"
    assert fake.companies == {}


def test_more_companies_than_the_list_gives_are_scrolled(book: IntercomCustomers, fake: Intercom) -> None:
    for number in range(10_001):
        fake.companies[f"{number:024x}"] = {"type": "company", "id": f"{number:024x}", "name": f"Customer {number}"}
    listed = {customer.id for customer in book.customers()}
    assert listed == fake.companies.keys()
    asked = [one.request.url.path for one in fake.exchanges]
    assert asked.count("/companies/list") == 1
    assert asked.count("/companies/scroll") == 102, "101 pages and the empty one that ends it"


def test_one_company_instead_of_a_list_is_read_too(fake: Intercom, clock: FakeClock) -> None:
    made = customers_on(fake, clock).create_customer(ACME, key=KEY)
    single = Fault("GET /companies$", reply=(200, fake.companies[made.id]))
    found = customers_on(Faulty(fake, [single]), clock).find_customer(reference="acct_42")
    assert found is not None
    assert found.id == made.id


def test_roles_and_teams_are_read_and_nothing_else_can_be_done(fake: Intercom, clock: FakeClock) -> None:
    access = access_on(fake, clock)
    assert list(access.roles()) == ["Admin", "Support Agent"]
    assert list(access.memberships("anna@team.example")) == ["Support"]
    with pytest.raises(Rejected) as unknown:
        access.memberships("nobody@team.example")
    assert unknown.value.code == "no_agent"
    anna = "anna@team.example"
    for act in (
        lambda: access.invite("new@team.example", "New", "Admin", key=KEY),
        lambda: access.set_role(anna, "Admin"),
        lambda: access.suspend(anna),
        lambda: access.reactivate(anna),
        lambda: access.remove(anna),
        lambda: access.join(anna, "Billing"),
        lambda: access.leave(anna, "Billing"),
        lambda: access.sign_out(anna),
        lambda: access.tokens(anna),
        lambda: access.revoke_token(anna, "1"),
    ):
        with pytest.raises(Rejected, match=r"Intercom cannot .+\. .+\.$") as refused:
            act()
        assert refused.value.code == "cannot"


def test_a_teammate_who_went_between_two_readings_is_none(fake: Intercom, clock: FakeClock) -> None:
    line = Faulty(fake, [Fault("GET /admins/", reply=(404, {"type": "error.list", "errors": []}))])
    assert access_on(line, clock).agent("anna@team.example") is None
