"""The rows of tickets' clocks: made from clocks, and written where they differ."""

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import case, delete, select
from sqlalchemy.orm import Session

from automations.calendar import WorkingHours
from automations.sla.clocks import ClockNow
from automations.sla.policy import SlaPolicy
from storage.models import SlaClock
from storage.upsert import insert_into

SECOND: Final = timedelta(seconds=1)
_KEY: Final = ("system", "ticket_id", "kind")

Key = tuple[str, str]
"""A ticket's id and the kind of a clock."""
AsOf = tuple[datetime, str]
"""The `changed_at` of the ticket that a clock is as of, and the version of the policy."""
Row = dict[str, Any]


def version_of(policy: SlaPolicy, hours: WorkingHours | None) -> str:
    """Twelve hex digits that change with whatever moves clocks of tickets to which nothing happens."""
    worked: list[Any] = []
    if hours is not None:
        times = [hours.start.isoformat(), hours.end.isoformat(), hours.zone]
        worked = [sorted(hours.days), times, sorted(day.isoformat() for day in hours.holidays)]
    return hashlib.sha256(json.dumps([policy.version, worked]).encode()).hexdigest()[:12]


def row_of(clock: ClockNow, *, system: str, ticket_id: str, version: str, seen_at: datetime) -> Row:
    """A clock as of `seen_at`, without what was told of it."""
    return {
        "system": system,
        "ticket_id": ticket_id,
        "kind": clock.kind.value,
        "turn": clock.turn,
        "target": clock.target,
        "policy_version": version,
        "target_s": clock.length // SECOND,
        "warn_s": clock.warn_after // SECOND,
        "hours": clock.counted,
        "state": clock.state,
        "started_at": clock.started_at,
        "spent_s": clock.spent // SECOND,
        "warn_at": clock.warn_at,
        "due_at": clock.due_at,
        "ended_at": clock.ended_at,
        "late_s": clock.late // SECOND,
        "seen_at": seen_at,
    }


def as_of(session: Session, system: str, tickets: Collection[str]) -> dict[Key, AsOf]:
    """Which clocks are kept of these tickets, and as of what."""
    columns = SlaClock.ticket_id, SlaClock.kind, SlaClock.seen_at, SlaClock.policy_version
    rows = session.execute(select(*columns).where(SlaClock.system == system, SlaClock.ticket_id.in_(tickets)))
    return {(row.ticket_id, row.kind): (row.seen_at, row.policy_version) for row in rows}


def write(session: Session, wanted: Mapping[Key, Row], there: Iterable[Key], system: str) -> None:
    """Put what is wanted in the place of what is there; what was told of a clock stays while its turn does."""
    if wanted:
        insert = insert_into(session, SlaClock)
        changed: Row = {name: insert.excluded[name] for name in next(iter(wanted.values())) if name not in _KEY}
        changed["told"] = case((SlaClock.turn == insert.excluded.turn, SlaClock.told), else_="")
        upsert = insert.on_conflict_do_update(index_elements=_KEY, set_=changed)
        rows = [{**row, "told": ""} for row in wanted.values()]
        session.connection().execute(upsert, rows)  # a session would go row by row
    _remove(session, system, (key for key in there if key not in wanted))


def _remove(session: Session, system: str, gone: Iterable[Key]) -> None:
    by_kind: dict[str, list[str]] = {}
    for ticket_id, kind in gone:
        by_kind.setdefault(kind, []).append(ticket_id)
    for kind, tickets in by_kind.items():
        mine = SlaClock.system == system, SlaClock.kind == kind, SlaClock.ticket_id.in_(tickets)
        session.execute(delete(SlaClock).where(*mine), execution_options={"synchronize_session": False})
