"""Working hours: the times in which the team may be called for what is not urgent. Pure.

Times are wall-clock in one zone, half-open [start, end); a holiday is a day without any.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, time
from zoneinfo import ZoneInfo


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
        works = local.weekday() in self.days and local.date() not in self.holidays
        return works and self.start <= local.time() < self.end
