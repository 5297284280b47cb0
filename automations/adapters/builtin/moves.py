"""Moving a ticket of the built-in desk field by field, and the line of history that every change leaves."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from automations.adapters.builtin.rows import SYSTEM, assignee_id, group_id, ticket_row
from automations.domain import TicketChange, TicketField, TicketStatus
from automations.errors import Rejected
from storage.models import DeskGroup, DeskMessage, DeskTicket, DeskUser

Moved = tuple[str, str, str]
"""(field, before, after) of one change; empty for nobody, none, nothing."""

OWN = "own"
"""Where `DeskTicket.fields` keeps the values of the desk's own fields, by their id."""

DONE = (TicketStatus.SOLVED.value, TicketStatus.CLOSED.value)


def move(
    session: Session, row: DeskTicket, change: TicketChange, required: Sequence[TicketField], now: datetime
) -> list[Moved]:
    """Make a change true and say what moved, nothing where it was true already.

    Raises: Rejected, with the row as it may be rolled back: for a merged ticket (`merged`), for what the desk does not
    know, and for solving it while a required field is empty (`fields_missing`, naming their labels).
    """
    if change.empty:
        return []
    if row.merged_into_id is not None:
        words = f"ticket #{row.id} was merged into #{row.merged_into_id} and changes no more"
        raise Rejected(words, system=SYSTEM, code="merged")
    done = row.status in DONE
    moved = [one for step in _STEPS for one in step(session, row, change)]
    moved += _own_fields(row, change.fields, {field.id: field for field in required})
    if row.status in DONE and not done:
        refuse_empty(row, required)
    if moved:
        touch(row, now)
    return moved


def refuse_empty(row: DeskTicket, required: Sequence[TicketField]) -> None:
    """Raise Rejected with the code `fields_missing`, naming the labels, if a required field is empty."""
    filled = row.fields.get(OWN, {})
    if empty := [field.label for field in required if not filled.get(field.id, "").strip()]:
        words = (
            f"ticket #{row.id} cannot be solved before {_listed(empty)} {'is' if len(empty) == 1 else 'are'} filled in"
        )
        raise Rejected(words, system=SYSTEM, code="fields_missing")


def touch(row: DeskTicket, now: datetime) -> None:
    """Let the ticket's times follow what was changed."""
    row.updated_at = now
    row.solved_at = (row.solved_at or now) if row.status in DONE else None


def tell(
    session: Session,
    row: DeskTicket,
    *,
    by: str,
    now: datetime,
    kind: str,
    body: str,
    key: str | None = None,
    changes: Sequence[Moved] | None = None,
    from_customer: bool = False,
) -> None:
    """Add a message, so that whoever follows the desk hears of it."""
    listed = [list(one) for one in changes] if changes is not None else None
    session.add(
        DeskMessage(
            ticket_id=row.id,
            key=key,
            at=now,
            author=by,
            kind=kind,
            body=body,
            changes=listed,
            from_customer=from_customer,
        )
    )
    session.flush()


def history_line(moved: Sequence[Moved]) -> str:
    """Say a change in words: `priority high → low; assignee anna@team.example → nobody`."""
    return "; ".join(f"{field} {_shown(field, before)} → {_shown(field, after)}" for field, before, after in moved)


MESSAGES = "desk/messages"
"""The name under which the desk's transactions stand in line, so that messages are numbered in order of commit."""


def _status(_session: Session, row: DeskTicket, change: TicketChange) -> list[Moved]:
    if change.status is None or row.status == change.status:
        return []
    before, row.status = row.status, change.status.value
    return [("status", before, row.status)]


def _priority(_session: Session, row: DeskTicket, change: TicketChange) -> list[Moved]:
    if change.priority is None or row.priority == change.priority:
        return []
    before, row.priority = row.priority, change.priority.value
    return [("priority", before, row.priority)]


def _assignee(session: Session, row: DeskTicket, change: TicketChange) -> list[Moved]:
    if change.assignee is None:
        return []
    wanted = assignee_id(session, change.assignee or None)
    if wanted == row.assignee_id:
        return []
    before = session.get_one(DeskUser, row.assignee_id).email if row.assignee_id else ""
    row.assignee_id = wanted
    return [("assignee", before, change.assignee.lower())]


def _group(session: Session, row: DeskTicket, change: TicketChange) -> list[Moved]:
    if change.group is None or (wanted := group_id(session, change.group)) == row.group_id:
        return []
    before = session.get_one(DeskGroup, row.group_id).name if row.group_id else ""
    row.group_id = wanted
    return [("group", before, change.group)]


def _parent(session: Session, row: DeskTicket, change: TicketChange) -> list[Moved]:
    if change.parent is None:
        return []
    wanted = ticket_row(session, change.parent).id if change.parent else None
    if wanted == row.parent_id:
        return []
    above = wanted
    while above is not None:
        if above == row.id:
            raise Rejected(f"ticket #{row.id} cannot stand above itself", system=SYSTEM, code="bad_parent")
        parent = session.get(DeskTicket, above)
        above = parent.parent_id if parent else None
    before, row.parent_id = row.parent_id, wanted
    return [("parent", str(before or ""), str(wanted or ""))]


def _own_fields(row: DeskTicket, values: Sequence[tuple[str, str]], known: Mapping[str, TicketField]) -> list[Moved]:
    filled: dict[str, str] = row.fields.get(OWN, {})
    moved: list[Moved] = []
    for name, value in values:
        if (field := known.get(name)) is None:
            raise Rejected(f"the built-in desk has no field {name[:40]!r}", system=SYSTEM, code="no_field")
        if field.options and value and value not in field.options:
            allowed = ", ".join(field.options)
            raise Rejected(f"{field.label} may be {allowed}, not {value[:60]!r}", system=SYSTEM, code="bad_value")
        if value != filled.get(name, ""):
            moved.append((name, filled.get(name, ""), value))
    if moved:
        row.fields = {**row.fields, OWN: {**filled, **{name: value for name, _, value in moved}}}
    return moved


_STEPS: tuple[Callable[[Session, DeskTicket, TicketChange], list[Moved]], ...] = (
    _status,
    _priority,
    _assignee,
    _group,
    _parent,
)

_NOTHING = {"assignee": "nobody"}


def _shown(field: str, value: str) -> str:
    return value or _NOTHING.get(field, "none")


def _listed(labels: Sequence[str]) -> str:
    return labels[0] if len(labels) == 1 else f"{', '.join(labels[:-1])} and {labels[-1]}"
