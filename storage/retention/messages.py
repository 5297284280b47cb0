"""Messages for Slack whose thing is gone: a root, the lines of its thread, and files that were brought there.

A message's key begins with what it is about (`case/42`, `run/7/told/…`), so it stays as long as that does: buttons on
it work, and it is edited in place. What is about nothing that is kept (a hand-over, a summary) goes by its age alone.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, delete, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from storage.models import (
    Case,
    CaseGroup,
    Escalation,
    Finding,
    LateCall,
    Notification,
    Pause,
    Report,
    Run,
    StuckItem,
    StuckReminder,
    TriageDecision,
    TriageEvaluation,
    Upload,
)

THINGS: Final[Mapping[tuple[str, ...], Any]] = {
    ("case",): Case.id,
    ("customers", "note"): Case.id,
    ("escalation",): Escalation.id,
    ("finding",): Finding.id,
    ("group",): CaseGroup.id,
    ("pause",): Pause.id,
    ("report",): Report.id,
    ("run",): Run.id,
    ("triage",): TriageDecision.id,
    ("triage", "evaluation"): TriageEvaluation.id,
    ("triage", "day"): TriageDecision.day,
}
"""What the words before the number in a key are about. The longest that fits counts."""

SETTLED: Final = ("delivered", "stuck")
LOOKED_AT: Final = 5_000
"""Rows that are asked about at once while looking for messages whose thing is gone."""


def gone(session: Session, before: datetime, limit: int) -> list[str]:
    """Keys of up to `limit` roots that may go with their threads, settled before this moment.

    Lines under a root that was settled without a place in Slack will never be posted, and keep nothing.
    """
    line, again, file = aliased(Notification), aliased(Notification), aliased(Upload)
    never = and_(
        Notification.ts.is_(None), line.state == "pending", line.job_pending.is_(False), line.attempt_at.is_(None)
    )
    waiting = and_(line.parent_key == Notification.key, ~_settled(line, before), ~never)
    files = and_(
        file.notification == again.key,
        or_(again.key == Notification.key, again.parent_key == Notification.key),
        file.state.not_in(("shared", "refused")),
    )
    roots = (
        select(Notification.key)
        .where(
            Notification.parent_key.is_(None),
            _settled(Notification, before),
            ~exists().where(waiting),
            ~exists().where(files),
            ~exists().where(Escalation.parent == Notification.key),
            ~exists().where(StuckReminder.key == Notification.key),
            ~exists().where(LateCall.key == Notification.key),
        )
        .order_by(Notification.key)
    )
    stuck = _owed(session)
    found: list[str] = []
    for some in _parts(session.scalars(roots).all(), LOOKED_AT):
        there = _there(session, some)
        found += [key for key in some if key not in stuck and thing_of(key) not in there]
        if len(found) >= limit:
            break
    return found[:limit]


def drop(session: Session, roots: Iterable[str], limit: int) -> dict[str, int]:
    """Delete these messages, their lines and files: at most `limit` rows, children first. Says how many of which."""
    dropped = {"upload": 0, "notification": 0}
    for root in roots:
        ours = select(Notification.key).where(or_(Notification.key == root, Notification.parent_key == root))
        for model, key, which in (
            (Upload, Upload.key, Upload.notification.in_(ours)),
            (Notification, Notification.key, Notification.parent_key == root),
            (Notification, Notification.key, Notification.key == root),
        ):
            if (left := limit - sum(dropped.values())) <= 0:
                return dropped
            some = session.scalars(select(key).where(which).limit(left)).all()
            session.execute(delete(model).where(key.in_(some)), execution_options={"synchronize_session": False})
            dropped[model.__tablename__] += len(some)
    return dropped


def thing_of(key: str) -> tuple[Any, str] | None:
    """The column that holds what a message is about, and its value as text; None for a message that is about none."""
    words = key.split("/")
    for length in (2, 1):
        column = THINGS.get(tuple(words[:length]))
        if column is not None and len(words) > length:
            value = words[length]
            return (column, value) if value.isdecimal() or column is TriageDecision.day else None
    return None


def _settled(row: Any, before: datetime) -> ColumnElement[bool]:
    return and_(
        row.state.in_(SETTLED),
        row.job_pending.is_(False),
        row.attempt_at.is_(None),
        func.coalesce(row.delivered_at, row.created_at) < before,
    )


def _owed(session: Session) -> Set[str]:
    """Keys that an open item of the failure queue is about."""
    opened = session.scalars(select(StuckItem.args).where(StuckItem.state == "open"))
    return {str(args["key"]) for args in opened if "key" in args}


def _there(session: Session, keys: Iterable[str]) -> Set[tuple[Any, str] | None]:
    """Those things of these messages that are still kept."""
    wanted: dict[Any, set[str]] = {}
    for thing in map(thing_of, keys):
        if thing is not None:
            wanted.setdefault(thing[0], set()).add(thing[1])
    return {one for column, values in wanted.items() for one in _kept(session, column, values)}


def _kept(session: Session, column: Any, values: Set[str]) -> Iterator[tuple[Any, str]]:
    plain: list[Any] = sorted(values) if column is TriageDecision.day else [int(one) for one in values]
    for some in _parts(plain, 500):
        yield from ((column, str(one)) for one in session.scalars(select(column).where(column.in_(some)).distinct()))


def _parts(rows: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    return (rows[begin : begin + size] for begin in range(0, len(rows), size))
