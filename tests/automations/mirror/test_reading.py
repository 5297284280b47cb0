"""Reading desks into the mirror: whole, once, from the beginning and on, whatever breaks off in between."""

import logging
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import cast

import pytest
from sqlalchemy import func, select

from automations.adapters.builtin.customers import BuiltinCustomers
from automations.adapters.builtin.desk import BuiltinDesk
from automations.desks import Capability, Customer, CustomerChange
from automations.domain import CustomerRef, IdempotencyKey, TicketChange, TicketEvent, TicketStatus
from automations.errors import Rejected, Unavailable
from automations.mirror.customers import CustomerNames
from automations.mirror.places import Step, begin
from automations.mirror.reading import Reading, forget, place, read_on
from automations.mirror.taking import Taker
from automations.ports import CustomerBook, HelpDesk
from automations.redact import MASK, Redactor
from storage.engine import Database
from storage.exclusive import alone
from storage.models import FOREVER, DeskTicket, MirrorName, MirrorPlace, MirrorTicket
from tests.automations.adapters.contract import DRAFT, KEY
from tests.automations.adapters.followed import BEN
from tests.automations.adapters.muninx.room import Room
from tests.automations.adapters.test_conformance import seeded
from tests.automations.adapters.zendesk import opened as zendesk
from tests.automations.mirror.histories import at, changed, event, ticket
from tests.automations.mirror.kept import kept
from tests.automations.mirror.scripted import FED, Scripted, ScriptedList
from tests.desks.muninx import PeopleAtWork
from tests.support import START, FakeClock

SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
MINUTE = timedelta(minutes=1)
Read = Callable[[HelpDesk], Reading]


@pytest.fixture
def read(database: Database, clock: FakeClock) -> Read:
    return lambda desk: read_on(database, desk, None, clock=clock, redactor=Redactor())


class TwoAtOnce(Scripted):
    """While one process looks at a ticket, another reads on in the same place: a command beside the bot on SQLite."""

    other: Callable[[], object] | None = None

    def events(self, ticket: str, *, after: str | None) -> Iterator[TicketEvent]:
        if (other := self.other) is not None:
            self.other = None
            other()
        return super().events(ticket, after=after)


def test_another_process_in_the_same_place_is_told_as_such(database: Database, clock: FakeClock) -> None:
    desk = TwoAtOnce()
    for name in ("1", "2"):
        desk.put(ticket(id=name), event(9, "customer"))
    begin(database, desk.desk, clock.now())
    one, other = (
        Taker(database, desk.desk, CustomerNames(None), clock, Redactor(), lambda _read: None) for _ in range(2)
    )
    desk.other = lambda: other.take(("1", "2"), {}, Step("", "", ()))
    with pytest.raises(Unavailable, match="another worker has read on in the same place; nothing was kept twice"):
        one.take(("1", "2"), {}, Step("", "", ()))
    assert sorted(kept(database)) == ["1", "2"]


def test_what_tickets_bear_and_have_borne_can_be_filtered_by(database: Database, clock: FakeClock, read: Read) -> None:
    desk = Scripted(FED | {Capability.HISTORY})
    acme = CustomerRef("c1", "Acme", "Gold")
    for name in ("1", "2"):
        one = ticket(
            system="scripted", id=name, group="Billing", assignee="Ann@team.example", tags=("vip", name), customer=acme
        )
        desk.put(one, changed(5, "group", "Support", "Billing"))
    read(desk.desk)
    read(desk.desk)
    with database.read() as session:
        named = session.execute(select(MirrorName.key, MirrorName.value).where(MirrorName.system == "scripted"))
        assert sorted(map(tuple, named)) == [
            ("assignee", "ann@team.example"), ("customer", "Acme"), ("customer", "c1"), ("group", "Billing"),
            ("group", "Support"), ("tag", "1"), ("tag", "2"), ("tag", "vip"), ("tier", "gold"),
        ]  # fmt: skip
    forget(database, "scripted")
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(MirrorName)) == 0


def where(database: Database, system: str) -> MirrorPlace:
    with database.read() as session:
        found = place(session, system)
    assert found is not None
    return found


def asked(desk: BuiltinDesk, database: Database, clock: FakeClock) -> str:
    """A customer's ticket, as an import leaves one, with its words told."""
    made = desk.create(DRAFT, key=IdempotencyKey("import/1")).id
    with database.begin() as session:
        session.get_one(DeskTicket, int(made)).requester = "rita@acme.example"
    desk.work.customer_replies(made, "The export stops")
    clock.move(MINUTE)
    return made


