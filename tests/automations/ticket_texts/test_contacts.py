"""How often a customer got in touch: tickets opened and messages written, from the mirror's rows alone."""

from datetime import timedelta

from automations.domain import CustomerRef
from automations.mirror.reading import read_on
from automations.redact import Redactor
from automations.ticket_texts.contacts import contacts
from storage.engine import Database
from tests.automations.mirror.histories import at, event, ticket
from tests.automations.mirror.scripted import Scripted
from tests.support import START, FakeClock

KARI, BO, ACME = "kari@acme.example", "bo@acme.example", CustomerRef("c1", "Acme")


def test_contacts_are_counted_per_person_and_per_customer(database: Database, clock: FakeClock) -> None:
    desk = Scripted()
    told = ticket(system="scripted", id="1", requester=KARI, customer=ACME)
    desk.put(told, event(0, "customer"), event(10, "public"), event(20, "customer"))
    untold = ticket(system="scripted", id="2", requester=KARI, customer=ACME)
    desk.put(untold, event(30, "customer"))
    silent = ticket(system="scripted", id="3", requester=BO, customer=ACME)
    desk.put(silent, event(40, "public"))
    desk.put(ticket(system="scripted", id="4", requester=BO, key="case/1"), event(5, "internal"))
    desk.put(ticket(system="scripted", id="5", requester=None), event(0, "customer"))
    read_on(database, desk.desk, None, clock=clock, redactor=Redactor())
    with database.read() as session:

        def count(minutes: float, requester: str | None, customer: str = "") -> int:
            return contacts(session, "scripted", at(minutes), requester=requester, customer=customer)

        assert count(0, KARI) == 4, "two messages on the first; the second opened, and a message there"
        assert count(20, KARI) == 2, "from the moment on, that moment included"
        assert count(20.01, KARI) == 1
        assert count(0, BO) == 1, "opened with words that the desk does not tell; what a bot opened is no contact"
        assert count(0, None, "c1") == 5
        assert count(0, None) == 0, "nobody knows whose"
        assert contacts(session, "another", START, requester=KARI) == 0


def test_a_deleted_ticket_is_no_contact(database: Database, clock: FakeClock) -> None:
    desk = Scripted()
    desk.put(ticket(system="scripted", id="1", requester=KARI), event(0, "customer"))
    for _ in range(2):
        clock.move(timedelta(seconds=1))
        read_on(database, desk.desk, None, clock=clock, redactor=Redactor())
        desk.tickets.clear()
        desk.told.append("1")
    with database.read() as session:
        assert contacts(session, "scripted", START, requester=KARI) == 0
