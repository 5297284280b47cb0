"""Messages for Slack, written by automations: one row per message, a newer state overwrites one not yet delivered."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import case, select, update
from sqlalchemy.orm import Session

from storage.models import Notification
from storage.upsert import insert_into


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
    row = insert_into(session, Notification).values(
        key=key,
        kind=kind,
        channel=channel,
        parent_key=parent_key,
        seq=seq,
        children=0,
        data=dict(data),
        version=1,
        delivered_version=0,
        state="pending",
        job_pending=False,
        created_at=at,
    )
    newer = row.on_conflict_do_update(
        index_elements=["key"],
        set_={
            "kind": row.excluded.kind,
            "data": row.excluded.data,
            "version": Notification.version + 1,
            "channel": case((Notification.ts.is_(None), row.excluded.channel), else_=Notification.channel),
            "state": case((Notification.state.in_(("delivered", "stuck")), "pending"), else_=Notification.state),
        },
    ).returning(Notification.key)
    session.execute(newer)
    if not placed:
        return False
    claim = update(Notification).where(Notification.key == key, Notification.job_pending.is_(False))
    return session.scalar(claim.values(job_pending=True).returning(Notification.key)) is not None


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


def get(session: Session, key: str) -> Notification | None:
    """One notification as it is now."""
    return session.get(Notification, key, populate_existing=True)


def version(session: Session, key: str) -> int:
    """The newest version; with the key it names the delivery job. Raises: LookupError if there is no such row."""
    number = session.scalar(select(Notification.version).where(Notification.key == key))
    if number is None:
        raise LookupError(f"no notification {key!r}")
    return number
