"""Loading ticket history into the built-in desk. Running it twice, or again after a crash, is the same as once.

A ticket keeps its outside id in its key `import/<id>`, and the database allows one ticket per key. Groups and people
the desk does not know are made, people as suspended, so that history keeps its names and nobody gets new work by it;
both are listed in the result. Texts are redacted before they are stored.
"""

from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from automations.adapters.builtin.import_mapping import ImportMapping
from automations.adapters.builtin.import_rows import BadRow, ImportedTicket, Progress, read_rows
from automations.adapters.builtin.rows import customer_fields, customer_id
from automations.domain import CustomerRef
from automations.redact import Redactor
from storage.engine import Database
from storage.models import DeskGroup, DeskMessage, DeskTicket, DeskUser
from storage.upsert import insert_into

BATCH = 500
"""Rows per transaction: what is committed stays, should the import be stopped."""


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What came of an import. `rejected` holds (line of the file, reason) for every row that was not kept."""

    created: int
    already_there: int
    rejected: tuple[tuple[int, str], ...]
    new_groups: tuple[str, ...] = ()
    new_people: tuple[str, ...] = ()


def import_tickets(
    database: Database,
    path: Path,
    mapping: ImportMapping,
    *,
    redactor: Redactor,
    on_progress: Progress = lambda _done, _size: None,
) -> ImportResult:
    """Load a file of tickets. `on_progress` is told how many bytes of how many are read.

    Raises: ConfigError if the file as a whole cannot be read; single rows are rejected and listed instead.
    """
    created = already_there = 0
    rejected: list[tuple[int, str]] = []
    known = _Known()
    rows = read_rows(path, mapping, on_progress)
    while batch := list(islice(rows, BATCH)):
        with database.begin() as session:
            for row in batch:
                if isinstance(row, BadRow):
                    rejected.append((row.line, row.reason))
                elif _keep(session, row, known, redactor):
                    created += 1
                else:
                    already_there += 1
    return ImportResult(created, already_there, tuple(rejected), tuple(known.new_groups), tuple(known.new_people))


class _Known:
    """Groups and people met so far, by name and address."""

    def __init__(self) -> None:
        self.groups: dict[str, int] = {}
        self.people: dict[str, int] = {}
        self.new_groups: list[str] = []
        self.new_people: list[str] = []

    def group(self, session: Session, name: str | None) -> int | None:
        """The group's number; it is made if the desk does not have it."""
        if name is None:
            return None
        if name not in self.groups:
            made = insert_into(session, DeskGroup).values(name=name).on_conflict_do_nothing().returning(DeskGroup.id)
            if session.scalar(made) is not None:
                self.new_groups.append(name)
            self.groups[name] = session.scalars(select(DeskGroup.id).where(DeskGroup.name == name)).one()
        return self.groups[name]

    def person(self, session: Session, email: str | None) -> int | None:
        """The person's number; somebody unknown is made, suspended."""
        if email is None:
            return None
        if email not in self.people:
            row = {"name": email, "email": email, "role": "agent", "state": "suspended"}
            made = insert_into(session, DeskUser).values(row).on_conflict_do_nothing().returning(DeskUser.id)
            if session.scalar(made) is not None:
                self.new_people.append(email)
            self.people[email] = session.scalars(select(DeskUser.id).where(DeskUser.email == email)).one()
        return self.people[email]


def _keep(session: Session, row: ImportedTicket, known: _Known, redactor: Redactor) -> bool:
    """Store one ticket with its first message. False if it is there already."""
    customer = row.customer and CustomerRef(row.customer.id, redactor.text(row.customer.name), row.customer.tier)
    values = {
        "key": f"import/{row.id}",
        "subject": redactor.text(row.subject),
        "status": row.status.value,
        "priority": row.priority.value,
        "group_id": known.group(session, row.group),
        "assignee_id": known.person(session, row.assignee),
        "customer_id": customer_id(session, customer),
        "requester": row.requester,
        "tags": list(row.tags),
        "fields": {"customer": customer_fields(customer)} if customer else {},
        "created_at": row.created_at,
        "updated_at": row.updated_at,
        "solved_at": row.solved_at,
    }
    made = insert_into(session, DeskTicket).values(values).on_conflict_do_nothing().returning(DeskTicket.id)
    if (number := session.scalar(made)) is None:
        return False
    if row.body:
        first = {"ticket_id": number, "key": "body", "at": row.created_at, "author": row.requester or "imported"}
        session.add(DeskMessage(**first, kind="public", body=redactor.text(row.body)))
    return True
