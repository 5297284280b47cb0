"""The failure queue: work that could not be done waits here for a person, with owner and reason.

An item leaves it by a person's retry or discard, or because the same work was done since by another job.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Text, cast, func, select, text, update
from sqlalchemy.orm import Session

from storage.causes import cause_of
from storage.models import StuckAttempt, StuckItem
from storage.upsert import insert_into


def add(
    session: Session,
    *,
    job: str,
    key: str,
    args: Mapping[str, Any],
    target: str,
    owner: str,
    reason: str,
    attempts: int,
    at: datetime,
    run: str = "",
) -> StuckItem:
    """Put a job into the failure queue. An open item of the same job and key takes over the new reason and count.

    What it was each time stays in `tried`; `run` is the engine's key of the run that gave up.
    """
    row = insert_into(session, StuckItem).values(
        job=job,
        key=key,
        args=_sorted(args),
        target=target,
        owner=owner,
        reason=reason,
        attempts=attempts,
        first_at=at,
        last_at=at,
        state="open",
        cause=cause_of(job, reason),
    )
    taken_over = ("args", "target", "owner", "reason", "attempts", "last_at", "cause")
    newest = {name: row.excluded[name] for name in taken_over}
    joined = row.on_conflict_do_update(
        index_elements=["job", "key"], index_where=text("state = 'open'"), set_=newest
    ).returning(StuckItem)
    item = session.scalars(joined, execution_options={"populate_existing": True}).one()
    session.add(StuckAttempt(item_id=item.id, job=job, key=key, run=run, at=at, tries=attempts, reason=reason))
    session.flush()
    return item


def is_known(session: Session, *, job: str, run: str, tries: int) -> bool:
    """Whether an open item holds already that this run gave up after so many tries: it is reported a second time."""
    same = StuckAttempt.job == job, StuckAttempt.run == run, StuckAttempt.tries == tries, StuckItem.state == "open"
    found = select(StuckAttempt.id).join(StuckItem, StuckItem.id == StuckAttempt.item_id).where(*same).limit(1)
    return session.scalar(found) is not None


def tried(session: Session, item: StuckItem, *, limit: int = 50) -> list[StuckAttempt]:
    """The newest times that this work was given up, oldest first: this item's, and those before a person's retry.

    Work that was given up before times were kept has none.
    """
    newest = (
        select(StuckAttempt)
        .where(StuckAttempt.job == item.job, StuckAttempt.key == item.key, StuckAttempt.item_id <= item.id)
        .order_by(StuckAttempt.id.desc())
        .limit(limit)
    )
    return list(reversed(session.scalars(newest).all()))


def get(session: Session, item_id: int) -> StuckItem | None:
    """One item, open or settled."""
    return session.get(StuckItem, item_id)


def open_items(session: Session, *, limit: int | None = None) -> list[StuckItem]:
    """What waits for somebody, oldest first."""
    waiting = select(StuckItem).where(StuckItem.state == "open").order_by(StuckItem.id).limit(limit)
    return list(session.scalars(waiting))


def count_open(session: Session) -> int:
    """How many items wait for somebody."""
    return session.scalar(select(func.count()).where(StuckItem.state == "open")) or 0


def retried(session: Session, item_id: int, *, by: str, at: datetime) -> StuckItem | None:
    """Take an item out for another try; the caller enqueues the job. None if it is not open: somebody was first."""
    return _settle(session, item_id, state="retried", by=by, note="", at=at)


def retried_work(session: Session, *, job: str, args: Mapping[str, Any], by: str, at: datetime) -> list[StuckItem]:
    """As `retried`, for whatever is open of the same job and arguments."""
    taken = (
        update(StuckItem)
        .where(StuckItem.state == "open", *_of_work(job, args))
        .values(state="retried", settled_by=by, settled_note="", settled_at=at)
        .returning(StuckItem)
    )
    return list(session.scalars(taken, execution_options={"populate_existing": True}))


def last_state(session: Session, *, job: str, args: Mapping[str, Any]) -> str | None:
    """The state of the newest item of the same job and arguments, None if there never was one."""
    newest = select(StuckItem.state).where(*_of_work(job, args)).order_by(StuckItem.id.desc()).limit(1)
    return session.scalar(newest)


def discard(session: Session, item_id: int, *, by: str, note: str, at: datetime) -> StuckItem | None:
    """Give an item up for good, with the reason. None if it is not open: somebody was first."""
    return _settle(session, item_id, state="discarded", by=by, note=note, at=at)


def key_of(session: Session, *, job: str, args: Mapping[str, Any]) -> str | None:
    """The key of the oldest open item of the same job and arguments, None if there is none."""
    same = (StuckItem.state == "open", *_of_work(job, args))
    return session.scalar(select(StuckItem.key).where(*same).order_by(StuckItem.id).limit(1))


def waits(session: Session, *, job: str, args: Mapping[str, Any], since: datetime) -> bool:
    """Say whether an open item of the same job and arguments was given up before that moment."""
    return session.scalar(select(StuckItem.id).where(*_same_work(job, args, since)).limit(1)) is not None


def done_since(
    session: Session, *, job: str, args: Mapping[str, Any], since: datetime, by: str, note: str, at: datetime
) -> list[StuckItem]:
    """Settle the open items of the same job and arguments that were given up before `since`: the work is done."""
    settled = (
        update(StuckItem)
        .where(*_same_work(job, args, since))
        .values(state="done", settled_by=by, settled_note=note, settled_at=at)
        .returning(StuckItem)
    )
    return list(session.scalars(settled, execution_options={"populate_existing": True}))


def _same_work(job: str, args: Mapping[str, Any], since: datetime) -> list[ColumnElement[bool]]:
    return [StuckItem.state == "open", *_of_work(job, args), StuckItem.last_at <= since]


def _of_work(job: str, args: Mapping[str, Any]) -> list[ColumnElement[bool]]:
    """Arguments are compared as the text they are kept in, since PostgreSQL compares no JSON."""
    return [StuckItem.job == job, cast(StuckItem.args, Text) == json.dumps(_sorted(args))]


def _sorted(args: Mapping[str, Any]) -> dict[str, Any]:
    return dict(sorted(args.items()))


def _settle(session: Session, item_id: int, *, state: str, by: str, note: str, at: datetime) -> StuckItem | None:
    settled = (
        update(StuckItem)
        .where(StuckItem.id == item_id, StuckItem.state == "open")
        .values(state=state, settled_by=by, settled_note=note, settled_at=at)
        .returning(StuckItem)
    )
    return session.scalars(settled, execution_options={"populate_existing": True}).one_or_none()
