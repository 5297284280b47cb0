"""`handoff triage similar`: the files it reads, what it says of each ticket, and how it measures itself."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bot.cli import run

HEADER = "Bug_ID;Summary;Description;Duplicate_Of\n"
ROWS = (
    "101;Invoice PDF is empty;The exported invoice has no pages;\n"
    "102;Exported invoices are blank;PDF without any page;101\n"
    "103;Login loops;After the password the login page comes again;\n"
    '104;Cannot log in;"The page for the password comes again and again; forever";103.0\n'
    "105;Dark mode please;;\n"
    "106;Printer jams;Paper gets stuck;999\n"
)


@pytest.fixture
def tickets(tmp_path: Path) -> Path:
    file = tmp_path / "tickets.csv"
    file.write_text(HEADER + ROWS, encoding="utf-8")
    return file


def answered(capsys: pytest.CaptureFixture[str], *args: str, code: int = 0) -> dict[str, Any]:
    assert run(["triage", "similar", *args, "--json"]) == code
    read: dict[str, Any] = json.loads(capsys.readouterr().out)
    return read


def test_each_ticket_is_answered_by_others_and_measured(tickets: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = answered(capsys, str(tickets), "--top", "3")
    assert [row["id"] for row in found["rows"]] == ["101", "102", "103", "104", "105", "106"]
    for row in found["rows"]:
        assert len(row["similar"]) <= 3
        assert row["id"] not in {near["id"] for near in row["similar"]}
        scores = [near["score"] for near in row["similar"]]
        assert scores == sorted(scores, reverse=True)
    assert found["rows"][1]["similar"][0]["id"] == "101"
    assert found["summary"] == {
        "tickets": 6,
        "asked": 6,
        "truth": "duplicate_of",
        "with_truth": 2,  # 106 repeats a ticket that is not in the file
        "recall_at_1": 1.0,
        "recall_at_5": 1.0,
        "recall_at_10": 1.0,
        "mrr": 1.0,
    }


def test_people_see_titles_shared_words_and_the_shares(tickets: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["triage", "similar", str(tickets), "--for", "102", "--top", "1"]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "Invoice PDF is empty" in shown
    assert "1 whose duplicate_of is among those searched" in shown
    assert "Found in the first 5 100.0%" in shown
    assert "Login" not in shown


def test_questions_from_another_file(tickets: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = tmp_path / "new.jsonl"
    rows = [
        {"key": "N-1", "title": "blank pdf", "similar_to": ["102", "101"]},
        {"key": "103", "title": "Login loops", "body": "After the password the login page comes again"},
    ]
    asked.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    found = answered(capsys, str(tickets), "--queries", str(asked))
    assert [row["id"] for row in found["rows"]] == ["N-1", "103"]
    assert "103" not in {near["id"] for near in found["rows"][1]["similar"]}
    assert found["summary"]["with_truth"] == 1
    assert found["summary"]["recall_at_1"] == 1.0


def test_questions_without_ids_may_find_any_row(
    tickets: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = tmp_path / "new.tsv"
    asked.write_text("subject\tbody\nPrinter jams\tpaper stuck\n", encoding="utf-8")
    found = answered(capsys, str(tickets), "--queries", str(asked))
    assert found["rows"][0]["similar"][0]["id"] == "106"
    assert found["summary"]["mrr"] is None


def test_groups_and_bad_rows(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "groups.csv"
    file.write_text(
        "number,title,cluster\n1,cannot pay by card,pay\n2,card payment refused,pay\n3,no sound,\n"
        "3,again,\n,nameless,\n",
        encoding="utf-8",
    )
    found = answered(capsys, str(file), code=3)
    assert [bad["line"] for bad in found["bad_rows"]] == [5, 6]
    assert (found["summary"]["truth"], found["summary"]["with_truth"]) == ("cluster", 2)
    assert found["summary"]["recall_at_1"] == 1.0


def test_what_cannot_be_asked_is_said(tickets: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["triage", "similar", str(tickets), "--for", "7"]) == 1
    assert "no ticket of the file has this id" in capsys.readouterr().err
    wordless = tmp_path / "wordless.csv"
    wordless.write_text("id,colour\n1,red\n", encoding="utf-8")
    assert run(["triage", "similar", str(wordless)]) == 1
    assert "there: id, colour" in " ".join(capsys.readouterr().err.split())


def test_it_works_without_settings_and_starts_without_scikit_learn(tmp_path: Path) -> None:
    code = "import sys, bot.cli.groups; print([name for name in ('sklearn', 'scipy') if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path, check=True)
    assert done.stdout.strip() == "[]"
