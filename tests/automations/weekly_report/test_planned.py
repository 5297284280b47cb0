"""The report by the clock: one for each window, whoever asks; late, off or in shadow it is written down."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, time, timedelta
from threading import Barrier

import pytest

from automations.calendar import WorkingHours
from automations.domain import Mode
from automations.weekly_report.asking import NAME
from automations.weekly_report.planned import ask_planned, timetable_of, write_down_preflight
from storage import modes
from storage.engine import Database
from storage.models import Report
from tests.automations.weekly_report.newsroom import CHANNEL, MAKE, OWNERS_SLACK, Newsroom
from tests.support import FakeClock, RecordingJobs

MONDAY = datetime(2026, 11, 23, 8, tzinfo=UTC)
"""Nine o'clock in Oslo, where it is winter."""
WINDOW = "weekly/2026-11-16/2026-11-23"
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def room(database: Database, clock: FakeClock, jobs: RecordingJobs) -> Newsroom:
    made = Newsroom.on(database, clock, jobs)
    clock.at = MONDAY + timedelta(seconds=1)
    return made


def planned(room: Newsroom, at: datetime = MONDAY, database: Database | None = None) -> Report | None:
    with (database or room.database).begin() as session:
        return ask_planned(session, at, room.ctx).report


def test_eight_threads_of_two_processes_ask_for_one_report(room: Newsroom) -> None:
    """Two sets of connections stand for two processes: nothing in memory is shared but the test's own clock."""
    other = Database(room.database.url)
    start = Barrier(8)

    def fire(number: int) -> bool:
        start.wait(timeout=30)
        return planned(room, database=other if number % 2 else None) is not None

    with ThreadPoolExecutor(8) as threads:
        made = list(threads.map(fire, range(8)))
    other.close()
    assert made.count(True) == 1
    (report,) = room.reports()
    assert (report.window, report.kind, report.channel, report.asked_by) == (WINDOW, "weekly", CHANNEL, "handoff")
    assert len(room.audited("report.asked")) == 1
    assert [(job.key, job.args) for job in room.jobs.of(MAKE)] == [(f"report/{report.id}", {"report_id": report.id})]
    assert len(room.audited("report.skipped")) == 7, "that nothing was sent again is written down too"


@on_sqlite
def test_the_week_in_which_clocks_change_has_169_hours_and_one_report(room: Newsroom) -> None:
    room.clock.at = datetime(2026, 10, 25, 12, tzinfo=UTC)
    at = timetable_of(room.ctx).next_after(room.clock.at)
    assert at == datetime(2026, 10, 26, 8, tzinfo=UTC), "nine in Oslo, an hour later by UTC than the week before"
    room.clock.at = at
    report = planned(room, at)
    assert report is not None
    assert report.window == "weekly/2026-10-19/2026-10-26"
    assert report.to_at - report.from_at == timedelta(hours=169)


@on_sqlite
def test_a_holiday_on_monday_brings_it_on_tuesday_about_the_same_week(room: Newsroom) -> None:
    hours = WorkingHours(frozenset(range(5)), time(8), time(16), "Europe/Oslo", frozenset({date(2026, 11, 23)}))
    room.terms(hours=hours)
    tuesday = timetable_of(room.ctx).next_after(MONDAY - timedelta(days=3))
    assert tuesday == MONDAY + timedelta(days=1)
    room.clock.at = tuesday
    report = planned(room, tuesday)
    assert report is not None
    assert report.window == WINDOW


@on_sqlite
@pytest.mark.parametrize("late", [timedelta(hours=23), timedelta(hours=25)])
def test_after_downtime_it_comes_within_the_grace_and_is_told_as_missed_beyond(room: Newsroom, late: timedelta) -> None:
    room.clock.at = MONDAY + late
    report = planned(room)
    assert report is not None
    if late <= room.ctx.grace:
        assert (report.state, len(room.jobs.of(MAKE)), room.messages("report.failed")) == ("asked", 1, [])
        return
    assert report.state == "failed"
    assert "later than report.grace allows (1 d)" in report.error
    assert room.jobs.of(MAKE) == []
    (message,) = room.messages("report.failed")
    assert message.channel == OWNERS_SLACK
    (written,) = room.audited("report.failed")
    assert written.after is not None
    assert written.after["why"] == report.error
    assert planned(room) is None, "however often the clock asks"
    assert len(room.messages("report.failed")) == 1


@on_sqlite
def test_off_nothing_is_asked_for_and_that_is_written_down(room: Newsroom) -> None:
    with room.world.begin() as session:
        modes.set_mode(session, NAME, Mode.OFF, by="os:root", at=room.clock.now())
    assert planned(room) is None
    assert (room.reports(), room.jobs.of(MAKE)) == ([], [])
    (written,) = room.audited("report.skipped")
    assert (written.outcome, written.after) == ("off", {"window": WINDOW, "why": "not posted: off"})


@on_sqlite
def test_in_shadow_it_is_for_its_owner_alone_and_for_nobody_without_a_slack_user(room: Newsroom) -> None:
    room.terms(mode=Mode.SHADOW, owner="nobody@team.example")
    assert planned(room) is None
    assert room.audited("report.skipped")[0].outcome == "nobody"
    room.terms(owner="anna@team.example")
    report = planned(room)
    assert report is not None
    assert (report.kind, report.channel) == ("shadow", OWNERS_SLACK)


@on_sqlite
def test_without_a_channel_it_fails_at_once_and_retry_takes_the_one_named_since(room: Newsroom) -> None:
    room.terms(channel="")
    report = planned(room)
    assert report is not None
    assert (report.state, "There is no channel" in report.error) == ("failed", True)
    assert [one.channel for one in room.messages("report.failed")] == [OWNERS_SLACK]


@on_sqlite
def test_a_look_ahead_tells_the_owner_each_problem_once_and_none_only_the_log(room: Newsroom) -> None:
    friday = MONDAY - timedelta(days=3)
    for problems in ((), (("Handoff is not in #reports.", "Type /invite @Handoff there."),)):
        for _ in range(2):
            with room.world.begin() as session:
                write_down_preflight(session, friday, problems, room.ctx)
    (message,) = room.messages("report.preflight")
    assert message.channel == OWNERS_SLACK
    assert message.data["problems"] == [["Handoff is not in #reports.", "Type /invite @Handoff there."]]
    assert message.data["due"] == MONDAY.isoformat()
    assert [one.outcome for one in room.audited("report.preflight")] == ["done", "done", "problems", "problems"]
