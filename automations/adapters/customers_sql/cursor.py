"""Where a look at changes begins, as text that keeps its type: `number 9` is before `number 10`. Pure."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from automations.adapters.customer_rows import COLUMNS, Unusable

OVERLAP: Final = timedelta(minutes=10)
"""How far before a moment a look begins: a transaction may have been committed so long after the time that it wrote."""

AHEAD: Final = timedelta(minutes=10)
"""How far the clock of a source may be ahead of ours."""
EAST: Final = timedelta(hours=14) + AHEAD
"""How far a time without a zone may be: the farthest east is UTC+14."""

_SORTABLE: Final = re.compile(r"[0-9TZ:.,+/ _-]*")
"""Texts that every database sorts alike: times and numbers as text. The order of letters is each database's own."""

_READ: Final[Mapping[str, Callable[[str], Any]]] = {
    "integer": int,
    "real": float,
    "decimal": Decimal,
    "text": str,
    "instant": datetime.fromisoformat,
    "moment": datetime.fromisoformat,
    "day": date.fromisoformat,
    "bytes": bytes.fromhex,
}
_COMPARED_AS: Final = {"integer": "number", "real": "number", "decimal": "number"}


def kind_of(value: object) -> str:
    """What type a cursor's value has. Raises: Unusable for one that has no order everybody agrees on."""
    match value:
        case bool():
            pass
        case int():
            return "integer"
        case float() | Decimal() if value == value:  # NaN has no place in any order
            return "real" if isinstance(value, float) else "decimal"
        case str() if _SORTABLE.fullmatch(value):
            return "text"
        case datetime():
            return "instant" if value.tzinfo else "moment"
        case date():
            return "day"
        case bytes() | bytearray() | memoryview():
            return "bytes"
    words = "a cursor is a number, a time, or a text of digits and signs"
    raise Unusable(f"the cursor's column holds {str(value)[:80]!r} ({type(value).__name__}); {words}", COLUMNS)


def encoded(value: Any) -> str:
    """A value with its type: `instant 2026-11-21T02:14:00+00:00`. Raises: Unusable as `kind_of`."""
    kind = kind_of(value)
    match kind:
        case "instant":
            return f"{kind} {value.astimezone(UTC).isoformat()}"
        case "moment" | "day":
            return f"{kind} {value.isoformat()}"
        case "bytes":
            return f"{kind} {bytes(value).hex()}"
        case _:
            return f"{kind} {value}"


def decoded(cursor: str) -> Any:
    """The value of a cursor. Raises: Unusable for a text that is none."""
    kind, _, text = cursor.partition(" ")
    try:
        return _READ[kind](text)
    except (KeyError, ValueError, ArithmeticError) as exc:
        raise Unusable(f"{cursor[:80]!r} is no cursor of this source", "cursor") from exc


def begins_at(cursor: str) -> Any:
    """The value from which on rows are asked for: the cursor's own, and for moments a little earlier."""
    value = decoded(cursor)
    return value - OVERLAP if isinstance(value, datetime) else value


class Furthest:
    """The greatest value so far, whatever order the rows come in; `now` is when the look began.

    A time to come moves nothing: all that is changed until then would be passed over.
    """

    def __init__(self, cursor: str | None, now: datetime) -> None:
        self.cursor = cursor or ""
        self._now = now
        self._value = decoded(cursor) if cursor else None

    def saw(self, value: Any) -> str:
        """The cursor after a row with this value; a row without one (NULL) moves nothing. Raises: Unusable."""
        if value is None:
            return self.cursor
        kind = kind_of(value)
        if self._value is not None:
            before = kind_of(self._value)
            if _COMPARED_AS.get(before, before) != _COMPARED_AS.get(kind, kind):
                raise Unusable(f"the cursor's column holds both {before} and {kind} values", COLUMNS)
        value = bytes(value) if kind == "bytes" else value
        if self._is_to_come(value):
            return self.cursor
        if self._value is None or value > self._value:
            self._value, self.cursor = value, encoded(value)
        return self.cursor

    def _is_to_come(self, value: Any) -> bool:
        """Whether a time has not come yet, wherever on earth it was written where it has no zone."""
        if isinstance(value, datetime):
            return value > (self._now + AHEAD if value.tzinfo else (self._now + EAST).replace(tzinfo=None))
        return isinstance(value, date) and value > (self._now + EAST).date()
