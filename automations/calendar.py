"""Working hours: the times in which the team may be called for what is not urgent. Pure.

Times are wall-clock in one zone, half-open [start, end); a holiday is a day without any.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

YEAR = timedelta(days=400)


@dataclass(frozen=True, slots=True)
class WorkingHours:
    """`days` are weekdays (0 is Monday), `zone` an IANA name.

    Raises: ValueError if there is no day, or the end is not later than the start.
    """

    days: frozenset[int]
    start: time
    end: time
    zone: str
    holidays: frozenset[date] = field(default_factory=frozenset)

    def __post_init__(self) -> None:
        if not self.days or not self.days <= set(range(7)):
            raise ValueError("working hours need at least one weekday")
        if self.end <= self.start:
            raise ValueError("working hours must end after they start")

    def covers(self, at: datetime) -> bool:
        """Say whether the team works at `at`."""
        local = at.astimezone(ZoneInfo(self.zone))
        return self._works_on(local.date()) and self.start <= local.time() < self.end

    def next_start(self, at: datetime) -> datetime:
        """Find the first moment from `at` on, in UTC, at which the team works: `at` itself if it does then.

        Raises: ValueError if hours that a clock change skips are the only ones there are.
        """
        if self.covers(at):
            return at.astimezone(UTC)
        day = at.astimezone(ZoneInfo(self.zone)).date()
        last = max([day, *self.holidays]) + YEAR
        while day <= last:
            if self._works_on(day):
                found = [moment for moment in self._beginnings(day) if moment >= at and self.covers(moment)]
                if found:
                    return min(found)
            day += timedelta(days=1)
        raise ValueError("these working hours never come")

    def _works_on(self, day: date) -> bool:
        return day.weekday() in self.days and day not in self.holidays

    def _beginnings(self, day: date) -> Iterator[datetime]:
        """The moments of a day at which work may begin: the wall clock shows `start`, or jumps past it or back."""
        zone = ZoneInfo(self.zone)
        for fold in (0, 1):
            yield datetime.combine(day, self.start, zone).replace(fold=fold).astimezone(UTC)
        begin, end = (datetime.combine(one, time(), zone).astimezone(UTC) for one in (day, day + timedelta(days=1)))
        if begin.astimezone(zone).utcoffset() != end.astimezone(zone).utcoffset():
            yield _jump(begin, end, zone)


def _jump(begin: datetime, end: datetime, zone: ZoneInfo) -> datetime:
    """Find the second between two moments at which the zone's offset becomes that of the later one."""
    while end - begin > timedelta(seconds=1):
        middle = begin + timedelta(seconds=(end - begin) // timedelta(seconds=2))
        if middle.astimezone(zone).utcoffset() == end.astimezone(zone).utcoffset():
            end = middle
        else:
            begin = middle
    return end
