"""`handoff escalations evaluate`: a log replayed by the rules of now, and nothing is left behind."""

import shutil
from pathlib import Path

import pytest
from sqlalchemy import func, select

from storage.engine import Database
from storage.models import DeskTicket, EscalationFiring
from tests.bot.cli.conftest import TEAM, Terminal

MAP = Path(__file__).parents[2] / "fixtures" / "helpdesk-map.toml"
LOG = """case_id,activity,resource,timestamp,group
A,Assign seriousness,anna,2026-03-23T08:00:00Z,First line
A,Resolve ticket,anna,2026-03-25T09:00:00Z,First line
B,Assign seriousness,ben,2026-03-24T08:00:00Z,Billing
B,Resolve ticket,ben,2026-03-24T09:00:00Z,Billing
"""
SLA = """
[[sla]]
name = "two days"
resolution = "48h"
count = "calendar"
"""


@pytest.fixture
def database_url(tmp_path: Path, sqlite_template: Path) -> str:
    """SQLite alone: the file is imported into a database of its own."""
    return f"sqlite:///{shutil.copyfile(sqlite_template, tmp_path / 'handoff.db')}"


def test_a_log_is_replayed_and_leaves_nothing_behind(handoff: Terminal, database: Database) -> None:
    handoff.file("team.toml", TEAM + SLA)
    ran = handoff("escalations", "evaluate", handoff.file("log.csv", LOG), "--map", MAP, "--json")
    assert ran.code == 0
    told = ran.json
    assert told["tickets"] == 2
    assert [(one["at"], one["reason"], one["rule"]) for one in told["firings"]] == [
        ("2026-03-24T20:00:00+00:00", "sla_warning", "sla two days"),
        ("2026-03-25T08:00:00+00:00", "sla_breach", "sla two days"),
    ]
    assert told["breached_without_warning"] == 0
    with database.read() as session:
        kept = [session.scalar(select(func.count()).select_from(one)) for one in (DeskTicket, EscalationFiring)]
    assert kept == [0, 0]


def test_people_get_a_table_and_a_word_if_nothing_was_promised(handoff: Terminal) -> None:
    ran = handoff("escalations", "evaluate", handoff.file("log.csv", LOG), "--map", MAP)
    assert ran.code == 0
    assert "0 firings for 0 of 2 tickets." in ran.out
    assert "There is no [[sla]] in the settings" in ran.err


def test_without_tickets_nothing_is_measured(handoff: Terminal) -> None:
    ran = handoff("escalations", "evaluate")
    assert (ran.code, "There are no tickets to replay" in ran.err) == (1, True)
