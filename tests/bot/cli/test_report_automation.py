"""The queue report as an automation: listed, its mode set, run by hand; what `handoff doctor` says of it."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select

from automations.failure_tickets.context import Context
from automations.mirror.reading import read_on
from automations.redact import Redactor
from bot.builtin_desk import open_builtin
from bot.engine import prepare
from bot.parts import SystemClock
from bot.settings_file import load
from storage import modes, stuck
from storage.engine import Database
from storage.models import AuditEntry, Report
from tests.bot.cli.conftest import INES, MARA, TEAM, Terminal, listed
from tests.bot.cli.desks import sqlite_alone
from tests.bot.workspace.room import Room

database_url = sqlite_alone
WITH_CHANNEL = TEAM.replace("[channels]\n", '[channels]\nreports = "C_REPORTS"\n')
AUTO = f'{WITH_CHANNEL}\n[report]\nmode = "auto"\n'


def told(handoff: Terminal, settings: str) -> dict[str, str]:
    """What doctor says about reports with these settings, with how bad it is."""
    handoff.file("team.toml", settings)
    findings = handoff("doctor", "--json").json["findings"]
    return {one["found"]: one["state"] for one in findings if one["area"] == "report"}


def row_of(handoff: Terminal) -> dict[str, Any]:
    return listed(handoff)["weekly_report"]


def test_the_list_says_when_it_comes_and_what_is_stuck_of_it(
    handoff: Terminal, database: Database, context: Context
) -> None:
    assert (row_of(handoff)["mode"], row_of(handoff)["next_report"]) == ("off", None)
    with database.begin() as session:
        stuck.add(
            session, job="report.make", key="report/1", args={"report_id": 1}, target="REPORT-1",
            owner="mara.lind@example.com", reason="the desk is away", attempts=40, at=context.clock.now(),
        )  # fmt: skip
    handoff.file("team.toml", AUTO)
    row = row_of(handoff)
    assert (row["mode"], row["mode_from"], row["owner"], row["stuck"]) == (
        "auto", "settings", "mara.lind@example.com", 1,
    )  # fmt: skip
    due = datetime.fromisoformat(str(row["next_report"]))
    assert timedelta() < due - datetime.now(UTC) <= timedelta(days=7)
    assert "Next report" in handoff("automations", "list").out
    assert [one["stuck"] for one in handoff("automations", "list", "--json").json] == [0, 0, 0, 0, 0, 1]


def test_a_mode_that_would_post_needs_a_channel(handoff: Terminal, database: Database) -> None:
    refused = handoff("automations", "mode", "weekly_report", "auto", *MARA)
    assert (refused.code, "There is no channel 'reports' under [channels]" in refused.err) == (1, True)
    assert handoff("automations", "mode", "weekly_report", "ask").code == 64
    handoff.file("team.toml", WITH_CHANNEL)
    ran = handoff("automations", "mode", "weekly_report", "auto", *MARA)
    assert (ran.code, ran.out) == (0, "weekly_report is auto now: it posts by the clock.\n")
    with database.read() as session:
        (row,) = session.scalars(select(AuditEntry).where(AuditEntry.action == "automation.mode"))
    assert (row.before, row.after) == ({"mode": "off", "from": "settings"}, {"mode": "auto", "by": "os:typist"})


def test_settings_that_would_post_into_no_channel_are_refused_in_words(handoff: Terminal, database: Database) -> None:
    handoff.file("team.toml", f'{TEAM}\n[report]\nmode = "auto"\n')
    ran = handoff("automations", "list")
    assert (ran.code, "report.channel: there is no channel 'reports' under [channels]" in ran.err) == (1, True)


def test_run_by_hand_it_is_the_report_of_the_newest_week_and_only_one(handoff: Terminal, database: Database) -> None:
    off = handoff("automations", "run", "weekly_report")
    assert (off.code, "`handoff report run` counts without posting" in off.err) == (1, True)
    handoff.file("team.toml", AUTO)
    agent = handoff("automations", "run", "weekly_report", *INES)
    assert (agent.code, "needs the role lead" in agent.err) == (1, True)
    ran = handoff("automations", "run", "weekly_report", *MARA, "--wait", "0")
    assert (ran.code, "No bot is running: REPORT-1" in ran.err) == (0, True)
    with database.read() as session:
        (report,) = session.scalars(select(Report)).all()
    assert (report.kind, report.channel, report.state) == ("weekly", "C_REPORTS", "asked")
    again = handoff("automations", "run", "weekly_report")
    assert again.code == 0
    assert again.out.startswith("REPORT-1 is there already for that week: asked.")


def test_doctor_says_when_it_comes_and_what_stands_in_its_way(
    handoff: Terminal, database: Database, room: Room
) -> None:
    prepare(database)
    assert told(handoff, TEAM) == {
        "It is off: nothing is posted by the clock; whoever asks for a report gets one.": "ok"
    }
    found = told(handoff, AUTO)
    assert any(words.startswith("The next report comes Mon ") and "in #reports" in words for words in found)
    assert found.pop("The desk has not been read to its end yet.") == "warning"
    assert set(found.values()) == {"ok"}
    settings = load().settings
    desk, clock = open_builtin(settings, database, SystemClock()), SystemClock()
    read_on(database, desk, None, clock=clock, redactor=Redactor(()))
    room.act("faults", kick="C_REPORTS")
    assert told(handoff, AUTO).get("Handoff is not in the channel #reports.") == "problem"
    unknown = told(handoff, AUTO.replace('mode = "auto"', 'mode = "auto"\nowner = "nobody@example.com"'))
    assert any("nobody under [[people]]" in words for words in unknown)
    alone = AUTO.replace('slack = "U_LEAD1"\n', "")
    assert any("has no Slack user here" in words for words in told(handoff, alone))
    with database.begin() as session:
        modes.set_mode(session, "weekly_report", "ask", by="os:root", at=clock.now())
    assert set(told(handoff, AUTO).values()) == {"problem"}