def test_a_ticket_of_the_built_in_desk_is_kept_with_its_life(database: Database, clock: FakeClock, read: Read) -> None:
    desk = seeded(database, clock)
    made, ours = asked(desk, database, clock), desk.create(DRAFT, key=KEY).id
    desk.work.reply(made, "Which export?", by=BEN)
    clock.move(MINUTE)
    desk.work.change(made, TicketChange(status=TicketStatus.SOLVED, assignee=BEN), by=BEN)
    clock.move(MINUTE)
    desk.work.customer_replies(made, "It is not solved")
    found = read(desk)
    assert (found.changed, found.complete, found.read_at) == (2, True, clock.now())
    mirrored = kept(database)
    row = mirrored[made]
    assert row["spans"] == [
        ("open", START, at(2), False), ("solved", at(2), at(3), False), ("open", at(3), FOREVER, False),
    ]  # fmt: skip
    assert row["said"] == [
        ("customer", START, None, False, None), ("agent", at(1), START, True, 60),
        ("customer", at(3), None, False, None),
    ]  # fmt: skip
    assert (row["opened_by"], row["first_reply_at"], row["waiting_since"]) == ("customer", at(1), at(3))
    assert (row["requester"], row["told_by"], row["solved_at"]) == ("rita@acme.example", "history", None)
    assert (row["customer_id"], row["customer_name"], row["tier"]) == ("acct_42", "Acme GmbH", "enterprise")
    assert (row["tags"], row["tags_by_row"], row["assignee"]) == (["handoff"], ["handoff"], BEN)
    assert (mirrored[ours]["opened_by"], mirrored[ours]["waiting_since"]) == ("bot", None)
    known = where(database, "builtin")
    assert (known.since, known.complete_at, known.listed) == (None, clock.now(), 2)


def test_reading_twice_is_reading_once_and_reading_on_is_reading_anew(
    database: Database, clock: FakeClock, read: Read
) -> None:
    desk = seeded(database, clock)
    made, other = asked(desk, database, clock), desk.create(DRAFT, key=KEY).id
    assert read(desk).changed == 2
    before = kept(database)
    clock.move(MINUTE)
    assert read(desk).changed == 0
    assert kept(database) == before, "not even changed_at"
    desk.work.reply(made, "Which export?", by=BEN)
    desk.work.merge(other, made, by=BEN)
    clock.move(MINUTE)
    assert read(desk).changed == 2
    on = kept(database)
    assert on[other]["spans"][-1] == ("closed", at(2), FOREVER, True)
    assert on[other]["merged_into"] == made
    forget(database, "builtin")
    assert kept(database) == {}
    read(desk)
    assert kept(database).keys() == on.keys()
    for one, row in kept(database).items():
        assert {**row, "id": 0} == {**on[one], "id": 0}


def test_a_deleted_ticket_is_marked_when_it_was_deleted_and_back_when_it_is(
    database: Database, clock: FakeClock, read: Read
) -> None:
    desk = seeded(database, clock)
    made = asked(desk, database, clock)
    read(desk)
    desk.work.delete(made, by=BEN)
    clock.move(MINUTE)
    assert [read(desk).changed for _ in range(2)] == [1, 0]
    assert kept(database)[made]["deleted_at"] == at(1)
    with database.begin() as session:
        session.get_one(DeskTicket, int(made)).deleted_at = None
    desk.work.note(made, "It is needed", by=BEN)
    assert read(desk).changed == 1
    assert kept(database)[made]["deleted_at"] is None
    gone = desk.create(DRAFT, key=KEY).id
    desk.work.delete(gone, by=BEN)
    read(desk)
    assert gone not in kept(database), "nobody was ever shown it"


def test_a_reading_that_broke_off_goes_on_where_it_was(database: Database, clock: FakeClock, read: Read) -> None:
    scripted = Scripted()
    for number in range(1, 6):
        scripted.put(ticket(id=str(number), system="scripted"))
    scripted.broken["4"] = Unavailable("the desk is away", system="scripted")
    with pytest.raises(Unavailable):
        read(scripted.desk)
    half = where(database, "scripted")
    assert (half.left, half.complete_at, half.listed) == (["3", "4"], None, 2)
    clock.move(MINUTE)
    assert read(scripted.desk).changed == 3
    assert scripted.read == ["1", "2", "3", "3", "4", "5"], "no page is read from its beginning again but what was left"
    assert (where(database, "scripted").left, where(database, "scripted").listed) == ([], 5)
    progress: list[int] = []
    scripted.told += ["1", "2", "3"]
    first = read_on(
        database, scripted.desk, None, clock=clock, redactor=Redactor(), most_pages=1, on_progress=progress.append
    )
    assert (first.complete, progress) == (False, [2])


