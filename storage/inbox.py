"""The inbox: every payload from Slack is one committed row before it is acknowledged."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from storage.models import InboxRow
from storage.upsert import insert_into


def put(session: Session, *, key: str, kind: str, actor: str, body: Mapping[str, Any], at: datetime) -> bool:
    """Keep a payload. False if its `key` is there already: then the caller must have no effect.

    Two deliveries at once: the second waits for the first's transaction, and is new again if that one rolls back.
    """
    row = insert_into(session, InboxRow).values(
        key=key, kind=kind, actor=actor, received_at=at, body=dict(body), outcome=""
    )
    return session.scalar(row.on_conflict_do_nothing(index_elements=["key"]).returning(InboxRow.id)) is not None


def settle(session: Session, key: str, outcome: str) -> None:
    """Write down in words what became of a payload.

    Raises: LookupError if there is no such row.
    """
    row = update(InboxRow).where(InboxRow.key == key).values(outcome=outcome).returning(InboxRow.id)
    if session.scalar(row) is None:
        raise LookupError(f"the inbox has no {key!r}")
