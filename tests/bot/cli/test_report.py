"""The queue report on the terminal: counted, stored, shown in each shape, run again, posted by a running bot."""

import csv
import io
import shutil
import sys
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, update

from automations.adapters.builtin import limits as builtin_limits
from automations.desks import Capability
from automations.failure_tickets.context import Context
from automations.weekly_report.failing import fail
from automations.weekly_report.request import Period
from bot.cli.report_asked import Each, each_of
from storage.engine import Database
from storage.models import AuditEntry, Notification, Report
from tests.bot.cli.conftest import TEAM, Ran, Terminal
from tests.report_terms import report_of

MAP = Path(__file__).parents[2] / "fixtures" / "helpdesk-map.toml"
LOG = """case_id,activity,resource,timestamp,group
A,Assign seriousness,anna,2026-03-23T08:00:00Z,First line
A,Take in charge ticket,anna,2026-03-23T09:00:00Z,First line
A,Resolve ticket,anna,2026-03-25T09:00:00Z,First line
A,Closed,anna,2026-03-30T09:00:00Z,First line
B,Assign seriousness,ben,2026-03-24T08:00:00Z,Billing
B,Resolve ticket,ben,2026-03-28T08:00:00Z,Billing
C,Assign seriousness,ben,2026-03-29T21:30:00Z,Billing
"""
WEEK = ("--week", "2026-W13", "--zone", "UTC", "--open-until", "closed")
CLOSED = "B,Closed,ben,2026-03-28T09:00:00Z,Billing\n"


@pytest.fixture
def database_url(tmp_path: Path, sqlite_template: Path) -> str:
    """SQLite alone: what is counted is tested on both."""
    return f"sqlite:///{shutil.copyfile(sqlite_template, tmp_path / 'handoff.db')}"


@pytest.fixture
def handoff(handoff: Terminal, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """A team whose built-in desk has three tickets of March, on a wide terminal."""
    monkeypatch.setenv("COLUMNS", "240")
    assert bring(handoff, LOG).code == 0
    return handoff


def bring(handoff: Terminal, log: str) -> Ran:
    return handoff("import", "tickets", handoff.file("log.csv", log), "--map", MAP)


def stored(database: Database) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(Report)) or 0


def test_a_week_is_counted_stored_and_run_again(handoff: Terminal, database: Database) -> None:
    ran = handoff("report", "run", *WEEK, "--json")
    assert (ran.code, ran.err) == (0, "")
    made = ran.json
    assert made["counts"] == {
        "backlog_start": 0, "created": 3, "reopened": 0, "resolved": 2, "closed": 0, "merged": 0, "backlog_end": 3
    }  # fmt: skip
    assert made["period"] == {
        "from": "2026-03-23T00:00:00+00:00", "to": "2026-03-30T00:00:00+00:00", "first_day": "2026-03-23",
        "last_day": "2026-03-29", "week": "2026-W13",
    }  # fmt: skip
    assert (made["report"], made["zone"], made["filters"], made["desk"]) == (1, "UTC", {}, "The built-in desk")
    assert (made["since"], made["partial_history"], made["rerun"]) == (None, False, None)
    assert made["definitions"]["created"]["version"] == 1
    assert "solved" not in made["definitions"]
    assert (made["times"]["resolution"]["calendar"]["n"], len(made["hash"])) == (2, 64)
    assert handoff("report", "show", "REPORT-1", "--json").json == made
    again = handoff("report", "rerun", "1", "--json").json
    assert (again["report"], again["hash"]) == (2, made["hash"])
    assert again["rerun"] == {"of": 1, "same": True, "changed": 0, "changes": []}
    bring(handoff, LOG + CLOSED)
    changed = handoff("report", "rerun", "1", "--json").json
    assert changed["counts"]["closed"] == 1
    assert (changed["rerun"]["same"], changed["rerun"]["changed"]) == (False, 1)
    listed = handoff("report", "list", "--json").json
    assert [(one["report"], one["rerun_of"]) for one in listed] == [(3, 1), (2, 1), (1, None)]
    assert "REPORT-3" in handoff("report", "list", "--limit", "1").out
    with database.read() as session:
        asked = select(AuditEntry.actor).where(AuditEntry.action == "report.asked")
        assert set(session.scalars(asked)) == {"os:typist"}


def test_the_same_is_read_in_the_teams_zone_unless_another_is_named(handoff: Terminal) -> None:
    """In Oslo the clock goes forward that Sunday; the third ticket came in its last hour."""
    made = handoff("report", "run", "--week", "2026-W13", "--open-until", "solved", "--json").json
    assert (made["period"]["from"], made["period"]["to"]) == ("2026-03-23T00:00:00+01:00", "2026-03-30T00:00:00+02:00")
    assert (made["counts"]["created"], made["counts"]["solved"]) == (3, 2)
    days = handoff("report", "run", "--from", "2026-03-29", "--to", "2026-03-29", "--json").json
    assert days["counts"]["created"] == 1
    assert "week" not in days["period"]


