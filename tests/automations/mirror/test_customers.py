"""Whose a ticket is in the mirror: by what is kept of customers where it is known, else as the desk tells it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select, update

from automations.domain import CustomerRef, Ticket
from automations.mirror.reading import Reading, forget, read_on
from automations.redact import Redactor
from storage.engine import Database
from storage.models import CustomerDomain, KnownCustomer, MirrorName, MirrorTicket
from tests.automations.customers.kept import counted, customer, keep
from tests.automations.mirror.histories import at, event, ticket
from tests.automations.mirror.kept import kept
from tests.automations.mirror.scripted import Scripted
from tests.support import START, FakeClock

Read = Callable[[Scripted], Reading]
HOUR = timedelta(hours=1)


@pytest.fixture
def read(database: Database, clock: FakeClock) -> Read:
    return lambda desk: read_on(database, desk.desk, None, clock=clock, redactor=Redactor())


def made(name: str = "1", **more: Any) -> Ticket:
    return ticket(system="scripted", id=name, **more)


def whose(database: Database, name: str = "1") -> tuple[str, str, str]:
    row = kept(database)[name]
    return row["customer_id"], row["customer_name"], row["tier"]


TOLD = CustomerRef("d1", "Acme of the desk", "Gold")


@pytest.mark.parametrize(
    ("told", "requester", "key", "found"),
    [
        (TOLD, None, None, ("d1", "Customer a1", "enterprise")),
        (CustomerRef("d1"), "x@other.example", None, ("d1", "Customer a1", "enterprise")),
        (CustomerRef("a1", "Acme", "free"), None, "handoff-1", ("a1", "Customer a1", "enterprise")),
        (None, "eva@mail.acme.example", None, ("d1", "Customer a1", "enterprise")),
        (None, "eva@bare.example", None, ("a3", "Customer a3", "pro")),
        (None, "eva@both.example", None, ("", "", "")),
        (None, "eva@gmail.example", None, ("", "", "")),
        (CustomerRef("d9", "Nine", "Gold"), "Eva", None, ("d9", "Nine", "gold")),
        # an id of the desk and an account of the same name: our own ticket names the account
        (CustomerRef("7", "", ""), None, None, ("7", "Customer a4", "free")),
        (CustomerRef("7", "", ""), None, "handoff-2", ("7", "Customer 7", "starter")),
        (CustomerRef("7", "", ""), None, "import/2", ("7", "Customer a4", "free")),
    ],
)
def test_a_ticket_goes_by_the_customer_that_is_kept(
    database: Database,
    read: Read,
    told: CustomerRef | None,
    requester: str | None,
    key: str | None,
    found: tuple[str, str, str],
) -> None:
    keep(
        database,
        customer("a1", "acme.example", "both.example", desk_id="d1"),
        customer("a2", "both.example"),
        customer("a3", "bare.example", tier="pro"),
        customer("a4", desk_id="7", tier="free"),
        customer("7", tier="starter"),
    )
    desk = Scripted()
    desk.put(made(customer=told, requester=requester, key=key), event(9, "customer"))
    read(desk)
    assert whose(database) == found
    with database.read() as session:
        named = {tuple(row) for row in session.execute(select(MirrorName.key, MirrorName.value))}
    assert {("customer", found[0]), ("tier", found[2])} <= named or found == ("", "", "")


def test_old_tickets_keep_their_tier_and_new_ones_have_the_new_one(
    database: Database, clock: FakeClock, read: Read
) -> None:
    keep(database, customer("a1", desk_id="d1", tier="pro"))
    desk = Scripted()
    desk.put(made("old", customer=TOLD), event(9, "customer"))
    read(desk)
    with database.begin() as session:
        session.execute(update(KnownCustomer).values(tier="enterprise", tier_before="pro", tier_since=at(60)))
    desk.put(made("old", customer=TOLD, updated_at=at(90)), event(9, "customer"))
    desk.put(made("never seen", customer=TOLD, updated_at=at(90)), event(9, "customer"))
    desk.put(made("new", customer=TOLD, created_at=at(60), updated_at=at(90)), event(80, "customer"))
    read(desk)
    assert [whose(database, name)[2] for name in ("old", "never seen", "new")] == ["pro", "pro", "enterprise"]

    # a second change: what is older than the first keeps what it had, and a ticket that was given another keeps that
    with database.begin() as session:
        session.execute(update(KnownCustomer).values(tier="team", tier_before="enterprise", tier_since=at(120)))
        session.execute(update(MirrorTicket).where(MirrorTicket.ticket_id == "new").values(tier="team"))
    for name, created_at in (("old", START), ("new", at(60))):
        again = made(name, customer=TOLD, created_at=created_at, updated_at=at(150))
        desk.put(again, event(80, "customer"))
    desk.put(made("moved", customer=CustomerRef("d9", "", "Free")), event(9, "customer"))
    read(desk)
    desk.put(made("moved", customer=TOLD, updated_at=at(150)), event(9, "customer"))
    read(desk)
    tiers = [whose(database, name)[2] for name in ("old", "new", "moved")]
    assert tiers == ["pro", "team", "enterprise"], "one that was another customer's has no tier of this one to keep"


def test_reading_many_tickets_asks_a_few_questions_more(database: Database, clock: FakeClock, read: Read) -> None:
    def statements(tickets: int, first: int) -> int:
        desk = Scripted(page=50)
        for n in range(first, first + tickets):
            requester = f"x@c{n % 40}.example" if n % 2 else None
            desk.put(made(str(n), customer=None if n % 2 else CustomerRef(f"d{n % 40}"), requester=requester))
        forget(database, "scripted")
        with database.read() as session, counted(session) as sent:
            read(desk)
        return len(sent)

    without = [statements(50, 0), statements(100, 0)]
    keep(database, *(customer(f"a{n}", f"c{n}.example", desk_id=f"d{n}") for n in range(40)))
    few, many = statements(50, 0), statements(100, 0)
    assert few - without[0] <= 6
    assert many - without[1] <= 12


CUSTOMERS = st.sampled_from([None, TOLD, CustomerRef("d1"), CustomerRef("d2", "Two", "Free"), CustomerRef("a1")])
REQUESTERS = st.sampled_from([None, "Eva", "eva@acme.example", "eva@both.example", "eva@gmail.example"])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(
    tickets=st.lists(st.tuples(CUSTOMERS, REQUESTERS, st.booleans()), min_size=1, max_size=6),
    since=st.sampled_from([None, at(30), at(90)]),
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_two_readings_come_to_the_same_as_one(
    database: Database, clock: FakeClock, read: Read, tickets: Any, since: Any
) -> None:
    forget(database, "scripted")
    with database.begin() as session:
        session.execute(delete(CustomerDomain))
        session.execute(delete(KnownCustomer))
    keep(
        database,
        customer("a1", "acme.example", "both.example", desk_id="d1", tier_before="pro", tier_since=since),
        customer("a2", "both.example"),
    )
    desk = Scripted()
    for n, (told, requester, late) in enumerate(tickets):
        created_at = at(60) if late else START
        desk.put(made(str(n), customer=told, requester=requester, created_at=created_at, updated_at=at(70)))
    read(desk)
    first = kept(database)
    for one in list(desk.tickets.values()):
        desk.put(one)
    assert read(desk).changed == 0
    assert kept(database) == first
    for row in first.values():
        if row["customer_name"] == "Customer a1":
            assert row["tier"] == ("pro" if since is not None and row["created_at"] < since else "enterprise")
