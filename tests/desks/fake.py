"""What the stand-ins for desks share: each keeps state, runs where the real desk cannot, and is held to a contract.

A stand-in is the network's end of an adapter's `Connection`: a transport. `served` puts one on a real port.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar
from urllib.parse import unquote

import httpx

Reply = tuple[int, Any] | tuple[int, Any, Mapping[str, str]]
"""Status, body (to be sent as JSON; None for no body; bytes as they are) and more headers."""


@dataclass(frozen=True, slots=True)
class Call:
    """A request as a route sees it: what the path's names matched, the query and the JSON body."""

    method: str
    path: str
    names: Mapping[str, str]
    query: httpx.QueryParams
    body: Any
    headers: httpx.Headers


@dataclass(frozen=True, slots=True)
class Route:
    method: str
    pattern: re.Pattern[str]
    name: str


def route(method: str, path: str) -> Callable[[Callable[..., Reply]], Callable[..., Reply]]:
    """Mark a method as the answer to `method path`; `{name}` in the path matches one part of it."""
    pattern = re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]*)", re.escape(path)))

    def marked(function: Callable[..., Reply]) -> Callable[..., Reply]:
        function.__dict__.setdefault("routes", []).append((method, pattern))
        return function

    return marked


class Refusal(Exception):
    """Raised by a route to answer an error: status and body as that desk words them."""

    def __init__(self, status: int, body: Any, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(str(status))
        self.reply: Reply = (status, body, headers or {})


@dataclass
class Exchange:
    """One request and its answer, as they went over the line."""

    request: httpx.Request
    response: httpx.Response


class FakeDesk(httpx.BaseTransport):
    """Routes requests to the methods that `route` marks. `exchanges` is everything that was said, oldest first."""

    routes: ClassVar[list[Route]] = []

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        found = [(name, marks) for name in dir(cls) if (marks := getattr(getattr(cls, name), "routes", None))]
        cls.routes = [
            Route(method, pattern, name)
            for name, marks in found
            if isinstance(marks, list) and name != "routes"
            for method, pattern in marks
        ]

    def __init__(self) -> None:
        self.exchanges: list[Exchange] = []

    def unknown(self, call: Call) -> Reply:
        """The answer to an address that the desk does not have."""
        return 404, None

    def refuse(self, call: Call) -> Reply | None:
        """Look at a request before any route does: credentials, versions. None lets it pass."""
        return None

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.read()
        path = request.url.raw_path.decode("ascii").partition("?")[0]
        found = [
            (one.name, match.groupdict())
            for one in self.routes
            if one.method == request.method and (match := one.pattern.fullmatch(path))
        ]
        names = {name: unquote(value) for name, value in (found[0][1] if found else {}).items()}
        content = request.content
        body = json.loads(content) if content and "json" in request.headers.get("Content-Type", "") else content or None
        call = Call(request.method, path, names, request.url.params, body, request.headers)
        try:
            reply = self.refuse(call) or (getattr(self, found[0][0])(call) if found else self.unknown(call))
        except Refusal as refusal:
            reply = refusal.reply
        response = _response(reply, request)
        self.exchanges.append(Exchange(request, response))
        return response


def _response(reply: Reply, request: httpx.Request) -> httpx.Response:
    status, body, headers = reply if len(reply) == 3 else (*reply, {})
    if body is None or isinstance(body, bytes):
        return httpx.Response(status, headers=dict(headers), content=body or b"", request=request)
    content = json.dumps(body).encode()
    return httpx.Response(
        status, headers={"Content-Type": "application/json", **headers}, content=content, request=request
    )


@dataclass
class Fault:
    """What goes wrong with the next `times` requests whose `METHOD path` matches `on`.

    `kind`: `refused` (no connection), `reset` and `timeout` (before the desk did anything), `reset_after` and
    `timeout_after` (the desk has done it), `cut` (it has, and half of its answer comes), `html` (it answers a page and
    has done nothing), `html_after`; or `reply` gives an answer in the desk's place.
    """

    on: str
    kind: str = "reply"
    times: int = 1
    reply: Reply = (500, None)


@dataclass
class Faulty(httpx.BaseTransport):
    """A bad line in front of a desk. Faults are used up in order; `met` counts them by kind."""

    desk: httpx.BaseTransport
    faults: list[Fault] = field(default_factory=list)
    met: list[str] = field(default_factory=list)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        said = f"{request.method} {request.url.path}"
        fault = next((one for one in self.faults if one.times > 0 and re.search(one.on, said)), None)
        if fault is None:
            return self.desk.handle_request(request)
        fault.times -= 1
        self.met.append(fault.kind)
        match fault.kind:
            case "refused":
                raise httpx.ConnectError("connection refused", request=request)
            case "reset":
                raise httpx.ReadError("connection reset", request=request)
            case "timeout":
                raise httpx.ReadTimeout("timed out", request=request)
            case "html":
                return httpx.Response(200, html="<html>we are working on it</html>", request=request)
            case "reply":
                request.read()
                return _response(fault.reply, request)
        response = self.desk.handle_request(request)
        match fault.kind:
            case "reset_after":
                raise httpx.ReadError("connection reset", request=request)
            case "timeout_after":
                raise httpx.ReadTimeout("timed out", request=request)
            case "html_after":
                return httpx.Response(200, html="<html>bad gateway</html>", request=request)
            case "cut":
                half = response.content[: len(response.content) // 2] or b"{"
                return httpx.Response(response.status_code, headers={"Content-Type": "application/json"}, content=half)
        raise AssertionError(f"no such fault: {fault.kind}")
