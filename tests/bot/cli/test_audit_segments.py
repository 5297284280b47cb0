"""`handoff audit export --segment` and `handoff audit prune`, as a person types them."""

from pathlib import Path

import pytest

from storage.engine import Database
from tests.bot.cli.conftest import Terminal
from tests.bot.cli.test_audit_chain import database_url, file  # noqa: F401 - the same log and settings
from tests.storage.test_audit import fill


def test_a_segment_is_exported_looked_at_and_pruned(
    handoff: Terminal,
    database: Database,
    file: Path,  # noqa: F811 - a fixture
    tmp_path: Path,
) -> None:
    fill(database, 3)
    handoff("audit", "checkpoint")
    to = tmp_path / "1.jsonl"
    young = handoff("audit", "export", "--segment", "--to", str(to))
    assert young.code == 1
    assert "No segment was made: no signed checkpoint from before" in young.err
    made = handoff("audit", "export", "--segment", "--to", str(to), "--until", "2099-01-01")
    assert f"{to}: segment 1, rows 1 to 3." in made.out
    asked = handoff("audit", "prune", str(to))
    assert (asked.code, asked.out) == (2, "Rows 1 to 3 would leave the database. Do it: --yes\n")
    assert "Rows 1 to 3 are out of the database" in handoff("audit", "prune", str(to), "--yes").out
    verified = handoff("audit", "verify")
    assert verified.code == 0
    assert "Rows 1 to 3 were exported as segments and pruned" in verified.out
    assert handoff("audit", "verify", "--json").json["pruned"] == 3
    again = handoff("audit", "prune", str(to), "--yes")
    assert again.code == 1
    assert "segment 1 begins at row 1, and the log at row 4" in again.err


@pytest.mark.parametrize(
    "args",
    [
        ["--segment"],
        ["--until", "2026-01-01"],
        ["--segment", "--to", "x", "--actor", "anna@example.com"],
        ["--segment", "--to", "x", "--format", "csv"],
    ],
)
def test_what_does_not_go_together_is_refused(handoff: Terminal, database: Database, args: list[str]) -> None:
    assert handoff("audit", "export", *args).code == 64


def test_without_a_key_there_are_no_segments(handoff: Terminal, database: Database, tmp_path: Path) -> None:
    for args in (["export", "--segment", "--to", str(tmp_path / "x")], ["prune", str(tmp_path / "x")]):
        ran = handoff("audit", *args)
        assert ran.code == 1
        assert "audit.key is missing" in ran.err
