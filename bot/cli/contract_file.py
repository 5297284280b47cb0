"""Reading an OpenAPI document that somebody downloaded: JSON or YAML, by its content and not by its name."""

import json
import re
from typing import Any

import yaml

from automations.errors import ConfigError
from bot.cli.files import read_text

LONGEST = 50_000_000
"""Bytes; the largest vendor's document that we know has 4 MB."""

_Base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_Base):  # type: ignore[misc]  # which of the two it is depends on how PyYAML was built
    """YAML as OpenAPI reads it (1.2): `on` and `no` are names and dates are texts."""


_RESOLVERS = {
    first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith((":bool", ":timestamp"))]
    for first, resolvers in _Base.yaml_implicit_resolvers.items()
}
_Loader.yaml_implicit_resolvers = _RESOLVERS
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), list("tf"))


def read_contract(name: str) -> Any:
    """Read the document as it is. Raises: ConfigError in words if it cannot be read or is neither JSON nor YAML."""
    text = read_text(name, limit=LONGEST)
    try:
        return json.loads(text) if text.lstrip().startswith("{") else yaml.load(text, Loader=_Loader)  # noqa: S506 - safe
    except (ValueError, yaml.YAMLError, RecursionError) as exc:
        words = " ".join(str(exc).split())[:300]
        raise ConfigError(f"{name}: this is neither JSON nor YAML ({words}).") from exc
