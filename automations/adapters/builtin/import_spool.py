"""Rows of a log set aside by ticket and in order, in a temporary file that nobody else sees and that goes by itself.

However long the log is, what is held in memory is one ticket's rows.
"""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import groupby
from operator import itemgetter
from typing import Final

from automations.adapters.builtin.import_fields import Told
from automations.errors import ConfigError

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
TICK: Final = timedelta(microseconds=1)


class Spool:
    """The rows set aside so far. `rows` counts them, `doubled` those found equal to another one when read back."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self.rows = 0
        self.doubled = 0

    def add(self, told: Told, line: int, digest: bytes) -> None:
        """Set a row aside. `digest` is equal for rows that are equal cell by cell."""
        moment = (told.at - EPOCH) // TICK
        row = (told.ticket, moment, line, digest, json.dumps(dict(told.fields)))
        self._connection.execute("insert into told values (?, ?, ?, ?, ?)", row)
        self.rows += 1

    def tickets(self) -> Iterator[tuple[int, list[Told]]]:
        """Each ticket once: how many rows it has, and these in order of time, then of the file, doubled ones once."""
        rows = self._connection.execute("select ticket, at, digest, fields from told order by ticket, at, line")
        for ticket, group in groupby(rows, itemgetter(0)):
            once: dict[bytes, Told] = {}
            met = 0
            for _, moment, digest, fields in group:
                met += 1
                once.setdefault(digest, Told(ticket, EPOCH + moment * TICK, json.loads(fields)))
            self.doubled += met - len(once)
            yield met, list(once.values())


@contextmanager
def spool() -> Iterator[Spool]:
    """A spool for one import. Raises: ConfigError if there is no room for its file."""
    connection = sqlite3.connect("")
    try:
        connection.execute("create table told (ticket text, at integer, line integer, digest blob, fields text)")
        yield Spool(connection)
    except sqlite3.Error as exc:
        words = f"The rows could not be set aside in a temporary file: {exc}. What was stored before stays"
        raise ConfigError(
            f"{words}; import again once there is room, or set SQLITE_TMPDIR to a folder with room."
        ) from exc
    finally:
        connection.close()