def test_each_shape_goes_to_the_terminal_or_into_a_file(handoff: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    text = handoff("report", "run", *WEEK)
    assert "Created: 3" in text.out
    sheet = handoff("report", "show", "1", "--format", "csv")
    assert ["number", "", "created", "", "n", "3", "tickets"] in list(csv.reader(io.StringIO(sheet.out)))
    picture = handoff.folder / "queue.png"
    assert handoff("report", "show", "1", "--format", "png", "--out", picture).out == ""
    assert picture.read_bytes().startswith(b"\x89PNG")
    again = handoff("report", "show", "1", "--format", "csv", "--out", picture)
    assert (again.code, "is there already" in again.err) == (1, True)
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert handoff("report", "show", "1", "--format", "csv", "--out", picture, "--force").code == 0
    assert picture.read_bytes().startswith(b"part,")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    refused = handoff("report", "show", "1", "--format", "png")
    assert (refused.code, "--out" in refused.err) == (64, True)


def test_many_weeks_are_counted_at_once_and_not_stored(handoff: Terminal, database: Database) -> None:
    options = ("--from", "2026-03-25", "--to", "2026-04-05", "--zone", "UTC", "--open-until", "closed")
    several = handoff("report", "run", *options, "--each", "week", "--json").json
    assert [one["period"].get("week") for one in several] == [None, "2026-W14"]
    assert [one["counts"]["backlog_end"] for one in several] == [3, 2]
    assert {one["report"] for one in several} == {None}
    table = handoff("report", "run", *options, "--each", "week").out
    assert "2026-W14" in table
    rows = list(
        csv.DictReader(io.StringIO(handoff("report", "run", *options, "--each", "month", "--format", "csv").out))
    )
    assert [(row["period"], row["closed"], row["solved"]) for row in rows] == [
        ("2026-03-25..2026-03-31", "1", ""), ("2026-04-01..2026-04-05", "0", "")
    ]  # fmt: skip
    everything = handoff("report", "run", "--each", "month", "--json").json
    assert everything[0]["period"]["first_day"] == "2026-03-01"
    assert stored(database) == 0


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("--week", "2026-W54"), "2026-W45"),
        (("--from", "2026-11-02"), "belong together"),
        (("--from", "2026-11-09", "--to", "2026-11-02"), "ends before it begins"),
        (("--from", "x", "--to", "2026-11-02", "--each", "week"), "no two days"),
        (("--last-week", "--week", "2026-W13"), "give one of"),
        (("--zone", "Mars/Olympus"), "IANA zone"),
        (("--filter", "colour=red"), "group, priority, tier, tag, customer, assignee"),
        (("--filter", "priority=enormous"), "low, normal, high, urgent"),
        (("--json", "--format", "csv"), "two shapes"),
        (("--each", "week", "--format", "png"), "many periods"),
        (("--each", "week", "--post", "failures"), "many periods"),
    ],
)
def test_a_wrong_command_line_is_64_and_stores_nothing(
    handoff: Terminal, database: Database, args: tuple[str, ...], words: str
) -> None:
    ran = handoff("report", "run", *args)
    assert (ran.code, ran.out) == (64, "")
    assert words in ran.err
    assert stored(database) == 0


def test_filters_take_the_place_of_those_in_the_settings(handoff: Terminal, database: Database) -> None:
    handoff.file("team.toml", f'{TEAM}\n[report]\nfilters = {{ group = ["Billing"] }}\n')
    assert handoff("report", "run", *WEEK, "--json").json["filters"] == {"group": ["billing"]}
    whole = handoff("report", "run", *WEEK, "--filter", "group=*", "--json").json
    assert (whole["filters"], whole["counts"]["created"]) == ({}, 3)
    unknown = handoff("report", "run", *WEEK, "--filter", 'group="Second line"')
    assert (unknown.code, unknown.out) == (1, "")
    assert "No ticket that was read has the group “second line”. I know: billing, first line." in unknown.err
    assert stored(database) == 2


def test_the_mirror_is_read_by_itself_or_anew(handoff: Terminal, database: Database) -> None:
    never = handoff("report", "run", *WEEK, "--no-refresh")
    assert (never.code, "`handoff report mirror` reads it" in never.err) == (1, True)
    assert handoff("report", "mirror", "--json").json["changed"] == 3
    assert handoff("report", "mirror", "--json").json["changed"] == 0
    assert handoff("report", "run", *WEEK, "--no-refresh", "--json").json["counts"]["created"] == 3
    assert handoff("report", "mirror", "--rebuild").out.startswith("3 tickets changed")
    with database.read() as session:
        (written,) = session.scalars(select(AuditEntry).where(AuditEntry.action == "command.report.mirror_rebuild"))
    assert written.target == "builtin"


