"""A child that does one thing on our database and is killed at a boundary, while we live on to see what it left.

Forked from the test itself, so that it has the test's world and starts at once; its connections are its own.
"""

import os
import signal
from collections.abc import Callable
from unittest.mock import patch

from sqlalchemy import text

from storage import boundaries
from storage.engine import Database
from tests.faults.room import until

SURVIVED = 7
FAILED = 8


def dies_at(database: Database, boundary: str, act: Callable[[], object], *, passage: int = 1) -> None:
    """Let a child do it, and see it killed at that passage of the boundary. Its memory dies with it."""
    before = _sessions(database)
    child = os.fork()
    if child == 0:
        code = FAILED
        try:
            database.engine.dispose(close=False)
            with patch.object(boundaries, "_trap", boundaries._Trap(f"{boundary}:{passage}")):
                act()
            code = SURVIVED
        finally:
            os._exit(code)
    _, status = os.waitpid(child, 0)
    ended = os.waitstatus_to_exitcode(status)
    assert ended == -signal.SIGKILL, f"it was to be killed at {boundary}:{passage} and ended with {ended}"
    until(lambda: _sessions(database) <= before, "the server to notice the death")


def _sessions(database: Database) -> int:
    """Sessions on the server: one of a dead process holds its locks until the server has noticed."""
    if database.dialect == "sqlite":
        return 0
    with database.read() as session:
        mine = text("select count(*) from pg_stat_activity where datname = current_database()")
        return session.scalar(mine) or 0
