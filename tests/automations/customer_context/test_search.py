"""Customers are found by any part of name, account or domain, and signs of patterns are only signs."""

import pytest

from automations.customer_context.search import PER_PAGE, search
from storage.engine import Database
from storage.models import CustomerDomain
from tests.automations.customer_context.ledgered import Ledgered, ledgered
from tests.support import FakeClock, RecordingJobs


@pytest.fixture
def here(database: Database, clock: FakeClock, jobs: RecordingJobs) -> Ledgered:
    made = ledgered(database, clock, jobs)
    for number in range(12):
        made.know(f"acct_{number:02}", name=f"Customer {number:02}", tier="pro")
    made.know("x-1", name="acme & Söhne 100%")
    with database.begin() as session:
        session.add(CustomerDomain(domain="shop.example", account="x-1"))
        session.add(CustomerDomain(domain="shop.test", account="x-1"))
    return made


def found(here: Ledgered, words: str, page: int = 1) -> tuple[list[str], int]:
    with here.database.read() as session:
        rows, total = search(session, words, page)
    return [row.account for row in rows], total


@pytest.mark.parametrize("words", ["ACME", "x-1", "shop", "SHOP.test", "100%", "Söhne", " & "])
def test_one_is_found_by_any_part(here: Ledgered, words: str) -> None:
    assert found(here, words) == (["x-1"], 1)


@pytest.mark.parametrize("words", ["%", "_", "customer%", "acct%0", "nobody"])
def test_signs_of_patterns_are_only_signs(here: Ledgered, words: str) -> None:
    accounts, _ = found(here, words)
    assert accounts == {"%": ["x-1"], "_": [f"acct_{number:02}" for number in range(PER_PAGE)]}.get(words, [])


def test_pages_hold_each_once_in_the_order_of_names(here: Ledgered) -> None:
    (first, total), (second, _), (third, _) = (found(here, "", page) for page in (1, 2, 3))
    assert total == 13
    assert (len(first), first[0], third) == (PER_PAGE, "x-1", [])
    assert [*first[1:], *second] == [f"acct_{number:02}" for number in range(12)]
