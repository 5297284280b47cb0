"""Who is alive: a lock that a process holds on its own unique name for as long as it lives.

On SQLite there is one process per file, held by flock on `<file>.lock`; everybody else named in the database is dead.
On PostgreSQL each process holds a session advisory lock on its number, and the server says which numbers are held.
The operating system or the server lets go of both when the process dies, however it dies.

A frozen process keeps its connection, and with it its lock. So a lock counts only while its connection says something
now and then (`keep`), by the server's clock, which is one for all. Taking a busy process for frozen does no harm: what
it writes late is refused by the fence (`bot.engine.tenure`). What it holds alone (`storage.exclusive`) would be held
for as long as it is frozen, so whoever takes over has the server end those connections (`part`).
"""

import fcntl
import os
import secrets
import threading
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Final, TextIO

from sqlalchemy import Connection, NullPool, create_engine, make_url, text
from sqlalchemy.exc import SQLAlchemyError

from automations.errors import HandoffError
from storage.engine import APPLICATION, Database

LOCK_CLASS: Final = 0x48414E44
"""First half of our advisory locks' keys, so that they meet nobody else's in a shared database."""

PATIENCE_S: Final = 1.0
"""How long a start waits for the SQLite lock: a command that only asks who is there holds it for a moment."""

LIFELINE: Final = f"{APPLICATION} lifeline"
"""What the connection that holds the lock calls itself, with its database's mark behind."""

SILENT_S: Final = 15.0
"""Seconds without a sign of life after which a process counts as frozen: several times the pause between two looks."""

# What a connection last did is hidden from other users of the server; then the lock alone counts.
_HELD = text(
    "select locks.objid from pg_locks locks left join pg_stat_activity said on said.pid = locks.pid"
    " where locks.locktype = 'advisory' and locks.granted and locks.objsubid = 2 and locks.classid = :class"
    " and locks.database = (select oid from pg_database where datname = current_database())"
    " and coalesce(said.state_change, clock_timestamp()) > clock_timestamp() - make_interval(secs => :silent)"
)

_PART = text(
    "select count(pg_terminate_backend(theirs.pid)) from pg_locks locks"
    " join pg_stat_activity said on said.pid = locks.pid"
    " join pg_stat_activity theirs on theirs.application_name = replace(said.application_name, :lifeline, :others)"
    "  and theirs.datname = said.datname and theirs.state = 'idle'"
    " where locks.locktype = 'advisory' and locks.granted and locks.objsubid = 2 and locks.classid = :class"
    " and locks.database = (select oid from pg_database where datname = current_database())"
    " and locks.objid = :number and said.state_change <= clock_timestamp() - make_interval(secs => :silent)"
    " and exists (select from pg_locks held where held.pid = theirs.pid and held.locktype = 'advisory')"
)


class AlreadyRunning(HandoffError):
    """Another process holds this SQLite database."""


class FileLifeline:
    """The one process of an SQLite file.

    Raises: AlreadyRunning if another process holds the file.
    """

    def __init__(self, database: Database) -> None:
        self.name = _new_name()
        self._file = _open_lock_file(database)
        deadline = time.monotonic() + PATIENCE_S
        while not _try_lock(self._file, fcntl.LOCK_EX):
            if time.monotonic() > deadline:
                holder = self._file.read().strip() or "unknown"
                self._file.close()
                raise AlreadyRunning(
                    f"Handoff is already running on {database.shown} (process {holder}). One process may use an SQLite"
                    " database at a time: stop that one, or use PostgreSQL to run several."
                )
            threading.Event().wait(0.05)
        self._file.truncate(0)
        self._file.write(f"{os.getpid()}\n")
        self._file.flush()

    def keep(self) -> None:
        """Nothing to do: the lock stays with the open file."""

    def alive(self) -> frozenset[str]:
        """The names of the living: ours alone."""
        return frozenset({self.name})

    def part(self, names: Iterable[str]) -> int:
        """Nobody holds anything beside us."""
        return 0

    def release(self) -> None:
        """Let go."""
        self._file.close()


class ServerLifeline:
    """One of several processes on a PostgreSQL database, on a connection that does nothing else."""

    def __init__(self, database: Database) -> None:
        self.name = _new_name()
        self._engine = create_engine(
            database.engine.url,
            poolclass=NullPool,
            isolation_level="AUTOCOMMIT",
            connect_args={
                "connect_timeout": 5,
                "tcp_user_timeout": 5000,
                "keepalives_idle": 5,
                "keepalives_interval": 2,
                "keepalives_count": 3,
                "application_name": f"{LIFELINE} {database.mark}",
            },
        )
        self._connection: Connection | None = None
        self.keep()

    def keep(self) -> None:
        """Make sure that the lock is held, on a new connection if the old one broke.

        Raises: sqlalchemy.exc.SQLAlchemyError while the server is away.
        """
        if self._connection is not None:
            try:
                self._connection.execute(text("select 1"))
            except SQLAlchemyError:
                self._connection.invalidate()
                self._connection = None
                raise
            return
        connection = self._engine.connect()
        connection.execute(
            text("select pg_advisory_lock(:class, :number)"), {"class": LOCK_CLASS, "number": _number(self.name)}
        )
        self._connection = connection

    def alive(self) -> frozenset[str]:
        """The names of the living, as the server sees them now. Raises: sqlalchemy.exc.SQLAlchemyError."""
        if self._connection is None:
            raise RuntimeError("the lifeline is not held: call keep() first")
        held = self._connection.scalars(_HELD, {"class": LOCK_CLASS, "silent": SILENT_S})
        return frozenset(_name(number) for number in held)

    def part(self, names: Iterable[str]) -> int:
        """End what frozen processes of these names hold alone. Says how many connections that were.

        Only connections that hold such a lock and do nothing: whoever is frozen in a transaction loses it by the
        server's own timeout. Raises: sqlalchemy.exc.SQLAlchemyError.
        """
        if self._connection is None:
            raise RuntimeError("the lifeline is not held: call keep() first")
        words = {"class": LOCK_CLASS, "silent": SILENT_S, "lifeline": LIFELINE, "others": APPLICATION}
        return sum(self._connection.scalar(_PART, words | {"number": _number(name)}) or 0 for name in names)

    def release(self) -> None:
        """Let go."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        self._engine.dispose()


Lifeline = FileLifeline | ServerLifeline


def take_lifeline(database: Database) -> Lifeline:
    """Take a name of our own and hold it. Raises: AlreadyRunning on an SQLite file that another process holds."""
    return FileLifeline(database) if database.dialect == "sqlite" else ServerLifeline(database)


def bot_running(database: Database) -> bool:
    """True if a bot is alive on this database, so that somebody will do the jobs a command writes."""
    if database.dialect == "postgresql":
        with database.engine.connect() as connection:
            return connection.scalars(_HELD, {"class": LOCK_CLASS, "silent": SILENT_S}).first() is not None
    with _open_lock_file(database) as file:
        return not _try_lock(file, fcntl.LOCK_SH)


def _new_name() -> str:
    return _name(secrets.randbelow(2**31))


def _name(number: int) -> str:
    return f"bot-{number:08x}"


def _number(name: str) -> int:
    return int(name.removeprefix("bot-"), 16)


def _open_lock_file(database: Database) -> TextIO:
    path = Path(f"{make_url(database.url).database}.lock")
    return os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600), "r+", encoding="utf-8")


def _try_lock(file: TextIO, kind: int) -> bool:
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
