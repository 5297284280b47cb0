"""Asking for a report: who may, that it is written down, that the same is not asked for twice."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from automations.domain import Mode
from automations.errors import NotFound, Refused
from automations.weekly_report.asking import NAME, any_asked, found, mode
from automations.weekly_report.request import Request
from storage import modes
from storage.engine import Database
from tests.automations.failure_tickets.world import ANNA, BEN, LEA
from tests.automations.weekly_report.newsroom import CHANNEL, MAKE, OWNER, Newsroom
from tests.support import FakeClock, RecordingJobs

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def room(database: Database, clock: FakeClock, jobs: RecordingJobs) -> Newsroom:
    return Newsroom.on(database, clock, jobs)


def test_asking_leaves_one_row_one_audit_row_and_one_job(room: Newsroom) -> None:
    number = room.ask()
    report = room.report(number)
    assert (report.state, report.asked_by, report.owner, report.channel) == (
        "asked", "lea@team.example", "lea@team.example", CHANNEL,
    )  # fmt: skip
    assert Request.of(report.request) == room.last_week
    (written,) = room.audited("report.asked")
    assert (written.target, written.actor, written.outcome) == (f"REPORT-{number}", "lea@team.example", "asked")
    assert [job.args for job in room.jobs.of(MAKE)] == [{"report_id": number}]


def test_an_agent_asks_for_themselves_and_a_lead_for_others(room: Newsroom) -> None:
    with room.database.read() as session:
        assert not any_asked(session)
    with pytest.raises(Refused, match="Only a lead posts"):
        room.ask(ANNA)
    assert room.reports() == []
    assert room.report(room.ask(ANNA, channel=ANNA.id)).owner == OWNER
    assert room.report(room.ask(LEA)).channel == CHANNEL
    with room.database.read() as session:
        assert any_asked(session)
        with pytest.raises(NotFound, match="There is no REPORT-9"):
            found(session, 9)


def test_a_second_click_asks_for_nothing_more_while_the_first_is_counted(room: Newsroom) -> None:
    """On either database, also where both come at the same moment."""
    start = Barrier(4)

    def click(_number: int) -> int:
        start.wait(timeout=30)
        return room.ask(LEA)

    with ThreadPoolExecutor(4) as people:
        numbers = set(people.map(click, range(4)))
    assert len(numbers) == len(room.reports()) == len(room.audited("report.asked")) == 1
    (first,) = numbers
    others = {room.ask(BEN, channel=BEN.id), room.ask(LEA, channel=LEA.id), room.ask(LEA, rerun_of=first)}
    assert len(others - numbers) == 3, "another person, another place, and the same counted again are others"
    room.make(first)
    assert room.ask(LEA) not in {first, *others}, "once it is made, asking again counts again"


@on_sqlite
def test_a_mode_set_by_command_wins_and_an_unknown_word_is_off(room: Newsroom) -> None:
    for word, meant in ((None, Mode.AUTO), ("shadow", Mode.SHADOW), ("off", Mode.OFF), ("ask", Mode.OFF)):
        with room.world.begin() as session:
            if word is not None:
                modes.set_mode(session, NAME, word, by="os:root", at=room.clock.now())
            assert mode(session, room.ctx) is meant, word
