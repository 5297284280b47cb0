"""Keys in the schemas of an OpenAPI document, through every reference and composition.

Nothing here trusts the document: whatever is not where the specification puts it counts as not there.
Source: OpenAPI Specification 3.0.3 and 3.1.0, Schema Object; JSON Pointer, RFC 6901.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final
from urllib.parse import unquote

ITEM: Final = "[]"
"""The step from a list to its items."""
ANY: Final = "{}"
"""The step to a key whose name the team chooses, and a part of a path that is a parameter."""
_DEEPEST: Final = 12
"""How many references in a row are followed, and how deep `places` looks: schemas may contain themselves."""
_TOLD: Final = frozenset({"properties", "items", "prefixItems", "patternProperties", "enum", "const"})
_SAYS_NOTHING: Final = frozenset(
    {"description", "title", "default", "example", "examples", "nullable", "deprecated", "readOnly", "writeOnly"}
)
_COMPOSED: Final = ("allOf", "oneOf", "anyOf")


class Known(StrEnum):
    """What schemas say of a key: it is there, anything may be there, or it is not there."""

    YES = "yes"
    OPEN = "open"
    NO = "no"


@dataclass(frozen=True, slots=True)
class Found:
    """What was found of a key. `schemas` describe its value; several where the document offers alternatives."""

    known: Known
    schemas: tuple[Any, ...] = ()


def steps_of(dotted: str) -> tuple[str, ...]:
    """Take `tickets[].custom.{name}` apart: tickets, [], custom, {}."""
    parts = [part for piece in dotted.replace(ITEM, f".{ITEM}.").split(".") if (part := piece.strip())]
    return tuple(ANY if part == "*" or re.fullmatch(r"\{.*\}", part) else part for part in parts)


def shown(steps: Sequence[str]) -> str:
    """Write steps as a dotted path again."""
    return ".".join(steps).replace(f".{ITEM}", ITEM)


def mapping(value: Any) -> Mapping[str, Any]:
    """The value if it is an object, else an empty one."""
    return value if isinstance(value, Mapping) else {}


def listed(value: Any) -> list[Any]:
    """The value if it is a list, else an empty one."""
    return value if isinstance(value, list) else []


class Schemas:
    """All schemas of one document, which is given whole."""

    def __init__(self, raw: Mapping[str, Any]) -> None:
        self._raw = raw

    def resolved(self, value: Any) -> Any:
        """What a reference leads to inside the document; {} if nowhere, to another file, or in a circle."""
        for _ in range(_DEEPEST):
            reference = mapping(value).get("$ref")
            if not isinstance(reference, str):
                return value
            value = self._pointed(reference[2:]) if reference.startswith("#/") else {}
        return {}

    def find(self, schemas: Sequence[Any], steps: Sequence[str]) -> Found:
        """Follow steps from any of these schemas. What is allowed without being described is `OPEN`."""
        current = tuple(schemas)
        for step in steps:
            taken = [self._step(schema, step) for schema in current]
            current = tuple(inner for found in taken for inner in found.schemas)
            if not current:
                return Found(Known.OPEN if any(found.known is Known.OPEN for found in taken) else Known.NO)
        return Found(Known.YES, current)

    def required(self, schema: Any, behind: tuple[int, ...] = ()) -> set[str]:
        """The keys without which no object of this schema is complete."""
        whole = mapping(self.resolved(schema))
        if id(whole) in behind:
            return set()
        seen = (*behind, id(whole))
        needed = {name for name in listed(whole.get("required")) if isinstance(name, str)}
        for one in listed(whole.get("allOf")):
            needed |= self.required(one, seen)
        for word in ("oneOf", "anyOf"):
            if choices := [self.required(one, seen) for one in listed(whole.get(word))]:
                needed |= set.intersection(*choices)
        return needed

    def places(self, schemas: Sequence[Any], name: str) -> list[str]:
        """Where a key of this name stands, as dotted paths, those with the fewest steps first."""
        found: list[str] = []
        waiting: list[tuple[tuple[str, ...], Any]] = [((), schema) for schema in schemas]
        met: set[int] = set()
        while waiting:
            steps, schema = waiting.pop(0)
            for part in self.parts(schema):
                if id(part) in met or len(steps) > _DEEPEST:
                    continue
                met.add(id(part))
                inner = {str(key): one for key, one in mapping(part.get("properties")).items()}
                found += [shown((*steps, key)) for key in inner if key == name]
                waiting += [((*steps, key), one) for key, one in inner.items()]
                waiting += [((*steps, ITEM), part["items"])] if "items" in part else []
        return found

    def says(self, schemas: Sequence[Any], word: str) -> bool:
        """True if every one of these schemas says so of itself, such as `readOnly`."""
        return bool(schemas) and all(any(part.get(word) is True for part in self.parts(one)) for one in schemas)

    def parts(self, schema: Any) -> Iterator[Mapping[str, Any]]:
        """A schema and all it is composed of, each once: what holds together, and what is offered to choose from."""
        waiting, met = [schema], set()
        while waiting:
            part = mapping(waiting.pop())
            if not part or id(part) in met:
                continue
            met.add(id(part))
            if "$ref" in part:
                waiting.append(self.resolved(part))
            if set(part) != {"$ref"}:  # 3.1 lets a schema say more beside its reference
                yield part
            for word in _COMPOSED:
                waiting += listed(part.get(word))
            waiting += [part[word] for word in ("then", "else") if word in part]
            targets = mapping(mapping(part.get("discriminator")).get("mapping")).values()
            waiting += [self._pointed(str(target)[2:]) for target in targets if str(target).startswith("#/")]

    def _pointed(self, pointer: str) -> Any:
        value: Any = self._raw
        for piece in pointer.split("/"):
            name = unquote(piece).replace("~1", "/").replace("~0", "~")
            if isinstance(value, list):
                value = value[int(name)] if name.isdecimal() and int(name) < len(value) else {}
            else:
                value = mapping(value).get(name, {})
        return value

    def _step(self, schema: Any, step: str) -> Found:
        parts = list(self.parts(schema))
        inner = [one for part in parts for one in _inside(part, step) if one is not False]
        if inner:
            return Found(Known.YES, tuple(inner))
        kind = "array" if step == ITEM else "object"
        return Found(Known.OPEN if not parts or any(_open(part, kind) for part in parts) else Known.NO)


def _inside(part: Mapping[str, Any], step: str) -> list[Any]:
    """What one part of a schema says of the next step."""
    extra = part.get("additionalProperties")
    extras = [{} if extra is True else extra] if extra is True or mapping(extra) else []
    if step == ITEM:
        return [*([part["items"]] if "items" in part else []), *listed(part.get("prefixItems"))]
    if step == ANY:
        return [*mapping(part.get("properties")).values(), *extras]
    named = mapping(part.get("properties"))
    if step in named:
        return [named[step]]
    return [*(one for pattern, one in mapping(part.get("patternProperties")).items() if _fits(pattern, step)), *extras]


def _open(part: Mapping[str, Any], kind: str) -> bool:
    """True if this part allows anything there, since it describes nothing."""
    told = {word for word in part if word not in _SAYS_NOTHING and not str(word).startswith("x-")}
    if not told:
        return True
    given = part.get("type", [])
    types = given if isinstance(given, list) else [given]
    closed = part.get("additionalProperties") is False
    return kind in types and not closed and not told & {*_TOLD, *_COMPOSED, "$ref"}


def _fits(pattern: object, name: str) -> bool:
    try:
        return re.search(str(pattern), name) is not None
    except re.error:  # a pattern that is none matches nothing
        return False
