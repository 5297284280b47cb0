"""Who may read cases and the desk's pages over HTTP.

Without a read token only this machine may: the peer is a loopback address, the Host header names one (against DNS
rebinding) and nothing was forwarded by a proxy (whose clients may be anywhere). With a read token, everybody needs it
or one of the ingest tokens; a browser gives it by HTTP basic authentication, as the password.
"""

import base64
import hmac
import ipaddress
from urllib.parse import urlsplit

from fastapi import Request

from bot.guard import joined
from bot.ingest import Senders
from bot.problems import Problem

_CHALLENGE = {"WWW-Authenticate": 'Basic realm="Handoff", charset="UTF-8", Bearer'}
_FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")


class ReadAccess:
    """Checks each reading request. `token` None means: this machine only."""

    def __init__(self, token: str | None, senders: Senders) -> None:
        self._token = token
        self._senders = senders

    def check(self, request: Request) -> None:
        """Let the request pass.

        Raises: Problem 401 or 403.
        """
        if self._token is None and _is_local(request):
            return
        given = _given(joined(request.headers.items()).get("authorization", ""))
        if given and self._token is not None and hmac.compare_digest(given.encode(), self._token.encode()):
            return
        if given and self._knows(given):
            return
        if self._token is None:
            detail = "Set HANDOFF_HTTP__READ_TOKEN to read from other machines."
            raise Problem(403, "Only from this machine", detail, why="asked from another machine")
        detail = "Give the read token as a bearer token, or as the password."
        raise Problem(401, "Not authenticated", detail, headers=_CHALLENGE, why="no valid token")

    def _knows(self, token: str) -> bool:
        try:
            self._senders.authenticate({"authorization": f"Bearer {token}"}, b"")
        except Problem:
            return False
        return True


def _given(header: str) -> str:
    scheme, _, value = header.partition(" ")
    if scheme.lower() == "bearer":
        return value.strip()
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(value, validate=True).decode().partition(":")[2]
        except ValueError:  # not base64, not ASCII, not UTF-8
            return ""
    return ""


def _is_local(request: Request) -> bool:
    peer = request.client.host if request.client else ""
    headers = joined(request.headers.items())
    forwarded = any(name in headers for name in _FORWARDED)
    host = _host_name(headers.get("host", ""))
    return not forwarded and _loopback(peer) and (host == "localhost" or _loopback(host))


def _host_name(header: str) -> str:
    try:
        return urlsplit(f"//{header}").hostname or ""
    except ValueError:  # such as an address with one bracket
        return ""


def _loopback(text: str) -> bool:
    try:
        return ipaddress.ip_address(text).is_loopback
    except ValueError:
        return False
