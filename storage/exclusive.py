"""One worker at a time for one thing, among all threads and processes on a database; a dead one lets go by dying.

For work that holds no transaction while it waits for an outside system. SQLite has one process that works, so a lock in
memory is enough; PostgreSQL adds a session advisory lock, which the server drops with the connection.
"""

import hashlib
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

from sqlalchemy import bindparam, text
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.orm import Session

from storage.engine import Database

PATIENCE_S: Final = 30.0
"""How long to wait for the one before; on PostgreSQL the same again, by the connection's lock timeout."""

_LOCK = text("select pg_advisory_lock(:number)").bindparams(bindparam("number"))
_UNLOCK = text("select pg_advisory_unlock(:number)")
_LOCK_TRANSACTION = text("select pg_advisory_xact_lock(:number)").bindparams(bindparam("number"))


class Occupied(Exception):
    """Somebody else is still at it."""


@contextmanager
def alone(database: Database, name: str, *, patience_s: float = PATIENCE_S) -> Iterator[None]:
    """Hold `name` on this database. Waits for whoever holds it.

    Raises: Occupied if that takes longer than `patience_s` seconds. Must not be nested for one name.
    """
    with _alone_in_process(f"{database.url}\n{name}", patience_s):
        if database.dialect == "sqlite":
            yield
            return
        number = _number(name)
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            try:
                connection.execute(_LOCK, {"number": number})
            except OperationalError as exc:
                raise Occupied(name) from exc
            try:
                yield
            finally:
                if not connection.invalidated:
                    with suppress(OperationalError, InterfaceError):  # it broke, and the lock went with it
                        connection.execute(_UNLOCK, {"number": number})


def until_commit(session: Session, name: str) -> None:
    """Hold `name` until the session's transaction ends. On SQLite a transaction that writes is alone anyway.

    Whoever comes next sees what was committed, so numbers drawn in here become visible in their order.
    Raises: sqlalchemy.exc.OperationalError if whoever holds it does not end in time.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(_LOCK_TRANSACTION, {"number": _number(name)})


def _number(name: str) -> int:
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)


class _Names:
    """Locks by name, kept only while somebody holds or wants them."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._locks: dict[str, threading.Lock] = {}
        self._interest: Counter[str] = Counter()

    def enter(self, name: str) -> threading.Lock:
        with self._guard:
            self._interest[name] += 1
            return self._locks.setdefault(name, threading.Lock())

    def leave(self, name: str) -> None:
        with self._guard:
            self._interest[name] -= 1
            if not self._interest[name]:
                del self._interest[name], self._locks[name]


_names: Final = _Names()


@contextmanager
def _alone_in_process(name: str, patience_s: float) -> Iterator[None]:
    lock = _names.enter(name)
    try:
        if not lock.acquire(timeout=patience_s):
            raise Occupied(name)
        try:
            yield
        finally:
            lock.release()
    finally:
        _names.leave(name)
