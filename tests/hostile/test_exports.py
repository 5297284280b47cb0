"""No cell of any file we write is a formula, and what is read again is the text that was written."""

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from automations.access import export
from automations.adapters.table_rows import csv_table
from automations.customer_context import lists
from automations.spreadsheet import bare, cell
from bot.views.report_csv import data_sheet
from storage.engine import Database
from tests.automations.access import reconciled
from tests.automations.access.listed import person, user
from tests.automations.customer_context.ledgered import ledgered
from tests.bot.views.report_examples import hostile
from tests.figures.told import tell
from tests.hostile.formulas import PAYLOADS, live
from tests.support import FakeClock, RecordingJobs

ROOT = Path(__file__).parents[2]
one_kind = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
WRITERS = {
    "automations/access/export.py": "test_the_access_review",
    "bot/views/report_csv.py": "test_the_data_sheet_of_a_report",
    "bot/customer_files.py": "test_the_list_of_a_sync: the rows are those of lists.full_list",
    "bot/cli/customers.py": "test_the_list_of_a_sync: the same rows",
    "bot/cli/audit.py": "tests/bot/cli/test_records.py::test_csv_holds_no_formula",
    "bot/cli/report_formats.py": "numbers, days and the names of weeks alone",
    "bot/cli/demo_crm.py": "the demo's own table, which nobody else writes into",
}
"""Every module that writes CSV, with the test that plays it."""
READERS = {
    "automations/adapters/table_rows.py", "automations/adapters/builtin/import_rows.py", "bot/cli/table_records.py",
}  # fmt: skip
OWN = {"bot/cli/access.py", "bot/cli/demo_crm.py"}
"""What reads back its own rows: the access review for JSON, the demo's table."""


def modules() -> Iterator[tuple[str, str]]:
    for package in ("bot", "automations", "storage"):
        for path in sorted((ROOT / package).rglob("*.py")):
            yield path.relative_to(ROOT).as_posix(), path.read_text("utf-8")


def test_every_writer_and_every_reader_of_csv_is_known() -> None:
    assert {name for name, text in modules() if re.search(r"csv\.(?:writer|DictWriter)\b", text)} == set(WRITERS)
    reading = {name: text for name, text in modules() if re.search(r"csv\.(?:reader|DictReader)\b", text)}
    assert set(reading) == READERS | OWN
    assert [name for name in READERS if not re.search(r"map\(bare, ", reading[name])] == []
    assert not [name for name, text in modules() if re.search(r"import (?:openpyxl|xlsxwriter|pandas)", text)]


@one_kind
def test_the_access_review(database: Database, clock: FakeClock, jobs: RecordingJobs) -> None:
    here = reconciled.of(database, clock, jobs)
    for number, text in enumerate(PAYLOADS):
        here.team.users.append(user(f"p{number}@team.example", text, name=text, groups=(text, "Support")))
        here.company.listed.append(person(f"p{number}@team.example", text, name=text))
    run = here.reconcile()
    with database.read() as session:
        text = "".join(export.access_review(session, run))
    assert text.count("calc") > 2 * len(PAYLOADS)
    assert live(text) == []


@one_kind
def test_the_list_of_a_sync(database: Database, clock: FakeClock, jobs: RecordingJobs) -> None:
    here = ledgered(database, clock, jobs)
    for number, text in enumerate(PAYLOADS):
        here.source.put(
            f"P-{number}{text.strip()}", name=text, domains="new.example" if number % 2 else text, tier=text
        )
    with database.read() as session:
        rows = list(lists.full_list(session, here.sync()))
    file = io.StringIO(newline="")
    csv.writer(file, lineterminator="\r\n").writerows(rows)
    assert file.getvalue().count("calc") > len(PAYLOADS)
    assert live(file.getvalue()) == []


def test_the_data_sheet_of_a_report() -> None:
    assert {text: found for text in PAYLOADS[::3] if (found := live(data_sheet(hostile(text, rows=3)).decode()))} == {}


def test_what_is_read_again_is_what_was_written() -> None:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(["id", "text"])
    writer.writerows([number, cell(payload)] for number, payload in enumerate(PAYLOADS))
    assert live(text.getvalue()) == []
    again = [row.values["text"] for row in csv_table(text.getvalue()).rows]
    assert again == list(PAYLOADS)
    assert [bare(str(cell(one))) for one in PAYLOADS] == list(PAYLOADS)
    tell("21", f"{len(PAYLOADS)} payloads through {len(WRITERS)} writers of CSV: 0 live; read again as they were")
