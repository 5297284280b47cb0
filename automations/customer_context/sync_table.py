"""All of a sync as rows of a table: every change with its group and how far it is, every conflict, every rejected row.

Changes stand by group and number, conflicts by account and field, rejected rows by source and key. A group that a newer
sync found again is in that one's list.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from automations.customer_context.conflict_state import conflict_ref
from automations.customer_context.context import SYNC
from automations.customer_context.group_lines import group_words, values_in_words
from automations.customer_context.group_rows import group_ref
from automations.customer_context.rejected import rejected_ref
from automations.customer_context.sync_list import a_sync
from automations.errors import Refused
from automations.redact import Redactor
from automations.runs.rows import run_ref
from automations.spreadsheet import cell
from storage.models import CustomerChange, CustomerConflict, CustomerGroup, CustomerRejected, Run

COLUMNS: Final = (
    *("run", "what", "ref", "kind", "group", "group_state", "field", "account", "name", "source"),
    *("before", "after", "state", "why"),
)
_AT_ONCE: Final = 2_000
_BARE: Final = Redactor()

Cells = tuple[object, ...]


def full_list(session: Session, run_id: int, redactor: Redactor = _BARE) -> Iterator[Cells]:
    """The rows, the first with the columns' names. No cell is a formula, and no secret stands in one.

    `before` is the desk's value of a conflict, `after` the source's. Call it in `Database.read()`, and end it there.
    Raises: NotFound; Refused for a run that is no sync, or has read nothing.
    """
    run = a_sync(session, run_id)
    if run.proposed_at is None:
        raise Refused(f"{run_ref(run_id)} has read nothing yet or could not, so there is no list of it.")
    later = select(Run.proposed_at).where(Run.kind == SYNC, Run.id > run_id, Run.proposed_at.is_not(None))
    before = session.scalar(later.order_by(Run.id).limit(1))
    return _rows(session, run_id, run.proposed_at, before, redactor.text)


def _rows(
    session: Session, run_id: int, since: datetime, before: datetime | None, shown: Callable[[str], str]
) -> Iterator[Cells]:
    yield COLUMNS
    for told in (_changes(session, run_id), _conflicts(session, since, before), _rejected(session, since, before)):
        for cells in told:
            yield run_ref(run_id), *(cell(shown(one)) for one in cells)


def _changes(session: Session, run_id: int) -> Iterator[tuple[str, ...]]:
    change, group = CustomerChange, CustomerGroup
    of_group = (group.id, group.kind, group.field.label("of"), group.before.label("from_"), group.after.label("to"))
    columns = (change.field, change.account, change.name, change.before, change.after, change.values)
    rows = (
        select(*of_group, group.state.label("group_state"), *columns, change.state, change.error)
        .join(group, group.id == change.group_id)
        .where(group.run_id == run_id)
        .order_by(change.group_id, change.number)
    )
    for row in _streamed(session, rows):
        words = group_words(row.kind, row.of, row.from_, row.to)
        about = (row.field, row.account, row.name, "")
        after = row.after or values_in_words(row.values)
        yield (
            "change",
            group_ref(row.id),
            row.kind,
            words,
            row.group_state,
            *about,
            row.before,
            after,
            row.state,
            row.error,
        )


def _conflicts(session: Session, since: datetime, before: datetime | None) -> Iterator[tuple[str, ...]]:
    one = CustomerConflict
    names = ("id", "kind", "field", "account", "name", "source", "desk_value", "source_value", "state", "reason")
    rows = select(*(getattr(one, name) for name in names)).where(*_then(one.since, one.last_seen, since, before))
    for row in _streamed(session, rows.order_by(one.account, one.field, one.kind, one.id)):
        about = (row.field, row.account, row.name, row.source)
        values = (row.desk_value, row.source_value, row.state, row.reason)
        yield "conflict", conflict_ref(row.id), row.kind, "", "", *about, *values


def _rejected(session: Session, since: datetime, before: datetime | None) -> Iterator[tuple[str, ...]]:
    one = CustomerRejected
    names = ("id", "source", "row_key", "reason", "row", "state")
    rows = select(*(getattr(one, name) for name in names)).where(*_then(one.first_seen, one.last_seen, since, before))
    for row in _streamed(session, rows.order_by(one.source, one.row_key, one.id)):
        about = ("", row.row_key, "", row.source)
        yield "rejected", rejected_ref(row.id), "", "", "", *about, "", values_in_words(row.row), row.state, row.reason


def _then(first: Any, last: Any, since: datetime, before: datetime | None) -> tuple[ColumnElement[bool], ...]:
    """What this sync saw, or a run found out between it and the next."""
    seen: ColumnElement[bool] = last >= since
    return (seen,) if before is None else (seen, first < before)


def _streamed(session: Session, rows: Any) -> Iterator[Any]:
    return iter(session.execute(rows, execution_options={"yield_per": _AT_ONCE}))
