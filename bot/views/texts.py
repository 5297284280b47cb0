"""Words, names and times on their way into a view: made tame, shortened, escaped exactly once."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_MARKERS = frozenset("*_~`")
_ZERO_WIDTH = "\u200b"
_BIDI = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f")
_SPACES = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Look:
    """How this team's messages look: the zone for written-out times, the command's first word, the three emoji."""

    zone: str = "UTC"
    prefix: str = "support"
    claim: str = "eyes"
    resolve: str = "white_check_mark"
    escalate: str = "rotating_light"


def tame(text: str, *, keep_lines: bool = False) -> str:
    """Take out what could disturb a layout: control characters, marks that turn the writing round, runs of blanks."""
    if keep_lines:
        return "\n".join(tame(part) for part in text.splitlines()).strip("\n")
    kept = (" " if char.isspace() else char for char in text if char not in _BIDI)
    clean = "".join(char for char in kept if unicodedata.category(char) not in ("Cc", "Cs"))
    return _SPACES.sub(" ", clean)


def clip(text: str, limit: int) -> str:
    """Shorten literal text to `limit` characters, the last of them an ellipsis."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def one_line(text: str, limit: int) -> str:
    """Tame text without blanks at its ends, shortened."""
    return clip(tame(text).strip(), limit)


def esc(text: str, limit: int = 300) -> str:
    """Foreign text for mrkdwn: tame, `& < >` escaped once, markup signs cut off from their words by zero-width spaces.

    `limit` counts escaped characters; a cut never falls inside an entity.
    """
    made: list[str] = []
    room = limit
    for char in tame(text).strip():
        piece = _ENTITIES.get(char) or (f"{_ZERO_WIDTH}{char}{_ZERO_WIDTH}" if char in _MARKERS else char)
        room -= len(piece)
        made.append(piece)
        if room < 0:
            while room < 1:
                room += len(made.pop())
            return "".join(made).rstrip() + "…"
    return "".join(made)


def written(at: datetime, zone: str) -> str:
    """Write a time in the team's zone: `21 Nov 02:14 CET`."""
    local = at.astimezone(ZoneInfo(zone))
    return f"{local.day} {local:%b %H:%M %Z}"


def clock(at: datetime, look: Look) -> str:
    """Write a time of today in the team's zone: `02:14`."""
    return f"{at.astimezone(ZoneInfo(look.zone)):%H:%M}"


def moment(at: datetime, look: Look) -> dict[str, Any]:
    """Make a time for rich text: each reader's own zone, the team's zone where Slack cannot tell."""
    return {
        "type": "date",
        "timestamp": int(at.timestamp()),
        "format": "{date_short_pretty} {time}",
        "fallback": written(at, look.zone),
    }


def moment_near(at: datetime, day: datetime, look: Look) -> dict[str, Any]:
    """Make a time that stands beside another: the clock alone if it is the same day in the team's zone."""
    zone = ZoneInfo(look.zone)
    made = moment(at, look)
    if at.astimezone(zone).date() != day.astimezone(zone).date():
        return made
    return made | {"format": "{time}", "fallback": f"{at.astimezone(zone):%H:%M %Z}"}


def moment_mrkdwn(at: datetime, look: Look) -> str:
    """Make the same for small print."""
    return f"<!date^{int(at.timestamp())}^{{date_short_pretty}} {{time}}|{written(at, look.zone)}>"


def times(count: int) -> str:
    """`once`, `2 times`, `1,200 times`."""
    return "once" if count == 1 else f"{count:,} times"


SYSTEMS: Mapping[str, str] = {
    "builtin": "the built-in desk",
    "request_tracker": "Request Tracker",
    "zendesk": "Zendesk",
    "freshdesk": "Freshdesk",
    "intercom": "Intercom",
    "muninx": "MuninX",
}


def system_name(system: str) -> str:
    """Name a desk as people do."""
    return SYSTEMS.get(system, system)


REASONS: Mapping[str, str] = {
    "retries_exhausted": "all retries failed",
    "data_blocked": "data is blocked",
    "paid_workflow_stopped": "a paid workflow stopped",
    "decision_needed": "a person has to decide",
    "silent": "nothing was heard",
}


def reason_words(reason: str) -> str:
    """Why the failure crossed the threshold, in words."""
    return REASONS.get(reason, reason.replace("_", " "))
