"""The desk's own figures beside ours, never in their place."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import cast

import pytest

from automations.desks import Capability, TicketMetrics
from automations.errors import AdapterError, Rejected, Unavailable
from automations.ports import HelpDesk
from automations.weekly_report.counting import Counted, count_report
from automations.weekly_report.desk_figures import desk_figures
from automations.weekly_report.period import parse_period
from automations.weekly_report.request import Request
from automations.weekly_report.result import DeskFigure
from storage.engine import Database
from tests.automations.weekly_report.mirrored import Event, History, write
from tests.automations.weekly_report.terms import ZONE, report_context

NOW = datetime(2026, 11, 16, 8, tzinfo=UTC)
MONDAY = datetime(2026, 11, 9, 9, tzinfo=UTC)
HOUR = 3600.0
CTX = report_context(compare_most=3)
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@dataclass
class Measuring:
    """A desk that measures every first reply as an hour and every resolution as two, but for what is in `says`."""

    says: Mapping[str, TicketMetrics | AdapterError] = field(default_factory=dict)
    capabilities: frozenset[Capability] = frozenset({Capability.METRICS})
    by_hand: Mapping[Capability, str] = field(default_factory=dict)
    title: str = "Desk"
    asked: list[str] = field(default_factory=list)

    def metrics(self, ticket: str) -> TicketMetrics:
        self.asked.append(ticket)
        said = self.says.get(ticket, TicketMetrics(ticket, HOUR, 2 * HOUR))
        if isinstance(said, AdapterError):
            raise said
        return said


@dataclass
class Averaging(Measuring):
    """A desk that tells only means."""

    capabilities: frozenset[Capability] = frozenset()
    means_words: str = "Over all its tickets."

    def means(self, first: date, last: date) -> Mapping[str, float]:
        assert (first, last) == (date(2026, 11, 9), date(2026, 11, 15))
        if self.says:
            raise Rejected("not this role", system="desk")
        return {"first_reply": 1800.0}


def life(name: str, *, replied: float = 1, solved: float = 2) -> History:
    answer = Event(MONDAY + timedelta(hours=replied), "said", "agent")
    return History(name, MONDAY, (answer, Event(MONDAY + timedelta(hours=solved), "status", "solved")))


@pytest.fixture
def counted(database: Database) -> Counted:
    """Seven tickets replied to after an hour and solved after two, the third of them after three."""
    with database.begin() as session:
        write(session, [life(f"T{n}", solved=3 if n == 3 else 2) for n in range(1, 8)], read_at=NOW)
        return count_report(session, Request(parse_period("2026-W46", NOW, ZONE)), CTX)


def figures(desk: Measuring, counted: Counted) -> tuple[DeskFigure, ...]:
    return desk_figures(cast("HelpDesk", desk), counted, CTX)


def test_a_few_tickets_are_asked_for_all_over_the_period(counted: Counted) -> None:
    desk = Measuring()
    first, last = figures(desk, counted)
    assert desk.asked == ["T1", "T3", "T5"]
    assert first == DeskFigure(name="first_reply", compared=3, of=7, ours=HOUR, desk=HOUR, differing=0)
    assert last == DeskFigure(name="resolution", compared=3, of=7, ours=8400.0, desk=2 * HOUR, differing=1)


def test_what_one_of_the_two_does_not_say_is_left_out(counted: Counted) -> None:
    none = TicketMetrics("T1", None, 2 * HOUR + 61)
    first, last = figures(Measuring({"T1": none, "T5": Rejected("gone", system="desk")}), counted)
    assert (first.compared, first.desk) == (1, HOUR)
    assert (last.compared, last.differing) == (2, 2)


def test_a_desk_that_is_away_is_no_reason_to_have_no_report(counted: Counted) -> None:
    desk = Measuring({"T3": Unavailable("away", system="desk")})
    assert {(one.compared, one.ours, one.words) for one in figures(desk, counted)} == {
        (0, None, "Desk could not be asked just now. Run the report again for this comparison.")
    }
    assert desk.asked == ["T1", "T3"]


def test_a_desk_without_figures_says_so_in_its_own_words(counted: Counted) -> None:
    desk = Measuring(capabilities=frozenset(), by_hand={Capability.METRICS: "Look at its page."})
    words = "Desk cannot give its own reply and resolution times. Look at its page."
    assert [one.words for one in figures(desk, counted)] == [words, words]


def test_means_stand_beside_ours_over_whatever_they_are(counted: Counted) -> None:
    first, response, last = figures(Averaging(), counted)
    assert first == DeskFigure(
        name="first_reply", compared=None, of=7, ours=HOUR, desk=1800.0, differing=None, words="Over all its tickets."
    )
    assert (response.desk, last.desk) == (None, None)
    assert last.ours == round((6 * 2 + 3) / 7 * HOUR, 3)
    refused = figures(Averaging(says={"": Rejected("", system="")}), counted)
    assert [one.words for one in refused] == ["Not told: not this role.", "Not told: not this role."]
