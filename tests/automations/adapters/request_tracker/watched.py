"""The line to a real desk, with a memory and a check: nothing is asked that the adapter does not declare."""

import json
import re
from collections.abc import Iterator
from typing import Any

import httpx

from automations.adapters.request_tracker.calls import CALLS
from tests.desks.fake import Exchange


class Watched(httpx.BaseTransport):
    """The network itself; `exchanges` is everything that was said over it, oldest first."""

    def __init__(self) -> None:
        self.network = httpx.HTTPTransport()
        self.exchanges: list[Exchange] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        declared(request)
        response = self.network.handle_request(request)
        response.read()
        self.exchanges.append(Exchange(request, response))
        return response

    def close(self) -> None:
        self.network.close()

    def written(self) -> list[tuple[str, Any]]:
        """Every request that may have changed something: `METHOD path` and the body."""
        reads = ("/users", "/groups", "/attachments")
        return [
            (f"{one.request.method} {path_of(one.request)}", json.loads(one.request.content or b"null"))
            for one in self.exchanges
            if one.request.method != "GET" and path_of(one.request) not in reads
        ]


def path_of(request: httpx.Request) -> str:
    """The path below /REST/2.0, or of a page."""
    return request.url.path.removeprefix("/REST/2.0")


def declared(request: httpx.Request) -> None:
    """Fail for a request that no Call describes, by method, path, names in the query or keys of the body."""
    path = path_of(request)
    fitting = [
        call
        for call in CALLS
        if call.method == request.method and re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", call.path), path)
    ]
    assert fitting, f"{request.method} {path} is not declared"
    call = fitting[0]
    assert set(request.url.params) <= set(call.query), f"{call.method} {call.path}: {sorted(request.url.params)}"
    sent = set(_keys(json.loads(request.content or b"{}")))
    assert sent <= set(call.body), f"{call.method} {call.path} sends {sorted(sent - set(call.body))}"


def _keys(body: Any) -> Iterator[str]:
    if isinstance(body, list):
        for item in body:
            yield from (f"[].{key}" for key in item) if isinstance(item, dict) else ("[]",)
    else:
        yield from body
