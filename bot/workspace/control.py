"""`/_control/…`: people's acts, faults, and what tests read. JSON in and out."""

import json
from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.workspace import acts, clicks, files, forms, orders, shortcuts
from bot.workspace.errors import ActRefused, SlackRefusal
from bot.workspace.messages import permalink, shown, top_level, whispers
from bot.workspace.model import Json
from bot.workspace.runtime import Runtime, base_of

Act = Callable[[Runtime, Json, str], Awaitable[Json]]

ACTS: dict[str, Act] = {
    "command": acts.command, "click": clicks.click, "submit": forms.submit, "close": forms.close, "react": acts.react,
    "shortcut": shortcuts.shortcut, "message": acts.message, "edit": acts.edit, "delete": acts.delete,
    "home": acts.home, "membership": acts.membership, "faults": orders.faults, "reset": orders.reset,
}  # fmt: skip


TEXTS = (
    "user", "channel", "ts", "message_ts", "thread_ts", "text", "command", "callback_id", "action_id", "view_id",
    "reaction", "name",
)  # fmt: skip
"""Fields of a body that are texts where they are given; acts look things up by them."""


def _posted(act: Act) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        try:
            body = json.loads(await request.body() or b"{}")
        except ValueError:
            return JSONResponse({"ok": False, "error": "invalid_json"}, 400)
        if not isinstance(body, dict):
            return JSONResponse({"ok": False, "error": "invalid_json"}, 400)
        if wrong := [name for name in TEXTS if not isinstance(body.get(name, ""), str | None)]:
            return JSONResponse({"ok": False, "error": "invalid_arguments", "fields": wrong}, 400)
        try:
            return JSONResponse(await act(Runtime.of(request), body, base_of(request)))
        except ActRefused as refused:
            return JSONResponse(refused.body(), refused.status)
        except SlackRefusal as refused:
            return JSONResponse(refused.body(), 400)

    return endpoint


async def list_messages(request: Request) -> Response:
    """A channel's top-level messages, or one thread with its parent; oldest first, with permalink and metadata."""
    workspace, base = Runtime.of(request).workspace, base_of(request)
    channel, thread_ts = request.query_params.get("channel", ""), request.query_params.get("thread_ts")
    if channel not in workspace.channels:
        return JSONResponse({"ok": False, "error": "channel_not_found"}, 404)
    rows = top_level(workspace, channel)
    if thread_ts is not None:
        rows = [m for m in workspace.messages[channel].values() if thread_ts in {m["ts"], m.get("thread_ts")}]
    out = [{**shown(workspace, channel, m, metadata=True), "permalink": permalink(base, channel, m)} for m in rows]
    return JSONResponse({"ok": True, "channel": channel, "messages": out})


async def list_ephemerals(request: Request) -> Response:
    """Private messages of a person, oldest first, each with its `channel`."""
    workspace = Runtime.of(request).workspace
    rows = whispers(workspace, request.query_params.get("user", ""))
    return JSONResponse({"ok": True, "messages": [{**row["message"], "channel": row["channel"]} for row in rows]})


async def list_views(request: Request) -> Response:
    """A person's open modals, the last one on top, and the Home tab."""
    workspace, user = Runtime.of(request).workspace, request.query_params.get("user", "")
    return JSONResponse({"ok": True, "views": workspace.modals.get(user, []), "home": workspace.homes.get(user)})


async def list_calls(request: Request) -> Response:
    """Every Web API call received, oldest first; tokens are not kept."""
    runtime, method = Runtime.of(request), request.query_params.get("method")
    return JSONResponse({"ok": True, "calls": [call for call in runtime.calls if method in {None, call["method"]}]})


async def list_files(request: Request) -> Response:
    """The files the app asked an address for, oldest first, as files.info shows them, each with its `state`."""
    workspace = Runtime.of(request).workspace
    rows = sorted(workspace.files.values(), key=lambda row: (row["file"]["created"], row["file"]["id"]))
    return JSONResponse({"ok": True, "files": [{**files.seen(workspace, row), "state": row["state"]} for row in rows]})


async def show_status(request: Request) -> Response:
    """Whether an app is connected, and the notices people see."""
    runtime = Runtime.of(request)
    app, workspace = runtime.workspace.app, runtime.workspace
    transport = "socket" if app.request_url is None else "http"
    notices = list(workspace.notices)
    return JSONResponse({"ok": True, "transport": transport, "connections": runtime.sockets.count, "notices": notices})


def control_routes() -> list[Route]:
    """The routes of the control API."""
    reads = {
        "messages": list_messages, "ephemerals": list_ephemerals, "views": list_views, "calls": list_calls,
        "files": list_files, "status": show_status,
    }  # fmt: skip
    posts = [Route(f"/_control/{name}", _posted(act), methods=["POST"]) for name, act in ACTS.items()]
    return posts + [Route(f"/_control/{name}", read, methods=["GET"]) for name, read in reads.items()]
