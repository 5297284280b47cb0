"""What follows `/support-report`: a period, filters and a place, in any order; the same filters on the terminal.

Read as forgivingly as `bot.grammar` reads, with the signs that phones and Slack put in. What a period's words mean is
found out by `automations.weekly_report.period`; whether a group, a tier, a tag is there, by the listener.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from automations.domain import Priority
from automations.weekly_report.request import FILTER_KEYS, FilterKey, Filters
from bot.grammar import UsageError, plain
from bot.grammar_duty import literal

Chosen = dict[FilterKey, tuple[str, ...]]
"""Filters as somebody typed them: for each key its values, none of them for all tickets whatever they have there."""

MOST_VALUES: Final = 20
LONGEST_VALUE: Final = 200
ALL: Final = "*"
"""Typed for a value: that key is no filter, though the settings make one of it."""


class Place(StrEnum):
    """Where a report goes: to the channel of reports, to the channel in which it was asked for, to who asked alone."""

    CHANNEL = "channel"
    HERE = "here"
    ME = "me"


@dataclass(frozen=True, slots=True)
class Typed:
    """A `report …` that was understood. `period` is as typed, empty for none; `place` None where nothing was said."""

    period: str
    chosen: Chosen
    place: Place | None = None


_VALUE: Final = r"\"(?:[^\"]|\"\")*\"|'[^']*'(?![^\s,])|[^\s,\"]+"
_FILTER: Final = re.compile(rf"(?<![^\s,;])([A-Za-z][\w-]*) ?[=:] ?((?:{_VALUE})(?: ?, ?(?:{_VALUE}))*|)")
_PIECE: Final = re.compile(_VALUE)
_RANGE: Final = re.compile(r"(\d[\w-]*)(?: ?(?:\.{2,3}|\u2026) ?| (?:to|until|till|and|-) )(\d[\w-]*)")
_WEEK: Final = re.compile(r"(\d{4})-?w(\d{1,2})", re.IGNORECASE)

_SAME_KEY: Final[Mapping[str, FilterKey]] = {
    **{key: key for key in FILTER_KEYS},
    "groups": "group", "queue": "group", "queues": "group", "priorities": "priority", "tiers": "tier", "tags": "tag",
    "customers": "customer", "agent": "assignee", "assignees": "assignee",
}  # fmt: skip
_PLACES: Final[Mapping[str, Place]] = {
    "me": Place.ME, "only-me": Place.ME, "privately": Place.ME, "private": Place.ME,
    "here": Place.HERE, "channel": Place.CHANNEL,
}  # fmt: skip
_PASSED_OVER: Final = frozenset({"for", "from", "only", "just", "in", "the", "of", "between", "with", "please", ""})


def parse_report(text: str) -> Typed | None:
    """Read what follows `report`; None for nothing at all.

    Raises: UsageError with the key, value or place that was not understood, and what is known.
    """
    said = literal(plain(text))
    if not said:
        return None
    rest, chosen = _without_filters(said)
    left: list[str] = []
    places: set[Place] = set()
    for word in rest.split():
        bare = word.strip("'\",;").casefold()
        if bare in _PLACES:
            places.add(_PLACES[bare])
        elif bare not in _PASSED_OVER:
            left.append(bare)
    if len(places) > 1:
        raise UsageError("One place, please: channel, here or me.")
    return Typed(_period(" ".join(left)), chosen, next(iter(places), None))


def parse_filters(typed: Iterable[str]) -> Chosen:
    """Read texts such as `priority=high,urgent` and `group="First line"`. Raises: UsageError with what is known."""
    together: Chosen = {}
    for text in typed:
        rest, chosen = _without_filters(literal(plain(text)))
        if left := rest.replace(",", " ").split():
            raise UsageError(
                f"I do not know “{_short(left[0])}”. Filters are written key=value, values with blanks in quotes: "
                f'group="First line". {_known_keys()}'
            )
        for key, values in chosen.items():
            together[key] = _several(key, (*together.get(key, ()), *values))
    return together


def with_defaults(defaults: Filters, chosen: Chosen) -> Filters:
    """The filters that hold without a word said, but for the keys of which something was said."""
    held: Chosen = {**dict(defaults.chosen), **chosen}
    return Filters(tuple((key, held[key]) for key in FILTER_KEYS if held.get(key)))


def filters_written(filters: Filters) -> str:
    """Filters as they can be typed: `group="first line",billing priority=high`."""
    return " ".join(f"{key}={','.join(map(_written, values))}" for key, values in filters.chosen)


def _without_filters(said: str) -> tuple[str, Chosen]:
    """Take the filters out of a text, and give both. Raises: UsageError."""
    chosen: Chosen = {}
    for match in _FILTER.finditer(said):
        key = _SAME_KEY.get(match[1].casefold())
        if key is None:
            raise UsageError(f"I do not know the filter “{_short(match[1])}”. {_known_keys()}")
        if not match[2]:
            raise UsageError(f"Which {key}? Write {key}=VALUE, or {key}={ALL} for all.")
        values = tuple(_read(piece[0]) for piece in _PIECE.finditer(match[2]))
        chosen[key] = _several(key, (*chosen.get(key, ()), *values))
    return _FILTER.sub(" ", said), chosen


def _several(key: FilterKey, values: tuple[str, ...]) -> tuple[str, ...]:
    """The values of one key, each once, in order. Raises: UsageError for one that cannot be."""
    if ALL in values:
        return ()
    if len(values) > MOST_VALUES:
        raise UsageError(f"At most {MOST_VALUES} values of {key}, please.")
    for value in values:
        if len(value) > LONGEST_VALUE:
            raise UsageError(f"“{_short(value)}” is too long for a {key}.")
        if key == "priority" and value not in set(Priority):
            raise UsageError(f"I do not know the priority “{_short(value)}”. I know: {', '.join(Priority)}.")
    return tuple(sorted(set(values)))


def _read(piece: str) -> str:
    """One value without its quotation marks, in lower case."""
    if len(piece) > 1 and piece[0] == piece[-1] == '"':
        piece = piece[1:-1].replace('""', '"')
    elif len(piece) > 1 and piece[0] == piece[-1] == "'":
        piece = piece[1:-1]
    return piece.strip().lower()


def _written(value: str) -> str:
    if re.fullmatch(r"[\w.@+/-]+", value):
        return value
    doubled = value.replace('"', '""')
    return f'"{doubled}"'


def _period(said: str) -> str:
    """Write a period as `parse_period` reads it: dates with `..` between, the words of `last week` with a hyphen."""
    if (match := _RANGE.fullmatch(said)) is not None:
        return f"{match[1]}..{match[2]}"
    if (match := _WEEK.fullmatch(said)) is not None:
        return f"{match[1]}-W{match[2]:0>2}"
    return said.replace(" ", "-")


def _known_keys() -> str:
    return f"Filters: {', '.join(FILTER_KEYS)}."


def _short(word: str) -> str:
    return word if len(word) <= 40 else word[:39] + "…"
