"""Reading tickets' words: one call for each that changed and none for others, whatever the desk refuses."""

import logging
from dataclasses import dataclass
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from automations.desks import Capability
from automations.domain import TicketEvent, TicketStatus
from automations.errors import Rejected, Unavailable
from automations.mirror.reading import forget as forget_mirror
from automations.mirror.reading import read_on
from automations.redact import Redactor
from automations.ticket_texts.keeping import SOLVED_LATELY, forget
from automations.ticket_texts.reading import read_changed
from storage.engine import Database
from storage.models import TicketText
from tests.automations.mirror.histories import at, changed, event, ticket
from tests.automations.mirror.scripted import FED, Scripted
from tests.support import FakeClock

HISTORY = FED | {Capability.HISTORY}
MONTHS = timedelta(days=180)


@dataclass
class Reader:
    """The mirror and the words of one scripted desk."""

    database: Database
    clock: FakeClock
    desk: Scripted

    def put(self, name: str, *said: str, more: tuple[TicketEvent, ...] = (), **fields: object) -> None:
        """Have a ticket on which the customer wrote these, a minute apart."""
        events = [event(n, "customer", body=body) for n, body in enumerate(said)]
        self.desk.put(ticket(system="scripted", id=name, **fields), *events, *more)

    def mirror(self) -> None:
        self.clock.move(timedelta(seconds=1))
        read_on(self.database, self.desk.desk, None, clock=self.clock, redactor=Redactor())
        self.desk.read.clear()

    def read(self, most: int = 50, kept_for: timedelta = MONTHS) -> list[str]:
        return read_changed(self.database, self.desk.desk, self.clock, Redactor(), most=most, kept_for=kept_for)

    def words(self) -> dict[str, str]:
        with self.database.read() as session:
            return {row.ticket_id: row.latest or row.opening for row in session.scalars(select(TicketText))}

    def solve(self, name: str, minutes: int, *said: str, **fields: object) -> None:
        """Solved so many minutes after it was made."""
        solved = changed(minutes, "status", "open", "solved")
        self.put(name, *said, more=(solved,), status=TicketStatus.SOLVED, updated_at=at(minutes), **fields)


@pytest.fixture
def reader(database: Database, clock: FakeClock) -> Reader:
    return Reader(database, clock, Scripted(HISTORY))


def test_each_ticket_that_changed_costs_one_call_and_no_other_any(reader: Reader) -> None:
    for name in ("1", "2", "3"):
        reader.put(name, f"question {name}")
        reader.mirror()
    assert reader.read(most=2) == ["1", "2"], "oldest change first, no more than asked for"
    assert reader.read() == ["3"]
    assert reader.desk.read == ["1", "2", "3"]
    reader.mirror()
    assert reader.read() == reader.desk.read == []
    reader.put("2", "question 2", "are you there?", updated_at=at(90))
    reader.mirror()
    assert reader.read() == ["2"]
    assert reader.desk.read == ["2"]
    assert reader.words() == {"1": "question 1", "2": "are you there?", "3": "question 3"}


def test_a_ticket_that_became_solved_is_read_once_more_and_old_ones_never(reader: Reader) -> None:
    reader.put("1", "question")
    reader.clock.at = at(1)
    reader.mirror()
    assert reader.read() == ["1"]
    reader.clock.at = at(31)
    reader.solve("1", 30, "question", "thanks, it works")
    reader.solve("2", 30, "never read while it was open")
    reader.mirror()
    assert reader.read() == ["1", "2"]
    assert reader.words()["1"] == "thanks, it works"
    reader.put(
        "1", "question", more=(changed(30, "status", "open", "solved"),), status=TicketStatus.SOLVED, tags=("x",)
    )
    reader.mirror()
    assert reader.read() == [], "it was solved before, and only a tag came"
    reader.solve("3", 30, "long ago")
    reader.mirror()
    reader.clock.move(SOLVED_LATELY)
    assert reader.read() == []


