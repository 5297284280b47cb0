"""Loading ticket history into the built-in desk. Running it twice, or again after a crash, is the same as once.

A ticket keeps its outside id in its key `import/<id>`, and the database allows one ticket per key. Groups and people
the desk does not know are made, people as suspended, so that history keeps its names and nobody gets new work by it;
both are listed in the result. Texts are redacted before they are stored. Every ticket gets a message at least, so that
whoever follows the desk hears of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from automations.adapters.builtin.import_fields import ImportedTicket, checked, ticket_of
from automations.adapters.builtin.import_log import LogImport
from automations.adapters.builtin.import_made import NOBODY, add_messages, make_tickets, message, ticket_key, ticket_row
from automations.adapters.builtin.import_mapping import ImportMapping
from automations.adapters.builtin.import_names import Names
from automations.adapters.builtin.import_rows import BadRow, Progress, read_rows
from automations.adapters.builtin.import_story import OPEN
from automations.adapters.builtin.moves import DONE, history_line
from automations.adapters.builtin.rows import SYSTEM
from automations.adapters.builtin.tables import DeskTables
from automations.redact import Redactor
from storage.engine import Database
from storage.models import DeskFact
from storage.upsert import insert_into

BATCH = 500
"""Rows per transaction: what is committed stays, should the import be stopped."""


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What came of an import. `rejected` holds (line of the file, reason) for every row that was not kept.

    `changed`: tickets that were there and got something new, `already_there` those that got nothing. `events`: lines of
    history that a log added; `doubled`: its rows that equal another one cell by cell and were dropped.
    """

    created: int
    already_there: int
    rejected: tuple[tuple[int, str], ...]
    new_groups: tuple[str, ...] = ()
    new_people: tuple[str, ...] = ()
    changed: int = 0
    events: int = 0
    doubled: int = 0


def import_tickets(
    database: Database,
    path: Path,
    mapping: ImportMapping,
    *,
    redactor: Redactor,
    now: datetime,
    on_progress: Progress = lambda _done, _size: None,
    on_storing: Progress = lambda _done, _rows: None,
) -> ImportResult:
    """Load a file of tickets, of events or of updates.

    `on_progress` is told how many bytes of how many are read; `on_storing` how many rows of how many are stored, once
    a log is read. `now`
    is when the mapping's `open_until` was said.
    Raises: ConfigError if the file as a whole cannot be read; single rows are rejected and listed instead.
    """
    tables, names = DeskTables(database), Names()
    if mapping.open_until is not None:
        with tables.writing() as session:
            _keep_ending(session, mapping.open_until, now)
    if mapping.rows == "tickets":
        return _ticket_rows(tables, path, mapping, names, redactor, on_progress)
    logged = LogImport(tables, mapping, names, redactor).run(path, on_progress, on_storing)
    return ImportResult(
        logged.created,
        logged.already_there,
        tuple(logged.rejected),
        tuple(names.new_groups),
        tuple(names.new_people),
        logged.changed,
        logged.events,
        logged.doubled,
    )


def _keep_ending(session: Session, status: str, now: datetime) -> None:
    """Keep what ends a ticket of this history, for the reports of this desk."""
    row = {"system": SYSTEM, "name": "open_until", "value": {"status": status}, "read_at": now}
    insert = insert_into(session, DeskFact).values(row)
    newer = {"value": insert.excluded.value, "read_at": insert.excluded.read_at}
    session.execute(insert.on_conflict_do_update(index_elements=["system", "name"], set_=newer))


def _ticket_rows(
    tables: DeskTables, path: Path, mapping: ImportMapping, names: Names, redactor: Redactor, on_progress: Progress
) -> ImportResult:
    created = already_there = 0
    rejected: list[tuple[int, str]] = []
    rows = checked(read_rows(path, mapping, on_progress), mapping, ticket_of)
    while batch := list(islice(rows, BATCH)):
        rejected += [(row.line, row.reason) for row in batch if isinstance(row, BadRow)]
        tickets = [row[1] for row in batch if not isinstance(row, BadRow)]
        with tables.writing() as session:
            made = _keep(session, tickets, names, redactor)
        created += made
        already_there += len(tickets) - made
    return ImportResult(created, already_there, tuple(rejected), tuple(names.new_groups), tuple(names.new_people))


def _keep(session: Session, tickets: Sequence[ImportedTicket], names: Names, redactor: Redactor) -> int:
    """Store tickets with their messages. Returns how many were not there already."""
    rows = [
        ticket_row(
            session,
            one.id,
            one.about,
            names,
            redactor,
            status=one.status.value,
            created_at=one.created_at,
            updated_at=one.updated_at,
            solved_at=_done_at(one) or one.solved_at,
        )
        for one in tickets
    ]
    numbers = make_tickets(session, rows)
    made = len(numbers)
    messages = []
    for one in tickets:
        if (number := numbers.pop(ticket_key(one.id), None)) is not None:
            messages += _said(number, one, redactor)
    add_messages(session, messages)
    return made


def _done_at(ticket: ImportedTicket) -> datetime | None:
    return (ticket.solved_at or ticket.updated_at) if ticket.status in DONE else None


def _said(number: int, ticket: ImportedTicket, redactor: Redactor) -> list[dict[str, Any]]:
    """The ticket's messages: what the customer wrote and that it is done; else that it is there."""
    said = []
    if ticket.body:
        author, body = ticket.about.requester or NOBODY, redactor.text(ticket.body)
        said.append(message(number, "body", ticket.created_at, author, body, kind="public", from_customer=True))
    if (done_at := _done_at(ticket)) is not None:
        moved = [("status", OPEN, ticket.status.value)]
        at = max(done_at, ticket.created_at)
        said.append(message(number, "status", at, NOBODY, history_line(moved), changes=[list(one) for one in moved]))
    return said or [message(number, "row", ticket.created_at, NOBODY, NOBODY)]
