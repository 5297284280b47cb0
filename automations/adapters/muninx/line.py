"""How MuninX is called: a personal token as bearer, and three shapes of errors."""

from collections.abc import Callable, Generator, Mapping
from datetime import datetime
from typing import Any

import httpx

from automations.adapters.http import Connection, Spoken, System
from automations.adapters.muninx.limits import SYSTEM, TITLE
from automations.ports import RateBudget

_CODES = ("code", "type")
_WORDS = ("detail", "message", "error", "title")


class Bearer(httpx.Auth):
    """A personal token. It acts as the account that made it; neither scopes nor an expiry are documented."""

    def __init__(self, token: str) -> None:
        self._header = f"Bearer {token}"

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Put the token on the request."""
        request.headers["Authorization"] = self._header
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
    """A line to MuninX. It documents no limit of calls, so there are no headers to read one from."""
    system = System(SYSTEM, TITLE, url, Bearer(token), speak, per_minute=per_minute)
    return Connection(system, budget, now, transport)


def speak(body: Any, headers: Mapping[str, str]) -> Spoken:
    """Read an error: problem details (users, tokens), {code, message, error} (messages), or an open object (others)."""
    if not isinstance(body, Mapping):
        return Spoken(words=body if isinstance(body, str) else "")
    return Spoken(_first(body, _CODES), _first(body, _WORDS), headers.get("X-Request-Id", ""))


def _first(body: Mapping[str, Any], names: tuple[str, ...]) -> str:
    return next((value for name in names if isinstance(value := body.get(name), str) and value), "")