def test_a_refused_ticket_is_passed_over_until_it_changes_and_an_absent_desk_raises(
    reader: Reader, caplog: pytest.LogCaptureFixture
) -> None:
    for name in ("1", "2", "3"):
        reader.put(name, f"question {name}")
        reader.mirror()
    reader.desk.broken = {
        "1": Rejected("that one is private", system="scripted", code="hidden"),
        "3": Unavailable("the desk is away", system="scripted"),
    }
    with caplog.at_level(logging.WARNING), pytest.raises(Unavailable):
        reader.read()
    assert "ticket 1 of scripted were not read: that one is private" in caplog.text
    assert reader.words() == {"1": "", "2": "question 2"}
    assert reader.read() == ["3"], "what was read stays read, the next look goes on"
    reader.put("1", "question 1", tags=("again",))
    reader.mirror()
    assert reader.read() == ["1"]


def test_a_refused_change_keeps_what_was_known(reader: Reader) -> None:
    reader.put("1", "question")
    reader.mirror()
    reader.read()
    reader.put("1", "question", "news", updated_at=at(90))
    reader.mirror()
    reader.desk.broken["1"] = Rejected("private now", system="scripted", code="hidden")
    assert reader.read() == reader.read() == []
    assert reader.words() == {"1": "question"}


def test_a_desk_that_refuses_us_is_no_odd_ticket(reader: Reader) -> None:
    for number in range(10):
        reader.put(str(number), "question")
    reader.mirror()
    reader.desk.broken["0"] = Rejected("who are you?", system="scripted", code="unauthorized")
    with pytest.raises(Rejected, match="who are you"):
        reader.read()
    reader.desk.broken = {str(n): Rejected("no", system="scripted", code="hidden") for n in range(10)}
    with pytest.raises(Rejected, match="no"):
        reader.read()


def test_a_desk_that_tells_no_events_is_not_asked(reader: Reader) -> None:
    reader.put("1", "question")
    reader.mirror()
    reader.desk.capabilities = frozenset({Capability.CHANGES})
    assert reader.read() == reader.desk.read == []


def test_words_go_with_the_ticket_and_when_it_was_solved_long_ago(reader: Reader) -> None:
    for name in ("open", "gone", "solved"):
        reader.put(name, "question")
    reader.clock.at = at(1)
    reader.mirror()
    reader.read()
    reader.solve("solved", 30, "question")
    del reader.desk.tickets["gone"]
    reader.desk.told.append("gone")
    reader.clock.at = at(31)
    reader.mirror()
    assert forget(reader.database, "scripted", reader.clock.now() - MONTHS) == 1, "a deleted ticket at once"
    assert sorted(reader.words()) == ["open", "solved"]
    assert reader.read() == ["solved"]
    reader.clock.move(MONTHS)
    reader.put("open", "question", "and now?", updated_at=reader.clock.now())
    reader.mirror()
    assert reader.read() == ["open"]
    assert forget(reader.database, "scripted", reader.clock.now() - MONTHS) == 1
    assert sorted(reader.words()) == ["open"]


def test_a_mirror_made_anew_takes_no_words_but_those_of_tickets_that_are_gone(reader: Reader) -> None:
    for name in ("1", "2"):
        reader.put(name, "question")
    reader.mirror()
    reader.read()
    forget_mirror(reader.database, "scripted")
    before = reader.clock.now() - MONTHS
    assert forget(reader.database, "scripted", before) == 0, "it says nothing yet"
    del reader.desk.tickets["2"]
    reader.desk.told.remove("2")
    reader.mirror()
    assert forget(reader.database, "scripted", before) == 1
    assert reader.read() == ["1"]
    assert reader.words() == {"1": "question"}


def test_it_is_forgotten_in_batches(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("automations.ticket_texts.keeping.PER_DELETE", 2)
    for number in range(5):
        reader.put(str(number), "question")
    reader.mirror()
    reader.read()
    assert forget(reader.database, "scripted", reader.clock.now() + MONTHS) == 5
    with reader.database.read() as session:
        assert session.scalar(select(func.count()).select_from(TicketText)) == 0
