"""Who is on duty: rotations of people who take turns, and groups of whom the least loaded takes the next case.

Shifts are half-open [hand-over, next hand-over) and begin at a wall-clock time, so a shift across a change to or
from summer time is 23 or 25 hours longer or shorter by one. A wall-clock time that a change skips means the moment
just after the change; one that occurs twice means the first.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from automations.people import WEEKDAYS, Roster

_HAND_OVER = re.compile(r"(daily|[A-Z][a-z]{2}) ([01][0-9]|2[0-3]):([0-5][0-9])")


@dataclass(frozen=True, slots=True)
class Cover:
    """Somebody has the duty, [start, end), in place of whose turn it is. `email` is kept in lower case."""

    email: str
    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        object.__setattr__(self, "email", self.email.strip().lower())


@dataclass(frozen=True, slots=True)
class Rotation:
    """People who take turns, in order, by e-mail address.

    `hand_over` is `Mon 09:00` (weekly) or `daily 09:00`, in `zone` (an IANA name). The first person's first shift
    begins at the first hand-over on or after the day `first`; before it nobody is on duty. Of several `covers` at one
    moment the last counts.
    Raises: ValueError if a part is not as described, or nobody is named, or somebody twice.
    """

    name: str
    people: tuple[str, ...]
    hand_over: str
    zone: str
    first: date
    covers: tuple[Cover, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "people", _members(self.name, self.people))
        _rhythm(self.hand_over)
        _zone(self.zone)


@dataclass(frozen=True, slots=True)
class Group:
    """People of whom the one with the fewest open cases gets the next.

    Raises: ValueError if nobody is named, or somebody twice.
    """

    name: str
    people: tuple[str, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "people", _members(self.name, self.people))


@dataclass(frozen=True, slots=True)
class Turn:
    """One look at a rotation.

    `email` is on duty, None if everybody is away or no shift has begun; `skipped` are those who came first but are away
    or unknown; `until` is when somebody else may come: the end of the shift, or sooner where a cover begins or ends.
    `covers_for` is whose shift it is while somebody else has the duty by a cover, None without one.
    """

    email: str | None
    skipped: tuple[str, ...]
    until: datetime
    covers_for: str | None = None


def turn(rotation: Rotation, roster: Roster, at: datetime) -> Turn:
    """Say whose turn it is at `at`: who covers it, else the shift's person, else the next in order who is not away."""
    number = _shift(rotation, at)
    until = _until(rotation, at, _starts(rotation, 0 if number is None else number + 1))
    first = 0 if number is None else number % len(rotation.people)
    order = () if number is None else rotation.people[first:] + rotation.people[:first]
    skipped: tuple[str, ...] = ()
    if (cover := cover_at(rotation, at)) is not None:
        if roster.available(cover.email, at):
            whose = order[0] if order and order[0] != cover.email else None
            return Turn(cover.email, (), until, whose)
        skipped = (cover.email,)
    for place, email in enumerate(order):
        if roster.available(email, at):
            return Turn(email, _once(skipped + order[:place]), until)
    return Turn(None, _once(skipped + order), until)


def cover_at(rotation: Rotation, at: datetime) -> Cover | None:
    """Find the cover that counts at `at`: of several the last."""
    return next((cover for cover in reversed(rotation.covers) if cover.start <= at < cover.end), None)


def on_duty(rotation: Rotation, roster: Roster, at: datetime) -> str | None:
    """Say who is on duty at `at`, by e-mail address, or None."""
    return turn(rotation, roster, at).email


def shift_of(rotation: Rotation, email: str, at: datetime) -> tuple[datetime, datetime] | None:
    """Find the next shift, [start, end), that is this person's by the order of the rotation and begins after `at`.

    None for somebody who takes no turns in it.
    """
    if email.lower() not in rotation.people:
        return None
    now = _shift(rotation, at)
    number = 0 if now is None else now + 1
    while rotation.people[number % len(rotation.people)] != email.lower():
        number += 1
    return _starts(rotation, number), _starts(rotation, number + 1)


def last_hand_over(rotation: Rotation, at: datetime) -> datetime | None:
    """Find the newest hand-over at or before `at`, in UTC, None before the first."""
    number = _shift(rotation, at)
    return None if number is None else _starts(rotation, number)


def next_hand_over(rotation: Rotation, at: datetime) -> datetime:
    """Find the first hand-over strictly after `at`, in UTC."""
    number = _shift(rotation, at)
    return _starts(rotation, 0 if number is None else number + 1)


def least_loaded(group: Group, roster: Roster, load: Mapping[str, int], at: datetime) -> str | None:
    """Pick who of the group has the fewest open cases and is not away; equals go by e-mail address. None: nobody."""
    return min(
        (email for email in group.people if roster.available(email, at)),
        key=lambda email: (load.get(email, 0), email),
        default=None,
    )


def _until(rotation: Rotation, at: datetime, hand_over: datetime) -> datetime:
    """Find the first moment after `at` at which another cover counts, or none; the hand-over if that is sooner."""
    edges = {edge for cover in rotation.covers for edge in (cover.start, cover.end) if at < edge < hand_over}
    now = cover_at(rotation, at)
    return next((edge for edge in sorted(edges) if _email(cover_at(rotation, edge)) != _email(now)), hand_over)


def _email(cover: Cover | None) -> str | None:
    return cover.email if cover else None


def _once(emails: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(emails))


def _members(name: str, people: tuple[str, ...]) -> tuple[str, ...]:
    emails = tuple(email.strip().lower() for email in people)
    if not emails:
        raise ValueError(f"{name} names nobody")
    if len(set(emails)) < len(emails):
        raise ValueError(f"{name} names somebody twice")
    return emails


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, IsADirectoryError) as exc:
        raise ValueError(f"{name!r} is not a zone; an IANA name such as Europe/Oslo is needed") from exc


def _rhythm(hand_over: str) -> tuple[int | None, time]:
    """Read the weekday of the hand-over (None: every day) and its wall-clock time."""
    match = _HAND_OVER.fullmatch(hand_over)
    if match is None or match[1] not in ("daily", *WEEKDAYS):
        raise ValueError(f"{hand_over!r} is not a hand-over; `Mon 09:00` or `daily 09:00` is needed")
    return None if match[1] == "daily" else WEEKDAYS.index(match[1]), time(int(match[2]), int(match[3]))


def _starts(rotation: Rotation, number: int) -> datetime:
    """Say when shift `number` begins, in UTC; shift 0 is the first."""
    weekday, clock = _rhythm(rotation.hand_over)
    wait = 0 if weekday is None else (weekday - rotation.first.weekday()) % 7
    day = rotation.first + timedelta(days=wait + number * (1 if weekday is None else 7))
    return datetime.combine(day, clock, tzinfo=_zone(rotation.zone)).astimezone(UTC)


def _shift(rotation: Rotation, at: datetime) -> int | None:
    """Count to the shift that holds `at`, None before the first."""
    weekday, _ = _rhythm(rotation.hand_over)
    days = (at.astimezone(_zone(rotation.zone)).date() - rotation.first).days
    number = max(days // (1 if weekday is None else 7), 0) + 1
    while number >= 0 and at < _starts(rotation, number):
        number -= 1
    return None if number < 0 else number
