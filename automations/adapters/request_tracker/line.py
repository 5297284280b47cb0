"""The connection to one Request Tracker: its address, its token, its way of saying no, and the form of its queries."""

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote

import httpx

from automations.adapters.http import Connection, Spoken, System
from automations.adapters.request_tracker.limits import SYSTEM, TITLE
from automations.adapters.request_tracker.values import Terms
from automations.errors import Rejected
from automations.ports import RateBudget

PER_PAGE: Final = 100
"""Request Tracker gives no more in one page (lib/RT/REST2/Resource/Collection.pm)."""


@dataclass(frozen=True, slots=True)
class Line:
    """What a Request Tracker is reached with. `url` is its web address, with `Ticket/Display.html` below it.

    `requester` is the internal address that tickets are requested by; `per_minute` our own limit on calls, None for
    none.
    """

    url: str
    token: str
    requester: str
    budget: RateBudget
    now: Callable[[], datetime]
    terms: Terms
    per_minute: int | None = None


class TokenAuth(httpx.Auth):
    """`Authorization: token T`."""

    def __init__(self, token: str) -> None:
        self._token = token

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Add the header."""
        request.headers["Authorization"] = f"token {self._token}"
        yield request


def connect(line: Line, transport: httpx.BaseTransport | None = None) -> Connection:
    """A connection with the line's token."""
    web = line.url.rstrip("/")
    # What its own pages ask it answers only to them, for fear of requests forged across sites (see `staff`).
    own = {"Referer": f"{web}/"}
    of = System(SYSTEM, TITLE, f"{web}/REST/2.0", TokenAuth(line.token), _speak, own, per_minute=line.per_minute)
    return Connection(of, line.budget, line.now, transport)


def _speak(body: Any, _headers: Mapping[str, str]) -> Spoken:
    message = body.get("message") if isinstance(body, dict) else None
    return Spoken(words=str(message or ""))


def own_id(token: str) -> str:
    """The number of the user whose token this is, which stands in it: `1-35-…` (lib/RT/AuthToken.pm, ParseAuthString).

    Raises: Rejected for another form.
    """
    parts = token.split("-")
    if len(parts) != 3 or not parts[1].isdecimal():
        words = f"what is given as the token is no auth token of {TITLE}; they begin with 1- and a user's number"
        raise Rejected(words, system=SYSTEM, code="unauthorized")
    return parts[1]


def quoted(text: str) -> str:
    r"""A text as TicketSQL wants it; a quote in it is written `\'`, a backslash `\\`."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def part(text: str) -> str:
    """A name as one part of an address."""
    return quote(text, safe="")


def said(body: Any) -> str:
    """What a change answers: a list of sentences, which may say that nothing was done."""
    return "; ".join(str(line) for line in body) if isinstance(body, list) else ""


def cannot(what: str) -> Rejected:
    """The refusal of what was not declared."""
    return Rejected(f"{TITLE} cannot {what} through its API", system=SYSTEM, code="cannot")
