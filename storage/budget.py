"""How often an outside system may be called: a count of calls in the present window, one row per system.

Windows begin at fixed moments, so all replicas count in the same one. A unit is taken by one conditional write that
either fits or changes nothing; no reading decides. A window of 10 s holds a sixth of a minute's calls, rounded up, and
where that gives more than the minute allows, the window is as much longer. Two windows that touch may be used up one
right after the other: so much can come at once, and never more.
"""

import math
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import case, or_
from sqlalchemy.orm import Session

from storage.engine import Database
from storage.models import RateBudgetRow
from storage.upsert import insert_into

LEAST: Final = 20
"""Calls in a window, if the minute allows as many: more than the jobs that are at one system at once, so that of a
job's few calls in a row not all are refused for ever."""

TOO_FAR: Final = timedelta(minutes=5)
"""A window that begins this long after our time was written by a clock that was wrong; it does not bind us."""


class RateBudgets:
    """Implements the port `RateBudget`, in transactions of its own: a unit is spent before the call that it is for."""

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self._database = database
        self._now = now

    def take(self, name: str, per_minute: int) -> float:
        """Take one unit of what `name` allows. 0.0 if there was one, else the seconds until a look is worth while."""
        with self._database.begin() as session:
            return take(session, name, per_minute, self._now())


def take(session: Session, name: str, per_minute: int, at: datetime) -> float:
    """As `RateBudgets.take`, in the caller's transaction."""
    room, length_s = window(per_minute)
    start = math.floor(at.timestamp() / length_s) * length_s  # equal to the last digit for all who are in this window
    began = datetime.fromtimestamp(start, UTC)
    row = insert_into(session, RateBudgetRow).values(name=name, began=began, used=1)
    held = RateBudgetRow
    stale = or_(held.began < began, held.began > began + TOO_FAR)
    taken = row.on_conflict_do_update(
        index_elements=["name"],
        set_={
            "began": case((stale, row.excluded.began), else_=held.began),
            "used": case((stale, 1), else_=held.used + 1),
        },
        where=or_(stale, held.used < room),
    ).returning(held.used)
    return 0.0 if session.scalar(taken) is not None else max(start + length_s - at.timestamp(), 0.001)


def window(per_minute: int) -> tuple[int, float]:
    """How many calls a window holds, and how many seconds it lasts.

    Raises: ValueError for less than one call a minute.
    """
    if per_minute < 1:
        raise ValueError("a budget allows at least one call a minute")
    room = max(-(-per_minute // 6), min(per_minute, LEAST))
    return room, 60.0 * room / per_minute
