"""Failure events from a file: one JSON document (an event or an array of them), or JSON lines."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from automations.failure_tickets.event import FailureEvent


@dataclass(frozen=True, slots=True)
class Sendable:
    """An event that may be sent. `where` says where in the file it stands; `raw` is its JSON, as bytes."""

    where: str
    id: str
    source: str
    raw: bytes


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A part of the file that is no failure event, and why."""

    where: str
    reason: str


def events_in(text: str) -> Iterator[Sendable | Unreadable]:
    """Read every event and check it by itself, so that one wrong line does not stop the others."""
    try:
        whole = _parsed(text)
    except ValueError as exc:
        lines = [(number, line) for number, line in enumerate(text.split("\n"), start=1) if line.strip()]
        if len(lines) <= 1 or not _is_json(lines[0][1]):  # not JSON lines either: show what is wrong with the whole
            yield Unreadable(_line_of(exc), f"this is not JSON: {exc}")
            return
        for number, line in lines:
            yield _from_line(f"line {number}", line)
        return
    items = whole if isinstance(whole, list) else [whole]
    if not items:
        yield Unreadable("the file", "an empty array holds nothing to send")
    for number, item in enumerate(items, start=1):
        yield _checked(f"event {number}", item)


def batches(events: Sequence[Sendable], *, count: int, size: int) -> Iterator[list[Sendable]]:
    """Cut into requests of at most `count` events and `size` bytes of body; an event longer than that goes alone."""
    batch: list[Sendable] = []
    taken = 2
    for event in events:
        if batch and (len(batch) == count or taken + len(event.raw) + 1 > size):
            yield batch
            batch, taken = [], 2
        batch.append(event)
        taken += len(event.raw) + 1
    if batch:
        yield batch


def body_of(batch: Sequence[Sendable]) -> bytes:
    """The request's body: always an array."""
    return b"[" + b",".join(event.raw for event in batch) + b"]"


def _from_line(where: str, line: str) -> Sendable | Unreadable:
    try:
        return _checked(where, _parsed(line))
    except ValueError as exc:
        return Unreadable(where, f"this is not JSON: {exc}")


def _checked(where: str, item: Any) -> Sendable | Unreadable:
    """Judge one event as the bot will."""
    try:
        event = FailureEvent.model_validate(item)
    except ValidationError as exc:
        first = exc.errors(include_url=False, include_context=False)[0]
        key = ".".join(str(part) for part in first["loc"])
        problem = first["msg"].removeprefix("Value error, ")
        if first["type"] == "extra_forbidden":
            problem = f"there is no such field; known here: {', '.join(_known(first['loc'][:-1]))}"
        more = f" (and {exc.error_count() - 1} more)" if exc.error_count() > 1 else ""
        return Unreadable(where, f"{key}: {problem}{more}" if key else f"{problem}{more}")
    return Sendable(where, event.id, event.source, json.dumps(item, allow_nan=False).encode())


def _known(parents: Sequence[str | int]) -> list[str]:
    model: Any = FailureEvent
    for part in parents:
        if isinstance(part, str):
            annotation = model.model_fields[part].annotation
            inner = (annotation, *getattr(annotation, "__args__", ()))
            model = next((one for one in inner if hasattr(one, "model_fields")), model)
    return list(model.model_fields)


def _parsed(text: str) -> Any:
    try:
        return json.loads(text, parse_constant=_no_constant, object_pairs_hook=_once)
    except RecursionError as exc:
        raise ValueError("it is nested too deeply") from exc


def _is_json(line: str) -> bool:
    try:
        _parsed(line)
    except ValueError:
        return False
    return True


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not a JSON number")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("an object names a key twice")
    return found


def _line_of(exc: ValueError) -> str:
    return f"line {exc.lineno}" if isinstance(exc, json.JSONDecodeError) else "the file"
