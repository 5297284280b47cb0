"""`/api/<method>`: arguments, token, scopes, faults on order, the answer, and a line in the log of calls."""

import asyncio
import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from bot.workspace.api import chat, conversations, files, people, reactions, team, views
from bot.workspace.api.method import Call, Method
from bot.workspace.errors import SlackRefusal
from bot.workspace.faults import AFTER, CallFault
from bot.workspace.model import Json
from bot.workspace.runtime import Runtime, base_of

METHODS: dict[str, Method] = {
    **team.METHODS, **chat.METHODS, **conversations.METHODS, **files.METHODS, **people.METHODS, **reactions.METHODS,
    **views.METHODS,
}  # fmt: skip
"""Every Web API method there is; any other name answers unknown_method."""


async def web_api(request: Request) -> Response:
    """Answer one Web API call as Slack does: 200 with `ok`, 429 with Retry-After, or the fault on order."""
    runtime, name = Runtime.of(request), request.path_params["method"]
    arguments, token, readable = await _read(request)
    line: Json = {"at": datetime.now(UTC).isoformat(), "method": name, "arguments": arguments}
    runtime.calls.append(line)
    fault = runtime.faults.next_for(name, arguments.get("channel"))
    if (spoiled := await spoiled_before(runtime, request, fault, line)) is not None:
        return spoiled
    if not readable:
        line["outcome"] = "invalid_json"
        return JSONResponse({"ok": False, "error": "invalid_json"})
    response, line["outcome"] = _answered(runtime, request, name, arguments, token)
    return spoiled_after(runtime, request, fault, line) or response


async def _read(request: Request) -> tuple[Json, str | None, bool]:
    """The arguments without the token, the token from the header or among them, and whether the body could be read."""
    arguments: dict[str, Any] = dict(request.query_params)
    body, kind, readable = await request.body(), request.headers.get("content-type", ""), True
    if kind.startswith("application/json"):
        try:
            parsed = json.loads(body or b"{}")
        except json.JSONDecodeError:
            parsed = None
        readable = isinstance(parsed, dict)
        arguments |= parsed if isinstance(parsed, dict) else {}
    else:
        arguments |= dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
    inside = arguments.pop("token", None)
    scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
    token = bearer.strip() if scheme.lower() == "bearer" else inside
    return arguments, token or None, readable


def _answered(
    runtime: Runtime, request: Request, name: str, arguments: Json, token: str | None
) -> tuple[Response, str]:
    workspace = runtime.workspace
    headers = {"x-oauth-scopes": ",".join(workspace.app.scopes), "x-slack-req-id": workspace.fresh_id("", 16).lower()}
    try:
        method = _known(name)
        _authorise(runtime, method, token)
        connections = runtime.sockets.count if runtime.faults.socket_mode else None
        call = Call(workspace, arguments, base_of(request), connections)
        for scope in method.scopes:
            call.need_scope(scope)
        return JSONResponse({"ok": True, **method.run(call)}, headers=headers), "ok"
    except SlackRefusal as refusal:
        return JSONResponse(refusal.body(), refusal.status, headers={**headers, **refusal.headers}), refusal.error


def _known(name: str) -> Method:
    if name not in METHODS:
        raise SlackRefusal("unknown_method", req_method=name)
    return METHODS[name]


def _authorise(runtime: Runtime, method: Method, token: str | None) -> None:
    app = runtime.workspace.app
    if method.by == "anybody":
        return
    if token is None:
        raise SlackRefusal("not_authed")
    if token not in {app.bot_token, app.app_token}:
        raise SlackRefusal("invalid_auth")
    if token != (app.bot_token if method.by == "bot" else app.app_token):
        raise SlackRefusal("not_allowed_token_type")
    if runtime.faults.app_refused is not None and method.by == "bot":
        raise SlackRefusal(runtime.faults.app_refused)


async def spoiled_before(runtime: Runtime, request: Request, fault: CallFault | None, line: Json) -> Response | None:
    """The answer of a call that fails on order before it did anything, None for one that may go on."""
    if fault is None:
        return None
    await asyncio.sleep(fault.seconds)
    if fault.kind == "latency" or fault.kind in AFTER:
        return None
    line["outcome"] = fault.kind
    return _failed(runtime, request, fault)


def spoiled_after(runtime: Runtime, request: Request, fault: CallFault | None, line: Json) -> Response | None:
    """The answer of a call that did its work and fails on order all the same, None for one that answers well."""
    if fault is None or fault.kind not in AFTER:
        return None
    line["outcome"] = f"{fault.kind} after {line['outcome']}"
    return _failed(runtime, request, fault)


def _failed(runtime: Runtime, request: Request, fault: CallFault) -> Response:
    match fault.kind:
        case "rate_limited":
            wait = {} if fault.retry_after is None else {"Retry-After": fault.retry_after}
            return JSONResponse({"ok": False, "error": "ratelimited"}, 429, headers=wait)
        case "error" | "error_after":
            return JSONResponse({"ok": False, "error": fault.error})
        case "reset" | "hang" | "drop_reply":
            return _cut(runtime, request)
        case kind:
            return PlainTextResponse("the server failed on order", int(kind.removeprefix("http_")))


def _cut(runtime: Runtime, request: Request) -> Response:
    """Close the client's connection so that it sees no answer; what is returned goes nowhere."""
    assert request.client is not None
    runtime.peers[request.client.host, request.client.port].abort()
    return Response(status_code=500)
