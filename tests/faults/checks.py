"""What must hold after any fault: nothing acknowledged is lost, nothing is there twice, nothing is left undone."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from urllib.parse import urlsplit

from sqlalchemy import bindparam, func, select, text

from storage import audit, stuck
from storage.engine import Database
from storage.models import AuditEntry, Case, CaseEntry, CaseGroup, CaseTicket, FailureEventRow, Notification
from tests.faults.room import Json, Room, until

OVER = ("SUCCESS", "CANCELLED")


def unsettled(database: Database) -> list[str]:
    """What is still under way, in words; empty when everything came to rest."""
    with database.read() as session:
        tickets = session.scalars(select(CaseTicket)).all()
        messages = session.scalars(select(Notification)).all()
        words = [f"ticket of case {t.case_id} is {t.state}" for t in tickets if not _verified(t)]
        words += [
            f"{m.key} is {m.state}, version {m.delivered_version} of {m.version}" for m in messages if not _shown(m)
        ]
    return words + unfinished_jobs(database)


def settled(database: Database, timeout_s: float = 60) -> None:
    """Wait until everything came to rest; what did not is said."""
    left: list[str] = []

    def rests() -> bool:
        left[:] = unsettled(database)
        return not left

    try:
        until(rests, "everything at rest", timeout_s)
    except AssertionError as exc:
        with database.read() as session:
            given_up = [f"{item.target} waits for {item.owner}: {item.reason}" for item in stuck.open_items(session)]
        exc.add_note("; ".join([*left[:20], *given_up[:5]]))
        raise


def unfinished_jobs(database: Database) -> list[str]:
    """Jobs of the engine that are not over."""
    table = "workflow_status" if database.dialect == "sqlite" else "dbos.workflow_status"
    with database.read() as session:
        left = text(f"select workflow_uuid, status from {table} where status not in :over")
        rows = session.execute(left.bindparams(bindparam("over", OVER, expanding=True))).all()
    return [f"job {name} is {status}" for name, status in rows]


def check_whole(database: Database, room: Room, results: Iterable[Json], *, cases: int, one_clock: bool = True) -> None:
    """Everything that was acknowledged is there once, with one ticket and one message per case.

    Without `one_clock` moments of the bot cannot be compared with those of the workspace.
    """
    acknowledged = {result["event_id"]: result for result in results}
    with database.read() as session:
        events = session.scalars(select(FailureEventRow)).all()
        found = {case.id: case for case in session.scalars(select(Case))}
        tickets = {ticket.case_id: ticket for ticket in session.scalars(select(CaseTicket))}
        notes = {row.key: row for row in session.scalars(select(Notification))}
        entries = Counter(entry.case_id for entry in session.scalars(select(CaseEntry)))
        groups = list(session.scalars(select(CaseGroup)))
        opened = Counter(session.scalars(select(AuditEntry.target).where(AuditEntry.action == "case.opened")))
        assert audit.verify(session).ok
        assert [item.reason for item in stuck.open_items(session)] == []
    ids = Counter(event.event_id for event in events)
    assert set(ids) == set(acknowledged), "an event is missing, or one is there that nobody sent"
    assert set(ids.values()) <= {1}, "an event is there twice"
    for event in events:
        assert f"CASE-{event.case_id}" == acknowledged[event.event_id]["case_id"]
    assert len(found) == cases
    joined = Counter(event.case_id for event in events if event.status == "failed")
    assert {number: case.count for number, case in found.items()} == dict(joined), "a count is wrong"
    assert opened == Counter({f"CASE-{number}": 1 for number in found})
    if one_clock:
        check_never_green_early(database, room)
    check_tickets(room, tickets, [group.ticket_key for group in groups if group.ticket_id is not None])
    check_messages(room, found, notes, entries)


def check_never_green_early(database: Database, room: Room) -> None:
    """No message said that a ticket is verified before a reading of the desk had said so."""
    first = select(AuditEntry.target, func.min(AuditEntry.at).label("at")).group_by(AuditEntry.target)
    with database.read() as session:
        rows = session.execute(first.where(AuditEntry.action == "ticket.verify")).all()
    verified = {row.target: row.at for row in rows}
    for method in ("chat.postMessage", "chat.update"):
        for call in room.slack.calls(method):
            kind, number, *line = call["arguments"]["metadata"]["event_payload"]["key"].split("/")
            if kind == "case" and not line and "🟢" in str(call["arguments"]["blocks"]):
                assert datetime.fromisoformat(call["at"]) >= verified[f"CASE-{number}"], "green too early"


def check_tickets(room: Room, rows: dict[int, CaseTicket], parents: list[str]) -> None:
    """The desk has exactly one ticket per case and one parent per group, and we know which."""
    journal = room.desk.journal()
    there = Counter(ticket["key"] for ticket in journal["tickets"])
    wanted = [*(row.key for row in rows.values()), *parents]
    assert there == Counter(wanted), "a ticket is missing or there twice"
    ids = {ticket["key"]: str(ticket["id"]) for ticket in journal["tickets"]}
    for row in rows.values():
        assert (row.ticket_id, row.state) == (ids[row.key], "verified")
    notes = Counter(key for _, key, _ in journal["notes"])
    assert set(notes.values()) <= {1}, "a note is in the desk twice"


def check_messages(room: Room, cases: dict[int, Case], rows: dict[str, Notification], entries: Counter[int]) -> None:
    """Slack has exactly one message per case, where we think it is, with every later line once in its thread.

    Cases of a burst have the one message of their group.
    """
    there = [(channel, message) for channel, message in room.slack.everywhere()]
    keys = Counter(message["metadata"]["event_payload"]["key"] for _, message in there)
    places = {f"case/{one.id}" if f"case/{one.id}" in rows else f"group/{one.group_id}" for one in cases.values()}
    places |= {f"group/{one.group_id}" for one in cases.values() if one.group_id is not None}
    assert keys == Counter(dict.fromkeys(places, 1)), "a message is missing or there twice"
    for channel, message in there:
        row = rows[message["metadata"]["event_payload"]["key"]]
        assert (row.posted_channel, row.ts) == (channel, message["ts"])
        # The workspace names itself by the address it was called by, which may be a proxy's.
        assert urlsplit(str(row.permalink)).path == urlsplit(message["permalink"]).path
        below = [line["metadata"]["event_payload"]["key"] for line in room.slack.thread(channel, message["ts"])]
        wanted = sorted((line for line in rows.values() if line.parent_key == row.key), key=lambda line: line.seq)
        assert below == [line.key for line in wanted], "the thread differs from the history"
        if row.key.startswith("group/"):
            continue  # what is done to many at once is one line there
        assert len(below) == entries[int(row.key.removeprefix("case/"))] - 1, "the first line is the message itself"


def _verified(ticket: CaseTicket) -> bool:
    return ticket.state == "verified" and ticket.verified_version >= ticket.wanted_version


def _shown(row: Notification) -> bool:
    return row.state == "delivered" and row.delivered_version == row.version and not row.job_pending
