"""The report in a running bot: planned by the clock, made by its job, failed in the end, seen by its owner."""

from datetime import datetime, timedelta
from typing import cast

import pytest

from automations.domain import Mode
from automations.errors import Unavailable
from automations.weekly_report.asking import MAKE, NAME
from bot.cli.view_examples.escalations import FIGURES
from bot.engine.spec import JobSpec, pause_s
from bot.gateway import SlackGateway
from bot.live import Live
from bot.render import renderer
from bot.report_files import drawers
from bot.report_side import LONG_AGO, PREFLIGHT, ROUTES, TRIES, WEEKLY, ReportSide
from bot.views.texts import Look
from storage import modes, notifications
from storage.engine import Database
from storage.models import Notification
from tests.automations.failure_tickets.world import LEA
from tests.automations.weekly_report.newsroom import OWNERS_SLACK, Newsroom
from tests.bot.live_terms import terms_of
from tests.bot.views.checks import check
from tests.support import FakeClock, RecordingJobs

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
LOOK = Look(zone="Europe/Oslo")


@pytest.fixture
def room(database: Database, clock: FakeClock, jobs: RecordingJobs) -> Newsroom:
    return Newsroom.on(database, clock, jobs)


@pytest.fixture
def side(room: Newsroom) -> ReportSide:
    live = Live(terms_of(room.world.ctx, LOOK))
    return ReportSide(room.database, live, room.desk, room.customers, cast("SlackGateway", None))


def job(side: ReportSide, name: str) -> JobSpec:
    return next(spec for spec in side.specs() if spec.name == name)


def set_mode(room: Newsroom, mode: Mode) -> None:
    with room.world.begin() as session:
        modes.set_mode(session, NAME, mode, by="os:root", at=room.clock.now())


def rendered(room: Newsroom, key: str) -> str:
    with room.database.read() as session:
        row = session.get_one(Notification, key)
        made = renderer(lambda: terms_of(room.world.ctx, LOOK))(session, row)
    check(made)
    return f"{made['text']} {made['blocks']}"


def test_whoever_asks_for_its_jobs_and_whoever_does_them_agree_on_the_queue(side: ReportSide) -> None:
    assert {(one.name, one.queue) for one in ROUTES} == {(one.name, one.queue) for one in side.specs()}


def test_a_report_that_waits_is_asked_for_anew_at_a_start(side: ReportSide, room: Newsroom) -> None:
    """As after a restore: its row is there, and the engine knows of no job."""
    made, waiting = room.ask(), room.ask(LEA, channel=LEA.id)
    room.make(made)
    room.jobs.clear()
    assert side.ask_for_what_was_lost() == 1
    assert [one.args for one in room.jobs.of(MAKE)] == [{"report_id": waiting}]


def test_the_clock_asks_in_every_mode_and_tells_of_a_report_long_missed(side: ReportSide, room: Newsroom) -> None:
    report, ahead = side.timetable()
    assert (report.job, ahead.job) == (WEEKLY, PREFLIGHT)
    assert (report.catch_up, report.grace) == (True, LONG_AGO)
    due = report.trigger.get_next_fire_time(None, room.clock.now())
    assert due == datetime.fromisoformat("2026-11-23T08:00:00+00:00")
    assert ahead.trigger.get_next_fire_time(None, room.clock.now()) == due - timedelta(days=1), "this team always works"
    room.clock.at = due
    for _ in range(2):
        job(side, WEEKLY).advance({"at": due.isoformat()})
    (report_row,) = room.reports()
    assert job(side, MAKE).target({"report_id": report_row.id}) == f"REPORT-{report_row.id}"
    with room.database.read() as session:
        assert job(side, MAKE).owner_of(session, {"report_id": report_row.id}) == room.ctx.owner
    assert job(side, MAKE).advance({"report_id": report_row.id}) is None
    shown = rendered(room, f"report/{report_row.id}")
    assert "Weekly queue report" in shown
    assert "Shadow" not in shown


def test_in_shadow_the_message_says_that_only_its_owner_sees_it(side: ReportSide, room: Newsroom) -> None:
    set_mode(room, Mode.SHADOW)
    room.clock.at = datetime.fromisoformat("2026-11-23T08:00:00+00:00")
    job(side, WEEKLY).advance({"at": room.clock.now().isoformat()})
    (report,) = room.reports()
    assert job(side, MAKE).advance({"report_id": report.id}) is None
    with room.database.read() as session:
        assert session.get_one(Notification, f"report/{report.id}").channel == OWNERS_SLACK
    assert "Shadow: only you see this. In mode auto it is posted in #reports." in rendered(room, f"report/{report.id}")


def test_a_desk_that_stays_away_fails_it_within_about_an_hour(side: ReportSide, room: Newsroom) -> None:
    number, make = room.ask(), job(side, MAKE)
    room.desk.away = True
    with pytest.raises(Unavailable):
        make.advance({"report_id": number})
    waits = [pause_s(attempt) for attempt in range(1, make.max_attempts)]
    assert timedelta(minutes=30) < timedelta(seconds=sum(waits)) < timedelta(minutes=80)
    assert make.max_attempts == TRIES
    assert make.on_stuck is not None
    with room.world.begin() as session:
        make.on_stuck(session, {"report_id": number}, "the desk does not answer (tried 40 times)")
    shown = rendered(room, f"report/{number}/failed")
    for words in (f"REPORT-{number}", "the desk does not answer", "report.retry"):
        assert words in shown


def test_a_report_that_slack_refuses_is_told_to_who_asked_with_retry(side: ReportSide, room: Newsroom) -> None:
    number = room.ask()
    room.make(number)
    key = f"report/{number}"
    with room.world.begin() as session:
        notifications.take(session, key, room.clock.now())
        notifications.stuck(session, key, "not_in_channel")
        side.not_delivered(session, {"key": key}, "Slack answered not_in_channel (chat.postMessage)")
        side.not_delivered(session, {"key": "case/1"}, "Slack answered not_in_channel (chat.postMessage)")
    shown = rendered(room, f"{key}/failed")
    for words in ("could not be posted in #reports", "not_in_channel", "/invite @Handoff there", "report.retry"):
        assert words in shown
    with room.database.read() as session:
        assert session.get_one(Notification, f"{key}/failed").channel == LEA.id


def test_the_mirror_is_read_while_anybody_wants_reports(side: ReportSide, room: Newsroom) -> None:
    def reads() -> bool:
        with room.database.read() as session:
            return side.reads(session)

    set_mode(room, Mode.OFF)
    assert not reads()
    room.ask(channel="")
    assert reads(), "somebody asked for one by hand"
    set_mode(room, Mode.AUTO)
    assert reads()


def test_its_files_are_drawn_from_the_card(side: ReportSide, room: Newsroom) -> None:
    room.world.open()
    number = room.ask()
    room.make(number)
    with room.database.read() as session:
        of_rules = drawers(side.present, lambda _session, period: FIGURES if period.zone else ())
        made = {kind: draw(session, {"report_id": number}) for kind, draw in of_rules.items()}
    assert made["report.picture"].content.startswith(b"\x89PNG")
    assert (made["report.csv"].name, b"backlog_end" in made["report.csv"].content) == (f"report-{number}.csv", True)
    assert b"escalation rule,enterprise,sla_breach,,fired,41,firings\r\n" in made["report.csv"].content
    assert made["report.csv"].title == f"REPORT-{number}, data sheet: week 46, 9–15 Nov 2026"
