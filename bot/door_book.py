"""Who was turned away at the doors, in the audit log, in few rows however many come.

Outsiders need no right to be refused, so a row for each attempt would let them grow the chain without bound. The first
refusal of a door for a reason is written at once; those that follow within `WINDOW` are counted and written as one row
when it ends, and at a stop. Doors and reasons are words of ours, never the sender's, so they are few: at most two rows
of each pair per window and process. Nothing of a body or a header is ever kept.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import structlog
from sqlalchemy.exc import SQLAlchemyError

from storage import audit
from storage.engine import Database

log = structlog.get_logger(__name__)

WINDOW: Final = timedelta(minutes=15)
OUTSIDE: Final = "outside"
"""The actor of these rows: nobody showed who they are."""


@dataclass(frozen=True, slots=True)
class Refused:
    """One attempt. `door` is the address as we register it, `why` a reason of ours, `peer` who connected to us."""

    door: str
    why: str
    peer: str = ""


@dataclass(slots=True)
class _Count:
    """What is not written yet of one door and reason. `since` is when the window began; `first`, the first's time."""

    since: datetime
    times: int = 0
    first: datetime | None = None
    last: datetime | None = None


class DoorBook:
    """Writes refusals down. Safe between threads; a database that is away loses no count, and no sender its answer."""

    def __init__(self, database: Database, now: Callable[[], datetime], *, window: timedelta = WINDOW) -> None:
        self._database = database
        self._now = now
        self._window = window
        self._lock = threading.Lock()
        self._counts: dict[tuple[str, str], _Count] = {}

    def note(self, refused: Refused) -> None:
        """Take one refusal down: at once if it is the first of its window, else in the count."""
        now, pair = self._now(), (refused.door, refused.why)
        with self._lock:
            count = self._counts.get(pair)
            if count is not None:
                count.times += 1
                count.first, count.last = count.first or now, now
                return
            self._counts[pair] = _Count(since=now)
        if not self._write([(pair, {"why": refused.why, "times": 1, "from": refused.peer}, now)]):
            with self._lock:
                count = self._counts.setdefault(pair, _Count(since=now))
                count.times, count.first, count.last = count.times + 1, now, count.last or now

    def settle(self, *, all_of_them: bool = False) -> None:
        """Write the counts whose window is over; those of all of them at a stop. Called on a schedule."""
        now = self._now()
        with self._lock:
            over = {
                pair: count
                for pair, count in self._counts.items()
                if all_of_them or now - count.since >= self._window or now < count.since
            }
            for pair in over:
                del self._counts[pair]
        counted = {pair: count for pair, count in over.items() if count.times}
        if self._write([(pair, _counted(pair[1], count), now) for pair, count in counted.items()]):
            return
        with self._lock:
            for pair, count in counted.items():
                newer = self._counts.get(pair)
                if newer is not None:
                    count.times, count.last = count.times + newer.times, newer.last or count.last
                self._counts[pair] = count

    def _write(self, rows: list[tuple[tuple[str, str], dict[str, Any], datetime]]) -> bool:
        if not rows:
            return True
        try:
            with self._database.begin() as session:
                for (door, _why), after, at in rows:
                    audit.append(
                        session,
                        at=at,
                        actor=OUTSIDE,
                        action="door.refused",
                        target=door,
                        outcome="refused",
                        correlation_id=f"door/{door}",
                        after=after,
                    )
        except (SQLAlchemyError, audit.ChainMissing) as exc:
            log.warning("door.not_written_down", refusals=len(rows), error=type(exc).__name__)
            return False
        return True


def _counted(why: str, count: _Count) -> dict[str, Any]:
    told = {"why": why, "times": count.times}
    if count.first is not None and count.last is not None:
        told |= {"first": count.first.isoformat(), "last": count.last.isoformat()}
    return told
