"""Blocks as an offboarding leaves them, for tests of those who obey them."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from storage.models import AccessBlock, Run


def a_run(session: Session, at: datetime, **changes: Any) -> Run:
    """A run in the middle of its work."""
    row: dict[str, Any] = {
        "open_key": None, "kind": "offboard", "subject": "", "title": "Offboard somebody", "state": "running",
        "asked": {}, "plan": {}, "digest": "d", "needed": 1, "requested_by": "lea@team.example", "requested_at": at,
        "owner": "lea@team.example", "correlation_id": f"run/{at.isoformat()}", "channel": "C_ACCESS", "private": False,
        "shown_to": [], "version": 1, "words": "", "review": "none",
    }  # fmt: skip
    run = Run(**{**row, **changes})
    session.add(run)
    session.flush()
    return run


def set_block(session: Session, email: str, at: datetime) -> None:
    """Block this address, in a run's name."""
    run = a_run(session, at)
    session.add(AccessBlock(email=email.lower(), run_id=run.id, since=at, set_by="handoff"))
    session.flush()
