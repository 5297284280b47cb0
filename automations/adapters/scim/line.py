"""How a SCIM server is called: a bearer token, and its way of saying no."""

from collections.abc import Callable, Generator, Mapping
from datetime import datetime
from typing import Any, Final

import httpx

from automations.adapters.http import Connection, Spoken, System
from automations.ports import RateBudget

SYSTEM: Final = "scim"
TITLE: Final = "SCIM"

_HEADERS: Final = {"Accept": "application/scim+json, application/json"}
"""RFC 7644, section 3.8; Entra ID asks for the second."""


class Bearer(httpx.Auth):
    """A token that was made for us by an administrator of the identity provider. RFC 6750."""

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
    """A line to the server at `url`, the address that /Users lies below. It names itself so in every error."""
    system = System(
        system=SYSTEM,
        title=f"{TITLE} at {url} (identity.url)",
        url=url,
        auth=Bearer(token),
        speak=spoken,
        headers=_HEADERS,
        per_minute=per_minute,
        section="identity",
        credentials="identity.token",
    )
    return Connection(system, budget, now, transport)


def spoken(body: Any, headers: Mapping[str, str]) -> Spoken:
    """Read `{status, scimType, detail}` (RFC 7644, section 3.12), or `{error: {code, message}}` of Entra ID."""
    if not isinstance(body, Mapping):
        return Spoken()
    inner = body.get("error")
    said = inner if isinstance(inner, Mapping) else body
    code, words = said.get("scimType") or said.get("code"), said.get("detail") or said.get("message")
    return Spoken(str(code or ""), str(words or ""), headers.get("request-id", ""))
