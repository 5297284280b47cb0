"""The audit log, the database and the import from the terminal."""

import csv
import io
import json
from pathlib import Path

import pytest
from sqlalchemy import inspect, text

from automations.failure_tickets.context import Context
from automations.spreadsheet import cell
from storage import audit
from storage.engine import Database
from storage.models import Base, DeskTicket
from tests.bot.cli.conftest import INES, Terminal, an_event, report
from tests.hostile.formulas import PAYLOADS, live
from tests.support import START, disarm_audit

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def some(database: Database, handoff: Terminal) -> int:
    """A few entries, one with text that a spreadsheet would run; how many."""
    with database.begin() as session:
        for number, actor in enumerate(("anna@team.example", "=cmd|'/c calc'!A1", "handoff"), start=1):
            audit.append(
                session,
                at=START,
                actor=actor,
                action="case.claim",
                target=f"CASE-{number}",
                outcome="done",
                correlation_id="c",
                after={"note": "=1+1"},
            )
    return 3


def test_entries_are_listed_and_narrowed(handoff: Terminal, some: int) -> None:
    ran = handoff("audit", "list")
    assert ran.code == 0
    assert "CASE-2" in ran.out
    assert max(map(len, ran.out.splitlines())) <= 80
    for args, wanted in (
        ([], [1, 2, 3]),
        (["--target", "CASE-2"], [2]),
        (["--actor", "handoff"], [3]),
        (["--action", "case.release"], []),
        (["--limit", "2"], [2, 3]),
        (["--since", START.isoformat()], [1, 2, 3]),
        (["--since", "2026-11-21T02:14:01+00:00"], []),
        (["--since", "2026-11-21"], [1, 2, 3]),
    ):
        assert [row["seq"] for row in handoff("audit", "list", "--json", *args).json] == wanted, args


@ON_SQLITE
def test_a_length_of_time_is_taken_back_from_now(handoff: Terminal, some: int) -> None:
    assert len(handoff("audit", "list", "--json", "--since", "99999d").json) == some
    for since in ("yesterday", "999999d", "0001-01-01T00:00:00+05:00"):
        wrong = handoff("audit", "list", "--since", since)
        assert wrong.code == 64
        assert "neither a date" in wrong.err


def test_a_whole_chain_is_verified_against_a_checkpoint(handoff: Terminal, some: int) -> None:
    ran = handoff("audit", "verify")
    assert ran.code == 0
    assert "3 rows are right" in ran.out
    checkpoint = ran.out.split("checkpoint ")[1].strip()
    assert handoff("audit", "verify", "--known", checkpoint).code == 0
    other = handoff("audit", "verify", "--known", f"2:{'a' * 64}")
    assert other.code == 1
    assert "Row 2 is not right" in other.out
    assert handoff("audit", "verify", "--known", "2").code == 64


@pytest.mark.tampers
def test_the_first_bad_row_is_named(handoff: Terminal, database: Database, some: int) -> None:
    with database.begin() as session:
        disarm_audit(session)
        session.execute(text("update audit_entry set actor = 'ben' where seq = 2"))
    ran = handoff("audit", "verify")
    assert ran.code == 1
    assert "Row 2 is not right" in ran.out
    found = handoff("audit", "verify", "--json").json
    assert (found["ok"], found["checked"], found["first_bad_row"]) == (False, 1, 2)


def test_the_export_keeps_every_value(handoff: Terminal, some: int) -> None:
    lines = [json.loads(line) for line in handoff("audit", "export").out.splitlines()]
    assert [line["seq"] for line in lines] == [1, 2, 3]
    assert lines[1]["actor"] == "=cmd|'/c calc'!A1"
    assert lines[0]["hash"] == lines[1]["prev_hash"]
    only = handoff("audit", "export", "--target", "CASE-3", "--since", "2026-11-01")
    assert [json.loads(line)["seq"] for line in only.out.splitlines()] == [3]


@ON_SQLITE
def test_csv_holds_no_formula(handoff: Terminal, some: int) -> None:
    rows = list(csv.DictReader(io.StringIO(handoff("audit", "export", "--format", "csv").out)))
    assert len(rows) == some
    assert rows[1]["actor"] == "'=cmd|'/c calc'!A1"
    assert json.loads(rows[0]["after"]) == {"note": "=1+1"}
    for start in "=+-@\t\r\n":
        assert str(cell(f"{start}1")).startswith("'")
    assert (cell("plain"), cell(7), cell(None)) == ("plain", 7, None)


@ON_SQLITE
def test_no_text_of_an_entry_is_a_formula_in_csv(handoff: Terminal, database: Database) -> None:
    """In every column that a text of somebody can come to stand in."""
    with database.begin() as session:
        for text in PAYLOADS:
            audit.append(
                session, at=START, actor=text, action=text, target=text, outcome=text, correlation_id=text,
                before={text: text}, after={"note": [text]},
            )  # fmt: skip
    text = handoff("audit", "export", "--format", "csv").out
    assert text.count("calc") > 6 * 60
    assert live(text) == []


@ON_SQLITE
def test_an_export_to_a_file_never_overwrites(handoff: Terminal, some: int) -> None:
    ran = handoff("audit", "export", "--to", "log.jsonl")
    assert (ran.code, ran.out) == (0, "log.jsonl: 3 entries.\n")
    again = handoff("audit", "export", "--to", "log.jsonl")
    assert again.code == 1
    assert "log.jsonl: the file cannot be made" in again.err


