"""Every week of a real help desk's log, as somebody else counted it: the documented commands reproduce it exactly."""

import csv
import os
import shutil
from pathlib import Path

import pytest
from sqlalchemy import func, select

from storage.engine import Database
from storage.models import Report
from tests.bot.cli.conftest import Terminal

ROOT = Path(__file__).parents[3]
DATA = ROOT.parent / "shared" / "datasets" / "desk-events"
MAP = ROOT / "tests" / "fixtures" / "helpdesk-map.toml"
COUNTED = ("created", "resolved", "closed", "backlog_end")
ASKED = ("--zone", "UTC", "--open-until", "closed", "--json")

pytestmark = pytest.mark.skipif(
    not DATA.is_dir() and "datasets" not in os.environ.get("HANDOFF_REQUIRE", ""), reason=f"{DATA} is not there"
)


@pytest.fixture
def database_url(tmp_path: Path, sqlite_template: Path) -> str:
    """SQLite alone: what is counted is tested on both."""
    return f"sqlite:///{shutil.copyfile(sqlite_template, tmp_path / 'handoff.db')}"


def test_every_week_is_reproduced_exactly(handoff: Terminal, database: Database) -> None:
    with (DATA / "answer_weeks.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    answers = {
        row["iso_week_utc"]: tuple(int(row[name]) for name in ("opened", "resolved", "closed", "backlog_end"))
        for row in rows
    }
    assert len(answers) == 209
    log = DATA / "helpdesk_events.csv"
    first = handoff("import", "tickets", log, "--map", MAP, "--json").json
    assert (first["created"], first["doubled"], first["rejected"]) == (924, 18, [])
    for week in ("2010-W02", "2010-W53", "2013-W07", "2014-W01"):
        if week in answers:
            made = handoff("report", "run", "--week", week, *ASKED).json
            assert tuple(made["counts"][name] for name in COUNTED) == answers[week], week
    whole = ("--from", "2010-01-11", "--to", "2014-01-12", "--each", "week")
    each = handoff("report", "run", *whole, *ASKED).json
    assert {one["period"]["week"]: tuple(one["counts"][name] for name in COUNTED) for one in each} == answers
    for one in each:
        counts = one["counts"]
        arrived, left = counts["created"] + counts["reopened"], counts["closed"]
        assert counts["backlog_start"] + arrived - left == counts["backlog_end"], one["period"]
    again = handoff("import", "tickets", log, "--map", MAP, "--json").json
    assert (again["created"], again["changed"], again["already_there"]) == (0, 0, 924)
    assert handoff("report", "mirror", "--json").json["changed"] == 0
    rerun = handoff("report", "rerun", "1", "--json").json
    assert rerun["rerun"] == {"of": 1, "same": True, "changed": 0, "changes": []}
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(Report)) == 4
