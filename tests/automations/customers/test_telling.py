"""What messages about tickets and cases say of the customer."""

from datetime import timedelta

import pytest

from automations.customers.known import Asked
from automations.customers.telling import NOTHING, Told, asked_of, of_case, of_ticket
from storage.engine import Database
from tests.automations.customers.kept import conflict, customer, keep, source
from tests.support import START

ZONE = "Europe/Oslo"
AGE = "(crm as of 02:14, 1 h ago)"


@pytest.fixture
def kept(database: Database) -> Database:
    keep(
        database,
        customer("a1", "acme.example", "both.example", desk_id="d1"),
        customer("a2", "both.example", tier=""),
        source("crm", START - timedelta(hours=1)),
        conflict("a1", "tier"),
    )
    return database


def ticket(database: Database, tier: str = "enterprise", **asked: str) -> Told:
    with database.read() as session:
        return of_ticket(session, Asked(**asked), tier, START, ZONE)


def case(database: Database, account: str, tier: str) -> Told:
    with database.read() as session:
        return of_case(session, account, tier, START, ZONE)


def test_nothing_is_said_where_no_customers_are_kept(database: Database) -> None:
    assert ticket(database, desk_id="d1", requester="x@acme.example") == NOTHING
    assert case(database, "a1", "enterprise") == NOTHING


def test_a_ticket_tells_tier_status_age_and_conflicts_of_its_customer(kept: Database) -> None:
    told = f"enterprise, active {AGE}; open conflict on its tier"
    assert ticket(kept, desk_id="d1") == Told(told)
    assert ticket(kept, "pro", requester="x@acme.example") == Told(f"{told}; this ticket goes by pro")
    assert ticket(kept, "", desk_id="d1") == Told(f"{told}; this ticket goes by no tier")
    assert ticket(kept, "pro", account="a2") == Told(f"tier not kept, active {AGE}")


def test_a_domain_of_nobody_or_of_two_is_said(kept: Database) -> None:
    assert ticket(kept, requester="x@mail.example") == Told(unclear="mail.example belongs to no customer")
    two = "both.example belongs to 2 customers: a1, a2"
    assert ticket(kept, requester="x@both.example") == Told(unclear=two)
    assert ticket(kept, requester="Eva") == NOTHING


def test_a_case_says_where_its_tier_comes_from(kept: Database) -> None:
    told = f"enterprise, active {AGE}; open conflict on its tier"
    assert case(kept, "a1", "enterprise") == Told(told)
    assert case(kept, "a1", "pro") == Told(f"{told}; this case goes by pro")
    assert case(kept, "a2", "pro") == Told(f"tier not kept, active {AGE}; pro is the event's word")
    assert case(kept, "a9", "pro") == Told("pro, the event's word: a9 is not known as a customer")
    assert case(kept, "a9", "") == Told("a9 is not known as a customer")
    assert case(kept, "", "pro") == NOTHING


def test_only_our_own_tickets_name_accounts() -> None:
    assert asked_of("7", None, "bot") == Asked("7", "7", "")
    assert asked_of("7", "x@acme.example", "customer") == Asked("", "7", "x@acme.example")
