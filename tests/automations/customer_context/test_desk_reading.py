"""Reading a desk that has no list of its customers: those in question are looked up, the others are as last seen."""

from dataclasses import replace

import pytest

from automations.desks import Capability
from automations.errors import Unavailable
from automations.plan import RunState
from tests.automations.customer_context.listed import CUSTOMERS, Book
from tests.automations.customer_context.synced import DOMAINS, NAME, Synced

BY_DOMAIN = CUSTOMERS - {Capability.CUSTOMER_LIST, Capability.REFERENCES, Capability.CUSTOMER_FIELDS}


class ByDomain(Book):
    """As MuninX: an id holds one of the customer's domains, and nobody is listed."""

    def customers(self):  # type: ignore[no-untyped-def]  # never called
        raise AssertionError("it has no list")

    def find_customer(self, *, reference=None, domain=None):  # type: ignore[no-untyped-def]  # as the port
        assert reference is None
        found = super().find_customer(domain=domain)
        return replace(found, id=f"{found.id}@{domain}") if found is not None else None

    def customer(self, customer):  # type: ignore[no-untyped-def]  # as the port
        return replace(super().customer(customer.partition("@")[0]), id=customer)


@pytest.fixture
def unlisted(here: Synced) -> Synced:
    """The same company with a desk that finds customers by domain alone; synced once."""
    assert here.book is not None
    here.book = ByDomain(here.book.kept, BY_DOMAIN)
    here.rules = here.rules.model_copy(update={"fields": (NAME, DOMAINS)})
    here.sync()
    here.book.requests = 0
    return here


def test_everybody_is_looked_up_once_and_then_only_who_changed(unlisted: Synced) -> None:
    book = unlisted.book
    assert book is not None
    assert {row.desk_id for row in unlisted.customers().values()} == {f"{n}@c{n - 1}.example" for n in range(1, 11)}
    unlisted.sync()
    assert book.requests == 0
    unlisted.source.change("A-1", name="Customer One")
    heard: list[tuple[str, int, int | None]] = []
    unlisted.told = lambda what, read, total: heard.append((what, read, total))
    number = unlisted.sync()
    assert (book.requests, heard[-1]) == (1, ("Listed", 1, 1))
    (group,) = unlisted.groups("open")
    assert [(one.account, one.before, one.after) for one in unlisted.changes(group)] == [
        ("A-1", "Customer 1", "Customer One")
    ]
    assert unlisted.counts(number) == {"changed": 1, "unchanged": 9}


def test_an_edit_in_the_desk_is_a_conflict_once_the_source_changes_too(unlisted: Synced) -> None:
    book = unlisted.book
    assert book is not None
    book.change("2", name="One Customer")
    unlisted.sync()
    assert unlisted.conflicts() == [], "nobody looked"
    unlisted.source.change("A-1", name="Customer One")
    unlisted.sync()
    (conflict,) = unlisted.conflicts("open")
    assert (conflict.kind, conflict.source_value, conflict.desk_value) == ("differs", "Customer One", "One Customer")
    unlisted.sync()
    assert [one.state for one in unlisted.conflicts()] == ["open"], "what waits for people is looked up again"


def test_who_lost_the_domain_of_their_id_is_found_by_another(unlisted: Synced) -> None:
    book = unlisted.book
    assert book is not None
    unlisted.source.change("A-1", domains="c1.example, one.example")
    book.change("2", domains=("one.example",))

    def gone(customer: str):  # type: ignore[no-untyped-def]  # as the port
        return Book.customer(book, "none")

    book.customer = gone  # type: ignore[method-assign]  # this once
    assert unlisted.state(unlisted.sync()) is RunState.DONE
    assert unlisted.customers()["A-1"].desk_id in {"2@c1.example", "2@one.example"}


def test_a_customer_found_under_another_id_is_the_one_that_is_known(unlisted: Synced) -> None:
    book = unlisted.book
    assert book is not None
    both = ("c1.example", "other.example")
    unlisted.source.change("A-1", domains=", ".join(both))
    unlisted.sync()
    book.change("2", domains=both)
    unlisted.sync()
    unlisted.source.put("A-99", name="Customer 1", domains="other.example")
    unlisted.sync()
    known = unlisted.customers()
    assert (known["A-1"].desk_id, known["A-99"].desk_id) == ("2@c1.example", None)


def test_a_desk_where_nobody_can_be_found_is_not_asked(here: Synced) -> None:
    assert here.book is not None
    here.book.capabilities = BY_DOMAIN - {Capability.DOMAINS}
    here.rules = here.rules.model_copy(update={"fields": (NAME,)})
    number = here.sync()
    assert here.book.requests == 0
    assert here.counts(number) == {"added": 10}


def test_a_desk_with_references_is_asked_by_them(here: Synced) -> None:
    assert here.book is not None
    here.book.capabilities = CUSTOMERS - {Capability.CUSTOMER_LIST}
    number = here.sync()
    assert here.book.requests == 10
    assert here.counts(number) == {"unchanged": 10}


def test_a_desk_that_is_away_in_the_middle_changes_nothing(unlisted: Synced) -> None:
    book = unlisted.book
    assert book is not None
    unlisted.source.change("A-1", name="Customer One")
    book.away = Unavailable("away", system="listed")
    with pytest.raises(Unavailable):
        unlisted.sync()
    assert unlisted.customers()["A-1"].source_values["name"] == "Customer 1"
