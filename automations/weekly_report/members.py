"""The tickets behind a report's numbers, small enough to be kept with it: zlib-compressed JSON in Base64. Pure.

Properties stand once in a table; times are microseconds after the earliest, so that they repeat and compress well.
"""

import base64
import json
import zlib
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from automations.weekly_report.result import Judged, Member, Members, NumberName

_TICK = timedelta(microseconds=1)


def pack(members: Members) -> str:
    """Write members down. The same members always give the same text."""
    table: dict[Judged, int] = {}
    first = min((one.at for several in members.values() for one in several), default=datetime(1970, 1, 1, tzinfo=UTC))
    numbers = {
        name: [
            [one.ticket for one in several],
            [(one.at - first) // _TICK for one in several],
            [table.setdefault(one.judged, len(table)) for one in several],
            [one.value for one in several],
        ]
        for name, several in sorted(members.items())
    }
    written = json.dumps({"first": first.isoformat(), "judged": list(table), "numbers": numbers}, separators=(",", ":"))
    return base64.b64encode(zlib.compress(written.encode(), 6)).decode()


def unpack(packed: str) -> Members:
    """Read back what `pack` wrote."""
    read = _read(packed)
    return {name: _made(read, zip(*columns, strict=True)) for name, columns in read["numbers"].items()}


def unpack_some(packed: str, number: NumberName, first: int, end: int) -> tuple[tuple[Member, ...], int] | None:
    """Read back the members [first, end) of one number, and how many it has in all; None if there is no such number.

    Longest time first, else oldest first. Only these are made: a click waits for them, and of a backlog there may be
    hundreds of thousands.
    """
    read = _read(packed)
    if (columns := read["numbers"].get(number)) is None:
        return None
    rows = sorted(zip(*columns, strict=True), key=lambda row: (-row[3] if row[3] is not None else row[1], row[0]))
    return _made(read, rows[first:end]), len(rows)


def _read(packed: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(zlib.decompress(base64.b64decode(packed)))
    return read


def _made(read: Mapping[str, Any], rows: Iterable[tuple[str, int, int, float | None]]) -> tuple[Member, ...]:
    first, table = datetime.fromisoformat(read["first"]), [Judged(*one) for one in read["judged"]]
    return tuple(Member(ticket, first + after * _TICK, table[judged], value) for ticket, after, judged, value in rows)
