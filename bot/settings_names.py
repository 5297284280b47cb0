"""Which keys of the settings name somebody, so that a person can take them out. Pure."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from bot.settings import Settings

_NAMES = ("email", "name", "id")


def naming(settings: Settings, names: Collection[str]) -> tuple[str, ...]:
    """The keys under which one of these names stands, in order: `rotations.first-line.people`, `people.anna@…`.

    Names are addresses, whatever their case, and Slack user ids; an owner is also found as `person:EMAIL`.
    """
    wanted = {name.casefold() for name in names if name}
    found = _found(settings.model_dump(mode="json"), "", wanted)
    return tuple(dict.fromkeys(_entry(key) for key in found))


def _found(value: Any, key: str, wanted: Collection[str]) -> Iterator[str]:
    match value:
        case Mapping():
            for name, inner in value.items():
                yield from _found(inner, f"{key}.{name}" if key else str(name), wanted)
        case list():
            for number, inner in enumerate(value):
                place = f"{key}.{_named(inner, number)}" if isinstance(inner, Mapping) else key
                yield from _found(inner, place, wanted)
        case str() if value.removeprefix("person:").strip().casefold() in wanted:
            yield key


def _named(table: Mapping[str, Any], number: int) -> str:
    """A table of a list by its own name, else by its place."""
    return next((str(table[name]) for name in _NAMES if table.get(name)), str(number))


def _entry(key: str) -> str:
    """A person is one entry, in however many of its values they are named."""
    if not key.startswith("people."):
        return key
    return key.rpartition(".")[0]
