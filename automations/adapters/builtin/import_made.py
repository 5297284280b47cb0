"""What an import makes in the desk: a ticket with its outside id, its messages, and who and what it names."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import delete, insert, update
from sqlalchemy.orm import Session

from automations.adapters.builtin.import_fields import About
from automations.adapters.builtin.import_names import Names
from automations.adapters.builtin.import_story import Line
from automations.adapters.builtin.rows import CHANNEL, IMPORTED, customer_fields, customer_id
from automations.domain import CustomerRef
from automations.redact import Redactor
from storage.models import DeskMessage, DeskTicket
from storage.upsert import insert_into

NOBODY: Final = "imported"
"""The author of what nobody is named for."""
MOST_NAMED: Final = 2_000
"""Numbers in one statement."""


def ticket_key(outside: str) -> str:
    """The key of the ticket with this id outside."""
    return f"{IMPORTED}{outside}"


def ticket_row(
    session: Session,
    outside: str,
    about: About,
    names: Names,
    redactor: Redactor,
    *,
    status: str,
    created_at: datetime,
    updated_at: datetime,
    solved_at: datetime | None,
) -> dict[str, Any]:
    """A ticket as a row, of which the group and the person are there."""
    customer = about.customer and CustomerRef(
        about.customer.id, redactor.text(about.customer.name), about.customer.tier
    )
    return {
        "key": ticket_key(outside),
        "subject": redactor.text(about.subject),
        "status": status,
        "priority": about.priority.value,
        "group_id": names.group(session, about.group),
        "assignee_id": names.person(session, about.assignee),
        "customer_id": customer_id(session, customer),
        "requester": about.requester,
        "tags": list(about.tags),
        "fields": {
            **({"customer": customer_fields(customer)} if customer else {}),
            **({CHANNEL: about.channel} if about.channel else {}),
        },
        "created_at": created_at,
        "updated_at": updated_at,
        "solved_at": solved_at,
    }


def make_tickets(session: Session, rows: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """Make tickets and return their numbers by key, without those that are there already."""
    if not rows:
        return {}
    statement = insert_into(session, DeskTicket).on_conflict_do_nothing().returning(DeskTicket.key, DeskTicket.id)
    return {str(key): number for key, number in session.execute(statement, rows)}


def message(ticket: int, key: str, at: datetime, author: str, body: str, **more: Any) -> dict[str, Any]:
    """A message as a row, a line of history if `more` does not say otherwise."""
    row = {"kind": "change", "from_customer": False, "changes": None, **more}
    return {"ticket_id": ticket, "key": f"{IMPORTED}{key}", "at": at, "author": author, "body": body, **row}


def add_messages(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Add messages, numbered in this order."""
    if rows:
        session.execute(insert(DeskMessage), rows)


@dataclass(frozen=True, slots=True)
class NewLines:
    """Lines of history to be written together, and the numbers of the messages in whose place some of them come."""

    messages: list[dict[str, Any]]
    old: list[int]

    def add(self, ticket: int, lines: Iterable[Line]) -> None:
        """Let a ticket have these lines too."""
        for line in lines:
            changes = [list(one) for one in line.changes] or None
            self.messages.append(message(ticket, line.key, line.at, line.author, line.body, changes=changes))

    def replace(self, ticket: int, old: Sequence[int], lines: Iterable[Line]) -> None:
        """Let a ticket have these lines in the place of some messages."""
        self.old.extend(old)
        self.add(ticket, lines)

    def write(self, session: Session) -> None:
        """Write them. What comes in another's place bears its key, but a number that nobody has read past."""
        old = [DeskMessage.id.in_(self.old[n : n + MOST_NAMED]) for n in range(0, len(self.old), MOST_NAMED)]
        for some in old:
            session.execute(update(DeskMessage).where(some).values(key=None))
        add_messages(session, self.messages)
        for some in old:
            session.execute(delete(DeskMessage).where(some))
