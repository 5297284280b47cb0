"""Logs into the built-in desk: events and updates become the history of tickets, in one go or in many."""

import csv
import random
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from automations.adapters.builtin.desk import BuiltinDesk
from automations.adapters.builtin.import_mapping import ImportMapping, read_mapping
from automations.adapters.builtin.importing import ImportResult, import_tickets
from automations.domain import Priority, TicketChange, TicketStatus
from automations.redact import Redactor
from storage.engine import Database
from storage.models import DeskMessage, DeskTicket
from tests.support import START, FakeClock, shared

FIXTURES = Path(__file__).parents[3] / "fixtures"
EVENTS = read_mapping(FIXTURES / "helpdesk-map.toml")
UPDATES = read_mapping(FIXTURES / "incident-map.toml")
FOLDER = shared("datasets/desk-events")
HEAD = "case_id,activity,resource,timestamp"
ASSIGN, TAKE, WAIT, RESOLVE, CLOSE = "Assign seriousness", "Take in charge ticket", "Wait", "Resolve ticket", "Closed"

sqlite_only = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
needs_logs = pytest.mark.skipif(FOLDER is None, reason="../shared/datasets/desk-events is not there")

Entry = tuple[str, str, str, str]
"""Case, activity, agent, time."""


def at(hour: int, minute: int = 0, day: int = 5) -> str:
    return f"2026-01-{day:02}T{hour:02}:{minute:02}:00Z"


def load(database: Database, path: Path, mapping: ImportMapping = EVENTS) -> ImportResult:
    return import_tickets(database, path, mapping, redactor=Redactor(), now=START)


def load_events(database: Database, folder: Path, rows: Iterable[Entry | str]) -> ImportResult:
    path = folder / "events.csv"
    lines = [row if isinstance(row, str) else ",".join(row) for row in rows]
    path.write_text("\n".join([HEAD, *lines]) + "\n")
    return load(database, path)


def history(database: Database, ticket: str) -> list[tuple[datetime, str, str, list[list[str]] | None]]:
    """A ticket's messages: time, author, body, what changed."""
    with database.read() as session:
        said = select(DeskMessage).join(DeskTicket, DeskTicket.id == DeskMessage.ticket_id).order_by(DeskMessage.id)
        found = session.scalars(said.where(DeskTicket.key == f"import/{ticket}"))
        return [(one.at, one.author, one.body, one.changes) for one in found]


def told(database: Database, ticket: str) -> list[list[tuple[str, str]]]:
    """How a ticket's status went: (before, after) of each of its messages."""
    return [[(b, a) for f, b, a in changes or () if f == "status"] for _, _, _, changes in history(database, ticket)]


def row_of(database: Database, ticket: str) -> DeskTicket:
    with database.read() as session:
        return session.scalars(select(DeskTicket).where(DeskTicket.key == f"import/{ticket}")).one()


def week(moment: datetime) -> str:
    year, number, _ = moment.astimezone(UTC).isocalendar()
    return f"{year}-W{number:02}"


def by_weeks(database: Database) -> dict[str, Counter[str]]:
    """What an import leaves, counted: opened, resolved (last solving), closed, by ISO week in UTC."""
    weeks: dict[str, Counter[str]] = {}
    with database.read() as session:
        opened = session.execute(select(DeskTicket.id, DeskTicket.created_at, DeskTicket.solved_at)).all()
        moves = select(DeskMessage.ticket_id, DeskMessage.at, DeskMessage.changes).order_by(DeskMessage.id)
        changes = session.execute(moves.where(DeskMessage.changes.is_not(None))).all()
    solved, closed = {}, {}
    for ticket, moment, changed in changes:
        net = (changed[0][1], changed[-1][2])
        assert not (net[0] == "closed" and net[1] != "closed"), "closed is final"
        if any(after == "solved" for _, _, after in changed):
            solved[ticket] = moment
        if net[1] == "closed" != net[0]:
            closed[ticket] = moment
    for moments, name in (
        ([created for _, created, _ in opened], "opened"),
        (solved.values(), "resolved"),
        (closed.values(), "closed"),
    ):
        for moment in moments:
            weeks.setdefault(week(moment), Counter())[name] += 1
    assert {ticket: solved_at for ticket, _, solved_at in opened if ticket in solved} == solved
    return weeks


