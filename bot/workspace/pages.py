"""The browser page: its static files, its state by long poll, permalinks that open in it."""

import re
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.workspace.page_state import page_state
from bot.workspace.runtime import Runtime

POLL_S = 20.0
"""How long a poll waits for a change before it answers anyway."""

_SINCE = re.compile(r"-?[0-9]{1,18}")

CONTENT_POLICY = (
    "default-src 'self'; img-src 'self' data: https:; object-src 'none'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
TYPES = {
    ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".png": "image/png",
    ".ico": "image/x-icon", ".woff2": "font/woff2",
}  # fmt: skip
"""Media types by suffix; the machine's own table is not asked, since it differs between machines."""
_HEADERS = {
    "Content-Security-Policy": CONTENT_POLICY, "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}  # fmt: skip


def _files() -> Traversable:
    return resources.files("bot.workspace").joinpath("page")


async def index(_request: Request) -> Response:
    """The page itself; it finds the message of a permalink by its address."""
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
        found.read_bytes(), media_type=TYPES.get(Path(name).suffix, "application/octet-stream"), headers=_HEADERS
    )


async def state(request: Request) -> Response:
    """The page's state as soon as it is newer than `since`, or after the poll's time; the first person's by default."""
    workspace, query = Runtime.of(request).workspace, request.query_params
    first = next((id for id, row in workspace.users.items() if not row["is_bot"]), "")
    user, since = query.get("user", first), query.get("since", "0")
    if user not in workspace.users or not _SINCE.fullmatch(since):
        return JSONResponse({"ok": False, "error": "user_not_found"}, 404)
    await workspace.wait_beyond(int(since), POLL_S)
    home = query.get("app_home") in {"1", "true"}
    return JSONResponse(
        page_state(workspace, user, query.get("channel") or None, query.get("thread_ts") or None, home=home)
    )


def page_routes() -> list[Route]:
    """The routes of the page."""
    return [
        Route("/", index),
        Route("/page/{name}", asset),
        Route("/_page/state", state),
        Route("/archives/{channel}", index),
        Route("/archives/{channel}/{message}", index),
    ]
