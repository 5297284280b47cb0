"""Periods as people name them: whole days, weeks and months on the wall clock of a zone. Pure.

A day begins at its first moment: where a change of the clock skips midnight, when the clock jumps. Weeks begin on
Mondays (ISO 8601).
"""

import re
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from automations.people import MONTHS, WEEKDAYS, moment_in_words
from automations.weekly_report.request import Period

MOST_DAYS: Final = 1_100
"""Days that a period may last: three years, by which memory and the picture stay bounded."""
BY_DAY: Final = 31
"""Days up to which a period is told day by day; a longer one week by week."""

EXAMPLES: Final = (
    "last-week, this-week, last-month, this-month, yesterday, 2026-W45, 2026-10, 2026-11-02, 2026-11-02..2026-11-08"
)
_WEEK: Final = re.compile(r"([0-9]{4})-?w([0-9]{1,2})", re.ASCII)
_MONTH: Final = re.compile(r"([0-9]{4})-([0-9]{2})", re.ASCII)
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


class _UnfitError(ValueError):
    """Days that can be read and make no period; the message goes on from their name."""


class Slice(NamedTuple):
    """A day of a period, or a week of a long one: the date it begins on, and [from_at, to_at)."""

    date: date
    from_at: datetime
    to_at: datetime


def last_week(now: datetime, zone: str) -> Period:
    """The last whole week before `now`."""
    return _week(_monday(_today(now, zone)) - timedelta(days=7), zone)


def parse_period(text: str, now: datetime, zone: str) -> Period:
    """Read `last-week`, `2026-W45`, `2026-11-02..2026-11-08` (both days included) and the like; see EXAMPLES.

    Raises: ValueError in words, with what is known, for a text that is no period, one that has not begun, ends before
    it begins or is too long.
    """
    typed = text.strip()[:60]
    said = re.sub(r"[\s_]+", "-", text.strip().lower())
    try:
        found = _named(said, _today(now, zone), zone) or _dated(said, zone)
    except _UnfitError as exc:
        raise ValueError(f"“{typed}” {exc}") from exc
    except (ValueError, OverflowError):
        found = None
    if found is None:
        raise ValueError(f"I cannot read “{typed}” as a period. Periods look like: {EXAMPLES}.")
    if found.from_at > now:
        raise ValueError(f"“{typed}” has not begun yet. Please choose an earlier period.")
    return found


def before(period: Period) -> Period:
    """The period before: the week or month before, else as many days, up to where `period` begins."""
    first, last = dates(period)
    if period.word == "month":
        return _month(first - timedelta(days=1), period.zone)
    length = last - first + timedelta(days=1)
    return replace(_days(first - length, first - timedelta(days=1), period.zone), word=period.word)


def dates(period: Period) -> tuple[date, date]:
    """The first and the last day of a period."""
    zone = ZoneInfo(period.zone)
    last = period.to_at - timedelta(microseconds=1)
    return period.from_at.astimezone(zone).date(), last.astimezone(zone).date()


def why_unknown(period: Period, since: datetime | None, read_at: datetime | None) -> str | None:
    """Say why a period cannot be set beside the one before it, whatever they come to; None if it can.

    `since` is from when on the desk's past is known, None for all of it; `read_at` when the desk was read last.
    """
    earlier, zone = before(period), ZoneInfo(period.zone)
    if since is not None and since > earlier.from_at:
        known = moment_in_words(since, zone)
        return (
            f"The period before, {period_words(earlier)}, is not known whole: the desk's past is known since {known}."
        )
    if read_at is not None and read_at < period.to_at:
        return f"The period has not ended: it is known up to {moment_in_words(read_at, zone)}."
    return None


def days_of(period: Period) -> tuple[Slice, ...]:
    """The days of a period, or the weeks (cut off where it begins and ends) of one that is longer than BY_DAY."""
    first, last = dates(period)
    starts = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    if len(starts) > BY_DAY:
        starts = [one for one in starts if one == first or one.weekday() == 0]
    borders = [_midnight(one, period.zone) for one in starts[1:]]
    return tuple(map(Slice, starts, [period.from_at, *borders], [*borders, period.to_at]))


def period_words(period: Period) -> str:
    """Name a period for people: `week 45, 2–8 Nov 2026`, `Oct 2026`, `Mon 2 Nov 2026`, `30 Oct – 2 Nov 2026`."""
    first, last = dates(period)
    if period.word == "month":
        return f"{MONTHS[first.month - 1]} {first.year}"
    if first == last:
        return f"{WEEKDAYS[first.weekday()]} {_day_words(first)} {first.year}"
    if (first.year, first.month) == (last.year, last.month):
        begin, sign = str(first.day), "–"
    else:
        begin, sign = _day_words(first) + (f" {first.year}" if first.year != last.year else ""), " – "
    said = f"{begin}{sign}{_day_words(last)} {last.year}"
    return f"week {first.isocalendar().week}, {said}" if period.word == "week" else said


def _named(said: str, today: date, zone: str) -> Period | None:
    match said:
        case "last-week":
            return _week(_monday(today) - timedelta(days=7), zone)
        case "this-week":
            return _week(_monday(today), zone)
        case "last-month":
            return _month(today.replace(day=1) - timedelta(days=1), zone)
        case "this-month":
            return _month(today, zone)
        case "yesterday":
            return _days(today - timedelta(days=1), today - timedelta(days=1), zone)
        case "today":
            return _days(today, today, zone)
    return None


def _dated(said: str, zone: str) -> Period | None:
    """Read what is written in figures.

    Raises: ValueError or OverflowError for days and weeks that there are not; _UnfitError for days that make no period.
    """
    if match := _WEEK.fullmatch(said):
        return _week(date.fromisocalendar(int(match[1]), int(match[2]), 1), zone)
    if match := _MONTH.fullmatch(said):
        return _month(date(int(match[1]), int(match[2]), 1), zone)
    begin, dots, end = said.partition("..")
    begin, end = begin.strip("-"), end.strip("-") if dots else begin
    if not (_DAY.fullmatch(begin) and _DAY.fullmatch(end)):
        return None
    first, last = date.fromisoformat(begin), date.fromisoformat(end)
    if last < first:
        raise _UnfitError("ends before it begins. Please name the first day first.")
    if (last - first).days >= MOST_DAYS:
        raise _UnfitError(f"is too long: a period has at most {MOST_DAYS:,} days. Please count it in parts.")
    return _days(first, last, zone)


def _today(now: datetime, zone: str) -> date:
    return now.astimezone(ZoneInfo(zone)).date()


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _week(monday: date, zone: str) -> Period:
    return Period(_midnight(monday, zone), _midnight(monday + timedelta(days=7), zone), zone, "week")


def _month(day: date, zone: str) -> Period:
    first = day.replace(day=1)
    following = (first + timedelta(days=31)).replace(day=1)
    return Period(_midnight(first, zone), _midnight(following, zone), zone, "month")


def _days(first: date, last: date, zone: str) -> Period:
    return Period(_midnight(first, zone), _midnight(last + timedelta(days=1), zone), zone)


def _midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)


def _day_words(day: date) -> str:
    return f"{day.day} {MONTHS[day.month - 1]}"
