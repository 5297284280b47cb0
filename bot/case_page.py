"""A case for a browser: the same facts as its JSON, in the order in which a person asks for them."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import Response

from bot.html import page, templates


def case_page(detail: Mapping[str, Any], *, zone: str, team: str) -> Response:
    """Show what `case_detail` gives. Times are in `zone`; everything is escaped."""
    html = (
        templates().get_template("case.html").render(case=detail, team=team, zone=zone, moment=moments(ZoneInfo(zone)))
    )
    return page(html)


def moments(zone: ZoneInfo) -> Callable[[datetime | str], str]:
    """How a page writes a time, given as such or as ISO 8601: `2026-11-21 03:14`."""

    def in_words(at: datetime | str) -> str:
        moment = datetime.fromisoformat(at) if isinstance(at, str) else at
        return moment.astimezone(zone).strftime("%Y-%m-%d %H:%M")

    return in_words
