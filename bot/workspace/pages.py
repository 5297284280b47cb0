"""The browser page: its static files, its state by long poll, permalinks that open in it."""

import mimetypes
from importlib import resources
from importlib.resources.abc import Traversable

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from bot.workspace.page_state import page_state
from bot.workspace.runtime import Runtime

POLL_S = 20.0
"""How long a poll waits for a change before it answers anyway."""

CONTENT_POLICY = "default-src 'self'; img-src 'self' data: https:; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
_HEADERS = {
    "Content-Security-Policy": CONTENT_POLICY, "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}  # fmt: skip


def _files() -> Traversable:
    return resources.files("bot.workspace").joinpath("page")


async def index(request: Request) -> Response:
    """The page itself."""
    return _file("index.html")


async def asset(request: Request) -> Response:
    """A file of the page; only plain names are looked up."""
    return _file(request.path_params["name"])


def _file(name: str) -> Response:
    found = (
        next((file for file in _files().iterdir() if file.name == name and file.is_file()), None)
        if _files().is_dir()
        else None
    )
    if found is None or name.endswith(".py"):
        return JSONResponse({"ok": False, "error": "not_found"}, 404)
    return Response(
        found.read_bytes(), media_type=mimetypes.guess_type(name)[0] or "application/octet-stream", headers=_HEADERS
    )


async def state(request: Request) -> Response:
    """The page's state as soon as it is newer than `since`, or after the poll's time."""
    workspace, query = Runtime.of(request).workspace, request.query_params
    user, since = query.get("user", ""), query.get("since", "0")
    if user not in workspace.users or not since.lstrip("-").isdecimal():
        return JSONResponse({"ok": False, "error": "user_not_found"}, 404)
    await workspace.wait_beyond(int(since), POLL_S)
    home = query.get("app_home") in {"1", "true"}
    return JSONResponse(
        page_state(workspace, user, query.get("channel") or None, query.get("thread_ts") or None, home=home)
    )


async def permalink(request: Request) -> Response:
    """Send a permalink to the page: `/?channel=C…&ts=…`, with the thread it is in."""
    channel, packed = request.path_params["channel"], request.path_params["packed"]
    ts = f"{packed[1:-6]}.{packed[-6:]}"
    thread = request.query_params.get("thread_ts")
    return RedirectResponse(f"/?channel={channel}&ts={ts}" + (f"&thread_ts={thread}" if thread else ""))


def page_routes() -> list[Route]:
    """The routes of the page."""
    return [
        Route("/", index),
        Route("/page/{name}", asset),
        Route("/_page/state", state),
        Route("/archives/{channel}/{packed}", permalink),
    ]
