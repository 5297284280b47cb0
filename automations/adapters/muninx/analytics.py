"""MuninX's analytics: means over all tickets that the token's role is shown, one call for each time.

Its reference does not say which of a ticket's dates the days are about, in which zone, or what stands around the rows
of an answer, and one of the names breaks the pattern of the others
(https://docs.muninx.com/api/reference/operations/analyticsanalyticspostanalytics/). So the figure is looked for by its
name wherever it stands. INFERRED.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from automations.adapters.http import Connection

METRICS: Final[Mapping[str, tuple[str, str]]] = {
    "first_reply": ("avg_first_reply_time", "avg-first-reply-sec"),
    "response": ("avg_response_time", "avg-response-time-sec"),
    "resolution": ("avg_resolution_time", "avg-resolution-time-sec"),
}
"""For each time what is asked for, and under which name the answer tells it."""

WORDS: Final = (
    "MuninX tells a mean over all tickets that its token is shown, of days by its own reckoning, and counts a first "
    "reply from the last of the customer's messages before it: other tickets and another clock than ours."
)


def means(connection: Connection, first: date, last: date) -> dict[str, float]:
    """Mean seconds by the name of the time; a time of no ticket is left out, as MuninX answers nothing for it."""
    found = {}
    for name, (metric, field) in METRICS.items():
        asked = {"metric": metric, "from": first.isoformat(), "to": last.isoformat()}
        if (mean := _look_for(field, connection.read("/analytics", json=asked).body)) is not None:
            found[name] = mean
    return found


def _look_for(field: str, body: Any) -> float | None:
    """The first number of this name in an answer, however deep it stands."""
    if isinstance(body, Mapping):
        here = body.get(field)
        if isinstance(here, int | float) and not isinstance(here, bool):
            return float(here)
        body = list(body.values())
    if isinstance(body, list):
        return next((found for one in body if (found := _look_for(field, one)) is not None), None)
    return None