@SQLITE
def test_a_ticket_that_the_desk_refuses_holds_up_no_other(
    database: Database, read: Read, caplog: pytest.LogCaptureFixture
) -> None:
    scripted = Scripted()
    for number in range(1, 4):
        scripted.put(ticket(id=str(number), system="scripted"))
    scripted.broken["2"] = Rejected("a field is odd", system="scripted", code="odd")
    with caplog.at_level(logging.WARNING, logger="automations.mirror"):
        found = read(scripted.desk)
    assert (found.changed, found.refused, found.complete) == (2, 1, True)
    assert "ticket 2 of scripted was not read: a field is odd" in caplog.text
    scripted.told.append("2")
    assert (read(scripted.desk).changed, sorted(kept(database))) == (1, ["1", "2", "3"])


@SQLITE
@pytest.mark.parametrize(("code", "refused"), [("unauthorized", 1), ("forbidden", 10)])
def test_a_desk_that_refuses_us_is_no_empty_desk(database: Database, read: Read, code: str, refused: int) -> None:
    scripted = Scripted(page=10)
    for number in range(refused):
        scripted.put(ticket(id=str(number), system="scripted"))
        scripted.broken[str(number)] = Rejected("not for you", system="scripted", code=code)
    with pytest.raises(Rejected, match="not for you"):
        read(scripted.desk)
    assert (where(database, "scripted").complete_at, kept(database)) == (None, {})
    assert read(scripted.desk).changed == refused, "once it lets us again"


def test_a_desk_without_history_is_kept_as_looks_found_it(database: Database, clock: FakeClock, read: Read) -> None:
    scripted = Scripted()
    scripted.put(ticket(system="scripted", status=TicketStatus.SOLVED, updated_at=at(30)), event(0, "customer"))
    read(scripted.desk)
    known = where(database, "scripted")
    assert known.since == known.began_at == clock.now()
    row = kept(database)["7"]
    assert (row["told_by"], row["solved_at"]) == ("seen", at(30))
    scripted.put(ticket(system="scripted", updated_at=at(90)), event(0, "customer"), event(80, "public"))
    clock.move(MINUTE)
    read(scripted.desk)
    row = kept(database)["7"]
    assert row["spans"] == [
        ("open", START, at(30), False), ("solved", at(30), at(90), False), ("open", at(90), FOREVER, False),
    ]  # fmt: skip
    assert (row["solved_at"], row["first_reply_at"], row["waiting_since"]) == (None, at(80), None)
    before = kept(database)
    scripted.told.append("7")
    assert (read(scripted.desk).changed, kept(database)) == (0, before)
    del scripted.tickets["7"]
    scripted.told.append("7")
    clock.move(MINUTE)
    read(scripted.desk)
    assert kept(database)["7"]["deleted_at"] == clock.now(), "when it was seen to be gone"


def test_a_desk_that_only_lists_is_read_where_its_list_shows_another_time(
    database: Database, clock: FakeClock, read: Read
) -> None:
    listing = ScriptedList(FED - {Capability.CHANGES})
    for number in ("1", "2", "3"):
        listing.put(ticket(id=number, system="scripted"))
    assert (read(listing.desk).changed, listing.read) == (3, ["1", "2", "3"])
    listing.put(ticket(id="2", system="scripted", status=TicketStatus.SOLVED, updated_at=at(70)))
    del listing.tickets["3"]
    clock.move(MINUTE)
    found = read(listing.desk)
    assert (found.changed, found.complete, listing.read[3:]) == (2, True, ["2"])
    assert (kept(database)["2"]["solved_at"], kept(database)["3"]["deleted_at"]) == (at(70), clock.now())
    assert read(listing.desk).changed == 0


@SQLITE
def test_muninx_and_zendesk_are_mirrored_through_their_own_adapters(
    database: Database, clock: FakeClock, read: Read
) -> None:
    room = Room(clock)
    made = room.desk().create(DRAFT, key=KEY).id
    people = PeopleAtWork(room.fake)
    clock.move(MINUTE)
    people.reply(made, "Which export?", by=BEN)
    assert (read(room.desk()).complete, read(room.desk()).changed) == (True, 0)
    mirrored = kept(database)[made]
    assert (mirrored["told_by"], mirrored["said"][-1][0], where(database, "muninx").since) == ("seen", "agent", at(1))
    fake = zendesk.zendesk(clock)
    desk = zendesk.desk(fake, clock)
    theirs = desk.create(DRAFT, key=KEY).id
    fake.customer_replies(theirs, "It stops")
    clock.move(5 * MINUTE)
    fake.reply(theirs, "Which export?", by=BEN)
    clock.move(2 * MINUTE)
    read(desk)
    row = kept(database)[theirs]
    assert (row["opened_by"], [one[0] for one in row["said"]]) == ("bot", ["customer", "agent"])
    assert (row["first_reply_at"], row["said"][1][4], row["requester"]) == (at(6), 300, "requests@team.example")


