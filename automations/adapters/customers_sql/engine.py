"""Opens a database that is only read: short waits, and a read-only transaction where the database has one."""

from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from sqlalchemy import URL, Connection, Engine, create_engine, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError
from sqlalchemy.pool import NullPool

CONNECT_S: Final = 5
SILENT_S: Final = 60
"""For so long one statement, one fetch or a silent network is waited for."""
AT_ONCE: Final = 1_000
"""Rows that are fetched together: what is in memory of a source, however large it is."""

TITLES: Final = {
    "postgresql": "PostgreSQL",
    "sqlite": "SQLite",
    "mysql": "MySQL",
    "mariadb": "MariaDB",
    "oracle": "Oracle",
    "mssql": "SQL Server",
}
_WAITS: Final[dict[str, dict[str, Any]]] = {
    "psycopg": {
        "connect_timeout": CONNECT_S,
        "application_name": "handoff",
        "keepalives_idle": 10,
        "tcp_user_timeout": SILENT_S * 1000,
    },
    "pysqlite": {"timeout": CONNECT_S},
    "pymysql": {"connect_timeout": CONNECT_S, "read_timeout": SILENT_S},
    "mysqldb": {"connect_timeout": CONNECT_S, "read_timeout": SILENT_S},
}
_BEFORE_READING: Final = {
    "sqlite": ("PRAGMA query_only = on",),
    "postgresql": (
        f"SET LOCAL statement_timeout = '{SILENT_S}s'",
        f"SET LOCAL lock_timeout = '{CONNECT_S}s'",
        f"SET LOCAL idle_in_transaction_session_timeout = '{10 * SILENT_S}s'",
    ),
    "mysql": ("SET TRANSACTION READ ONLY",),
    "mariadb": ("SET TRANSACTION READ ONLY",),
    "oracle": ("SET TRANSACTION READ ONLY",),
}


def open_engine(url: str) -> Engine:
    """An engine that keeps no connection open between two readings.

    Raises: ValueError, in words without the URL, if it is none, has no driver here, or names no file.
    """
    try:
        parsed = _complete(make_url(url))
        driver = parsed.get_dialect()
        if driver.is_async:
            raise ValueError(f"{parsed.drivername} only works in asynchronous programs; name another driver")
        return create_engine(
            parsed, poolclass=NullPool, hide_parameters=True, connect_args=_WAITS.get(driver.driver, {})
        )
    except NoSuchModuleError as exc:
        raise ValueError(f"no database is called {_kind(url)!r} here; its package for SQLAlchemy is missing") from exc
    except ModuleNotFoundError as exc:
        raise ValueError(f"the driver of {_kind(url)} is not installed here (Python package {exc.name})") from exc
    except ArgumentError as exc:
        raise ValueError("this is not a database URL, such as postgresql://user:password@host/name") from exc


def begin_reading(connection: Connection) -> Connection:
    """One state of the database throughout, and no writing, as far as the database can promise it."""
    dialect = connection.dialect.name
    if dialect == "postgresql":
        connection = connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    for statement in _BEFORE_READING.get(dialect, ()):
        connection.exec_driver_sql(statement)
    return connection


def _complete(url: URL) -> URL:
    """Name our own driver of PostgreSQL; open an SQLite file that is there, and only for reading."""
    match url.drivername:
        case "postgresql" | "postgres":
            return url.set(drivername="postgresql+psycopg")
        case "sqlite" | "sqlite+pysqlite":
            if not url.database or url.database.startswith((":memory:", "file:")):
                raise ValueError("an SQLite source is a file: sqlite:////absolute/path/file.db")
            path = quote(str(Path(url.database).expanduser().absolute()))
            return url.set(database=f"file:{path}", query={"mode": "ro", "uri": "true"})
        case _:
            return url


def _kind(url: str) -> str:
    return url.partition(":")[0][:40]
