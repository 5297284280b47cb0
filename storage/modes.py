"""Modes set by command. They win over the settings' file until they are set again."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.models import AutomationMode
from storage.upsert import insert_into


def mode_of(session: Session, name: str) -> str | None:
    """The mode somebody set for this automation, None if nobody did."""
    return session.scalar(select(AutomationMode.mode).where(AutomationMode.name == name))


def row_of(session: Session, name: str) -> AutomationMode | None:
    """Who set which mode, and when."""
    return session.get(AutomationMode, name, populate_existing=True)


def set_mode(session: Session, name: str, mode: str, *, by: str, at: datetime) -> str | None:
    """Set a mode; the one set before, None if there was none. The caller writes the audit entry."""
    before = mode_of(session, name)
    row = insert_into(session, AutomationMode).values(name=name, mode=mode, set_by=by, set_at=at)
    newer = {"mode": row.excluded.mode, "set_by": row.excluded.set_by, "set_at": row.excluded.set_at}
    session.execute(row.on_conflict_do_update(index_elements=["name"], set_=newer))
    return before
