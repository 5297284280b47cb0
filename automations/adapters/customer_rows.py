"""What every source of customers owes: the columns in use, each value as canonical text, and no cut listing."""

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Final
from uuid import UUID

from automations.adapters.whole_list import INCOMPLETE
from automations.errors import Rejected

COLUMNS: Final = "columns"
"""The code of a listing without a column that is needed, or whose column is not what it has to be."""


class Unusable(Exception):
    """A listing cannot be taken. The words name row and column; `code` says why, as `Rejected` does."""

    def __init__(self, words: str, code: str) -> None:
        super().__init__(words)
        self.code = code


def places_of(told: Sequence[str], wanted: Iterable[str], where: str) -> dict[str, int]:
    """At which place each wanted column stands among those told. A name's case counts only where two differ by it.

    Other columns do not matter. Raises: Unusable naming each column that is missing, or is there twice.
    """
    problems, found = [], {}
    plain = [name.strip() for name in told]
    for name in dict.fromkeys(wanted):
        exact = [place for place, one in enumerate(plain) if one == name]
        places = exact or [place for place, one in enumerate(plain) if one.casefold() == name.casefold()]
        if len(places) == 1:
            found[name] = places[0]
        else:
            problems.append(f"the column {name!r} is {'there twice' if places else 'missing'}")
    if problems:
        known = ", ".join(dict.fromkeys(one for one in plain if one)) or "none"
        raise Unusable(f"{where}: {'; '.join(problems)}. There are: {known[:1_000]}", COLUMNS)
    return found


def columns_of(values: Sequence[object], places: Mapping[str, int], where: str) -> dict[str, str | None]:
    """One row's columns in use as text. Raises: Unusable naming row and column."""
    row: dict[str, str | None] = {}
    for name, place in places.items():
        value = values[place]
        row[name] = value if value is None or type(value) is str else as_text(value, where, name)
    return row


def as_text(value: object, where: str, column: str) -> str | None:
    """A value as text, the same whichever database or file it comes from; None for none.

    Numbers have no exponent and no zeros at the end, moments with a zone are UTC, all times ISO 8601; a list of texts
    is joined by commas. Whether a text can be a field's value is not asked here. Raises: Unusable for anything else.
    """
    text = _texts(value) if isinstance(value, list | tuple) else _text(value)
    if text is None and value is not None:
        raise Unusable(f"{where}: {column} is a {type(value).__name__}, not a single value", COLUMNS)
    return text


def refuse_too_few(count: int, at_least: int, *, title: str, system: str) -> None:
    """Let a whole listing pass that can be believed. Raises: Rejected with the code `incomplete`."""
    if count < max(at_least, 1):
        many = f"{count:,} customers" if count else "no customer at all"
        allowed = f"; its at_least says {at_least:,}" if count else ", which never means that all of them left"
        todo = "Look at the source" + ("; if really no more are left, lower at_least." if count else ".")
        raise Rejected(f"{title} told of {many}{allowed}. Nothing was changed. {todo}", system=system, code=INCOMPLETE)


def _texts(values: Sequence[object]) -> str | None:
    texts = [_text(one) for one in values]
    return None if None in texts else ", ".join(str(one) for one in texts)


def _text(value: object) -> str | None:
    """None for what is no single value."""
    match value:
        case str():
            return value
        case bool():
            return str(value).lower()
        case int() | UUID():
            return str(value)
        case float() | Decimal():
            return _number(value)
        case datetime():
            return (value.astimezone(UTC) if value.tzinfo else value).isoformat()
        case date() | time():
            return value.isoformat()
        case _:
            return None


def _number(value: float | Decimal) -> str:
    if not math.isfinite(value):
        return str(value)
    text = format(Decimal(repr(value)) if isinstance(value, float) else value, "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("-0", "") else text
