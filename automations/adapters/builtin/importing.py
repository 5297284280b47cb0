"""Loading ticket history into the built-in desk. Running it twice, or again after a crash, is the same as once.

A ticket keeps its outside id in its key `import/<id>`, and the database allows one ticket per key. Groups and people
the desk does not know are made, people as suspended, so that history keeps its names and nobody gets new work by it;
both are listed in the result. Texts are redacted before they are stored. Every ticket gets a message at least, so that
whoever follows the desk hears of it.
"""

from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from sqlalchemy.orm import Session

from automations.adapters.builtin.import_fields import ImportedTicket, checked, ticket_of
from automations.adapters.builtin.import_log import LogImport
from automations.adapters.builtin.import_made import NOBODY, add_messages, make_ticket, message
from automations.adapters.builtin.import_mapping import ImportMapping
from automations.adapters.builtin.import_names import Names
from automations.adapters.builtin.import_rows import BadRow, Progress, read_rows
from automations.adapters.builtin.import_story import OPEN
from automations.adapters.builtin.moves import DONE, history_line
from automations.adapters.builtin.tables import DeskTables
from automations.redact import Redactor
from storage.engine import Database

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
    on_progress: Progress = lambda _done, _size: None,
    on_storing: Progress = lambda _done, _rows: None,
) -> ImportResult:
    """Load a file of tickets, of events or of updates.

    `on_progress` is told how many bytes of how many are read; `on_storing` how many rows of how many are stored, once
    a log is read.
    Raises: ConfigError if the file as a whole cannot be read; single rows are rejected and listed instead.
    """
    tables, names = DeskTables(database), Names()
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


def _ticket_rows(
    tables: DeskTables, path: Path, mapping: ImportMapping, names: Names, redactor: Redactor, on_progress: Progress
) -> ImportResult:
    created = already_there = 0
    rejected: list[tuple[int, str]] = []
    rows = checked(read_rows(path, mapping, on_progress), mapping, ticket_of)
    while batch := list(islice(rows, BATCH)):
        with tables.writing() as session:
            for row in batch:
                if isinstance(row, BadRow):
                    rejected.append((row.line, row.reason))
                elif _keep(session, row[1], names, redactor):
                    created += 1
                else:
                    already_there += 1
    return ImportResult(created, already_there, tuple(rejected), tuple(names.new_groups), tuple(names.new_people))


def _keep(session: Session, row: ImportedTicket, names: Names, redactor: Redactor) -> bool:
    """Store one ticket with its messages. False if it is there already."""
    status = row.status.value
    done_at = (row.solved_at or row.updated_at) if status in DONE else None
    number = make_ticket(
        session,
        row.id,
        row.about,
        names,
        redactor,
        status=status,
        created_at=row.created_at,
        updated_at=row.updated_at,
        solved_at=done_at or row.solved_at,
    )
    if number is None:
        return False
    said = []
    if row.body:
        author, body = row.about.requester or NOBODY, redactor.text(row.body)
        said.append(message(number, "body", row.created_at, author, body, kind="public", from_customer=True))
    if done_at is not None:
        moved = [("status", OPEN, status)]
        at = max(done_at, row.created_at)
        said.append(message(number, "status", at, NOBODY, history_line(moved), changes=[list(one) for one in moved]))
    add_messages(session, said or [message(number, "row", row.created_at, NOBODY, NOBODY)])
    return True
