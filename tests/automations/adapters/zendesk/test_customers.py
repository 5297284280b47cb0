"""What is special about organizations in Zendesk: fields the settings name and the account defines, names used once."""

import json
from collections.abc import Callable

import pytest

from automations.adapters.zendesk.customers import ZendeskCustomers
from automations.adapters.zendesk.limits import OrganizationFields
from automations.desks import Capability, CustomerChange, require
from automations.domain import IdempotencyKey
from automations.errors import Refused, Rejected
from tests.automations.adapters.zendesk import opened
from tests.automations.adapters.zendesk.opened import asked
from tests.desks.contract import HeldToContract
from tests.desks.zendesk import FakeZendesk
from tests.support import FakeClock

KEY = IdempotencyKey("customer-1")
ACME = CustomerChange(name="Acme GmbH", reference="acct_42", domains=("acme.example",), tier="enterprise")
PATH = "/api/v2/organizations"


@pytest.fixture
def fake(clock: FakeClock) -> FakeZendesk:
    return opened.zendesk(clock)


@pytest.fixture
def book(fake: FakeZendesk, clock: FakeClock) -> ZendeskCustomers:
    return opened.customers(HeldToContract(fake, "zendesk"), clock)


def test_without_fields_in_the_settings_it_says_what_to_do(fake: FakeZendesk, clock: FakeClock) -> None:
    bare = opened.customers(fake, clock, OrganizationFields())
    with pytest.raises(Refused, match=r"cannot suspend a customer\. Name desk\.zendesk\.status_field"):
        require(bare, Capability.CUSTOMER_SUSPENDS)
    assert Capability.CUSTOMER_FIELDS not in bare.capabilities
    made = bare.create_customer(CustomerChange(name="Acme GmbH"), key=KEY)
    acts: tuple[Callable[[], None], ...] = (
        lambda: bare.suspend_customer(made.id),
        lambda: bare.update_customer(made.id, CustomerChange(tier="enterprise")),
    )
    for call in acts:
        with pytest.raises(Rejected) as refused:
            call()
        assert refused.value.code == "cannot"
    assert asked(fake, "PUT", PATH) == []


def test_a_field_that_is_not_defined_in_the_account_is_told(book: ZendeskCustomers, fake: FakeZendesk) -> None:
    """Zendesk answers 200 and drops it."""
    made = book.create_customer(ACME, key=KEY)
    fake.organization_fields.remove("tier")
    with pytest.raises(Rejected, match="did not keep tier of 'Acme GmbH'") as refused:
        book.update_customer(made.id, CustomerChange(tier="business"))
    assert refused.value.code == "no_field"


def test_a_field_that_the_settings_do_not_name_is_refused(book: ZendeskCustomers, fake: FakeZendesk) -> None:
    made = book.create_customer(ACME, key=KEY)
    with pytest.raises(Rejected, match="named are: region"):
        book.update_customer(made.id, CustomerChange(fields=(("colour", "red"),)))
    assert asked(fake, "PUT", PATH) == []


def test_only_what_differs_is_sent(book: ZendeskCustomers, fake: FakeZendesk) -> None:
    made = book.create_customer(ACME, key=KEY)
    book.update_customer(made.id, ACME)
    book.resume_customer(made.id)
    assert asked(fake, "PUT", PATH) == []
    book.update_customer(made.id, CustomerChange(name="Acme GmbH", domains=(), fields=(("region", "south"),)))
    (change,) = [json.loads(one.content)["organization"] for one in asked(fake, "PUT", PATH)]
    assert change == {"domain_names": [], "organization_fields": {"region": "south"}}
    assert book.customer(made.id).domains == ()


def test_a_name_that_another_customer_has_is_refused(book: ZendeskCustomers, fake: FakeZendesk) -> None:
    made = book.create_customer(ACME, key=KEY)
    with pytest.raises(Rejected, match="as the customer acct_42") as refused:
        book.create_customer(CustomerChange(name="ACME GMBH", reference="acct_43"), key=KEY)
    assert refused.value.code == "name_taken"
    nameless = fake.organizations[int(made.id)]
    nameless["external_id"] = None
    assert book.create_customer(CustomerChange(name="Acme GmbH", reference="acct_43"), key=KEY).id == made.id
    assert len(fake.organizations) == 1
    with pytest.raises(Rejected, match="needs a name"):
        book.create_customer(CustomerChange(reference="acct_44"), key=KEY)


def test_a_domain_is_found_wherever_it_stands_in_the_list(book: ZendeskCustomers, fake: FakeZendesk) -> None:
    for number in range(150):
        fake.organizations[number + 1] = {
            "id": number + 1,
            "name": f"Customer {number}",
            "external_id": None,
            "domain_names": [f"c{number}.example"],
            "organization_fields": {"tier": 3, "status": "Suspended", "region": True},
        }
    found = book.find_customer(domain="C120.example")
    assert found is not None
    assert (found.id, found.tier, found.status, found.fields) == ("121", "3", "suspended", (("region", "true"),))
    assert found.url == "https://desk.example/agent/organizations/121"
    assert len(asked(fake, "GET", PATH)) == 2
    assert book.find_customer(domain="example") is None
