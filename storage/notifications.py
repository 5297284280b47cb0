"""Messages for Slack, written by automations: one row per message, a newer state overwrites one not yet delivered.

`put` and `amend` are for automations. The other verbs are for the delivery: `take` before a call to Slack, then exactly
one of `delivered`, `not_sent`, `unknown` and `stuck`. `job_pending` is true while a delivery job is on its way or at
work.
"""

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any, Final, cast

from sqlalchemy import ColumnElement, Table, Text, Update, bindparam, case, func, literal, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session, aliased

from storage.models import Notification
from storage.models.base import UtcDateTime
from storage.upsert import Insert

FIRST: Final = {"children": 0, "version": 1, "delivered_version": 0, "state": "pending", "job_pending": False}
"""What a row begins with."""

_TABLE: Final = cast("Table", Notification.__table__)
_CLAIM: Final = (
    update(_TABLE)
    .where(_TABLE.c.key == bindparam("claimed"), _TABLE.c.job_pending.is_(False))
    .values(job_pending=True)
    .returning(_TABLE.c.key)
)


def put(
    session: Session,
    *,
    key: str,
    kind: str,
    channel: str,
    data: Mapping[str, Any],
    at: datetime,
    parent_key: str | None = None,
) -> bool:
    """Say what a message should show. True exactly when the caller must enqueue its delivery now.

    The first call makes version 1, each later one a new version with the new data. False means that a job is on its way
    and will deliver the newest version, or that the parent has no place in Slack yet and will bring its children along.
    Raises: LookupError if `parent_key` names no notification that can have children.
    """
    seq, placed = (0, True) if parent_key is None else _join_parent(session, parent_key)
    values = {"key": key, "kind": kind, "channel": channel, "data": dict(data), "created_at": at} | FIRST
    connection = session.connection()
    connection.execute(_upsert(connection.dialect.name), values | {"parent_key": parent_key, "seq": seq})
    if not placed:
        return False
    return connection.execute(_CLAIM, {"claimed": key}).scalar() is not None


@cache
def _upsert(dialect: str) -> Insert:
    """Make the statement once per database: putting it together costs more than running it, and each failure does."""
    row = (postgresql.insert if dialect == "postgresql" else sqlite.insert)(_TABLE)
    return row.on_conflict_do_update(
        index_elements=["key"],
        set_={
            "kind": row.excluded.kind,
            "data": row.excluded.data,
            "version": _TABLE.c.version + 1,
            "channel": case((_TABLE.c.ts.is_(None), row.excluded.channel), else_=_TABLE.c.channel),
            "state": case((_TABLE.c.state.in_(("delivered", "stuck")), "pending"), else_=_TABLE.c.state),
        },
    )


def amend(session: Session, key: str, changes: Mapping[str, Any]) -> bool:
    """Change some of the data of a message that has its place, as a new version.

    True exactly when the caller must enqueue its delivery now.
    Raises: LookupError if there is no such row.
    """
    state = case((Notification.state.in_(("delivered", "stuck")), "pending"), else_=Notification.state)
    row = _change(session, key, _row(key).values(version=Notification.version + 1, state=state))  # and lock it
    _change(session, key, _row(key).values(data={**row.data, **changes}))
    return session.connection().execute(_CLAIM, {"claimed": key}).scalar() is not None


def _join_parent(session: Session, parent_key: str) -> tuple[int, bool]:
    """Lock the parent row. Returns the next child number, and whether the parent has a place in Slack."""
    joined = (
        update(Notification)
        .where(Notification.key == parent_key, Notification.parent_key.is_(None))
        .values(children=Notification.children + 1)
        .returning(Notification.children, Notification.ts)
    )
    parent = session.execute(joined).one_or_none()
    if parent is None:
        raise LookupError(f"no notification {parent_key!r} that can have a thread")
    return parent.children, parent.ts is not None


def take(session: Session, key: str, at: datetime) -> Notification:
    """Say that a call to Slack is about to leave. Commit before making it.

    The state returned is `sending`, or `unknown` where an earlier call since `attempt_at` may have arrived: then look
    for the message in Slack before posting.
    A moment that is still to come is another process's, whose clock was ahead: then it counts from now on.
    Raises: LookupError if there is no such row.
    """
    now = literal(at, UtcDateTime())
    return _change(
        session,
        key,
        _row(key).values(
            state=case((Notification.attempt_at.is_(None), "sending"), else_="unknown"),
            attempt_at=case((Notification.attempt_at < now, Notification.attempt_at), else_=now),
            job_pending=True,
        ),
    )


