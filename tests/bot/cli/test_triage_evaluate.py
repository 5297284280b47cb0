"""`handoff triage evaluate` on the terminal: with and without settings, what is kept, what the bar says."""

import shutil
from pathlib import Path

import pytest
from sqlalchemy import select

from storage.engine import Database
from storage.models import AuditEntry, TriageEvaluation
from tests.bot.cli.conftest import TEAM, Terminal

WORDS = {"billing": "my invoice shows the wrong total", "login": "the password link does not arrive"}
BAR = """
[triage]
default_queue = "Support"
[triage.bar]
examples = 5
[[triage.intents]]
name = "billing"
queue = "Billing"
[[triage.intents]]
name = "login"
queue = "Support"
[[triage.rules]]
name = "invoices"
keywords = "invoice*"
intent = "billing"
[[triage.rules]]
name = "never"
keywords = "zeppelin"
intent = "login"
"""


@pytest.fixture
def database_url(tmp_path: Path, sqlite_template: Path) -> str:
    """SQLite alone: what is kept is tested on both elsewhere."""
    return f"sqlite:///{shutil.copyfile(sqlite_template, tmp_path / 'handoff.db')}"


def a_file(terminal: Terminal, *more: str) -> Path:
    rows = [
        f"2026-0{1 + number // 10}-{1 + number % 10:02},{label},{words} ({number}),normal"
        for number in range(30)
        for label, words in WORDS.items()
    ]
    return terminal.file("history.csv", "\n".join(["created_at,label,text,priority", *rows, *more]))


def test_without_settings_labels_stand_for_queues_and_nothing_is_kept(bare: Terminal) -> None:
    ran = bare("triage", "evaluate", a_file(bare), "--json", "--picture", "picture.png")
    assert ran.code == 2, "too few tickets for the bar"
    told = ran.json
    assert (told["trained_on"], told["examples"]) == (42, 18)
    assert {one["name"] for one in told["queues"]} == {"billing", "login"}
    assert told["test_from"].startswith("2026-03-")
    assert "each stands for a queue of its own" in ran.err
    assert (bare.folder / "picture.png").read_bytes().startswith(b"\x89PNG")
    assert not list(bare.folder.glob("**/*.db"))


def test_with_settings_it_is_kept_and_audited(handoff: Terminal, database: Database) -> None:
    handoff.file("team.toml", TEAM + BAR)
    ran = handoff("triage", "evaluate", a_file(handoff, "2026-04-01,login,too,many,cells"))
    assert ran.code in (0, 2)
    assert "1 rows were not read, the first on line 62" in ran.err
    assert "Kept as EVAL-1." in ran.err
    assert "The rule never had no effect" in ran.out
    with database.read() as session:
        row = session.scalars(select(TriageEvaluation)).one()
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "triage.evaluated")).one()
    assert (row.passed, row.examples, entry.target) == (ran.code == 0, 18, "EVAL-1")
    assert "sha256" in row.source
    billing = next(one for one in row.result["queues"] if one["name"] == "Billing")
    assert (billing["sent"], billing["right"]) == (9, 9), "the rule knows invoices"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("text,other\na,b\n", "no column for the label or queue"),
        ("label,created_at\na,yesterday\n", "no column for the text"),
        ("text,label,created_at\nhello,a,yesterday\n", "'yesterday' in the column created_at is no date and time"),
        ("text,label\nhello,a\n", "too little history"),
    ],
)
def test_a_file_that_cannot_be_measured_is_said(bare: Terminal, content: str, words: str) -> None:
    ran = bare("triage", "evaluate", bare.file("odd.csv", content))
    assert ran.code == 1
    assert words in ran.err


def test_without_file_and_settings_there_is_no_desk(bare: Terminal) -> None:
    ran = bare("triage", "evaluate")
    assert (ran.code, "Name a FILE" in ran.err) == (1, True)