class Book:
    """Customers that tell name and tier, as often as they are asked."""

    system, title, capabilities = "scripted", "The book", frozenset({Capability.CUSTOMERS})

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.away = False

    def customer(self, customer: str) -> Customer:
        self.asked.append(customer)
        if self.away:
            raise Unavailable("the book is away", system="scripted")
        return Customer(customer, "Acme GmbH", None, (), "Enterprise", "active", ())


@SQLITE
def test_customers_are_looked_up_once_and_their_absence_holds_up_nothing(database: Database, clock: FakeClock) -> None:
    book, scripted = Book(), Scripted()

    def look() -> Reading:
        known = cast("CustomerBook", book)
        return read_on(database, scripted.desk, known, clock=clock, redactor=Redactor())

    def of(one: str) -> tuple[str, str, str]:
        row = kept(database)[one]
        return row["customer_id"], row["customer_name"], row["tier"]

    told = {"1": CustomerRef("501"), "2": CustomerRef("501"), "3": CustomerRef("9", "Beta", "Free"), "4": None}
    for one, customer in told.items():
        scripted.put(ticket(id=one, system="scripted", customer=customer))
    look()
    assert book.asked == ["501"]
    assert [of(one) for one in told] == [
        ("501", "Acme GmbH", "enterprise"), ("501", "Acme GmbH", "enterprise"), ("9", "Beta", "free"), ("", "", ""),
    ]  # fmt: skip
    book.away = True
    scripted.put(ticket(id="5", system="scripted", customer=CustomerRef("502")))
    scripted.put(ticket(id="6", system="scripted", customer=CustomerRef("503")))
    scripted.put(ticket(id="1", system="scripted", customer=CustomerRef("501"), updated_at=at(90)))
    assert look().complete
    assert book.asked == ["501", "502"], "who is away is not asked again"
    assert (of("5"), of("1")) == (("502", "", ""), ("501", "Acme GmbH", "enterprise"))


def test_what_is_kept_is_redacted_and_fits(database: Database, clock: FakeClock) -> None:
    held = "hunter2-hunter2"
    scripted = Scripted()
    odd = ticket(
        system="scripted", subject=f"My password is {held}\x00\ud800", tags=("b", "a", "a", held), group="G" * 300,
        requester=f"{held}@acme.example",
    )  # fmt: skip
    scripted.put(
        odd, event(0, "customer", body=f"words {held}"), event(1, "public", author="\x00B" * 200, author_email=None)
    )
    read_on(database, scripted.desk, None, clock=clock, redactor=Redactor([held]))
    row = kept(database)["7"]
    assert row["subject"] == f"My password is {MASK}"
    assert (row["tags"], len(row["group_name"])) == ([MASK, "a", "b"], 255)
    assert held not in str(row)
    scripted.told.append("7")
    assert read_on(database, scripted.desk, None, clock=clock, redactor=Redactor([held])).changed == 0


@SQLITE
def test_one_reads_at_a_time_and_nobody_moves_a_place_that_was_moved(
    database: Database, read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.exclusive.alone.__wrapped__.__kwdefaults__", {"patience_s": 0.0})
    with alone(database, "mirror/scripted"):
        with pytest.raises(Unavailable, match="still reading"):
            read(Scripted().desk)
        with pytest.raises(Unavailable, match="nothing was forgotten"):
            forget(database, "scripted")

    class Moved(Scripted):
        def events(self, ticket: str, *, after: str | None):  # type: ignore[no-untyped-def]  # as above
            with database.begin() as session:
                session.get_one(MirrorPlace, "scripted").cursor = "99"
            return super().events(ticket, after=after)

    moved = Moved()
    moved.put(ticket(system="scripted"))
    with pytest.raises(Unavailable, match="same place"):
        read(moved.desk)
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(MirrorTicket)) == 0


@SQLITE
def test_a_feed_that_does_not_get_on_and_a_desk_that_tells_nothing_are_said(read: Read) -> None:
    stuck = Scripted()
    stuck.changed = lambda since: replace(Scripted().changed(since), more=True)  # type: ignore[method-assign]  # a feed that stands still
    with pytest.raises(Unavailable, match="does not get on"):
        read(stuck.desk)
    with pytest.raises(Rejected, match="lists none") as refused:
        read(Scripted(frozenset()).desk)
    assert refused.value.code == "cannot"


@SQLITE
def test_the_built_in_desks_own_customers_are_told_by_its_id(database: Database, clock: FakeClock, read: Read) -> None:
    desk, book = seeded(database, clock), BuiltinCustomers(database)
    known = book.create_customer(CustomerChange(name="Acme", reference="acct_42", tier="Enterprise"), key=KEY)
    made = desk.create(DRAFT, key=KEY).id
    customer = desk.get(made).customer
    assert customer == CustomerRef(known.id, "Acme", "Enterprise")
    assert book.customer(customer.id) == known
    read(desk)
    assert kept(database)[made]["tier"] == "enterprise"
