"""Comparing the calls an adapter makes with an OpenAPI document, without making one. Pure.

A person who has the vendor's own document learns from it, call by call and field by field, what an adapter has wrong,
and so checks the calls that were written without one.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from typing import Any

from automations.adapters.calls import Call
from automations.adapters.openapi import Document, Operation, shape_of
from automations.adapters.openapi_schemas import ANY, Known, shown, steps_of


class Weight(StrEnum):
    """`differs`: one of the two is wrong. `open`: the document allows anything there, so it says nothing about it.

    `agrees`: the document describes the whole of a call that was inferred.
    """

    DIFFERS = "differs"
    OPEN = "open"
    AGREES = "agrees"


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference, or one thing worth knowing. `place` is path, method, query, body, answer or call."""

    call: Call
    place: str
    field: str
    words: str
    weight: Weight = Weight.DIFFERS

    @property
    def counts(self) -> bool:
        """True if this is wrong for sure: what nobody could check before is only told."""
        return self.weight is Weight.DIFFERS and not self.call.inferred

    @property
    def state(self) -> str:
        """The weight in a person's words."""
        return f"inferred, {self.weight}" if self.call.inferred and self.weight is not Weight.OPEN else self.weight


def compare(calls: Iterable[Call], document: Document) -> Iterator[Difference]:
    """List what differs, in the order of the calls. An inferred call is told in any case."""
    for call in calls:
        found = list(_call(call, document))
        yield from found
        if call.inferred and all(one.weight is not Weight.DIFFERS for one in found):
            yield Difference(call, "call", "", "was inferred; the document says the same", Weight.AGREES)


def _call(call: Call, document: Document) -> Iterator[Difference]:
    there = document.operations(call.path)
    if not there:
        yield Difference(call, "path", call.path, f"is not in the document{_near(call.path, document)}")
        return
    same = [one for one in there if one.method == call.method.lower()]
    if not same:
        known = ", ".join(sorted({one.method.upper() for one in there}))
        yield Difference(call, "method", call.method, f"is not in the document for this path; it has {known}")
        return
    yield from min((list(_operation(call, one, document)) for one in same), key=_weight)


def _weight(found: Sequence[Difference]) -> int:
    """How far an operation is from the call. Paths of one structure may be told apart by their names alone."""
    return sum(one.weight is Weight.DIFFERS for one in found)


def _operation(call: Call, operation: Operation, document: Document) -> Iterator[Difference]:
    if operation.raw.get("deprecated") is True:
        yield Difference(call, "call", "", "is deprecated in the document", Weight.OPEN)
    yield from _query(call, operation, document)
    bodies = document.bodies(operation)
    yield from _keys(call, "body", call.body, bodies, document)
    yield from _incomplete(call, bodies, document)
    yield from _keys(call, "answer", call.reads, document.answers(operation), document)


def _query(call: Call, operation: Operation, document: Document) -> Iterator[Difference]:
    known = document.query(operation)
    objects = {name: document.schema_of(one) for name, one in known.items()}
    spread = [schema for name, schema in objects.items() if known[name].get("style", "form") == "form"]
    for name in call.query:
        outer, *inner = name.replace("]", "").split("[")
        steps = tuple(step for step in inner if step)
        if name in known or (outer in known and not steps) or _spread(name, spread, document):
            continue
        if outer in known and document.schemas.find([objects[outer]], steps).known is not Known.NO:
            continue
        near = get_close_matches(name, known, 3, 0.6)
        told = f"; it has {', '.join(near or sorted(known))}" if known else "; it has none"
        yield Difference(call, "query", name, f"is not in the document{told}")
    sent = {name.partition("[")[0] for name in call.query}
    for name, parameter in known.items():
        if parameter.get("required") is True and name.partition("[")[0] not in sent:
            yield Difference(call, "query", name, "is required by the document, and we never send it")


def _spread(name: str, schemas: Sequence[Any], document: Document) -> bool:
    """A parameter that is an object stands in the address as its keys, unless it says otherwise."""
    return document.schemas.find(schemas, (name,)).known is Known.YES


def _keys(
    call: Call, place: str, keys: Sequence[str], schemas: Sequence[Any], document: Document
) -> Iterator[Difference]:
    if keys and not schemas:
        words = "nothing of the kind: the document has no body there"
        yield Difference(call, place, ", ".join(keys), words)
        return
    left_open = []
    wrong_way = ("readOnly", "can only be read") if place == "body" else ("writeOnly", "can only be written")
    for key in keys:
        steps = steps_of(key)
        found = document.schemas.find(schemas, steps)
        if found.known is Known.OPEN:
            left_open.append(key)
        elif found.known is Known.NO:
            yield Difference(call, place, key, f"is not in the document{_elsewhere(steps, schemas, document)}")
        elif document.schemas.says(found.schemas, wrong_way[0]):
            yield Difference(call, place, key, f"{wrong_way[1]}, says the document")
    if left_open:
        words = "may be anything in the document, which says no more there"
        yield Difference(call, place, ", ".join(left_open), words, Weight.OPEN)


def _incomplete(call: Call, bodies: Sequence[Any], document: Document) -> Iterator[Difference]:
    """What the document wants in the objects that we send, and that we never send."""
    sent = {steps_of(key)[:length] for key in call.body for length in range(len(steps_of(key)) + 1)}
    for steps in sorted(sent):
        inner = {one[len(steps)] for one in sent if len(one) == len(steps) + 1 and one[: len(steps)] == steps}
        schemas = document.schemas.find(bodies, steps).schemas
        if not inner or not schemas:
            continue
        needed = set.intersection(*(document.schemas.required(one) for one in schemas))
        for name in sorted(needed - inner) if ANY not in inner else ():
            words = "is required by the document, and we never send it"
            yield Difference(call, "body", shown((*steps, name)), words)


def _elsewhere(steps: Sequence[str], schemas: Sequence[Any], document: Document) -> str:
    name = next((step for step in reversed(steps) if step not in (ANY, "[]")), "")
    found = document.schemas.places(schemas, name)
    if found:
        return f"; it has {' and '.join(found[:2])}"
    for length in reversed(range(len(steps))):
        there = document.schemas.find(schemas, steps[:length])
        if there.known is Known.YES:
            parts = [part for one in there.schemas for part in document.schemas.parts(one)]
            names = sorted({str(key) for part in parts for key in part.get("properties") or ()})
            near = get_close_matches(name, names, 3, 0.6) or names[:6]
            where = f"{shown(steps[:length])} has" if length else "it has"
            return f"; {where} {', '.join(near)}" if near else ""
    return ""


def _near(path: str, document: Document) -> str:
    """Name paths that may be meant: the same words behind another beginning, then those that look alike."""
    paths = document.paths()
    ends = [one for one in paths if shape_of(one).endswith(shape_of(path)) or shape_of(path).endswith(shape_of(one))]
    near = ends or get_close_matches(path, paths, 3, 0.6)
    return f"; it has {', '.join(near[:3])}" if near else ""
