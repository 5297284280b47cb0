"""Whose open tickets are, of customers who are known and of those who are only planned."""

from datetime import timedelta
from typing import Any

import pytest

from automations.customer_context.open_tickets import Sought, open_of, retier
from automations.domain import CustomerRef, TicketStatus
from automations.mirror.reading import read_on
from automations.mirror.retiering import FEW
from automations.redact import Redactor
from storage.engine import Database
from tests.automations.customers.kept import counted, customer, keep
from tests.automations.mirror.histories import ticket
from tests.automations.mirror.kept import kept
from tests.automations.mirror.scripted import Scripted
from tests.support import FakeClock


def write(database: Database, clock: FakeClock, **tickets: dict[str, Any]) -> None:
    """Tickets as the mirror had them before anybody kept customers."""
    desk = Scripted(page=200)
    for name, told in tickets.items():
        desk.put(ticket(system="scripted", id=name, **told))
    read_on(database, desk.desk, None, clock=clock, redactor=Redactor())


@pytest.fixture
def tickets(database: Database, clock: FakeClock) -> Database:
    write(
        database,
        clock,
        by_id={"customer": CustomerRef("d1", "", "pro")},
        by_account={"customer": CustomerRef("a1", "", "pro"), "key": "handoff-1"},
        by_domain={"requester": "x@mail.acme.example"},
        of_two={"requester": "x@both.example"},
        solved={"customer": CustomerRef("d1"), "status": TicketStatus.SOLVED},
        elsewhere={"customer": CustomerRef("d2"), "requester": "x@acme.example"},
        nobodys={"requester": "x@mail.example"},
        planned_id={"customer": CustomerRef("d9")},
        planned_domain={"requester": "x@new.example"},
    )
    keep(
        database,
        customer("a1", "acme.example", "both.example", desk_id="d1"),
        customer("a2", "both.example", desk_id="d2"),
    )
    return database


def found(database: Database, *sought: Sought, system: str | None = None) -> dict[str, str]:
    with database.read() as session:
        return {one.ticket_id: account for one, account in open_of(session, sought, system=system)}


def test_tickets_are_found_by_id_account_and_domain(tickets: Database) -> None:
    mine = {"by_id": "a1", "by_account": "a1", "by_domain": "a1"}
    assert found(tickets, Sought("a1", "d1")) == mine
    assert found(tickets, Sought("a1", "d1"), system="scripted") == mine
    assert found(tickets, Sought("a1", "d1"), system="another") == {}
    assert found(tickets, Sought("a2", "d2")) == {"elsewhere": "a2"}
    assert found(tickets) == {}


def test_customers_who_are_only_planned_have_the_tickets_that_nobody_else_has(tickets: Database) -> None:
    planned = Sought("a9", "d9", ("new.example", "acme.example"))
    assert found(tickets, planned) == {"planned_id": "a9", "planned_domain": "a9"}
    everybody = found(tickets, planned, Sought("a1", "d1"), Sought("a2", "d2"))
    assert everybody["by_domain"] == "a1", "who is known comes before who is planned"
    assert "of_two" not in everybody


def test_retiering_is_counted_and_goes_back(tickets: Database, clock: FakeClock) -> None:
    def give(tier: str) -> int:
        with tickets.begin() as session:
            return retier(session, "a1", "d1", tier, clock.move(timedelta(minutes=1)))

    def tiers() -> dict[str, str]:
        return {name: row["tier"] for name, row in kept(tickets).items() if row["tier"]}

    before = tiers()
    assert give("enterprise") == 3
    assert tiers() == before | dict.fromkeys(("by_id", "by_account", "by_domain"), "enterprise")
    assert give("enterprise") == 0
    assert give("pro") == 3


def test_many_customers_cost_a_few_queries(database: Database, clock: FakeClock) -> None:
    many = range(400)
    by_id = {f"t{n}": {"customer": CustomerRef(f"d{n}")} for n in many if n % 2}
    by_domain = {f"u{n}": {"requester": f"x@c{n}.example"} for n in many if n % 2 == 0}
    write(database, clock, **by_id, **by_domain)
    keep(database, *(customer(f"a{n}", f"c{n}.example", desk_id=f"d{n}") for n in many))
    assert len(many) > FEW
    with database.read() as session, counted(session) as sent:
        assert len(open_of(session, [Sought(f"a{n}", f"d{n}") for n in many])) == 400
    assert len(sent) <= 12
