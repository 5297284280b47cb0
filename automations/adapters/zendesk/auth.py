"""How Zendesk is told who calls: an OAuth client's own token, or, as long as there are any, an API token.

An access token is asked for with the client's credentials when one is needed, and kept in memory only: each process
asks for its own, so nothing secret is stored, and no two processes can void each other's. Client credentials need no
refresh token; if the answer carries one, it is not needed, since the client can ask again at any time.
"""

import threading
from collections.abc import Callable, Generator
from datetime import date, datetime, timedelta
from typing import Final

import httpx

from automations.adapters.http import Connection
from automations.adapters.zendesk.shapes import Token

LIFETIME_S: Final = 3600
"""Seconds a token is asked to live. The desk allows more than 300 and less than 172,800 (vendor's OAuth page)."""
MARGIN: Final = timedelta(seconds=60)
"""How long before its end a token is not used any more, so that none ends on the way."""

TICKET_SCOPE: Final = "read tickets:write organizations:write"
ADMIN_SCOPE: Final = "read write"

API_TOKENS_END: Final = date(2027, 4, 30)
LEGACY_WARNING: Final = (
    f"Zendesk switches API tokens off for good on {API_TOKENS_END}, and those not used for 30 days before that. "
    "Make an OAuth client in Admin Center, put its name into desk.zendesk.client_id and its secret into desk.token."
)


class ClientCredentials(httpx.Auth):
    """A bearer token of an OAuth client, renewed before it ends, and once if the desk calls it invalid.

    `door` asks for tokens: a connection that bears no credential of its own. One thread fetches at a time, the others
    wait for what it gets. Raises what `Connection.read` raises; the request itself has not been sent then.
    """

    requires_response_body = True

    def __init__(self, door: Connection, client_id: str, secret: str, scope: str, now: Callable[[], datetime]) -> None:
        self._door = door
        self._body = {
            "grant_type": "client_credentials",
            "client_id": client_id,
            "client_secret": secret,
            "scope": scope,
            "expires_in": LIFETIME_S,
        }
        self._now = now
        self._lock = threading.Lock()
        self._token: str | None = None
        self._ends: datetime | None = None

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Send the request with the token; once more with a new one if that had been revoked or had ended."""
        token = self._valid(refused=None)
        request.headers["Authorization"] = f"Bearer {token}"
        response = yield request
        if _is_invalid(response):  # the desk refused the request itself, so sending it again does nothing twice
            request.headers["Authorization"] = f"Bearer {self._valid(refused=token)}"
            yield request

    def _valid(self, *, refused: str | None) -> str:
        with self._lock:
            held = self._token
            if held is None or held == refused or self._ends is None or self._now() >= self._ends - MARGIN:
                asked = self._now()
                given = self._door.read("/oauth/tokens", json=self._body).shaped(Token)
                self._token = held = given.access_token
                self._ends = asked + timedelta(seconds=given.expires_in or LIFETIME_S)
            return held


def api_token(email: str, token: str) -> httpx.Auth:
    """The legacy way: basic auth as this agent with an API token of the account. See LEGACY_WARNING."""
    return httpx.BasicAuth(f"{email}/token", token)


def _is_invalid(response: httpx.Response) -> bool:
    if response.status_code != httpx.codes.UNAUTHORIZED:
        return False
    return "invalid_token" in response.text or "invalid_token" in response.headers.get("WWW-Authenticate", "")
