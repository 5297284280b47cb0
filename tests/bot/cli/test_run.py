"""Exit codes, help and the words of errors."""

import os
import sys
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import text

from automations.desks import Capability
from bot.cli import run
from bot.cli.options import opened
from bot.cli.reference import command_table
from bot.desk import limits_of
from storage import migrate
from storage.engine import Database
from tests.bot.cli.conftest import Terminal


def test_alone_it_shows_the_groups(bare: Terminal) -> None:
    ran = bare()
    assert ran.code == 0
    for word in ("Set up and run", "Failures and cases", "Automations and people", "Records and data", "doctor"):
        assert word in ran.out
    assert all(len(line) <= 80 for line in ran.out.splitlines())


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["nonsense"], "No such command 'nonsense'"),
        (["--nonsense"], "No such option"),
        (["cases", "claim"], "Missing"),
        (["cases", "claim", "1"], "--as"),
        (["cases", "list", "--limit", "none"], "--limit"),
        (["cases", "list", "--limit", "0"], "--limit"),
        (["cases", "list", "--status", "lost"], "--status"),
        (["demo", "nothing"], "scenes"),
        (["db"], ""),
    ],
)
def test_a_wrong_command_line_is_64_and_says_what(bare: Terminal, args: list[str], words: str) -> None:
    ran = bare(*args)
    assert ran.code == 64
    assert words in ran.err


def test_settings_that_are_not_there_are_1_in_words(bare: Terminal) -> None:
    ran = bare("--config", "nowhere.toml", "cases", "list")
    assert (ran.code, ran.out) == (1, "")
    assert "nowhere.toml: there is no such file" in ran.err


def test_a_database_that_cannot_be_reached_is_1_in_words(bare: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    bare("init", "--defaults")
    monkeypatch.setenv("HANDOFF_DATABASE__URL", "postgresql://ann:hunter2secret@127.0.0.1:1/none")
    ran = bare("cases", "list")
    assert ran.code == 1
    assert "The database cannot be used" in ran.err
    assert "hunter2secret" not in ran.err


@pytest.mark.parametrize(
    ("url", "words"),
    [("nonsense", "not a URL"), ("mysql://host/db", "given 'mysql'"), ("sqlite:////tmp/none/x.db", "no database at")],
)
def test_a_wrong_database_is_named(bare: Terminal, monkeypatch: pytest.MonkeyPatch, url: str, words: str) -> None:
    bare("init", "--defaults")
    monkeypatch.setenv("HANDOFF_DATABASE__URL", url)
    ran = bare("cases", "list")
    assert ran.code == 1
    assert words in ran.err


def ready_to_serve(bare: Terminal, monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    bare("init", "--defaults")
    for name, value in (
        ("SLACK__BOT_TOKEN", "xoxb-1"),
        ("SLACK__APP_TOKEN", "xapp-1"),
        ("INGEST__TOKENS", "*=a-token"),
        ("HTTP__PORT", "0"),
        ("DATABASE__URL", url),
    ):
        monkeypatch.setenv(f"HANDOFF_{name}", value)


def test_serve_does_not_start_with_a_wrong_database(bare: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    ready_to_serve(bare, monkeypatch, "nonsense")
    ran = bare("serve")
    assert ran.code == 1
    assert "database.url" in ran.err


@pytest.mark.parametrize("version", ["0001", "0011", "9999"])
def test_serve_on_tables_of_another_version_prints_the_command_and_changes_nothing(
    bare: Terminal, monkeypatch: pytest.MonkeyPatch, database: Database, version: str
) -> None:
    """Others may still work on those tables, so a person says when they are changed. Nothing is listened to."""
    with database.begin() as session:
        session.execute(text("update alembic_version set version_num = :version"), {"version": version})
    ready_to_serve(bare, monkeypatch, database.url)
    ran = bare("serve")
    assert ran.code == 1
    assert f"is at version {version}, this program needs {migrate.head()}. Run `handoff db upgrade`." in ran.err
    assert "Traceback" not in ran.err
    assert ran.out == ""
    assert migrate.current(database.url) == version


def test_a_file_that_is_no_database_is_1_in_words(bare: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    bare("init", "--defaults")
    monkeypatch.setenv("HANDOFF_DATABASE__URL", f"sqlite:///{bare.file('x.db', 'not a database, surely' * 99)}")
    ran = bare("audit", "list")
    assert ran.code == 1
    assert "not a database" in ran.err


def test_a_reader_that_has_seen_enough_is_no_traceback(bare: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w", encoding="utf-8") as closed:
        monkeypatch.setattr(sys, "stdout", closed)
        assert run(["manifest"]) == 1


def test_the_table_of_commands_is_complete_and_in_words() -> None:
    table = dict(command_table())
    assert len(table) >= 28
    for line in (
        "handoff cases claim ID --as EMAIL [--wait SECONDS]",
        "handoff failure send FILE|- [--url URL] [--token TOKEN] [--patience SECONDS] [--json]",
        "handoff init [PATH] [--defaults] [--force]",
        "handoff stuck discard --reason REASON [ID] [--cause CAUSE]",
        "handoff doctor [--live] [--json]",
        "handoff desk check [KIND] [--write] [--contract FILE] [--strict] [--json]",
        "handoff desk export FILE [--force] [--json]",
    ):
        assert line in table, sorted(table)
    assert all(words.endswith(".") or "." in words for words in table.values())
    assert {line.split()[1] for line in table} == {
        "demo", "init", "serve", "doctor", "manifest", "redact", "failure", "cases", "stuck", "automations", "people",
        "config", "duty", "audit", "db", "import", "desk", "access", "runs", "report", "triage", "escalations",
        "customers",
    }  # fmt: skip


def test_every_list_and_show_has_json() -> None:
    for line, _ in command_table():
        if line.split()[2:3] in (["list"], ["show"], ["check"], ["verify"]):
            assert "[--json]" in line


def test_commands_know_what_the_desk_can_and_cannot(handoff: Terminal) -> None:
    """Else what somebody does from the terminal would not reach, for one, the parent ticket of a group."""
    without_options: Any = SimpleNamespace(find_root=lambda: SimpleNamespace(params={}))
    with opened(without_options) as here:
        assert here.context.desk_can == limits_of()["builtin"].CAPABILITIES
        assert here.context.desk_cannot[Capability.REPLIES].startswith("The built-in desk cannot send a public reply.")
