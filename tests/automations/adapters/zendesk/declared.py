"""Whether what an adapter sent is among the calls it declares."""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import httpx

from automations.adapters.calls import Call
from tests.desks.fake import Exchange


def undeclared(calls: Sequence[Call], exchanges: Iterable[Exchange]) -> list[str]:
    """Each request that no declared call covers, with what is not covered of it."""
    return sorted({said for one in exchanges for said in _uncovered(calls, one.request)})


def _uncovered(calls: Sequence[Call], request: httpx.Request) -> Iterator[str]:
    what = f"{request.method} {request.url.path}"
    mine = [call for call in calls if call.method == request.method and _fits(call.path, request.url.path)]
    if not mine:
        yield what
        return
    # the template with the fewest names is the one meant: /users/me before /users/{user_id}
    fewest = min(call.path.count("{") for call in mine)
    mine = [call for call in mine if call.path.count("{") == fewest]
    query = {name for call in mine for name in call.query}
    yield from (f"{what} ?{name}" for name in request.url.params if name not in query)
    body = [re.compile(_pattern(path)) for call in mine for path in call.body]
    sent = json.loads(request.content) if request.content else None
    yield from (f"{what} {path}" for path in _paths(sent) if not any(one.fullmatch(path) for one in body))


def _fits(template: str, path: str) -> bool:
    return re.fullmatch(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(template)), path) is not None


def _pattern(path: str) -> str:
    return re.sub(r"\\{\w+\\}", "[^.]+", re.escape(path))


def _paths(value: Any, path: str = "") -> Iterator[str]:
    """The dotted paths of all leaves."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _paths(inner, f"{path}.{name}" if path else name)
    elif isinstance(value, list) and any(isinstance(one, dict) for one in value):
        for one in value:
            yield from _paths(one, f"{path}[]")
    elif path:
        yield path
