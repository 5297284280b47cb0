"""What is in force of a customer: the columns that messages and clocks go by, and the domains they are found by."""

from datetime import timedelta

from sqlalchemy import select

from automations.customer_context import in_force
from storage.engine import Database
from storage.models import CustomerDomain
from tests.support import START

LATER = START + timedelta(days=1)


def domains(database: Database) -> list[tuple[str, str]]:
    with database.read() as session:
        return [(row.domain, row.account) for row in session.scalars(select(CustomerDomain))]


def test_a_customer_is_known_by_values_and_found_by_domains(database: Database) -> None:
    values = {"name": "Acme", "tier": "Gold", "domains": "a.example, b.example", "region": "north"}
    with database.begin() as session:
        row = in_force.make(session, "A-1", "Acme", "7", values, START)
        assert (row.name, row.tier, row.status, row.desk_id, row.base) == ("Acme", "gold", "active", "7", values)
        assert in_force.value_of(row, "domains") == "a.example, b.example"
        assert (in_force.value_of(row, "region"), in_force.value_of(row, "colour")) == ("north", "")
        in_force.put(session, row, "domains", "b.example, c.example", LATER)
    assert domains(database) == [("b.example", "A-1"), ("c.example", "A-1")]


def test_tickets_from_before_keep_the_tier_of_before(database: Database) -> None:
    with database.begin() as session:
        row = in_force.make(session, "A-1", "Acme", None, {"tier": "pro"}, START)
        assert (row.tier_before, row.tier_since) == ("", START)
        in_force.put(session, row, "tier", "pro", LATER)
        assert row.tier_since == START, "the same tier is no change"
        in_force.put(session, row, "tier", "gold", LATER)
        assert (row.tier_before, row.tier_since) == ("pro", LATER)
        in_force.put_back(session, row, "tier", "pro", LATER, agreed=True)
        again = in_force.make(session, "A-1", "Acme", None, {}, LATER)
        assert (again.tier, again.tier_before, again.tier_since, again.base) == ("pro", "", None, {"tier": "pro"})
        in_force.put_back(session, row, "tier", "", LATER, agreed=False)
        assert row.base == {}


def test_linking_changes_nothing_else(database: Database) -> None:
    with database.begin() as session:
        row = in_force.make(session, "A-1", "Acme", None, {"tier": "pro"}, START)
        assert in_force.link(session, "A-1", "Other", "9", LATER) is row
        assert (row.name, row.desk_id, row.tier) == ("Acme", "9", "pro")
        assert in_force.link(session, "A-2", "Bea", None, LATER).name == "Bea"
        assert in_force.known(session, "A-3") is None
