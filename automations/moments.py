"""Times as people type them: `14:00`, `tomorrow 09:00`, `Fri 09:00`, `30 Nov`, `2026-11-30 14:00`, `2h`, `3d`. Pure.

A time is the next one that fits, in the team's zone; a day alone means when it begins. A wall-clock time that a change
of the clock skips means the moment just after; one that occurs twice means the first that is still to come, or the one
whose zone is named (`25 Oct 02:30 CET`). Days and weeks are counted on the wall clock, hours and minutes as they pass.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from automations.errors import Refused
from automations.people import MONTHS, WEEKDAYS

MOST_YEARS = 10
"""How far ahead a time may lie, in years."""
MOST_WORDS = 100
"""Characters that a time may be written with."""

EXAMPLES = "14:00, tomorrow 09:00, Fri 09:00, 30 Nov, 2026-11-30 14:00, 2h, 3d"


class UnclearTime(Refused):
    """A text that is no time to come. Says in words which were meant, with examples."""


@dataclass(frozen=True, slots=True)
class _Clock:
    """What a text says of the clock. `zone` is the abbreviation it names, such as CET."""

    at: time
    zone: str = ""


_LEAD = re.compile(r"^(?:(?:until|till|til|by|at|on|in|for|the|this|next)\s+)+")
_SHIFT = re.compile(r"(?:end of )?(?:(?:my|the) )?shift|end of (?:my |the )?duty|(?:next )?hand-?over")
_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[t ][0-9]{2}:[0-9]{2}.*")
_LENGTH = re.compile(r"([0-9]{1,6}) ?(weeks?|w|days?|d|hours?|hrs?|h|minutes?|mins?|m|seconds?|secs?|s)(?![a-z])")
_CLOCK = re.compile(r"(?:(?:at )?([0-9]{1,2})(?:[:.]([0-9]{2})(?::([0-9]{2}))? ?(am|pm)?| ?(am|pm)))(?: ([a-z]{3,5}))?")
_NAMED = {"noon": time(12), "midday": time(12), "midnight": time()}
_ISO_DAY = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})")
_DOTTED_DAY = re.compile(r"([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4})?")
_DAY_MONTH = re.compile(r"([0-9]{1,2})(?:st|nd|rd|th)?\.? (?:of )?([a-z]{3,9})\.?,?(?: ([0-9]{4}))?")
_MONTH_DAY = re.compile(r"([a-z]{3,9})\.? ([0-9]{1,2})(?:st|nd|rd|th)?,?(?: ([0-9]{4}))?")
_FULL_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_FULL_MONTHS = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip


def read_moment(
    text: str, *, now: datetime, zone: str, end_of_shift: datetime | None = None, day_begins: time = time()
) -> datetime:
    """Read a time to come, in UTC, strictly after `now`.

    Args: `zone` is the team's IANA name; `end_of_shift` is what `end of shift` means, None where there is none;
    `day_begins` is the clock of a day that is named without one.
    Raises: UnclearTime with the text and examples, if it is no time, is past, or lies more than ten years ahead.
    """
    now = now.astimezone(UTC)
    plain = " ".join(text.casefold().replace("\u2013", "-").replace("\u2014", "-").replace(",", " ").split())
    try:
        said = _LEAD.sub("", plain, count=1) if len(plain) <= MOST_WORDS else ""
        found = _read(said, now, ZoneInfo(zone), end_of_shift, day_begins)
    except (ValueError, OverflowError):
        found = None
    if found is None:
        raise UnclearTime(f"I cannot read “{_short(text)}” as a time. {_known(end_of_shift)}")
    if found <= now:
        raise UnclearTime(f"“{_short(text)}” is past already. A time to come is needed. {_known(end_of_shift)}")
    if found > now + timedelta(days=366 * MOST_YEARS):
        raise UnclearTime(f"“{_short(text)}” is more than {MOST_YEARS} years ahead. {_known(end_of_shift)}")
    return found


def _read(text: str, now: datetime, zone: ZoneInfo, end_of_shift: datetime | None, day_begins: time) -> datetime | None:
    """Read plain text; None if it is no time. Raises ValueError or OverflowError for days and clocks there are not."""
    if not text or _SHIFT.fullmatch(text):
        return end_of_shift if text else None
    if _ISO.fullmatch(text):
        stated = datetime.fromisoformat(text.upper())
        return stated.astimezone(UTC) if stated.tzinfo else _still_to_come(stated, "", now, zone)
    if text and not _LENGTH.sub("", text).replace("and", "").strip():
        return _later(_LENGTH.findall(text), now, zone)
    return _day_and_clock(text, now, zone, day_begins)


def _later(parts: list[tuple[str, str]], now: datetime, zone: ZoneInfo) -> datetime:
    counted: dict[str, int] = {}
    for number, unit in parts:
        counted[unit[0]] = counted.get(unit[0], 0) + int(number)
    days = timedelta(weeks=counted.get("w", 0), days=counted.get("d", 0))
    passing = timedelta(hours=counted.get("h", 0), minutes=counted.get("m", 0), seconds=counted.get("s", 0))
    start = (now.astimezone(zone) + days).astimezone(UTC) if days else now
    return (start + passing).astimezone(UTC).replace(microsecond=0)


def _day_and_clock(text: str, now: datetime, zone: ZoneInfo, day_begins: time) -> datetime | None:
    """Read a day, a clock or both, the clock last or first. Of the days that fit, the first to come counts."""
    local = now.astimezone(zone).date()
    for day, clock in _split(text):
        said = _clock(clock) if clock else _Clock(day_begins)
        if said is None:
            continue
        days = _days(day, local) if day else (local + timedelta(days=ahead) for ahead in range(3))
        last = None
        for one in days:
            last = _still_to_come(datetime.combine(one, said.at), said.zone, now, zone)
            if last is not None and last > now:
                return last
        if last is not None:
            return last
    return None


def _split(text: str) -> Iterator[tuple[str, str]]:
    """Every way to take a text for a day, a clock, or a day and a clock."""
    yield text, ""
    yield "", text
    words = text.split(" ")
    for cut in range(1, len(words[:12])):
        head, tail = " ".join(words[:cut]), " ".join(words[cut:])
        yield head, tail
        yield tail, head


def _clock(text: str) -> _Clock | None:
    text = text.removeprefix("at ").removeprefix("t")
    if text in _NAMED:
        return _Clock(_NAMED[text])
    if (match := _CLOCK.fullmatch(text)) is None:
        return None
    hour, minute, second, half, half_alone, zone = match.groups()
    half = half or half_alone
    if half and not 1 <= int(hour) <= 12:
        return None
    hours = int(hour) % 12 + (12 if half == "pm" else 0) if half else int(hour)
    return _Clock(time(hours, int(minute or 0), int(second or 0)), zone or "")


def _days(text: str, today: date) -> Iterator[date]:
    """The days that a text may mean, the earliest first; today is among them."""
    text = text.removeprefix("on ").removeprefix("next ")
    if text in ("today", "tonight"):
        yield today
    elif text in ("tomorrow", "tmrw"):
        yield today + timedelta(days=1)
    elif (weekday := _index(text.removesuffix("."), WEEKDAYS, _FULL_DAYS)) is not None:
        first = (weekday - today.weekday()) % 7
        yield from (today + timedelta(days=first + more) for more in (0, 7))
    elif (weekday := _index(text.partition(" ")[0].removesuffix("."), WEEKDAYS, _FULL_DAYS)) is not None:
        yield from (one for one in _days(text.partition(" ")[2], today) if one.weekday() == weekday)
    elif match := _ISO_DAY.fullmatch(text):
        yield date(int(match[1]), int(match[2]), int(match[3]))
    elif match := _DOTTED_DAY.fullmatch(text):
        yield from _dates(match[1], int(match[2]), match[3], today)
    elif match := _DAY_MONTH.fullmatch(text):
        yield from _dates(match[1], _month(match[2]), match[3], today)
    elif match := _MONTH_DAY.fullmatch(text):
        yield from _dates(match[2], _month(match[1]), match[3], today)


def _dates(day: str, month: int, year: str | None, today: date) -> Iterator[date]:
    """A day of a month: in the year that is named, else in this year and those to come that have it."""
    if year:
        yield date(int(year), month, int(day))
        return
    for one in range(today.year, today.year + 9):
        if (month, int(day)) != (2, 29) or _leap(one):
            yield date(one, month, int(day))


def _month(word: str) -> int:
    """The month of this name, 1 for January; 0, which no day has, for none."""
    found = _index(word, MONTHS, _FULL_MONTHS)
    return 0 if found is None else found + 1


def _leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def _index(word: str, short: tuple[str, ...], full: tuple[str, ...]) -> int | None:
    """The place of a weekday or month by its name or a beginning of it with three letters or more."""
    return next((n for n, name in enumerate(full) if len(word) >= len(short[n]) and name.startswith(word)), None)


def _still_to_come(wall: datetime, abbreviation: str, now: datetime, zone: ZoneInfo) -> datetime | None:
    """A wall-clock time in UTC: of two the first that is to come, or the one of the zone that is named.

    None if the zone that is named is not the team's at that time.
    """
    both = [wall.replace(tzinfo=zone, fold=fold) for fold in (0, 1)]
    if abbreviation:
        both = [one for one in both if (one.tzname() or "").casefold() == abbreviation]
        if not both:
            return None
    moments = [one.astimezone(UTC) for one in both]
    if moments[0] > moments[-1]:  # skipped by the clock: the later reading of the two is the one after the change
        return moments[0]
    return next((one for one in moments if one > now), moments[-1])


def _known(end_of_shift: datetime | None) -> str:
    return f"Examples: {EXAMPLES}{', end of shift' if end_of_shift else ''}."


def _short(text: str) -> str:
    plain = " ".join(text.split())
    return plain if len(plain) <= 40 else plain[:39] + "…"
