"""Whether the requests that tests saw are the declared ones."""

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from automations.adapters.freshdesk.calls import CALLS
from tests.desks.fake import Exchange


def undeclared(exchanges: Sequence[Exchange]) -> list[str]:
    """Each request, query name and body key that no declared call has."""
    lacking = []
    for one in exchanges:
        method, path = one.request.method, one.request.url.path
        calls = [call for call in CALLS if call.method == method and _pattern(call.path).fullmatch(path)]
        if not calls:
            lacking.append(f"{method} {path}")
            continue
        query = {name for call in calls for name in call.query}
        lacking += [f"{method} {path}?{name}" for name in one.request.url.params if name not in query]
        body = [_pattern(key) for call in calls for key in call.body]
        sent = json.loads(one.request.content) if one.request.content else None
        lacking += [f"{method} {path} {key}" for key in _keys(sent) if not any(known.fullmatch(key) for known in body)]
    return lacking


def _pattern(template: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\{\w+\\}", r"[^/.]+", re.escape(template)))


def _keys(value: Any, before: str = "") -> Iterator[str]:
    """The dotted paths of all leaves."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _keys(inner, f"{before}.{name}" if before else name)
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        for inner in value:
            yield from _keys(inner, f"{before}[]")
    elif before:
        yield before