@needs_logs
@sqlite_only
def test_a_real_log_gives_the_known_weeks_and_a_second_import_nothing_more(database: Database, tmp_path: Path) -> None:
    assert FOLDER is not None
    lines = (FOLDER / "helpdesk_events.csv").read_text().splitlines()
    random.Random(6).shuffle(some := lines[1:400])
    (tmp_path / "some.csv").write_text("\n".join([lines[0], *some]) + "\n")
    load(database, tmp_path / "some.csv")
    whole = load(database, FOLDER / "helpdesk_events.csv")
    assert (whole.doubled, whole.rejected) == (18, ())
    again = load(database, FOLDER / "helpdesk_events.csv")
    assert (again.created, again.changed, again.events, again.already_there) == (0, 0, 0, 924)
    counted, backlog = by_weeks(database), 0
    with (FOLDER / "answer_weeks.csv").open() as answers:
        for answer in csv.DictReader(answers):
            found = counted.pop(answer["iso_week_utc"], Counter())
            backlog += found["opened"] - found["closed"]
            named = {name: found[name] for name in ("opened", "resolved", "closed")} | {"backlog_end": backlog}
            assert {name: str(n) for name, n in named.items()} == {name: answer[name] for name in named}
    assert counted == {}


@needs_logs
@sqlite_only
def test_a_real_log_of_updates_ends_as_its_last_rows_say(database: Database) -> None:
    assert FOLDER is not None
    result = load(database, FOLDER / "incident_updates.csv", UPDATES)
    assert (result.created, result.events, result.rejected, result.doubled) == (171, 1136, (), 0)
    assert load(database, FOLDER / "incident_updates.csv", UPDATES).already_there == 171
    last: dict[str, dict[str, str]] = {}
    with (FOLDER / "incident_updates.csv").open() as file:
        for one in csv.DictReader(file):
            if one["number"] not in last or one["sys_updated_at"] >= last[one["number"]]["sys_updated_at"]:
                last[one["number"]] = one
    desk = BuiltinDesk(database, FakeClock(), "http://desk")
    with database.read() as session:
        tickets = session.scalars(select(DeskTicket)).all()
    assert len(tickets) == len(last)
    for ticket in tickets:
        said = last[(ticket.key or "").removeprefix("import/")]
        state = {"status": "open"}
        for event in desk.events(str(ticket.id), after=None):
            for field, before, after in event.changes:
                assert state.get(field, before) == before, "each change begins where the one before ended"
                state[field] = after
        now = desk.get(str(ticket.id))
        is_now = {"group": now.group or "", "priority": now.priority, "status": now.status}
        assert state.items() <= is_now.items()
        assert now.status == UPDATES.status_words[said["incident_state"].lower()]
        assert now.priority == UPDATES.priority_words[said["priority"].lower()]
        assert now.group == (said["assignment_group"] or None)
        assert ticket.created_at.isoformat()[:16] <= said["opened_at"]


@pytest.mark.parametrize(
    ("activities", "moves", "status"),
    [
        ([ASSIGN], [[]], "open"),
        ([ASSIGN, WAIT, TAKE, RESOLVE], [[], ["pending"], ["open"], ["solved"]], "solved"),
        ([TAKE, RESOLVE, TAKE, RESOLVE, CLOSE], [[], [], [], ["solved"], ["closed"]], "closed"),
        ([TAKE, CLOSE, WAIT, RESOLVE, CLOSE, WAIT], [[], [], ["pending"], ["solved"], ["closed"], []], "closed"),
        ([RESOLVE, CLOSE, TAKE, RESOLVE, WAIT], [[], ["closed"], [], ["solved", "closed"], []], "closed"),
        ([RESOLVE, TAKE, WAIT, CLOSE], [["solved"], [], [], ["closed"]], "closed"),
        ([CLOSE], [["closed"]], "closed"),
        (["INVALID", "RESOLVED", "DUPLICATE", "resolve ticket "], [[], [], [], ["solved"]], "solved"),
    ],
)
@sqlite_only
def test_what_events_make_of_a_ticket(
    database: Database, tmp_path: Path, activities: Sequence[str], moves: list[list[str]], status: str
) -> None:
    rows = [("7", activity, "agent-1", at(hour)) for hour, activity in enumerate(activities)]
    result = load_events(database, tmp_path, rows[::-1])
    assert (result.created, result.events) == (1, len(rows))
    assert [[after for _, after in one] for one in told(database, "7")] == moves
    ticket, days = row_of(database, "7"), [datetime.fromisoformat(moment) for *_, moment in rows]
    assert (ticket.status, ticket.created_at, ticket.updated_at) == (status, days[0], days[-1])
    solved = [days[n] for n, move in enumerate(moves) if "solved" in move] or [days[-1]]
    assert ticket.solved_at == (solved[-1] if status in ("solved", "closed") else None)
    assert ticket.subject == "7"


@sqlite_only
def test_doubled_rows_are_dropped_wherever_they_stand(database: Database, tmp_path: Path) -> None:
    first = ("007", ASSIGN, "agent-1", at(1))
    others = [(str(n), ASSIGN, "", at(2)) for n in range(700)]
    result = load_events(database, tmp_path, [first, *others, first, ("7", ASSIGN, "agent-1", at(1)), first])
    assert (result.created, result.events, result.doubled) == (701, 702, 2), "7 is none of 007"
    assert history(database, "2")[0][1:3] == ("imported", ASSIGN)
    ((_, author, body, changes),) = history(database, "007")
    assert (author, body, changes) == ("agent-1", ASSIGN, None)


