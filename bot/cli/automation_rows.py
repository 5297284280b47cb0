"""Each automation as `handoff automations list` shows it: plain values by name."""

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from automations.domain import Mode
from automations.failure_tickets import pauses, shadow
from automations.plan import RunState
from automations.runs.ask import mode
from automations.runs.rows import run_ref
from bot.cli.options import Opened
from bot.cli.run_opened import is_set_up, runs_of
from storage import modes
from storage.models import FailureEventRow, Run, StuckItem

ACCESS: Final = "access"
_ITS_JOBS: Final = "run."
"""How the names of the jobs of runs begin."""


def automation_rows(session: Session, here: Opened) -> Iterator[dict[str, Any]]:
    """All of them, in the order of their names."""
    yield _access(session, here)
    yield _failure_tickets(session, here)


def _access(session: Session, here: Opened) -> dict[str, Any]:
    section, context = here.settings.access, runs_of(here) if is_set_up(here.settings) else None
    last = session.scalars(select(Run).order_by(Run.id.desc()).limit(1)).one_or_none()
    over = [state.value for state in RunState if state.ended]
    at = section.reconcile_at if section is not None else None
    return {
        "name": ACCESS,
        "owner": context.owner if context is not None else here.context.book.default_owner,
        "mode": (mode(session, context) if context is not None else Mode.OFF).value,
        **_set_by(session, ACCESS),
        "last_run": last and {"ref": run_ref(last.id), "state": last.state, "at": last.requested_at.isoformat()},
        "open_runs": session.scalar(select(func.count()).select_from(Run).where(Run.state.not_in(over))),
        "next_reconcile": _next(at, here).isoformat() if at is not None else None,
        "stuck": _stuck(session, theirs=True),
    }


def _next(at: time, here: Opened) -> datetime:
    """The next moment at which the team's clocks say this time."""
    now = here.context.clock.now().astimezone(ZoneInfo(here.settings.team.zone))
    today = datetime.combine(now.date(), at, now.tzinfo)
    return today if today > now else datetime.combine(now.date() + timedelta(days=1), at, now.tzinfo)


def _failure_tickets(session: Session, here: Opened) -> dict[str, Any]:
    last: datetime | None = session.scalar(select(func.max(FailureEventRow.received_at)))
    return {
        "name": shadow.NAME,
        "owner": here.context.book.default_owner,
        "mode": shadow.unpaused_mode(session, here.context).value,
        **_set_by(session, shadow.NAME),
        "last_event": last.isoformat() if last else None,
        "stuck": _stuck(session, theirs=False),
        "pauses": [
            {
                "kind": line.kind,
                "target": line.target,
                "until": line.until.isoformat(),
                "because": line.because,
                "by": line.by.email,
            }
            for line in pauses.open_pauses(session, here.context)
        ],
    }


def _set_by(session: Session, name: str) -> dict[str, Any]:
    row = modes.row_of(session, name)
    return {
        "mode_from": "command" if row else "settings",
        "set_by": row.set_by if row else None,
        "set_at": row.set_at.isoformat() if row else None,
    }


def _stuck(session: Session, *, theirs: bool) -> int:
    """How much work is stuck that is of runs, or is not."""
    of_runs = StuckItem.job.startswith(_ITS_JOBS)
    where = StuckItem.state == "open", of_runs if theirs else ~of_runs
    return session.scalar(select(func.count()).select_from(StuckItem).where(*where)) or 0
