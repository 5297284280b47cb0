"""How we open an SQLite file: durable, and with writers of one process standing in a line.

SQLite lets one connection write at a time; the others poll with growing pauses, so that under load some wait far
longer than others. Here every writing transaction of the process, the job engine's included, first waits for its
turn, in the order of asking. Other processes still meet at SQLite's own lock and its busy timeout.
"""

import re
import sqlite3
import threading
import time
from collections import deque
from typing import Any, Final, Self

BUSY_TIMEOUT_S: Final = 30.0
"""Seconds a writer waits for its turn, and then again for another process, before "database is locked"."""

URGENT_TIMEOUT_S: Final = 5.0
"""The same for writes that somebody outside waits for: told in time that it is not now, they repeat; kept waiting, they
hold every thread of the HTTP port, and the health check with them."""

PRAGMAS: Final = (
    f"busy_timeout = {int(BUSY_TIMEOUT_S * 1000)}",  # first: the next one may have to wait for another process
    "journal_mode = wal",
    "synchronous = full",  # a commit survives a power cut, not only the death of the process
    "foreign_keys = on",
    "journal_size_limit = 67108864",
)

_WRITES = re.compile(r"\s*(?:insert|update|delete|replace|begin\s+immediate)\b", re.IGNORECASE)


class Turnstile:
    """A lock that is given to waiting threads in the order in which they came, urgent ones at every other turn.

    Urgent is what somebody outside waits for; background work still gets each second turn, so none of it starves.
    """

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._waiting: deque[threading.Lock] = deque()
        self._urgent: deque[threading.Lock] = deque()
        self._last_was_urgent = False
        self._taken = False

    def acquire(self, timeout_s: float, *, urgent: bool = False) -> bool:
        """Wait for our turn. False after `timeout_s` seconds without it."""
        line = self._urgent if urgent else self._waiting
        with self._guard:
            if not self._taken:
                self._taken = True
                return True
            mine = threading.Lock()
            mine.acquire()
            line.append(mine)
        if mine.acquire(timeout=timeout_s):
            return True
        with self._guard:
            if mine not in line:  # handed over in the last moment: it is ours
                return True
            line.remove(mine)
            return False

    def release(self) -> None:
        """Hand over to whoever has waited longest in the line whose turn it is."""
        with self._guard:
            self._last_was_urgent = bool(self._urgent) and not (self._last_was_urgent and self._waiting)
            line = self._urgent if self._last_was_urgent else self._waiting
            if line:
                line.popleft().release()
            else:
                self._taken = False


class TurnTakingConnection(sqlite3.Connection):
    """A connection whose first writing statement waits for its turn, and whose commit or rollback passes it on."""

    turnstile: Turnstile | None = None
    urgent = False
    _holds = False

    def cursor(self, factory: Any = None) -> Any:
        """Every cursor of ours takes turns; `factory` may narrow it further."""
        return super().cursor(factory or TurnTakingCursor)

    def commit(self) -> None:
        """Commit and pass the turn on."""
        try:
            super().commit()
        finally:
            self.pass_turn()

    def rollback(self) -> None:
        """Roll back and pass the turn on."""
        try:
            super().rollback()
        finally:
            self.pass_turn()

    def close(self) -> None:
        """Close; what was not committed is gone, and the turn with it."""
        super().close()
        self._let_go()

    def take_turn(self) -> None:
        """Wait for our turn to write, once per transaction.

        Raises: sqlite3.OperationalError after `BUSY_TIMEOUT_S`, urgent ones after `URGENT_TIMEOUT_S`, in SQLite's own
        words.
        """
        if self.turnstile is None or self._holds:
            return
        if not self.turnstile.acquire(URGENT_TIMEOUT_S if self.urgent else BUSY_TIMEOUT_S, urgent=self.urgent):
            raise sqlite3.OperationalError("database is locked")
        self._holds = True

    def pass_turn(self) -> None:
        """Let the next writer in, unless our transaction is still open."""
        if self._holds and not self.in_transaction:
            self._let_go()

    def _let_go(self) -> None:
        if self._holds and self.turnstile is not None:
            self._holds = False
            self.turnstile.release()


class TurnTakingCursor(sqlite3.Cursor):
    """Takes the connection's turn before a statement that begins a writing transaction."""

    connection: TurnTakingConnection

    def execute(self, sql: str, parameters: Any = (), /) -> Self:
        """Run one statement, in turn if it writes."""
        self._take_turn(sql)
        try:
            return super().execute(sql, parameters)
        finally:
            self.connection.pass_turn()

    def executemany(self, sql: str, parameters: Any, /) -> Self:
        """Run one statement for many rows, in turn if it writes."""
        self._take_turn(sql)
        try:
            return super().executemany(sql, parameters)
        finally:
            self.connection.pass_turn()

    def _take_turn(self, sql: str) -> None:
        if not self.connection.in_transaction and _WRITES.match(sql):
            self.connection.take_turn()


def prepare(connection: sqlite3.Connection, turnstile: Turnstile) -> None:
    """Set up a new connection: pragmas, turns, and a clock in milliseconds for the job engine.

    The engine shares these connections and asks for the time by `unixepoch('subsec')` or `strftime('%s', 'now')`. Older
    SQLite answers the first with NULL and the second in whole seconds, which loses the order of its queue. Our own
    SQL uses neither function.
    """
    connection.isolation_level = "IMMEDIATE"
    for pragma in PRAGMAS:
        connection.execute(f"pragma {pragma}").close()
    connection.create_function("unixepoch", 1, lambda _modifier: time.time())
    connection.create_function("strftime", 2, lambda form, _moment: time.time() if form == "%s" else None)
    if isinstance(connection, TurnTakingConnection):
        connection.turnstile = turnstile
