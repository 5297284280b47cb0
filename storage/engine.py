"""The one door to the database: transactions that write, transactions that read."""

import json
import os
import secrets
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Literal

from sqlalchemy import URL, Engine, create_engine, event, make_url
from sqlalchemy.orm import Session

from storage import fence
from storage.sqlite import BUSY_TIMEOUT_S, URGENT_TIMEOUT_S, Turnstile, TurnTakingConnection, prepare

POSTGRESQL_OPTIONS: Final = (
    "-c lock_timeout=30s"  # as long as SQLite's busy timeout
    " -c idle_in_transaction_session_timeout=20s"  # a frozen process must not hold the audit head: all others wait
    " -c timezone=UTC -c datestyle=ISO"
)

APPLICATION: Final = "handoff"

NOTICED_IN_TIME: Final[Mapping[str, int]] = {
    "tcp_user_timeout": 10_000,  # milliseconds
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
}
"""A server that is cut off is an error after about 10 s, as on the lifeline; by default a call would wait for a
quarter of an hour."""


class Database:
    """An SQLite file or a PostgreSQL database, by URL.

    `url` is the full URL, password included: do not print it; `shown` is for people. `mark` is on all connections of
    this object, so that the server's other clients can tell whose they are.
    Raises: ValueError if the URL names neither, or an SQLite database in memory, which no second thread could see.
    """

    def __init__(self, url: str, *, echo: bool = False) -> None:
        parsed = _complete(make_url(url))
        self.url = parsed.render_as_string(hide_password=False)
        self.shown = parsed.render_as_string(hide_password=True)
        self.mark = secrets.token_hex(4)
        self.dialect: Literal["sqlite", "postgresql"]
        if parsed.get_backend_name() == "sqlite":
            self.dialect = "sqlite"
            self.engine = _sqlite_engine(parsed, echo=echo)
        else:
            self.dialect = "postgresql"
            self.engine = _postgresql_engine(parsed, self.mark, echo=echo)

    @contextmanager
    def begin(self, *, urgent: bool = False) -> Iterator[Session]:
        """One transaction that writes: committed at the end, rolled back on any error.

        On SQLite it takes the write lock at once, so what it reads cannot change before it commits; `urgent` is for
        what somebody outside waits for, and need not stand behind the whole background work of this process.
        Raises: what the thread's fence raises (`storage.fence`), if the work was given to somebody else.
        """
        with Session(self.engine, expire_on_commit=False) as session, session.begin():
            if self.dialect == "sqlite":
                _begin_immediate(session, urgent=urgent)
            fence.check(session)
            yield session

    def still_ours(self) -> None:
        """Before a call to the outside that cannot be taken back: pass the thread's fence once more, if it has one.

        Raises: as `begin`.
        """
        if fence.fence_in():
            with self.begin():
                pass

    @contextmanager
    def read(self) -> Iterator[Session]:
        """One transaction that sees a single state of the database throughout and refuses to write."""
        with Session(self.engine, expire_on_commit=False) as session:
            if self.dialect == "postgresql":
                session.connection(
                    execution_options={"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
                )
                yield session
                return
            connection = session.connection()
            connection.exec_driver_sql("PRAGMA query_only = on")
            try:
                connection.exec_driver_sql("BEGIN")
                yield session
            finally:
                session.expunge_all()
                connection.connection.rollback()
                connection.exec_driver_sql("PRAGMA query_only = off")

    def close(self) -> None:
        """Give all connections back. The object must not be used afterwards."""
        self.engine.dispose()


def _begin_immediate(session: Session, *, urgent: bool) -> None:
    connection = session.connection()
    driver = connection.connection.dbapi_connection
    assert isinstance(driver, TurnTakingConnection)
    driver.urgent = urgent
    try:
        if urgent:
            connection.exec_driver_sql(f"PRAGMA busy_timeout = {int(1000 * URGENT_TIMEOUT_S)}")
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    finally:
        driver.urgent = False
        if urgent:
            connection.exec_driver_sql(f"PRAGMA busy_timeout = {int(1000 * BUSY_TIMEOUT_S)}")


def _complete(url: URL) -> URL:
    """Name the driver, and make an SQLite path absolute so that it outlives a change of folder."""
    match url.get_backend_name():
        case "postgresql" | "postgres":
            return url.set(drivername="postgresql+psycopg")
        case "sqlite":
            if url.database in (None, "", ":memory:") or "mode" in url.query:
                raise ValueError("the database must be a file: sqlite:////absolute/path/handoff.db")
            return url.set(database=str(Path(str(url.database)).expanduser().absolute()))
        case other:
            raise ValueError(f"{other!r} is not a database Handoff knows; it knows sqlite:/// and postgresql://")


def _json(value: Any) -> str:
    """JSON columns hold JSON on both databases: SQLite alone would take NaN and Infinity."""
    return json.dumps(value, allow_nan=False)


def _sqlite_engine(url: URL, *, echo: bool) -> Engine:
    path = Path(str(url.database))
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():  # readable by its owner alone: it holds customers' words
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    engine = create_engine(
        url,
        echo=echo,
        hide_parameters=True,  # an error's text goes to the log, and holds customers' words otherwise
        json_serializer=_json,
        connect_args={"timeout": BUSY_TIMEOUT_S, "factory": TurnTakingConnection},
        pool_size=20,
        max_overflow=40,
    )
    turnstile = Turnstile()

    @event.listens_for(engine, "connect")
    def on_connect(connection: sqlite3.Connection, _record: Any) -> None:
        prepare(connection, turnstile)

    return engine


def _postgresql_engine(url: URL, mark: str, *, echo: bool) -> Engine:
    return create_engine(
        url,
        echo=echo,
        hide_parameters=True,
        json_serializer=_json,
        pool_pre_ping=True,
        pool_size=10,
        max_overflow=20,
        connect_args={
            "connect_timeout": 5,
            "application_name": f"{APPLICATION} {mark}",
            "options": POSTGRESQL_OPTIONS,
            **NOTICED_IN_TIME,
        },
    )