@sqlite_only
def test_rows_alike_but_for_a_column_nobody_named_are_two(database: Database, tmp_path: Path) -> None:
    path, head = tmp_path / "more.csv", f"{HEAD},note"
    rows = [f"1,{WAIT},a,{at(1)},{note}" for note in ("x", "y", "x")]
    path.write_text("\n".join([head, *rows]) + "\n")
    first, second = load(database, path), load(database, path)
    assert (first.events, first.doubled) == (2, 1)
    assert (second.events, second.doubled, second.already_there) == (0, 1, 1)


_cases = count(1)


@st.composite
def logs(draw: st.DrawFn) -> tuple[list[Entry], list[list[Entry]]]:
    """The events of one case, and the same split into files in any order, the last one the whole log."""
    case = f"split-{next(_cases)}"
    activities = st.sampled_from([ASSIGN, TAKE, WAIT, RESOLVE, CLOSE])
    hours = draw(st.lists(st.integers(0, 60), min_size=1, max_size=7, unique=True))
    moments = [datetime(2026, 1, 5, tzinfo=UTC) + timedelta(hours=hour) for hour in hours]
    rows = [(case, draw(activities), draw(st.sampled_from(["", "a"])), one.isoformat()) for one in moments]
    places = [draw(st.integers(0, 2)) for _ in rows]
    return rows, [[row for row, place in zip(rows, places, strict=True) if place == n] for n in range(3)]


@sqlite_only
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drawn=logs())
def test_a_log_in_parts_comes_to_the_same_as_whole(
    database: Database, tmp_path: Path, drawn: tuple[list[Entry], list[list[Entry]]]
) -> None:
    rows, parts = drawn
    case = rows[0][0]
    seen = 0
    for part in parts:
        load_events(database, tmp_path, part)
        if part:
            newest = _newest(database)
            assert newest > seen, "whoever follows the desk hears of each part"
            seen = newest
    assert load_events(database, tmp_path, rows).events == 0
    whole = [(f"{case}-whole", *rest) for _, *rest in rows]
    load_events(database, tmp_path, [tuple(map(str, row)) for row in whole])  # type: ignore[misc]  # four of them
    assert history(database, case) == history(database, f"{case}-whole")
    one, other = row_of(database, case), row_of(database, f"{case}-whole")
    for name in ("status", "created_at", "updated_at", "solved_at"):
        assert getattr(one, name) == getattr(other, name)


def _newest(database: Database) -> int:
    with database.read() as session:
        return max(session.scalars(select(DeskMessage.id)))


def test_whoever_follows_the_desk_hears_of_all_that_an_import_brought(
    database: Database, clock: FakeClock, tmp_path: Path
) -> None:
    desk = BuiltinDesk(database, clock, "http://desk")
    start = desk.changed(None).cursor
    load_events(database, tmp_path, [("1", TAKE, "a", at(1)), ("1", RESOLVE, "a", at(2)), ("2", WAIT, "b", at(3))])
    first = desk.changed(start)
    assert len(first.tickets) == 2
    load_events(database, tmp_path, [("1", RESOLVE, "a", at(5)), ("2", ASSIGN, "b", at(1))])
    second = desk.changed(first.cursor)
    assert set(second.tickets) == set(first.tickets), "both were written anew"
    assert desk.changed(second.cursor).tickets == ()
    events = list(desk.events(first.tickets[0], after=None))
    assert [event.changes for event in events] == [(), (), (("status", "open", "solved"),)]
    assert [(event.kind, event.author, event.ours) for event in events] == [("change", "a", False)] * 3
    corrected = EVENTS.model_copy(update={"activities": {}})
    assert load(database, tmp_path / "events.csv", corrected).changed == 2
    assert set(desk.changed(second.cursor).tickets) == set(first.tickets), "another mapping tells another history"


@sqlite_only
def test_what_people_did_in_the_desk_stays(database: Database, clock: FakeClock, tmp_path: Path) -> None:
    load_events(database, tmp_path, [("1", TAKE, "a", at(1))])
    desk, ticket = BuiltinDesk(database, clock, "http://desk"), str(row_of(database, "1").id)
    desk.ensure_agent("Anna", "anna@team.example")
    desk.work.change(ticket, TicketChange(status=TicketStatus.PENDING), by="anna@team.example")
    before = desk.get(ticket)
    assert load_events(database, tmp_path, [("1", TAKE, "a", at(1))]).already_there == 1
    assert desk.get(ticket) == before
    result = load_events(database, tmp_path, [("1", RESOLVE, "a", at(2))])
    assert (result.changed, result.events) == (1, 1)
    assert desk.get(ticket).status == TicketStatus.PENDING
    assert told(database, "1") == [[], [("open", "pending")], []]