def delivered(
    session: Session, key: str, version: int, channel: str, ts: str, permalink: str | None, at: datetime
) -> list[str]:
    """Slack shows `version` of the message at `channel` and `ts`. Returns the keys that need a delivery job now.

    These are the key itself when a newer version came in meanwhile, then the children that waited for the first `ts`,
    in their order. A late report of an older version than the one delivered changes nothing.
    """
    shown = (
        _row(key)
        .where(Notification.delivered_version <= version)
        .values(
            delivered_version=version,
            posted_channel=channel,
            ts=ts,
            permalink=func.coalesce(literal(permalink, Text()), Notification.permalink),
            delivered_at=at,
            attempt_at=None,
            error=None,
            state=case((Notification.version > version, "pending"), else_="delivered"),
            job_pending=Notification.version > version,
        )
        .returning(Notification.job_pending)
    )
    newer = session.scalar(shown)
    if newer is None:
        return []
    waiting = _owed().where(Notification.parent_key == key).returning(Notification.seq, Notification.key)
    children = [child.key for child in sorted(session.execute(_quietly(waiting)).all())]
    return [key, *children] if newer else children


def not_sent(session: Session, key: str, error: str) -> None:
    """The call certainly did nothing, and its job will try again. An earlier call with an unclear outcome stays so."""
    unclear = Notification.state == "unknown"
    _change(
        session,
        key,
        _row(key).values(
            state=case((unclear, "unknown"), else_="pending"),
            attempt_at=case((unclear, Notification.attempt_at), else_=None),
            error=error,
        ),
    )


def unknown(session: Session, key: str, error: str) -> None:
    """The call may have arrived. Its job will try again, and `take` will tell it to look first."""
    _change(session, key, _row(key).values(state="unknown", error=error))


def stuck(session: Session, key: str, error: str) -> None:
    """The job has given up. A newer version or a retry enqueues a new one."""
    unclear = Notification.state == "unknown"
    kept = case((unclear, Notification.attempt_at), else_=None)
    _change(session, key, _row(key).values(state="stuck", job_pending=False, attempt_at=kept, error=error))


def passed_over(session: Session, row: Notification) -> bool:
    """Let a message that never arrived count as shown, since something else tells it. A newer state is posted as ever.

    The caller has looked for an earlier call if one is out. False if the row has become another since it was read.
    """
    unclear = Notification.attempt_at.is_not_distinct_from(row.attempt_at)
    same = Notification.ts.is_(None), Notification.version == row.version, unclear
    told = {"state": "delivered", "delivered_version": row.version, "job_pending": False, "attempt_at": None}
    return session.scalar(_quietly(_row(row.key).where(*same).values(told).returning(Notification.key))) is not None


def owed(session: Session) -> list[str]:
    """Claim all messages that are not delivered and have no job, roots first; the caller enqueues theirs.

    Normally there are none: this is for a database that was restored without the job engine's tables.
    """
    claimed = session.execute(_quietly(_owed().returning(Notification.parent_key, Notification.seq, Notification.key)))
    return [row.key for row in sorted(claimed.all(), key=lambda row: (row.parent_key or "", row.seq, row.key))]


def get(session: Session, key: str) -> Notification | None:
    """One notification as it is now."""
    return session.get(Notification, key, populate_existing=True)


def version(session: Session, key: str) -> int:
    """The newest version; with the key it names the delivery job. Raises: LookupError if there is no such row."""
    number = session.scalar(select(Notification.version).where(Notification.key == key))
    if number is None:
        raise LookupError(f"no notification {key!r}")
    return number


def find_by_message(session: Session, channel: str, ts: str) -> Notification | None:
    """The notification that a Slack message shows, if it is one of ours."""
    there = select(Notification).where(Notification.posted_channel == channel, Notification.ts == ts)
    return session.scalars(there).one_or_none()


def _row(key: str) -> Update:
    return update(Notification).where(Notification.key == key)


def _owed() -> Update:
    """Claim what waits for delivery without a job and has a place to go."""
    parent = aliased(Notification)
    placed: ColumnElement[bool] = (
        select(parent.ts).where(parent.key == Notification.parent_key, parent.ts.is_not(None)).exists()
    )
    return (
        update(Notification)
        .where(
            Notification.state.in_(("pending", "sending", "unknown")),
            Notification.job_pending.is_(False),
            or_(Notification.parent_key.is_(None), placed),
        )
        .values(job_pending=True)
    )


def _quietly(change: Update) -> Update:
    """Rows this session has loaded already are not looked through; readers ask for fresh ones."""
    return change.execution_options(synchronize_session=False)


def _change(session: Session, key: str, change: Update) -> Notification:
    """Run an update of one row and return it as it is now."""
    changed = session.scalars(
        _quietly(change).returning(Notification), execution_options={"populate_existing": True}
    ).one_or_none()
    if changed is None:
        raise LookupError(f"no notification {key!r}")
    return changed
