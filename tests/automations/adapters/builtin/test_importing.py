"""Ticket history into the built-in desk: CSV and JSON lines, bad rows named, twice the same as once."""

import json
from pathlib import Path

import pytest
from sqlalchemy import select

from automations.adapters.builtin.desk import BuiltinDesk
from automations.adapters.builtin.import_mapping import ImportMapping, read_mapping
from automations.adapters.builtin.importing import ImportResult, import_tickets
from automations.domain import Priority, TicketStatus
from automations.errors import ConfigError
from automations.redact import Redactor
from storage.engine import Database
from storage.models import DeskMessage, DeskTicket, DeskUser
from tests.support import START, FakeClock

CSV = """Nr,Title,State,P,Team,Who,From,Text,Made,Client,Way
77,"Export, slow",Waiting,P1,Support,Anna@team.example,joe@acme.example,"two
lines, password=hunter2hunter2",2026-01-05 09:30,acct_42,Phone
78,Login fails,Solved,,,,,,2026-01-06T10:00:00+01:00,,
"""
MAPPING = """
id = "Nr"
subject = "Title"
status = "State"
priority = "P"
group = "Team"
assignee = "Who"
requester = "From"
body = "Text"
created_at = "Made"
customer_id = "Client"
channel = "Way"
zone = "Europe/Oslo"
[status_words]
waiting = "pending"
[priority_words]
P1 = "urgent"
"""


def written(folder: Path, name: str, text: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def load(database: Database, path: Path, mapping: ImportMapping | None = None) -> ImportResult:
    return import_tickets(database, path, mapping or ImportMapping(), redactor=Redactor(), now=START)


def line(**changes: object) -> str:
    row = {"id": "1", "subject": "Slow", "status": "open", "created_at": "2026-01-05T09:30:00Z"}
    return json.dumps({**row, **changes}) + "\n"


def test_csv_with_a_mapping_twice_is_as_once(database: Database, clock: FakeClock, tmp_path: Path) -> None:
    mapping = read_mapping(written(tmp_path, "map.toml", MAPPING))
    path = written(tmp_path, "old.csv", b"\xef\xbb\xbf" + CSV.encode())
    first, second = load(database, path, mapping), load(database, path, mapping)
    assert (first.created, first.already_there, first.rejected) == (2, 0, ())
    assert (first.new_groups, first.new_people) == (("Support",), ("anna@team.example",))
    assert (second.created, second.already_there, second.new_groups, second.new_people) == (0, 2, (), ())
    desk = BuiltinDesk(database, clock, "http://desk")
    rows, total = desk.list_tickets()
    assert total == 2
    waiting = next(row for row in rows if row.subject == "Export, slow")
    assert (waiting.status, waiting.priority, waiting.group) == (TicketStatus.PENDING, Priority.URGENT, "Support")
    assert waiting.created_at.isoformat() == "2026-01-05T08:30:00+00:00"
    page = desk.ticket_page(str(waiting.id))
    assert page.customer is not None
    assert (page.customer.id, page.requester) == ("acct_42", "joe@acme.example")
    (message,) = page.messages
    assert (message.kind, message.author) == ("public", "joe@acme.example")
    assert message.body.startswith("two\nlines")
    assert "hunter2" not in message.body
    assert {row.subject: desk.get(str(row.id)).channel for row in rows} == {"Export, slow": "phone", "Login fails": ""}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("row", "at", "kinds"),
    [
        (
            line(status="solved", solved_at="2026-01-06T10:00:00Z", body="Help"),
            "2026-01-06T10:00",
            ["customer", "change"],
        ),
        (line(status="closed", updated_at="2026-01-07T11:00:00Z"), "2026-01-07T11:00", ["change"]),
        (line(status="solved"), "2026-01-05T09:30", ["change"]),
        (line(status="solved", solved_at="2026-01-01T00:00:00Z"), "2026-01-05T09:30", ["change"]),
        (line(created_at="2026/01/05 09:30:00.000 +0100", solved_at="2026-01-06T10:00:00Z"), None, ["change"]),
    ],
    ids=["solved", "closed", "no time but its making", "before its making", "open again"],
)
def test_a_ticket_that_is_done_says_since_when(
    database: Database, clock: FakeClock, tmp_path: Path, row: str, at: str | None, kinds: list[str]
) -> None:
    desk = BuiltinDesk(database, clock, "http://desk")
    start = desk.changed(None).cursor
    load(database, written(tmp_path, "old.jsonl", row))
    (ticket,) = desk.changed(start).tickets
    events = list(desk.events(ticket, after=None))
    assert [event.kind for event in events] == kinds
    assert not any(event.ours for event in events)
    status = desk.get(ticket).status
    changes = [event.changes for event in events if event.changes]
    assert changes == ([(("status", "open", status),)] if at else [])
    if at:
        assert events[-1].at.isoformat().startswith(at)


