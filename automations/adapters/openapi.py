"""The operations of an OpenAPI document, version 3.0 or 3.1, found by the structure of their path.

Source: OpenAPI Specification 3.0.3 and 3.1.0, Paths, Operation, Parameter and Server Objects.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from automations.adapters.openapi_schemas import ANY, Schemas, listed, mapping
from automations.errors import ConfigError

METHODS: Final = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation: its path as the document writes it, itself, and the parameters that its whole path shares."""

    path: str
    method: str
    raw: Mapping[str, Any]
    shared: tuple[Any, ...]


def shape_of(path: str) -> str:
    """A path's structure: parameters without their names, and no slash at the end."""
    return re.sub(r"\{[^{}/]*\}", ANY, path).rstrip("/") or "/"


class Document:
    """An OpenAPI document. Raises: ConfigError if it is none of version 3, or describes nothing."""

    def __init__(self, raw: object) -> None:
        self._raw = mapping(raw)
        version = str(self._raw.get("openapi", ""))
        if not version.startswith("3."):
            told = "Swagger 2" if "swagger" in self._raw else f"OpenAPI {version}" if version else "something else"
            raise ConfigError(f"An OpenAPI document of version 3 is needed; this is {told}.")
        self.schemas = Schemas(self._raw)
        self._operations: dict[str, list[Operation]] = {}
        for path, item in mapping(self._raw.get("paths")).items():
            self._add(str(path), mapping(self.schemas.resolved(item)))
        if not self._operations:
            raise ConfigError("This OpenAPI document describes no paths, so nothing can be compared with it.")

    @property
    def title(self) -> str:
        """The document's own name and version."""
        told = mapping(self._raw.get("info"))
        return " ".join(str(told[key]) for key in ("title", "version") if told.get(key)) or "without a title"

    def operations(self, path: str) -> list[Operation]:
        """Every operation whose path has this structure, with the path of a server before it or without."""
        return self._operations.get(shape_of(path), [])

    def paths(self) -> list[str]:
        """All paths, as the document writes them."""
        return sorted({one.path for found in self._operations.values() for one in found})

    def query(self, operation: Operation) -> Mapping[str, Mapping[str, Any]]:
        """What may stand in an operation's address after `?`, by name, credentials too."""
        named: dict[str, Mapping[str, Any]] = {}
        for one in (*operation.shared, *listed(operation.raw.get("parameters"))):
            parameter = mapping(self.schemas.resolved(one))
            if parameter.get("in") == "query":
                named[str(parameter.get("name"))] = parameter
        schemes = mapping(mapping(self._raw.get("components")).get("securitySchemes"))
        for one in schemes.values():
            scheme = mapping(self.schemas.resolved(one))
            if scheme.get("in") == "query":
                named.setdefault(str(scheme.get("name")), {})
        return named

    def bodies(self, operation: Operation) -> list[Any]:
        """The schemas of what an operation takes; none if it takes no body."""
        return self._content(operation.raw.get("requestBody"))

    def answers(self, operation: Operation) -> list[Any]:
        """The schemas of what an operation answers when all is well; none if it answers no body."""
        said = {str(status): answer for status, answer in mapping(operation.raw.get("responses")).items()}
        well = [answer for status, answer in said.items() if status.startswith("2")] or [said.get("default")]
        return [schema for answer in well for schema in self._content(answer)]

    def schema_of(self, parameter: Mapping[str, Any]) -> Any:
        """The schema of a parameter, wherever it gives it."""
        return next(iter([parameter["schema"]] if "schema" in parameter else self._content(parameter)), {})

    def _add(self, path: str, item: Mapping[str, Any]) -> None:
        shared = tuple(listed(item.get("parameters")))
        for method in METHODS:
            if operation := mapping(item.get(method)):
                one = Operation(path, method, operation, shared)
                servers = [*listed(operation.get("servers")), *listed(item.get("servers"))]
                prefixes = self._prefixes(servers or listed(self._raw.get("servers")))
                for shape in {shape_of(f"{before}{path}") for before in ("", *prefixes)}:
                    self._operations.setdefault(shape, []).append(one)

    def _prefixes(self, servers: list[Any]) -> Iterator[str]:
        for server in map(mapping, servers):
            url = str(server.get("url", ""))
            for name, variable in mapping(server.get("variables")).items():
                url = url.replace(f"{{{name}}}", str(mapping(variable).get("default", "")))
            try:
                yield urlsplit(url).path.rstrip("/")
            except ValueError:  # an address that is none has no path
                continue

    def _content(self, holder: Any) -> list[Any]:
        content = mapping(mapping(self.schemas.resolved(holder)).get("content"))
        return [mapping(one).get("schema", {}) for one in content.values()]
