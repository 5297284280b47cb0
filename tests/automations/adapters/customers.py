"""The contract of `CustomerBook`. An adapter's test module gives the fixture `book`: a desk without a customer."""

import pytest

from automations.desks import Capability, Customer, CustomerChange
from automations.domain import IdempotencyKey
from automations.errors import Rejected
from automations.ports import CustomerBook
from tests.automations.adapters.able import needs

KEY = IdempotencyKey("customer-1")


def draft(book: CustomerBook) -> CustomerChange:
    """As much of a customer as the desk can hold."""
    can = book.capabilities
    return CustomerChange(
        name="Acme GmbH",
        reference="acct_42" if Capability.REFERENCES in can else None,
        domains=("acme.example",) if Capability.DOMAINS in can else None,
        tier="enterprise" if Capability.CUSTOMER_FIELDS in can else None,
        fields=(("region", "north"),) if Capability.CUSTOMER_FIELDS in can else (),
    )


def found(book: CustomerBook) -> Customer | None:
    if Capability.REFERENCES in book.capabilities:
        return book.find_customer(reference="acct_42")
    return book.find_customer(domain="acme.example")


class CustomerBookContract:
    """What every desk promises about customers. It knows the named field `region`."""

    def test_a_customer_shows_what_was_asked_for(self, book: CustomerBook) -> None:
        needs(book, Capability.CUSTOMERS)
        wanted = draft(book)
        made = book.create_customer(wanted, key=KEY)
        shown = book.customer(made.id)
        assert (shown.name, shown.reference, shown.status) == ("Acme GmbH", wanted.reference, "active")
        assert shown.domains == (wanted.domains or ())
        if Capability.CUSTOMER_FIELDS in book.capabilities:
            assert (shown.tier, dict(shown.fields)["region"]) == ("enterprise", "north")

    def test_creating_again_makes_no_second_customer(self, book: CustomerBook) -> None:
        needs(book, Capability.CUSTOMERS)
        first, again = book.create_customer(draft(book), key=KEY), book.create_customer(draft(book), key=KEY)
        assert again.id == first.id

    def test_a_customer_is_found(self, book: CustomerBook) -> None:
        needs(book, Capability.CUSTOMERS)
        assert found(book) is None
        made = book.create_customer(draft(book), key=KEY)
        there = found(book)
        assert there is not None
        assert there.id == made.id
        if Capability.DOMAINS in book.capabilities:
            by_domain = book.find_customer(domain="ACME.example")
            assert by_domain is not None
            assert by_domain.id == made.id
            assert book.find_customer(domain="cme.example") is None

    def test_each_value_changes_alone(self, book: CustomerBook) -> None:
        needs(book, Capability.CUSTOMERS)
        made = book.create_customer(draft(book), key=KEY)
        before = book.customer(made.id)
        book.update_customer(made.id, CustomerChange(name="Acme AG"))
        book.update_customer(made.id, CustomerChange(name="Acme AG"))
        after = book.customer(made.id)
        assert (after.name, after.domains, after.tier) == ("Acme AG", before.domains, before.tier)
        if Capability.DOMAINS in book.capabilities:
            book.update_customer(made.id, CustomerChange(domains=("acme.example", "acme.test")))
            assert set(book.customer(made.id).domains) == {"acme.example", "acme.test"}
        if Capability.CUSTOMER_FIELDS in book.capabilities:
            book.update_customer(made.id, CustomerChange(tier="business", fields=(("region", "south"),)))
            shown = book.customer(made.id)
            assert (shown.name, shown.tier, dict(shown.fields)["region"]) == ("Acme AG", "business", "south")

    def test_a_customer_is_suspended_and_comes_back(self, book: CustomerBook) -> None:
        needs(book, Capability.CUSTOMERS, Capability.CUSTOMER_SUSPENDS)
        made = book.create_customer(draft(book), key=KEY)
        for act, status in ((book.suspend_customer, "suspended"), (book.resume_customer, "active")):
            act(made.id)
            act(made.id)
            assert book.customer(made.id).status == status

    @pytest.mark.slow
    def test_customers_are_listed_across_pages(self, book: CustomerBook) -> None:
        needs(book, Capability.CUSTOMERS, Capability.CUSTOMER_LIST)
        names = {f"Customer {number:03}" for number in range(230)}
        for name in sorted(names):
            reference = name.lower().replace(" ", "_") if Capability.REFERENCES in book.capabilities else None
            book.create_customer(CustomerChange(name=name, reference=reference), key=IdempotencyKey(name))
        listed = [customer.name for customer in book.customers()]
        assert set(listed) == names
        assert len(listed) == len(names)

    @pytest.mark.parametrize("customer", ["999999", "no-such-customer"])
    def test_an_unknown_customer_is_rejected_in_words(self, book: CustomerBook, customer: str) -> None:
        needs(book, Capability.CUSTOMERS)
        for call in (
            lambda: book.customer(customer),
            lambda: book.update_customer(customer, CustomerChange(name="Acme AG")),
        ):
            with pytest.raises(Rejected) as refused:
                call()
            assert refused.value.code == "no_customer"
