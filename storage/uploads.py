"""Files for Slack: a row each, moved on by conditional updates, so that each is shown once however many try.

`put` is for automations. The other verbs are for the bot's uploading, each True exactly when the row moved.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Update, select, update
from sqlalchemy.orm import Session

from storage.models import Notification, Upload
from storage.upsert import insert_into

OPEN: Final = ("pending", "named", "sharing")


def put(session: Session, *, key: str, notification: str, kind: str, args: Mapping[str, Any], at: datetime) -> None:
    """Ask for a file in the thread of a message. A repeat changes nothing. Needs the notification's row."""
    values = {"key": key, "notification": notification, "kind": kind, "args": dict(args), "asked_at": at}
    row = insert_into(session, Upload).values(**values, state="pending")
    session.execute(row.on_conflict_do_nothing(index_elements=["key"]))


def due(session: Session) -> list[str]:
    """Keys of files that are not shown yet and whose message has its place in Slack, the oldest first."""
    placed = (
        select(Upload.key)
        .join(Notification, Notification.key == Upload.notification)
        .where(Upload.state.in_(OPEN), Notification.ts.is_not(None))
    )
    return list(session.scalars(placed.order_by(Upload.asked_at, Upload.key)))


def get(session: Session, key: str) -> Upload | None:
    """One file's row as it is now."""
    return session.get(Upload, key, populate_existing=True)


def named(session: Session, key: str, file_id: str, *, before: str | None) -> bool:
    """Slack gave an address. `before`: the id of an address that was given earlier and never completed."""
    fresh = _row(key).where(Upload.state.in_(("pending", "named")), Upload.file_id.is_not_distinct_from(before))
    return _moved(session, fresh.values(state="named", file_id=file_id))


def sharing(session: Session, key: str, file_id: str, at: datetime) -> bool:
    """The call that shows the file is about to leave, once more if nothing came of it before. Commit before it."""
    leaving = _row(key).where(Upload.state.in_(("named", "sharing")), Upload.file_id == file_id)
    return _moved(session, leaving.values(state="sharing", shared_at=at))


def unnamed(session: Session, key: str, file_id: str) -> bool:
    """Slack does not have the file, so nobody saw it: another address is needed."""
    gone = _row(key).where(Upload.state == "sharing", Upload.file_id == file_id)
    return _moved(session, gone.values(state="pending", file_id=None, shared_at=None))


def shared(session: Session, key: str) -> bool:
    """Slack shows it."""
    return _moved(session, _row(key).where(Upload.state == "sharing").values(state="shared", error=None))


def refused(session: Session, key: str, error: str) -> bool:
    """Slack will not show it, and says why."""
    return _moved(session, _row(key).where(Upload.state.in_(OPEN)).values(state="refused", error=error))


def _row(key: str) -> Update:
    return update(Upload).where(Upload.key == key)


def _moved(session: Session, change: Update) -> bool:
    quietly = change.execution_options(synchronize_session=False)
    return session.execute(quietly.returning(Upload.key)).scalar() is not None
