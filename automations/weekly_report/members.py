"""The tickets behind a report's numbers, small enough to be kept with it: zlib-compressed JSON in Base64. Pure.

Properties stand once in a table; times are microseconds after the earliest, so that they repeat and compress well.
"""

import base64
import json
import zlib
from datetime import UTC, datetime, timedelta
from typing import Any

from automations.weekly_report.result import Judged, Member, Members

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
    read: dict[str, Any] = json.loads(zlib.decompress(base64.b64decode(packed)))
    first, table = datetime.fromisoformat(read["first"]), [Judged(*one) for one in read["judged"]]
    return {
        name: tuple(
            Member(ticket, first + after * _TICK, table[judged], value)
            for ticket, after, judged, value in zip(*columns, strict=True)
        )
        for name, columns in read["numbers"].items()
    }