def test_the_only_record_of_a_past_is_not_forgotten_by_the_way(
    handoff: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(builtin_limits, "CAPABILITIES", builtin_limits.CAPABILITIES - {Capability.HISTORY})
    ran = handoff("report", "mirror", "--rebuild")
    assert (ran.code, "Nothing was forgotten; add --yes" in ran.err) == (1, True)
    assert handoff("report", "mirror", "--rebuild", "--yes").code == 0


def test_reports_that_are_not_there_are_named(handoff: Terminal) -> None:
    for args in (("show", "9"), ("rerun", "REPORT-9")):
        ran = handoff("report", *args)
        assert (ran.code, "There is no REPORT-9" in ran.err) == (1, True)
    assert handoff("report", "show", "nine").code == 64


class TestPost:
    @pytest.fixture
    def bot(
        self, handoff: Terminal, database: Database, context: Context, monkeypatch: pytest.MonkeyPatch
    ) -> dict[str, Any]:
        """A bot that runs, and does at once what `bot["does"]` says: post or fail."""
        does: dict[str, Any] = {"does": "post"}

        def running(_database: Database) -> bool:
            return True

        def look(_self: object, _s: float) -> bool:
            with database.begin() as session:
                number = session.scalars(select(Report.id).where(Report.state == "asked")).one()
                if does["does"] == "fail":
                    fail(session, number, "the desk is away", report_of(context))
                    return False
                values = {"state": "made", "result": does["result"], "hash": "h", "members": ""}
                session.execute(update(Report).where(Report.id == number).values(values))
                session.add(
                    Notification(
                        key=f"report/{number}",
                        kind="report.card",
                        channel="C_FAILURES",
                        seq=1,
                        children=0,
                        data={},
                        version=1,
                        delivered_version=1,
                        state="delivered",
                        job_pending=False,
                        created_at=datetime(2026, 11, 21, tzinfo=UTC),
                    )
                )
            return False

        handoff("report", "run", *WEEK)
        with database.read() as session:
            does["result"] = session.scalars(select(Report.result)).one()
        monkeypatch.setattr("bot.cli.report_making.bot_running", running)
        monkeypatch.setattr("bot.cli.report_making.LOOK_EVERY_S", 0)
        monkeypatch.setattr("threading.Event.wait", look)
        return does

    def test_without_a_bot_nothing_is_asked_for(self, handoff: Terminal, database: Database) -> None:
        ran = handoff("report", "run", *WEEK, "--post", "failures")
        assert (ran.code, "No bot is running" in ran.err) == (1, True)
        assert "Known: escalations, failures" in handoff("report", "run", *WEEK, "--post", "nowhere").err
        assert stored(database) == 0

    def test_a_running_bot_makes_and_posts_it(self, handoff: Terminal, database: Database, bot: dict[str, Any]) -> None:
        ran = handoff("report", "run", *WEEK, "--post", "#failures", "--json")
        assert (ran.code, ran.json["report"], ran.json["counts"]["created"]) == (0, 2, 3)
        with database.read() as session:
            assert session.get_one(Report, 2).channel == "C_FAILURES"
        assert handoff("report", "run", *WEEK, "--post", "C_OTHER", "--wait", "0").code == 3

    def test_one_that_cannot_be_made_is_told(self, handoff: Terminal, bot: dict[str, Any]) -> None:
        bot["does"] = "fail"
        ran = handoff("report", "run", *WEEK, "--post", "failures")
        assert (ran.code, "REPORT-2: the desk is away" in ran.err) == (1, True)


DAYS = st.dates(date(1999, 1, 1), date(2037, 12, 31))
ZONES = st.sampled_from(["UTC", "Europe/Oslo", "America/Santiago", "Pacific/Apia", "Africa/Cairo", "Asia/Kathmandu"])


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(DAYS, st.integers(1, 120), ZONES, st.sampled_from(Each))
def test_weeks_and_months_follow_each_other_without_gap_or_overlap(
    first: date, days: int, zone: str, each: Each
) -> None:
    begin, end = (datetime(day.year, day.month, day.day, tzinfo=UTC) for day in (first, first + timedelta(days)))
    whole = Period(begin, end, "UTC")
    parts = list(each_of(whole, each))
    assert (parts[0].from_at, parts[-1].to_at) == (begin, end)
    assert all(one.to_at == following.from_at for one, following in pairwise(parts))
    assert all(one.days[0].weekday() == 0 if each is Each.WEEK else one.days[0].day == 1 for one in parts[1:])
    assert {one.word for one in parts[1:-1]} <= {each.value}
    local = list(each_of(Period(begin, end + timedelta(days=2), zone), each))
    assert all(one.to_at == following.from_at for one, following in pairwise(local))