def updates_file(folder: Path, rows: Sequence[str]) -> Path:
    path = folder / "updates.csv"
    head = "number,incident_state,sys_updated_at,assignment_group,priority,opened_at,sys_updated_by,caller_id,category"
    path.write_text("\n".join([head, *rows]) + "\n")
    return path


ROWS = (
    "INC1,New,29/2/2016 07:17,Group 70,3 - Moderate,29/2/2016 07:08,Ada,Caller 1,Mail",
    "INC1,Active,2016-02-29 08:00,Group 70,2 - High,29/2/2016 07:08,Bo,Caller 1,Mail",
    "INC1,Active,2016/02/29 08:00:00.500,,2 - High,29/2/2016 07:08,,Caller 1,Mail",
    "INC1,Resolved,2016-02-29T10:00:00+01:00,Group 23,,29/2/2016 07:08,Bo,Caller 1,Mail",
    "INC1,Active,2016-02-29 09:30:00 UTC,Group 23,2 - High,29/2/2016 07:08,Bo,Caller 1,Mail",
    "INC1,Closed,5/3/2016 17:00,Group 23,2 - High,29/2/2016 07:08,Bo,Caller 1,Mail",
)
CHANGES = (
    None,
    [["priority", "normal", "high"]],
    [["group", "Group 70", ""]],
    [["status", "open", "solved"], ["priority", "high", "normal"], ["group", "", "Group 23"]],
    [["status", "solved", "open"], ["priority", "normal", "high"]],
    [["status", "open", "closed"]],
)


@pytest.mark.parametrize(
    "parts", [(ROWS,), (ROWS[:3], ROWS), (ROWS[3:], ROWS[:3]), (ROWS[::2], ROWS[1::2]), (ROWS[5:], ROWS[1:4], ROWS)]
)
@sqlite_only
def test_what_updates_make_of_a_ticket(database: Database, tmp_path: Path, parts: Sequence[Sequence[str]]) -> None:
    results = [load(database, updates_file(tmp_path, part), UPDATES) for part in parts]
    assert [result.rejected for result in results] == [()] * len(parts)
    assert sum(result.events for result in results) == 6
    said = history(database, "INC1")
    assert [changes for *_, changes in said] == list(CHANGES)
    assert [body for _, _, body, _ in said][:2] == ["updated", "priority normal → high"]
    assert [author for _, author, _, _ in said] == ["Ada", "Bo", "imported", "Bo", "Bo", "Bo"]
    ticket = row_of(database, "INC1")
    assert (ticket.status, ticket.priority, ticket.requester) == ("closed", Priority.HIGH, "Caller 1")
    assert ticket.created_at == datetime(2016, 2, 29, 7, 8, tzinfo=UTC)
    assert ticket.updated_at == ticket.solved_at == datetime(2016, 3, 5, 17, tzinfo=UTC)


@sqlite_only
def test_bad_rows_of_a_log_are_listed_and_the_others_stored(database: Database, tmp_path: Path) -> None:
    rows = [f"1,{WAIT},,{at(1)}", f",{WAIT},,{at(1)}", f"1,{WAIT},,soon", f"1,,,{at(1)}", "1,2", f"2,{TAKE},,{at(2)}"]
    result = load_events(database, tmp_path, rows)
    reasons = [
        (3, "case_id is empty"),
        (4, "at 'soon' is not a time such as 2026-11-21T02:14:00Z; time_format in the mapping file can name its form"),
        (5, "activity is empty"),
        (6, "2 cells, but 4 columns"),
    ]
    assert (result.created, list(result.rejected)) == (2, reasons)


@sqlite_only
def test_a_log_is_read_and_then_stored_and_its_words_are_redacted(database: Database, tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    line = '{"id": %d, "activity": "Wait password=hunter2hunter2", "at": "2026-01-05T09:30:00Z", "subject": "S %d"}\n'
    path.write_text("".join(line % (n, n) for n in range(450)))
    read: list[tuple[int, int]] = []
    stored: list[tuple[int, int]] = []
    mapping = ImportMapping(rows="events")
    import_tickets(
        database,
        path,
        mapping,
        redactor=Redactor(),
        now=START,
        on_progress=lambda *done: read.append(done),
        on_storing=lambda *done: stored.append(done),
    )
    assert read[-1] == (path.stat().st_size, path.stat().st_size)
    assert stored == [(200, 450), (400, 450), (450, 450)]
    assert row_of(database, "7").subject == "S 7"
    assert "hunter2" not in str(history(database, "7"))