def test_people_made_by_an_import_get_no_new_work(database: Database, tmp_path: Path) -> None:
    load(database, written(tmp_path, "old.jsonl", line(assignee="left@team.example")))
    with database.read() as session:
        (user,) = session.scalars(select(DeskUser))
    assert (user.email, user.state) == ("left@team.example", "suspended")


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (line(status="parked"), "status 'parked' is not known; ours are open, pending"),
        (line(priority="P9"), "priority 'P9' is not known"),
        (line(id=""), "id is empty"),
        (line(subject=None), "subject is empty"),
        (line(subject="x" * 1001), "subject is longer than 1,000 characters"),
        (line(body="a\x00b"), "body holds a NUL"),
        (line(assignee="Anna"), "assignee 'Anna' is not an e-mail address"),
        (line(created_at="2026-01-05T09:30:00"), "created_at '2026-01-05T09:30:00' has no zone"),
        (line(created_at="yesterday"), "created_at 'yesterday' is not a time"),
        (line(created_at="1776-07-04T00:00:00Z"), "is not between 1980 and 2200"),
        (line(id={"a": 1}), "id is not text"),
        ("[1]\n", "not a JSON object"),
        ("{\n", "not JSON"),
        ('{"id": NaN}\n', "NaN is not a number"),
    ],
)
def test_a_bad_row_is_listed_with_line_and_reason(database: Database, tmp_path: Path, row: str, reason: str) -> None:
    result = load(database, written(tmp_path, "old.jsonl", line(id=7) + "\n" + row + line(id=8, tags=["a", "b"])))
    assert (result.created, len(result.rejected)) == (2, 1)
    assert result.rejected[0][0] == 3
    assert reason in result.rejected[0][1]
    with database.read() as session:
        assert list(session.scalars(select(DeskTicket.key).order_by(DeskTicket.key))) == ["import/7", "import/8"]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("old.xls", "", "known: .csv"),
        ("old.csv", "id,subject,status\n", "has no column 'created_at'. Its columns: id, subject, status"),
        ("old.csv", "", "Its columns: none"),
        ("old.csv", "id,id,subject,status,created_at\n", "'id' twice"),
        ("old.csv", b"id,subject,status,created_at\n1,caf\xe9,open,2026-01-05T09:30:00Z\n", "is not utf-8"),
        ("old.csv", 'id,subject,status,created_at\n1,"a"b,open,x\n', "is not CSV from line 2"),
        ("old.jsonl", "x" * 1_000_001, "line 1 is longer than 1,000,000 characters"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(
    database: Database, tmp_path: Path, name: str, text: str | bytes, reason: str
) -> None:
    with pytest.raises(ConfigError) as refused:
        load(database, written(tmp_path, name, text))
    assert name in str(refused.value)
    assert reason in str(refused.value)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_file_that_is_not_there_is_named(database: Database, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"gone\.csv cannot be read"):
        load(database, tmp_path / "gone.csv")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_short_row_is_listed_and_other_encodings_can_be_named(database: Database, tmp_path: Path) -> None:
    text = "id;subject;status;created_at\n1;café;open;2026-01-05T09:30:00Z\n2;b\n\n".encode("cp1252")
    result = load(database, written(tmp_path, "old.csv", text), ImportMapping(encoding="cp1252", delimiter=";"))
    assert (result.created, result.rejected) == (1, ((3, "2 cells, but 4 columns"),))
    with database.read() as session:
        assert session.scalars(select(DeskTicket.subject)).one() == "café"
        (message,) = session.scalars(select(DeskMessage))
    assert (message.kind, message.body, message.changes) == ("change", "imported", None), "so that it is heard of"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_progress_reaches_the_end_and_batches_do_not_matter(database: Database, tmp_path: Path) -> None:
    path = written(tmp_path, "old.jsonl", "".join(line(id=number) for number in range(1_203)))
    seen: list[tuple[int, int]] = []
    result = import_tickets(
        database,
        path,
        ImportMapping(),
        redactor=Redactor(),
        now=START,
        on_progress=lambda done, size: seen.append((done, size)),
    )
    assert result.created == 1_203
    assert seen == sorted(seen)
    assert seen[-1] == (path.stat().st_size, path.stat().st_size)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('owner = "Who"', "owner is not a key. Allowed: id, subject"),
        ('[status_words]\nWaiting = "parked"', "status_words.waiting = 'parked'"),
        ('zone = "Mars"', "zone = 'Mars'"),
        ('encoding = "klingon"', "encoding = 'klingon'"),
        ('rows = "cases"', "rows = 'cases': Input should be 'tickets', 'events' or 'updates'"),
        (
            'rows = "events"\nstatus = "State"',
            'status is not a key for rows = "events". Allowed: id, subject, priority',
        ),
        ('[activities.Closed]\nstatus = "closed"', 'activities is not a key for rows = "tickets". Allowed: id'),
        (
            'rows = "events"\n[activities.Closed]\nstatus = "shut"',
            "activities.closed.status = 'shut': Input should be 'o",
        ),
        ('rows = "events"\n[activities.A]\nstatus = "open"\ncounts = "first"', "activities.a.counts = 'first': Input"),
        ('time_format = "%H:%M"', "time_format = '%H:%M': Value error, a format with date, hour and minute"),
        ("id = ", "is not TOML"),
    ],
)
def test_a_wrong_mapping_names_file_key_and_what_is_allowed(tmp_path: Path, text: str, reason: str) -> None:
    with pytest.raises(ConfigError) as refused:
        read_mapping(written(tmp_path, "map.toml", text))
    assert "map.toml" in str(refused.value)
    assert reason in str(refused.value)


def test_no_mapping_file_is_the_plain_mapping(tmp_path: Path) -> None:
    assert read_mapping(None) == ImportMapping()
    with pytest.raises(ConfigError, match="cannot be read"):
        read_mapping(tmp_path / "gone.toml")
