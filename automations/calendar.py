"""Working hours: the times in which the team may be called for what is not urgent, and how long they are. Pure.

Times are wall-clock in one zone, half-open [start, end); a holiday is a day without any.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

YEAR = timedelta(days=400)
DAY = timedelta(days=1)
TICK = timedelta(microseconds=1)


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
        return self.works_on(local.date()) and self.start <= local.time() < self.end

    def next_start(self, at: datetime) -> datetime:
        """Find the first moment from `at` on, in UTC, at which the team works: `at` itself if it does then.

        Raises: ValueError if hours that a clock change skips are the only ones there are.
        """
        if self.covers(at):
            return at.astimezone(UTC)
        day = at.astimezone(ZoneInfo(self.zone)).date()
        last = max([day, *self.holidays]) + YEAR
        while day <= last:
            if self.works_on(day):
                found = [moment for moment in self._beginnings(day) if moment >= at and self.covers(moment)]
                if found:
                    return min(found)
            day += DAY
        raise ValueError("these working hours never come")

    def works_on(self, day: date) -> bool:
        """Say whether a day of the zone is a working day: one of `days` that is no holiday."""
        return day.weekday() in self.days and day not in self.holidays

    def _beginnings(self, day: date) -> Iterator[datetime]:
        """The moments of a day at which work may begin: the wall clock shows `start`, or jumps past it or back."""
        zone = ZoneInfo(self.zone)
        for fold in (0, 1):
            yield datetime.combine(day, self.start, zone).replace(fold=fold).astimezone(UTC)
        begin, end = (datetime.combine(one, time(), zone).astimezone(UTC) for one in (day, day + DAY))
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


class WorkedTime:
    """How long the team works between two moments, of all that lie within [first, last].

    Made once for many questions: the working hours of that time are laid out as intervals, an answer is two look-ups.
    An hour that the clocks repeat within working hours counts twice, one that they skip not at all. Inside it counts
    whole microseconds, so that what adds up to an interval ends where the interval does.
    """

    def __init__(self, hours: WorkingHours, first: datetime, last: datetime) -> None:
        self._origin = first.astimezone(UTC).replace(microsecond=0)
        end_of_all = last.astimezone(UTC).replace(microsecond=0) + timedelta(seconds=1)
        self._length = (end_of_all - self._origin) // TICK
        self._starts: list[int] = []
        self._before: list[int] = []
        self._after: list[int] = []
        worked = 0
        for start, end in _worked(hours, self._origin, end_of_all):
            self._starts.append((start - self._origin) // TICK)
            self._before.append(worked)
            worked += (end - start) // TICK
            self._after.append(worked)

    def between(self, start: datetime, end: datetime) -> float:
        """Seconds of working time in [start, end), 0 if it ends before it starts.

        Raises: ValueError if one of the moments lies outside of what was laid out.
        """
        began, ended = self._passed(start), self._passed(end)
        return max(self._until(ended) - self._until(began), 0) / 1e6 if began < ended else 0.0

    def after(self, start: datetime, seconds: float) -> datetime | None:
        """The first moment, in UTC, by which so many working seconds have passed since `start`: `start` for none.

        What fills a day's hours ends with them, not with the next day's beginning. None if it comes later than what was
        laid out. Raises: ValueError if `start` lies outside of that.
        """
        passed, wanted = self._passed(start), round(seconds * 1e6)
        if wanted <= 0:
            return start.astimezone(UTC)
        wanted += self._until(passed)
        if (place := bisect_left(self._after, wanted)) == len(self._after):
            return None
        return self._origin + timedelta(microseconds=self._starts[place] + wanted - self._before[place])

    def _passed(self, at: datetime) -> int:
        passed = (at - self._origin) // TICK
        if not 0 <= passed <= self._length:
            raise ValueError("a moment lies outside the time that was laid out")
        return passed

    def _until(self, passed: int) -> int:
        """Microseconds of working time in the first `passed` ones."""
        if (place := bisect_right(self._starts, passed) - 1) < 0:
            return 0
        return min(self._before[place] + passed - self._starts[place], self._after[place])


def _worked(hours: WorkingHours, first: datetime, last: datetime) -> Iterator[tuple[datetime, datetime]]:
    """The intervals within [first, last) in which the team works, in UTC and in order, none of them empty.

    Where a zone keeps its offset, the wall clock runs as time does; so each such stretch is gone through by itself.
    """
    for begin, end, offset in _stretches(ZoneInfo(hours.zone), first, last):
        day = (begin + offset).date()
        while day <= (end + offset).date():
            opens, closes = (datetime.combine(day, at, UTC) - offset for at in (hours.start, hours.end))
            opens, closes = max(opens, begin), min(closes, end)
            if opens < closes and hours.works_on(day):
                yield opens, closes
            day += DAY


def _stretches(zone: ZoneInfo, first: datetime, last: datetime) -> Iterator[tuple[datetime, datetime, timedelta]]:
    """[first, last), both whole seconds, cut where the zone's offset changes, with the offset of each part.

    No zone changes twice a day.
    """
    begin = seen = first
    while seen < last:
        following = min(seen + DAY, last)
        offset = _offset(begin, zone)
        if _offset(following, zone) != offset:
            change = _jump(seen, following, zone)
            yield begin, change, offset
            begin = change
        seen = following
    if begin < last:
        yield begin, last, _offset(begin, zone)


def _offset(at: datetime, zone: ZoneInfo) -> timedelta:
    offset = at.astimezone(zone).utcoffset()
    assert offset is not None, "every zone of the database has an offset at every moment"
    return offset
