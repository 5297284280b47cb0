"""Time as a clock counts it: in the team's working hours, or all of it. Pure."""

from datetime import UTC, datetime, timedelta
from typing import Final

from automations.calendar import YEAR, WorkedTime, WorkingHours
from automations.sla.policy import Counted

CENTURY: Final = timedelta(days=36_525)
"""What comes due later than this never does."""


class WorkedHours:
    """Counts time for many clocks. `hours` None: the team always works.

    The hours of about a year around what is asked for are laid out, and more once somebody asks beyond them.
    """

    def __init__(self, hours: WorkingHours | None) -> None:
        self._hours = hours
        self._first = self._last = datetime.min.replace(tzinfo=UTC)
        self._laid: WorkedTime | None = None

    def between(self, start: datetime, end: datetime, counted: Counted) -> timedelta:
        """How much of [start, end) counts; nothing if it ends before it starts."""
        if end <= start:
            return timedelta()
        if self._hours is None or counted == "calendar":
            return end - start
        return timedelta(seconds=self._around(self._hours, start, end).between(start, end))

    def after(self, start: datetime, length: timedelta, counted: Counted) -> datetime | None:
        """The first moment by which so much has passed since `start`, in UTC; None if that takes over a century."""
        if self._hours is None or counted == "calendar":
            return start.astimezone(UTC) + length if length <= CENTURY else None
        end = start
        while end - start < CENTURY:
            found = self._around(self._hours, start, end).after(start, length.total_seconds())
            if found is not None:
                return found if found - start <= CENTURY else None
            end = min(self._last + (self._last - start) + YEAR, start + CENTURY)
        return None

    def _around(self, hours: WorkingHours, start: datetime, end: datetime) -> WorkedTime:
        """Working time laid out at least from `start` to `end`."""
        if self._laid is None:
            self._first, self._last = start - YEAR / 4, end + YEAR
        elif self._first <= start and end <= self._last:
            return self._laid
        else:
            self._first = self._first if self._first <= start else start - YEAR
            self._last = self._last if end <= self._last else end + YEAR
        self._laid = WorkedTime(hours, self._first, self._last)
        return self._laid
