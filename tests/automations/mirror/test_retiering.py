"""Open tickets that people give another tier: seen by all who follow the mirror, and kept by later readings."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from automations.domain import CustomerRef, Ticket, TicketStatus
from automations.mirror.keeping import Page
from automations.mirror.reading import read_on
from automations.mirror.retiering import FEW, open_of, open_of_nobody, retier
from automations.mirror.taking import Taker
from automations.redact import Redactor
from storage.engine import Database
from storage.models import MirrorName, MirrorTicket
from tests.automations.customers.kept import customer, keep
from tests.automations.mirror.histories import at, event, ticket
from tests.automations.mirror.kept import kept
from tests.automations.mirror.scripted import Scripted
from tests.support import FakeClock

ACME = CustomerRef("d1", "Acme", "Pro")


def made(name: str, **more: Any) -> Ticket:
    return ticket(system="scripted", id=name, **({"customer": ACME} | more))


def read(database: Database, clock: FakeClock, desk: Scripted) -> None:
    read_on(database, desk.desk, None, clock=clock, redactor=Redactor())


def give(database: Database, clock: FakeClock, tier: str) -> int:
    with database.begin() as session:
        return retier(session, open_of(session, ["d1"]), tier, clock.now())


def tiers(database: Database) -> dict[str, str]:
    return {name: row["tier"] for name, row in kept(database).items()}


def test_open_tickets_get_it_and_are_seen_as_changed(database: Database, clock: FakeClock) -> None:
    desk = Scripted()
    desk.put(made("open"), event(9, "customer"))
    desk.put(made("solved", status=TicketStatus.SOLVED))
    desk.put(made("merged", status=TicketStatus.CLOSED, merged_into="open"))
    desk.put(made("others", customer=CustomerRef("d2", "Two", "Pro")))
    read(database, clock, desk)
    before = {name: row["changed_at"] for name, row in kept(database).items()}
    clock.move(timedelta(minutes=-5))
    assert give(database, clock, "enterprise") == 1
    assert give(database, clock, "enterprise") == 0, "nothing is written twice"
    assert tiers(database) == {"open": "enterprise", "solved": "pro", "merged": "pro", "others": "pro"}
    after = {name: row["changed_at"] for name, row in kept(database).items()}
    assert after["open"] > max(before.values()), "later than all, though the clock was set back"
    assert {name: at for name, at in after.items() if name != "open"} == {
        name: at for name, at in before.items() if name != "open"
    }
    with database.read() as session:
        assert session.scalar(select(MirrorName.value).where(MirrorName.value == "enterprise")) == "enterprise"
    assert give(database, clock, "") == 1


def test_later_readings_keep_it(database: Database, clock: FakeClock) -> None:
    keep(database, customer("a1", desk_id="d1", tier="enterprise", tier_before="pro", tier_since=at(30)))
    desk = Scripted()
    desk.put(made("1"), event(9, "customer"))
    read(database, clock, desk)
    assert tiers(database) == {"1": "pro"}
    give(database, clock, "enterprise")
    desk.put(made("1", updated_at=at(90)), event(9, "customer"), event(89, "customer"))
    read(database, clock, desk)
    assert tiers(database) == {"1": "enterprise"}


def test_a_reading_under_way_does_not_take_it_back(
    database: Database, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(database, customer("a1", desk_id="d1", tier="enterprise", tier_before="pro", tier_since=at(30)))
    desk = Scripted()
    desk.put(made("1"), event(9, "customer"))
    read(database, clock, desk)
    desk.put(made("1", updated_at=at(90), subject="Another"), event(9, "customer"))
    compared = Taker._page

    def people_were_quicker(*args: Any) -> Page:
        """They decide between the look at the rows and the writing of them."""
        give(database, clock, "enterprise")
        return compared(*args)

    monkeypatch.setattr(Taker, "_page", people_were_quicker)
    read(database, clock, desk)
    row = kept(database)["1"]
    assert (row["tier"], row["subject"]) == ("enterprise", "Another")


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_two_writers_commit_their_changes_in_their_order(database: Database, clock: FakeClock) -> None:
    desk = Scripted()
    desk.put(made("1"))
    desk.put(made("2"))
    read(database, clock, desk)
    done = threading.Event()

    def second() -> None:
        with database.begin() as session:
            two = session.scalars(select(MirrorTicket).where(MirrorTicket.ticket_id == "2"))
            retier(session, two, "team", clock.now())
        done.set()

    with database.begin() as session:
        one = session.scalars(select(MirrorTicket).where(MirrorTicket.ticket_id == "1"))
        retier(session, one, "team", clock.now())
        other = threading.Thread(target=second)
        other.start()
        assert not done.wait(0.2), "the second waits until the first is committed"
    other.join()
    rows = kept(database)
    assert rows["1"]["changed_at"] < rows["2"]["changed_at"]


def test_tickets_of_nobody_are_found_by_the_addresses_of_their_requesters(database: Database, clock: FakeClock) -> None:
    desk = Scripted(page=50)
    for name, requester in {
        "exact": "Kim@Acme.example", "below": "kim@mail.acme.example", "quoted": "Kim <kim@acme.example>",
        "like": "kim@notacme.example", "other": "kim@other.example", "name": "Kim",
    }.items():  # fmt: skip
        desk.put(made(name, customer=None, requester=requester))
    desk.put(made("solved", customer=None, requester="kim@acme.example", status=TicketStatus.SOLVED))
    desk.put(made("named", requester="kim@acme.example"))
    read(database, clock, desk)
    with database.read() as session:
        for more in range(2):
            domains = {"acme.example", *(f"c{n}.example" for n in range(FEW * more))}
            assert {one.ticket_id for one in open_of_nobody(session, domains)} == {"exact", "below", "quoted"}
        assert open_of_nobody(session, set()) == []
