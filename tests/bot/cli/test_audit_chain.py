"""`handoff audit checkpoint|verify` with signed files, and what doctor says of them."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from storage import audit
from storage.engine import Database
from tests.bot.cli.conftest import Terminal
from tests.storage.test_audit import fill, write
from tests.storage.test_checkpointing import restamp
from tests.support import disarm_audit

KEY = "a key of the test's own"


@pytest.fixture
def database_url(tmp_path: Path, sqlite_template: Path) -> str:
    """SQLite alone: nothing here differs by database."""
    path = tmp_path / "handoff.db"
    path.write_bytes(sqlite_template.read_bytes())
    return f"sqlite:///{path}"


@pytest.fixture
def file(tmp_path: Path, handoff: Terminal, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the settings say that checkpoints go."""
    monkeypatch.setenv("HANDOFF_AUDIT__KEY", KEY)
    monkeypatch.setenv("HANDOFF_AUDIT__CHECKPOINTS", str(tmp_path / "outside.jsonl"))
    return tmp_path / "outside.jsonl"


def doctor(handoff: Terminal) -> tuple[str, str]:
    (row,) = [one for one in handoff("doctor", "--json").json["findings"] if one["area"] == "checkpoints"]
    return row["state"], row["found"]


def test_a_checkpoint_is_made_and_verified(handoff: Terminal, database: Database, file: Path) -> None:
    fill(database, 3)
    assert handoff("audit", "checkpoint").out == f"{file}: checkpoint 1 holds row 3.\n"
    assert handoff("audit", "checkpoint").out == f"{file}: nothing was done since the last checkpoint.\n"
    fill(database, 1)
    made = handoff("audit", "checkpoint", "--json").json
    assert (made["file"], made["checkpoint"]["number"], made["checkpoint"]["row"]) == (str(file), 2, 5)
    for args in ([], ["--checkpoints", str(file)]):
        ran = handoff("audit", "verify", *args)
        assert ran.code == 0
        assert "6 rows are right" in ran.out
        assert f"They agree with 2 signed checkpoints in {file}." in ran.out
    assert handoff("audit", "verify", "--json").json["checkpoints"] == 2


@pytest.mark.tampers
def test_a_restamped_chain_and_a_cut_file_are_found(handoff: Terminal, database: Database, file: Path) -> None:
    for _ in range(2):
        fill(database, 3)
        handoff("audit", "checkpoint")
    whole = file.read_bytes()
    file.write_bytes(whole.splitlines(keepends=True)[0])
    ran = handoff("audit", "verify")
    assert ran.code == 1
    assert "Row 8 is not right: checkpoint 2 of file" in ran.out
    file.write_bytes(whole.splitlines(keepends=True)[1])
    ran = handoff("audit", "verify")
    assert ran.code == 1
    assert "line 1 does not follow the line before it" in ran.err
    file.write_bytes(whole)
    with database.begin() as session:
        disarm_audit(session)
        restamp(session, 5, cut=False)
    assert handoff("audit", "verify", "--json").json["first_bad_row"] == 7
    refused = handoff("audit", "checkpoint")
    assert refused.code == 1
    assert "No checkpoint was made: nothing was signed: row 7" in refused.err


def test_a_file_that_was_not_given_is_asked_for(handoff: Terminal, database: Database, file: Path) -> None:
    with database.begin() as session:
        other = {"file": "another", "number": 1, "seq": 0, "line": "0" * 64}
        write(session, action="audit.checkpoint", target="audit/checkpoint", after=other)
        write(session)
    handoff("audit", "checkpoint")
    assert handoff("audit", "verify").code == 0, "a bot on another machine keeps its own"
    ran = handoff("audit", "verify", "--checkpoints", str(file))
    assert ran.code == 1
    assert "Row 1 is not right: checkpoint 1 of file another, which row 1 names, is missing" in ran.out


def test_without_a_key_nothing_is_signed_and_it_is_said(handoff: Terminal, database: Database, tmp_path: Path) -> None:
    fill(database, 1)
    ran = handoff("audit", "checkpoint")
    assert ran.code == 1
    assert "audit.key is missing" in ran.err
    assert handoff("audit", "verify", "--checkpoints", "some.jsonl").code == 1
    ran = handoff("audit", "verify")
    assert ran.code == 0
    assert "No signed checkpoints were looked at" in ran.err
    assert doctor(handoff)[0] == "warning"


def test_doctor_says_how_old_the_last_one_is_and_complains(handoff: Terminal, database: Database, file: Path) -> None:
    assert doctor(handoff) == ("ok", f"Signed into {file}; there is none yet, 0 rows since.")
    with database.begin() as session:
        write(session, at=datetime.now(UTC) - timedelta(hours=1))
    state, words = doctor(handoff)
    assert (state, words) == (
        "problem",
        "Rows of the audit log that are in no signed checkpoint: 1, and there is none yet.",
    )
    handoff("audit", "checkpoint")
    assert doctor(handoff) == ("ok", f"Signed into {file}; the last one is 0 min old, 0 rows since.")
    file.unlink()
    assert doctor(handoff)[0] == "warning"


@pytest.mark.tampers
def test_a_log_without_its_head_is_a_problem(handoff: Terminal, database: Database, file: Path) -> None:
    fill(database, 1)
    with database.begin() as session:
        disarm_audit(session)
        session.execute(text("delete from audit_head"))
    (row,) = [one for one in handoff("doctor", "--json").json["findings"] if one["area"] == "audit"]
    assert row["state"] == "problem"
    assert handoff("audit", "checkpoint").code == 1
    with database.read() as session:
        assert audit.head(session) is None