def test_check_says_what_is_missing_and_upgrade_mends_it(handoff: Terminal, database: Database) -> None:
    if database.dialect == "sqlite":  # there the tests of commands begin with the engine's tables
        with database.begin() as session:
            session.execute(text("pragma defer_foreign_keys = on"))
            there = inspect(session.connection()).get_table_names()
            for name in set(there) - Base.metadata.tables.keys() - {"alembic_version"}:
                session.execute(text(f'drop table "{name}"'))
    before = handoff("db", "check")
    assert before.code == 1
    assert "the job engine's tables are missing" in before.out
    assert handoff("db", "upgrade").code == 0
    after = handoff("db", "check")
    assert (after.code, "nothing differs" in after.out) == (0, True)
    assert handoff("db", "check", "--json").json["differences"] == []
    with database.begin() as session:
        session.execute(text("drop index ix_cases_case_key"))
    assert "ix_cases_case_key" in handoff("db", "check").out


def test_an_old_database_is_not_touched_by_a_list(handoff: Terminal, database: Database) -> None:
    with database.begin() as session:
        session.execute(text("delete from alembic_version"))
    ran = handoff("cases", "list")
    assert ran.code == 1
    assert "Run `handoff db upgrade`" in ran.err


def test_a_back_up_comes_back(
    handoff: Terminal, database: Database, some: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran = handoff("db", "backup", tmp_path / "copy")
    assert ran.code == 0, ran.err
    assert "restored for trial" in ran.out
    assert handoff("db", "backup", tmp_path / "copy").code == 1
    refused = handoff("db", "restore", tmp_path / "copy")
    assert refused.code == 1
    assert "exists" in refused.err or "not empty" in refused.err
    monkeypatch.setenv("HANDOFF_DATABASE__URL", f"sqlite:///{tmp_path / 'new.db'}")
    back = handoff("db", "restore", tmp_path / "copy", "--json")
    assert back.code == 0, back.err
    assert back.json["rows"]["audit_entry"] == some
    assert handoff("audit", "verify").code == 0
    assert handoff("db", "check").code == 0


@ON_SQLITE
def test_a_back_up_that_is_none_is_named(handoff: Terminal, bare: Terminal) -> None:
    ran = handoff("db", "restore", "nowhere.zip")
    assert ran.code == 1
    assert "nowhere.zip is not a file" in ran.err


@ON_SQLITE
def test_tickets_are_imported_once_and_bad_rows_are_listed(handoff: Terminal, database: Database) -> None:
    header = "Number,subject,status,created_at\n"
    rows = "7,Lost invoice,open,2026-01-02T03:04:05Z\n8,Odd,melted,2026-01-02T03:04:05Z\n"
    file, mapping = handoff.file("old.csv", header + rows), handoff.file("map.toml", 'id = "Number"\n')
    ran = handoff("import", "tickets", file, "--map", mapping)
    assert ran.code == 3
    assert "1 tickets made, 0 there already, 1 rejected." in ran.out
    assert "melted" in ran.out
    again = handoff("import", "tickets", file, "--map", mapping, "--json").json
    assert (again["created"], again["already_there"], again["rejected"][0]["line"]) == (0, 1, 3)
    with database.read() as session:
        assert [ticket.subject for ticket in session.query(DeskTicket)] == ["Lost invoice"]


@ON_SQLITE
def test_a_log_is_imported_by_its_mapping_and_a_longer_one_adds_what_is_new(handoff: Terminal) -> None:
    rows = "case_id,activity,resource,timestamp\n7,Wait,,2026-01-02T03:04:05Z\n7,Wait,,2026-01-02T03:04:05Z\n"
    file, longer = handoff.file("log.csv", rows), f"{rows}7,Closed,Bo,2026-01-03T03:04:05Z\n"
    mapping = Path(__file__).parents[2] / "fixtures" / "helpdesk-map.toml"
    ran = handoff("import", "tickets", file, "--map", mapping)
    assert ran.code == 0
    assert (
        ran.out == "1 tickets made, 0 there already, 0 rejected.\n1 lines of history added, 1 doubled rows dropped.\n"
    )
    told = handoff("import", "tickets", handoff.file("longer.csv", longer), "--map", mapping, "--json").json
    counts = {"created": 0, "changed": 1, "already_there": 0, "events": 1, "doubled": 1}
    assert told == {**counts, "rejected": [], "new_groups": [], "new_people": []}


@ON_SQLITE
def test_files_that_cannot_be_imported_are_named(handoff: Terminal) -> None:
    for args, words in (
        (["nowhere.csv"], "nowhere.csv"),
        ([handoff.file("x.pdf", "")], "known: .csv"),
        ([handoff.file("x.csv", "a,b\n1,2\n")], "x.csv"),
        ([handoff.file("y.csv", ""), "--map", handoff.file("m.toml", "nonsense = 1")], "nonsense is not a key"),
    ):
        ran = handoff("import", "tickets", *args)
        assert ran.code == 1
        assert words in ran.err


@ON_SQLITE
def test_acts_on_cases_stand_in_the_log(handoff: Terminal, database: Database, context: Context) -> None:
    report(database, context, an_event())
    handoff("cases", "claim", "1", *INES)
    actions = [row["action"] for row in handoff("audit", "list", "--target", "CASE-1", "--json").json]
    assert actions[-2:] == ["case.claimed", "command.case.claim"]
