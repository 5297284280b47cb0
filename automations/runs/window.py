"""The window of what a rollback takes back: two moments that have passed, as people type them. Pure."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from automations.durations import parse_duration
from automations.errors import Refused

EXAMPLES: Final = "2h, 30m, 14:00, 2026-11-30, 2026-11-30 14:00"
_SHOWN: Final = 40


@dataclass(frozen=True, slots=True)
class Window:
    """From `since` until just before `until`, both aware and in UTC."""

    since: datetime
    until: datetime


def read_window(since: str, until: str, *, now: datetime, zone: str) -> Window:
    """Read when it began and when it ended; an empty `until` is now.

    `2h` is two hours ago; a clock without a day is the last time it showed that; a day alone is its beginning. All in
    the team's zone, whose IANA name `zone` is.
    Raises: Refused for what is no time, lies ahead, or ends before it begins.
    """
    if not since.strip():
        raise Refused(f"Since when? Give the time from which on it is taken back: {EXAMPLES}. Nothing was asked for.")
    began = _read(since, now, zone)
    ended = _read(until, now, zone) if until.strip() else now
    if ended <= began:
        raise Refused(f"“{_short(until)}” is not after “{_short(since)}”. Nothing was asked for.")
    return Window(began.astimezone(UTC), ended.astimezone(UTC))


def _read(text: str, now: datetime, zone: str) -> datetime:
    said = " ".join(text.strip().removesuffix(" ago").split())
    try:
        found = _ago(said, now) or _moment(said, now, ZoneInfo(zone))
    except (ValueError, OverflowError) as exc:
        raise Refused(f"I cannot read “{_short(text)}” as a time. I know: {EXAMPLES}. Nothing was asked for.") from exc
    if found > now:
        raise Refused(f"“{_short(text)}” has not been yet. I know: {EXAMPLES}. Nothing was asked for.")
    return found


def _ago(said: str, now: datetime) -> datetime | None:
    try:
        length = parse_duration(said)
    except ValueError:
        return None
    return now - length if isinstance(length, timedelta) else None


def _moment(said: str, now: datetime, zone: ZoneInfo) -> datetime:
    """Raises: ValueError if it is none."""
    if ":" in said and len(said) <= len("14:00:00"):
        here = now.astimezone(zone)
        at = datetime.combine(here.date(), time.fromisoformat(said), zone)
        return at if at <= now else at - timedelta(days=1)
    at = datetime.fromisoformat(said)
    return at if at.tzinfo is not None else at.replace(tzinfo=zone)


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
