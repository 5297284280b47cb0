"""What a report is asked for: a period, filters, and what ends a ticket. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final, Literal, Self, get_args
from zoneinfo import ZoneInfo

OpenUntil = Literal["solved", "closed"]
"""What takes a ticket out of the backlog: that it is solved (or closed), or only that it is closed."""

OPEN_STATUSES: Final[Mapping[OpenUntil, frozenset[str]]] = {
    "solved": frozenset({"open", "pending", "on_hold"}),
    "closed": frozenset({"open", "pending", "on_hold", "solved"}),
}

FilterKey = Literal["group", "priority", "tier", "tag", "customer", "assignee"]
FILTER_KEYS: Final[tuple[FilterKey, ...]] = get_args(FilterKey)


@dataclass(frozen=True, slots=True)
class Period:
    """The time a report is about: [from_at, to_at), aware UTC, whole days in `zone` (an IANA name).

    `word` is what kind of period it is (`week`, `month`, `days`), which says what the period before it is.
    """

    from_at: datetime
    to_at: datetime
    zone: str
    word: Literal["week", "month", "days"] = "days"

    def __post_init__(self) -> None:
        if not self.from_at < self.to_at:
            raise ValueError("a period must end after it begins")

    @property
    def days(self) -> tuple[date, date]:
        """The first and the last day, in its zone."""
        zone, last = ZoneInfo(self.zone), self.to_at - timedelta(microseconds=1)
        return self.from_at.astimezone(zone).date(), last.astimezone(zone).date()


@dataclass(frozen=True, slots=True)
class Filters:
    """Which tickets count: for each key those with one of its values, compared without regard to case; none for all.

    Keys and values are in order, values in lower case. Group, priority and assignee are those at the end of the period;
    tier, tag and customer (id or name) are those known when the report was made.
    """

    chosen: tuple[tuple[FilterKey, tuple[str, ...]], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.chosen)


@dataclass(frozen=True, slots=True)
class Request:
    """All that decides what is counted. Two reports compare only where everything but the period is equal."""

    period: Period
    filters: Filters = Filters()
    open_until: OpenUntil = "solved"

    def stored(self) -> dict[str, Any]:
        """The request as JSON, for the report's row."""
        return {
            "from": self.period.from_at.isoformat(),
            "to": self.period.to_at.isoformat(),
            "zone": self.period.zone,
            "word": self.period.word,
            "filters": [[key, list(values)] for key, values in self.filters.chosen],
            "open_until": self.open_until,
        }

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> Self:
        """Read back what `stored` wrote."""
        begin, end = (datetime.fromisoformat(stored[name]) for name in ("from", "to"))
        period = Period(begin, end, stored["zone"], stored["word"])
        filters = Filters(tuple((key, tuple(values)) for key, values in stored["filters"]))
        return cls(period, filters, stored["open_until"])
