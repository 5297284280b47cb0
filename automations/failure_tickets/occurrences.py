"""The statements of the hot path: storing events, and counting occurrences on open cases.

Plain Core statements with named parameters, made once: their text never changes, so they are compiled once, and no
objects are built for rows that are only counted.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, cast

from sqlalchemy import Connection, Executable, Table, and_, bindparam, case, func, not_, or_, select, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from automations.failure_tickets.accepted import Accepted
from storage.models import Case, FailureEventRow
from storage.models.base import UtcDateTime

MILESTONES: Final = (10, 100, 1_000)
"""Counts at which ticket and thread hear of a case again; between them only the living message shows the count."""

_EVENTS = cast("Table", FailureEventRow.__table__)
_CASES = cast("Table", Case.__table__)
_IDENTITY = ("source", "event_id")
_NEW = (_EVENTS.c.id, _EVENTS.c.source, _EVENTS.c.event_id)
_INSERT = {
    "sqlite": sqlite.insert(_EVENTS).on_conflict_do_nothing(index_elements=_IDENTITY).returning(*_NEW),
    "postgresql": postgresql.insert(_EVENTS).on_conflict_do_nothing(index_elements=_IDENTITY).returning(*_NEW),
}

_more = bindparam("p_more", type_=_CASES.c.count.type)
_first = bindparam("p_first", type_=UtcDateTime())
_last = bindparam("p_last", type_=UtcDateTime())
_JOIN_ALWAYS = (
    update(_CASES)
    .where(_CASES.c.open_key == bindparam("p_key"))
    .values(
        count=_CASES.c.count + _more,
        first_seen=case((_CASES.c.first_seen > _first, _first), else_=_CASES.c.first_seen),
        last_seen=case((_CASES.c.last_seen < _last, _last), else_=_CASES.c.last_seen),
        version=_CASES.c.version + 1,
    )
    .returning(_CASES.c.id, _CASES.c.channel, _CASES.c.count, _CASES.c.group_id)
)
_JOIN_QUIETLY = _JOIN_ALWAYS.where(
    not_(or_(*(and_(_CASES.c.count < mark, _CASES.c.count + _more >= mark) for mark in MILESTONES)))
)
_LINK_OPEN = (
    update(_EVENTS)
    .where(_EVENTS.c.id.in_(bindparam("p_rows", expanding=True)))
    .values(case_id=select(_CASES.c.id).where(_CASES.c.open_key == bindparam("p_key")).scalar_subquery())
    .returning(_EVENTS.c.case_id)
)
_SETTLE = (
    update(_EVENTS)
    .where(_EVENTS.c.id.in_(bindparam("p_rows", expanding=True)))
    .values(case_id=bindparam("p_case"), outcome=bindparam("p_outcome"))
)


@dataclass(frozen=True, slots=True)
class Joined:
    """A case that took occurrences in. `count` includes them."""

    case_id: int
    channel: str
    count: int
    group_id: int | None = None


def store(session: Session, accepted: Iterable[Accepted], at: datetime) -> dict[tuple[str, str], int]:
    """Store events that were never seen before; returns their row numbers by (source, stored id).

    What is missing in the answer was there already. Rows go in sorted, so that two requests with the same ids cannot
    wait for each other.
    """
    rows = [_row(one, at) for one in accepted]
    rows.sort(key=lambda row: (row["source"], row["event_id"]))
    if not rows:
        return {}
    stored = session.connection().execute(_INSERT[session.get_bind().dialect.name], rows)
    return {(row.source, row.event_id): row.id for row in stored}


def first_cases(session: Session, identities: Sequence[tuple[str, str]]) -> Mapping[tuple[str, str], int | None]:
    """Look up the case that the first delivery of each event, by (source, stored id), belongs to, or None."""
    if not identities:
        return {}
    wanted = select(_EVENTS.c.source, _EVENTS.c.event_id, _EVENTS.c.case_id).where(
        tuple_(_EVENTS.c.source, _EVENTS.c.event_id).in_(identities)
    )
    return {(row.source, row.event_id): row.case_id for row in session.connection().execute(wanted)}


def join(session: Session, key: str, times: Sequence[datetime]) -> Joined | None:
    """Count occurrences on the open case of this key. None: there is none.

    An older occurrence moves `last_seen` no way back. The case may come to a milestone, so the audit head must be held.
    """
    return _joined(session.connection(), _JOIN_ALWAYS, key, times)


def join_quietly(session: Session, key: str, times: Sequence[datetime]) -> Joined | None:
    """Count as `join` does, but leave alone, with None, also a case whose count would come to a milestone.

    That one writes an audit row, and the head comes before the case in the order of locks. PostgreSQL keeps a row
    locked that it waited for and then found not to fit, so there the attempt is undone as a whole.
    """
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        return _joined(connection, _JOIN_QUIETLY, key, times)
    attempt = connection.begin_nested()
    joined = _joined(connection, _JOIN_QUIETLY, key, times)
    if joined is None:
        attempt.rollback()
    else:
        attempt.commit()
    return joined


def _joined(connection: Connection, statement: Executable, key: str, times: Sequence[datetime]) -> Joined | None:
    values = {"p_key": key, "p_more": len(times), "p_first": min(times), "p_last": max(times)}
    row = connection.execute(statement, values).one_or_none()
    return None if row is None else Joined(*row)


def reached(count: int, more: int) -> bool:
    """Say whether the last `more` occurrences brought the count to a milestone or over it."""
    return any(count - more < mark <= count for mark in MILESTONES)


def link_to_open(session: Session, key: str, rows: Sequence[int]) -> int | None:
    """Write the open case of this key on recorded events, so that they can be found from it. Returns its number."""
    found = session.connection().execute(_LINK_OPEN, {"p_key": key, "p_rows": list(rows)})
    return cast("int | None", found.scalars().first())


def settle(session: Session, rows: Sequence[int], case_id: int | None, outcome: str) -> None:
    """Write down what became of events."""
    session.connection().execute(_SETTLE, {"p_rows": list(rows), "p_case": case_id, "p_outcome": outcome})


def open_case_of(session: Session, key: str) -> Case | None:
    """Read the open case of a key and lock it until the transaction ends."""
    wanted = select(Case).where(Case.open_key == key).with_for_update()
    return session.scalars(wanted, execution_options={"populate_existing": True}).one_or_none()


def last_failure_at(session: Session, case_id: int) -> datetime | None:
    """Say when we received the case's newest failure, by our own clock."""
    newest = (
        select(_EVENTS.c.received_at)
        .where(_EVENTS.c.case_id == case_id, _EVENTS.c.outcome.in_(("opened", "joined")))
        .order_by(_EVENTS.c.id.desc())
        .limit(1)
    )
    return session.connection().execute(newest).scalar()


def last_closed_of(session: Session, key: str) -> Case | None:
    """Read the case of a key that was closed last, as it is now."""
    closed = select(Case).where(Case.case_key == key, Case.open_key.is_(None))
    newest = closed.order_by(Case.closed_at.desc(), Case.id.desc()).limit(1)
    return session.scalars(newest, execution_options={"populate_existing": True}).one_or_none()


def open_cases_per_owner(session: Session) -> dict[str, int]:
    """Count the open cases of each owner, by e-mail address."""
    counted = select(_CASES.c.owner, func.count()).where(_CASES.c.open_key.is_not(None)).group_by(_CASES.c.owner)
    return dict(session.connection().execute(counted).all())


def _row(one: Accepted, at: datetime) -> dict[str, Any]:
    """A row with the outcome `recorded`; what else becomes of it is written down when it is known."""
    return {
        "source": one.event.source,
        "event_id": one.id,
        "case_key": one.event.case_key,
        "status": one.event.status,
        "reason": one.event.reason.value,
        "outcome": "recorded",
        "case_id": None,
        "occurred_at": one.event.occurred_at,
        "received_at": at,
        "body": one.body,
    }
