"""Handing a message on to Slack: a notification's row, and a job for its delivery when none is pending."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy.orm import Session

from automations.surroundings import Surroundings
from storage import notifications

DELIVER: Final = "slack.deliver"


def put_and_deliver(
    session: Session,
    ctx: Surroundings,
    *,
    key: str,
    kind: str,
    channel: str,
    data: Mapping[str, Any],
    at: datetime,
    parent_key: str | None = None,
) -> None:
    """Store a notification and enqueue its delivery when none is pending. The job's name carries the row's version.

    `channel` may be a Slack user id, for a direct message.
    """
    if notifications.put(session, key=key, kind=kind, channel=channel, data=data, at=at, parent_key=parent_key):
        ctx.jobs.enqueue(session, DELIVER, f"deliver/{key}/{notifications.version(session, key)}", {"key": key})
