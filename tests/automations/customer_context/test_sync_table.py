"""All of a sync as a table: every change, conflict and rejected row, in one order, and nothing a spreadsheet runs."""

import csv
import io

import pytest

from automations.customer_context import groups, lists
from automations.customer_context.sync_table import COLUMNS
from automations.errors import NotFound, Refused
from automations.redact import Redactor
from automations.runs.ask import ask
from storage.engine import Database
from tests.automations.customer_context.ledgered import Ledgered, ledgered
from tests.automations.customer_context.synced import LEA, RULES
from tests.support import FakeClock, RecordingJobs

HELD = "S3cret-held-by-us"


@pytest.fixture
def here(database: Database, clock: FakeClock, jobs: RecordingJobs) -> Ledgered:
    here = ledgered(database, clock, jobs)
    here.rules = RULES.model_copy(update={"brake_least": 30})
    here.sync()
    return here


def table(here: Ledgered, number: int) -> list[dict[str, object]]:
    with here.database.read() as session:
        head, *rows = lists.full_list(session, number, Redactor((HELD,)))
    assert head == COLUMNS
    return [dict(zip(COLUMNS, row, strict=True)) for row in rows]


def test_everything_of_a_sync_is_in_it(here: Ledgered) -> None:
    assert here.book is not None
    here.source.change("A-1", tier="enterprise")
    here.source.change("A-2", tier="enterprise")
    here.source.put("A-77", name="New One", domains="new.example", tier="trial")
    here.book.change("4", tier="gold")
    here.source.change("A-3", tier="trial")
    here.source.change("A-5", domains="no domain!")
    number = here.sync()
    (tier,) = [group for group in here.groups("open") if group.field == "tier"]
    here.act(lambda session: groups.approve(session, tier.id, tier.digest, LEA, here.ctx))
    here.work()
    rows = table(here, number)
    told = [(row["what"], row["kind"], row["account"], row["group_state"], row["state"]) for row in rows]
    assert sorted(told[:3]) == [
        ("change", "added", "A-77", "open", "planned"),
        ("change", "changed", "A-1", "applied", "verified"),
        ("change", "changed", "A-2", "applied", "verified"),
    ]
    assert told[3:] == [("conflict", "differs", "A-3", "", "open"), ("rejected", "", "A-5", "", "open")]
    assert {row["run"] for row in rows} == {f"RUN-{number}"}
    by_account = {row["account"]: row for row in rows}
    assert (by_account["A-1"]["before"], by_account["A-1"]["after"], by_account["A-1"]["group"]) == (
        "pro", "enterprise", "tier pro → enterprise",
    )  # fmt: skip
    assert by_account["A-77"]["after"] == "domains = new.example; name = New One; tier = trial"
    assert (by_account["A-3"]["before"], by_account["A-3"]["after"], by_account["A-3"]["source"]) == (
        "gold", "trial", "crm",
    )  # fmt: skip
    assert "no domain!" in str(by_account["A-5"]["after"])
    assert by_account["A-5"]["why"]


def test_the_order_is_the_same_each_time_and_it_goes_through_csv(here: Ledgered) -> None:
    for number in (7, 3, 5, 1):
        here.source.change(f"A-{number}", name=f'New, "name"\r\n{number}')
    number = here.sync()
    first = table(here, number)
    assert first == table(here, number)
    assert [row["account"] for row in first] == ["A-1", "A-3", "A-5", "A-7"]
    text = io.StringIO(newline="")
    with here.database.read() as session:
        csv.writer(text).writerows(lists.full_list(session, number))
    text.seek(0)
    again = list(csv.reader(text))
    assert [tuple(row) for row in again[1:]] == [tuple(row.values()) for row in first]


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "＝"])
def test_no_cell_is_a_formula(here: Ledgered, sign: str) -> None:
    here.source.change("A-1", tier=f"{sign}1+1")
    here.source.put(f"{sign}A-9", name=f"{sign}HYPERLINK(1)", domains="new.example", tier="pro")
    here.source.change("A-2", domains=f"{sign}x")
    rows = table(here, here.sync())
    assert len(rows) == 3
    cells = [str(cell) for row in rows for cell in row.values()]
    assert [cell for cell in cells if cell.startswith(sign)] == []
    assert [cell for cell in cells if cell.startswith(f"'{sign}")]


def test_no_secret_stands_in_it(here: Ledgered) -> None:
    here.source.change("A-1", name=f"Acme {HELD}", tier="token=hunter2hunter2")
    text = str(table(here, here.sync()))
    assert HELD not in text
    assert "hunter2" not in text
    assert "[redacted]" in text


def test_each_sync_has_what_it_saw(here: Ledgered) -> None:
    assert here.book is not None
    here.book.change("4", tier="gold")
    here.source.change("A-3", tier="trial")
    here.source.change("A-5", domains="no domain!")
    here.tomorrow()
    first = here.sync()
    here.source.change("A-3", tier="gold")
    here.source.change("A-5", domains="c5.example")
    here.source.change("A-6", domains="nor this!")
    here.tomorrow()
    second = here.sync()
    assert [row["account"] for row in table(here, first)] == ["A-3", "A-5"]
    assert [row["account"] for row in table(here, second)] == ["A-6"]


def test_what_has_read_nothing_has_no_list(here: Ledgered) -> None:
    number = here.ask()
    with here.database.begin() as session:
        other = ask(session, "other", "", {}, LEA, here.ctx).id
    with pytest.raises(Refused, match="has read nothing yet"):
        table(here, number)
    with pytest.raises(Refused, match="is no sync"):
        table(here, other)
    with pytest.raises(NotFound):
        table(here, 99)
