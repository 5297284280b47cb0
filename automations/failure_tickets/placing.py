"""Where a case is shown: in a message of its own, or in the one its group has in place of many.

A case that opened within a burst never has a message of its own; one that was there before keeps it when it is taken
in. Everything happens in the caller's transaction.

Showing locks the message's row. A group's is shared by its cases, so only who holds the audit head may show it, one
after the other; a case's own message may also be shown by who holds nothing but that case.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from automations.failure_tickets.context import Context
from automations.posting import put_and_deliver
from storage.models import Case, Notification

CARD: Final = "case.card"
GROUP_CARD: Final = "group.card"


@dataclass(frozen=True, slots=True)
class Place:
    """The living message that shows a case: its notification's key and kind. `group_id` is None for one of its own."""

    key: str
    kind: str
    channel: str
    data: Mapping[str, Any]
    group_id: int | None = None


def card_key(case_id: int) -> str:
    """Name the notification that is the case's one living message."""
    return f"case/{case_id}"


def group_key(group_id: int) -> str:
    """Name the notification that is a group's one living message."""
    return f"group/{group_id}"


def group_ref(group_id: int) -> str:
    """The name people use for a group of cases: `GROUP-3`."""
    return f"GROUP-{group_id}"


def place(session: Session, case: Case) -> Place:
    """Say which message shows a case now."""
    return placed(session, case.id, case.group_id, case.channel)


def placed(session: Session, case_id: int, group_id: int | None, channel: str) -> Place:
    """Say the same of a case of which only these columns are at hand."""
    if group_id is None or _has_message(session, case_id):
        return Place(card_key(case_id), CARD, channel, {"case_id": case_id})
    return group_place(group_id, channel)


def group_place(group_id: int, channel: str) -> Place:
    """The message of a group."""
    return Place(group_key(group_id), GROUP_CARD, channel, {"group_id": group_id}, group_id)


def show(session: Session, where: Place, ctx: Context, at: datetime) -> None:
    """Let the living message follow: its newest state is delivered once, however often this is asked for."""
    put_and_deliver(session, ctx, key=where.key, kind=where.kind, channel=where.channel, data=dict(where.data), at=at)


def has_left(session: Session, key: str) -> bool:
    """Say whether a message may be in Slack by now, so that whom it does not mention yet it will not mention."""
    row = session.get_one(Notification, key, populate_existing=True)
    return row.ts is not None or row.attempt_at is not None


def _has_message(session: Session, case_id: int) -> bool:
    return session.scalar(select(Notification.key).where(Notification.key == card_key(case_id))) is not None
