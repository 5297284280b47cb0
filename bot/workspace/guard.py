"""Only this machine may talk to the workspace: it believes everybody who reaches it."""

from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


def _is_loopback(authority: str) -> bool:
    try:
        return urlsplit(f"//{authority}").hostname in LOOPBACK
    except ValueError:
        return False


class LoopbackOnly:
    """Refuse a Host that is not loopback (a name rebound by DNS) and an Origin that is not (another site's page)."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on or answer 403."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        origin = headers.get("origin")
        local = _is_loopback(headers.get("host", "")) and (origin is None or _is_loopback(origin.partition("://")[2]))
        if local:
            await self.app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 4003})
        else:
            await JSONResponse({"ok": False, "error": "not_loopback"}, 403)(scope, receive, send)
