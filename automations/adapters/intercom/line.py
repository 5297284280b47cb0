"""The line to Intercom: bearer token, pinned version, the words of its errors and the pauses it asks for.

Errors are `{type: error.list, request_id, errors: [{code, message, field}]}` for every status. A window of requests is
ten seconds; X-RateLimit-Remaining counts down and X-RateLimit-Reset is the unix time of its end. No Retry-After is
documented. Source: the vendor's reference, pages on errors and rate limiting.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

import httpx

from automations.adapters.http import Connection, Spoken, System
from automations.adapters.intercom.limits import SYSTEM, TITLE
from automations.adapters.retry_after import LONGEST_WAIT_S
from automations.errors import Rejected
from automations.ports import RateBudget

VERSION: Final = "2.16"
"""The shapes here are those of this version; another one words priorities and roles differently."""


@dataclass(frozen=True, slots=True)
class Setup:
    """What has to be known about a workspace, from the settings. Types and attributes by name or by id.

    `requester` is the internal address that new tickets are requested by.
    """

    ticket_type: str
    requester: str
    key_attribute: str
    priority_attribute: str | None = None
    status_attribute: str | None = None


class Bearer(httpx.Auth):
    """A token that stays good until somebody revokes it."""

    def __init__(self, token: str) -> None:
        self._token = token

    def auth_flow(self, request: httpx.Request) -> Iterator[httpx.Request]:  # type: ignore[override]  # no answer is needed
        """Put the token on a request."""
        request.headers["Authorization"] = f"Bearer {self._token}"
        yield request


def connect(
    url: str,
    token: str,
    budget: RateBudget,
    now: Callable[[], datetime],
    *,
    per_minute: int | None = None,
    transport: httpx.BaseTransport | None = None,
) -> Connection:
    """A connection to the region's API host, such as https://api.eu.intercom.io."""
    headers = {"Intercom-Version": VERSION}
    system = System(
        SYSTEM, TITLE, url, Bearer(token), speak, headers, lambda said: rest_s(said, now()), per_minute=per_minute
    )
    return Connection(system, budget, now, transport)


def speak(body: Any, _headers: Mapping[str, str]) -> Spoken:
    """Read an error answer."""
    errors = body.get("errors") if isinstance(body, dict) else None
    said = [one for one in errors if isinstance(one, dict)] if isinstance(errors, list) else []
    request = str(body.get("request_id") or "") if isinstance(body, dict) else ""
    return Spoken(str(said[0].get("code") or "") if said else "", "; ".join(map(_words, said)), request)


def _words(error: Mapping[str, Any]) -> str:
    words = str(error.get("message") or error.get("code") or "")
    return f"{error['field']}: {words}" if error.get("field") else words


def rest_s(headers: Mapping[str, str], now: datetime) -> float:
    """Seconds until the window ends if nothing is left in it, else 0.0."""
    left, reset = headers.get("X-RateLimit-Remaining", ""), headers.get("X-RateLimit-Reset", "")
    if not (left.isdecimal() and reset.isdecimal() and len(reset) < 15) or int(left) > 0:
        return 0.0
    return min(max(int(reset) - now.timestamp(), 0.0), LONGEST_WAIT_S)


def refused(words: str, code: str) -> Rejected:
    """What this desk does not do, said by us and not by Intercom."""
    return Rejected(words, system=SYSTEM, code=code)


def screen(url: str) -> str:
    """Where people open the workspace: app.intercom.com for api.intercom.io, and so for each region (i)."""
    parts = urlsplit(url)
    host = parts.netloc
    if host.startswith("api.") and host.endswith("intercom.io"):
        host = f"app.{host.removeprefix('api.').removesuffix('.io')}.com"
    return f"{parts.scheme}://{host}"
