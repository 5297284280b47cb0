"""Moments as people read them on the terminal."""

from datetime import datetime
from zoneinfo import ZoneInfo


def in_zone(at: datetime | str | None, zone: str) -> str:
    """`2026-11-21 03:14` in the team's zone; empty for None. `at` is aware, or ISO 8601 with a zone."""
    if at is None:
        return ""
    moment = datetime.fromisoformat(at) if isinstance(at, str) else at
    return f"{moment.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}"
