"""A small team's settings on a database of the test's own, and the command line on top of it."""

import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any, cast

import pytest

from automations.adapters.calls import Call
from automations.failure_tickets import intake
from automations.failure_tickets.context import Context
from automations.failure_tickets.event import FailureEvent
from bot.cli import run
from bot.cli.demo import demo_app
from bot.desk import KINDS
from bot.desks.kind import Kind
from bot.engine import EngineClient, prepare
from bot.parts import make_context
from bot.settings_file import load
from bot.workspace import WorkspaceServer, sample_seed
from storage.engine import Database
from tests.bot.cli.desks import SECTION, Sign
from tests.bot.workspace.room import Room
from tests.desks.small import SmallDesk, small_kind

TEAM = """
[team]
zone = "Europe/Oslo"

[channels]
failures = "C_FAILURES"
escalations = "C_ESCALATIONS"

[roles]
agent = ["S_AGENTS"]
lead = ["U_LEAD1"]

[failure_tickets]
default_owner = "mara.lind@example.com"
escalate_after = "4h"

[[failure_tickets.rules]]
name = "billing"
source = "billing-*"
queue = "Billing"

[[failure_tickets.rules]]
name = "imports"
job = "*-import"

[[people]]
name = "Mara Lind"
email = "mara.lind@example.com"
slack = "U_LEAD1"

[[people]]
name = "Ines Holt"
email = "ines.holt@example.com"
slack = "U_AGENT1"
"""
INES = ("--as", "ines.holt@example.com")
MARA = ("--as", "mara.lind@example.com")
_numbers = count(1)


@dataclass(frozen=True)
class Ran:
    """What a command did."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@dataclass
class Terminal:
    """Somebody who types commands."""

    capsys: pytest.CaptureFixture[str]
    folder: Path

    def __call__(self, *args: str | Path) -> Ran:
        self.capsys.readouterr()
        code = run([str(arg) for arg in args])
        said = self.capsys.readouterr()
        assert "Traceback" not in said.err
        assert "\x1b" not in said.out + said.err
        return Ran(code, said.out, said.err)

    def file(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return path


@pytest.fixture(scope="session")
def sqlite_template(sqlite_template: Path) -> Path:
    """With the engine's own tables as well, which most commands would have to make first."""
    path = sqlite_template.with_name("prepared.db")
    shutil.copyfile(sqlite_template, path)
    database = Database(f"sqlite:///{path}")
    prepare(database)
    database.close()
    assert not path.with_name("prepared.db-wal").exists(), "the template must be one file"
    return path


@pytest.fixture
def bare(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """A machine without settings."""
    for name in [name for name in os.environ if name.startswith("HANDOFF_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("LOGNAME", "typist")
    monkeypatch.chdir(tmp_path)
    return Terminal(capsys, tmp_path)


@pytest.fixture
def room(monkeypatch: pytest.MonkeyPatch, bare: Terminal) -> Iterator[Room]:
    """A workspace with exactly the manifest's scopes, and the environment that leads to it."""
    made = Room(WorkspaceServer(sample_seed(), demo_app()).start())
    monkeypatch.setenv("HANDOFF_SLACK__BASE_URL", made.server.base_url)
    monkeypatch.setenv("HANDOFF_SLACK__BOT_TOKEN", "xoxb-demo-handoff")
    monkeypatch.setenv("HANDOFF_SLACK__APP_TOKEN", "xapp-demo-handoff")
    yield made
    made.leave()


@pytest.fixture
def handoff(bare: Terminal, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """The team's settings, with a migrated database."""
    monkeypatch.setenv("HANDOFF_DATABASE__URL", database_url)
    monkeypatch.setenv("HANDOFF_CONFIG", str(bare.file("team.toml", TEAM)))
    return bare


@pytest.fixture
def small(handoff: Terminal, monkeypatch: pytest.MonkeyPatch) -> Sign:
    """Puts a small desk, with the calls it is asked by, where the settings name Zendesk."""

    def put(desk: SmallDesk | None = None, *calls: Call) -> SmallDesk:
        made = desk or SmallDesk()
        monkeypatch.setitem(cast("dict[str, Kind]", KINDS), "freshdesk", small_kind(made, *calls))
        monkeypatch.setenv("HANDOFF_DESK__TOKEN", "t")
        handoff.file("team.toml", TEAM + SECTION)
        return made

    return put


@pytest.fixture
def context(handoff: Terminal, database: Database) -> Iterator[Context]:
    """What the commands work with, on the same database."""
    prepare(database)
    made = make_context(load().settings, database, "builtin")
    yield made
    assert isinstance(made.jobs, EngineClient)
    made.jobs.close()


def an_event(**changes: Any) -> dict[str, Any]:
    """A failure that opens a case; every call makes another id."""
    number = next(_numbers)
    return {
        "id": f"evt-{number}",
        "source": "billing-worker",
        "occurred_at": "2026-11-21T02:14:00Z",
        "status": "failed",
        "reason": "retries_exhausted",
        "summary": "Invoice sync failed after 5 attempts",
        "dedup_key": f"key-{number}",
        "impact": {"blocked": True, "customers": 1},
        **changes,
    }


def report(database: Database, context: Context, *events: dict[str, Any]) -> list[str | None]:
    """Take failures in as the bot does; their cases."""
    with database.begin() as session:
        receipts = intake.receive(session, [FailureEvent.model_validate(one) for one in events], context)
    return [receipt.case_id for receipt in receipts]


def listed(handoff: Terminal) -> dict[str, dict[str, Any]]:
    """Each automation as `automations list` tells it, by its name."""
    return {one["name"]: one for one in handoff("automations", "list", "--json").json}
