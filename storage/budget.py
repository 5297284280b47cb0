"""How often an outside system may be called: a count of calls in the present window, one row per system.

Windows begin at fixed moments, so all replicas count in the same one. A unit is taken by one conditional write that
either fits or changes nothing; no reading decides. A window of 10 s holds a sixth of a minute's calls, rounded up, and
where that gives more than the minute allows, the window is as much longer. Two windows that touch may be used up one
right after the other: so much can come at once, and never more.

A pause is what the system itself asked for (Retry-After, a rate header that says nothing is left). It holds for all
replicas, whoever was told of it.
"""

import math
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, and_, case, func, not_, or_, select
from sqlalchemy.orm import Session

from storage.engine import Database
from storage.models import RateBudgetRow
from storage.upsert import insert_into

LEAST: Final = 20
"""Calls in a window, if the minute allows as many: more than the jobs that are at one system at once, so that of a
job's few calls in a row not all are refused for ever."""

LONGEST_PAUSE: Final = timedelta(hours=1)
"""However long a system asks us to wait, somebody looks again after this."""

TOO_FAR: Final = timedelta(minutes=5)
"""A window that begins this long after our time was written by a clock that was wrong; it does not bind us."""


def shared_now(database: Database, now: Callable[[], datetime]) -> Callable[[], datetime]:
    """The clock that all replicas count by: the PostgreSQL server's; `now` on SQLite, where there is one process.

    Their own may be minutes apart: then one would begin the window anew that another has used up, and call before a
    pause is over that another was told of.
    """
    if database.dialect == "sqlite":
        return now

    def asked() -> datetime:
        with database.engine.connect() as connection:
            moment: datetime = connection.execute(select(func.clock_timestamp())).scalar_one()
            return moment.astimezone(UTC)

    return asked


class RateBudgets:
    """Implements the port `RateBudget`, in transactions of its own: a unit is spent before the call that it is for."""

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self._database = database
        self._now = now

    def take(self, name: str, per_minute: int | None) -> float:
        """Take one unit of what `name` allows. 0.0 if there was one, else the seconds until a look is worth while.

        Without a limit (None) only a pause holds anybody back. Whoever asks is about to call, so work that was given to
        somebody else ends here.
        """
        if per_minute is None:
            self._database.still_ours()
            with self._database.read() as session:
                return _paused_s(session, name, self._now())
        with self._database.begin() as session:
            return take(session, name, per_minute, self._now())

    def pause(self, name: str, seconds: float) -> None:
        """Give nobody a unit of `name` for so long, an hour at most. A longer pause is never shortened."""
        now = self._now()
        until = now + min(timedelta(seconds=seconds), LONGEST_PAUSE)
        with self._database.begin() as session:
            row = insert_into(session, RateBudgetRow).values(name=name, began=now, used=0, paused_until=until)
            held = RateBudgetRow.paused_until
            shorter = or_(held.is_(None), held < until, held > now + LONGEST_PAUSE)
            longer = row.on_conflict_do_update(index_elements=["name"], set_={"paused_until": until}, where=shorter)
            session.execute(longer)


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
        where=and_(or_(stale, held.used < room), not_(_pausing(at))),
    ).returning(held.used)
    if session.scalar(taken) is not None:
        return 0.0
    return _paused_s(session, name, at) or max(start + length_s - at.timestamp(), 0.001)


def _pausing(at: datetime) -> ColumnElement[bool]:
    """Whether a row's pause holds. One that lasts too long was written by a clock that was wrong."""
    until = func.coalesce(RateBudgetRow.paused_until, at)
    return and_(until > at, until <= at + LONGEST_PAUSE)


def _paused_s(session: Session, name: str, at: datetime) -> float:
    found = select(RateBudgetRow.paused_until).where(RateBudgetRow.name == name, _pausing(at))
    until = session.scalar(found)
    return 0.0 if until is None else (until - at).total_seconds()


def window(per_minute: int) -> tuple[int, float]:
    """How many calls a window holds, and how many seconds it lasts.

    Raises: ValueError for less than one call a minute.
    """
    if per_minute < 1:
        raise ValueError("a budget allows at least one call a minute")
    room = max(-(-per_minute // 6), min(per_minute, LEAST))
    return room, 60.0 * room / per_minute
