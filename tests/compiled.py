"""SQL compiled once for a test session, not once for every test's own database.

SQLAlchemy keeps what it compiled by dialect object, and every engine makes a dialect: with a database per test each
statement would be compiled again in each test. So engines of a kind share one dialect that met a server of this
session, as two engines on one server differ in nothing that a dialect knows.
"""

from typing import Any

from sqlalchemy import Dialect, Engine, create_engine

from storage.engine import Database

_dialects: dict[str, Dialect] = {}
_statements: dict[Any, Any] = {}


def learn(url: str) -> None:
    """Let one connection to this database tell the dialect what server it is; later engines take that dialect."""
    database = Database(url)
    with database.engine.connect():
        _dialects.setdefault(database.dialect, database.engine.dialect)
    database.close()


def engine(*args: Any, **options: Any) -> Engine:
    """As SQLAlchemy's `create_engine`, for `storage.engine`."""
    made = create_engine(*args, **options)
    if made.name in _dialects:
        made.dialect = _dialects[made.name]
        made.update_execution_options(compiled_cache=_statements)
    return made
