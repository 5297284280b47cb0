"""A database's errors as every door tells them, without the password."""

import sqlite3
from typing import Final

from sqlalchemy import URL
from sqlalchemy.exc import DataError, DBAPIError, NotSupportedError, ProgrammingError, SQLAlchemyError

from automations.errors import AdapterError, Rejected, Unavailable

_PASSING: Final = ("08", "40", "53", "55", "57", "58", "25P03")
"""Beginnings of SQLSTATEs of what may be over soon: connection, resources, a lock, an operator, a timeout.

Source: postgresql.org/docs/current/errcodes-appendix.html.
"""
_SQLITE_PASSING: Final = (5, 6, 10, 14)
"""SQLITE_BUSY, LOCKED, IOERR, CANTOPEN. Source: sqlite.org/rescode.html."""
_LASTING: Final = (ProgrammingError, DataError, NotSupportedError)


def failure_of(exc: SQLAlchemyError, url: URL, title: str, system: str) -> AdapterError:
    """The error in words, with what to do next."""
    said = without_password(_said(exc), url)
    if _lasting(exc):
        todo = "Mend the query, or what its user may read."
        words = f"{title} refused the query: {said}. Nothing was changed. {todo}"
        return Rejected(words, system=system, code=_sqlstate(exc) or "query")
    words = f"{title} could not be read, or not to its end: {said}. Nothing was changed. It is tried again."
    return Unavailable(words, system=system)


def without_password(said: str, url: URL) -> str:
    """The words, or nothing of them where a secret of the URL stands in them."""
    given = {"": url.password, **{key: value for key, value in url.query.items() if "pass" in key.lower()}}
    if any(one and str(one) in said for one in given.values()):
        return "it said something that holds its password"
    return said


def _said(exc: SQLAlchemyError) -> str:
    text = str(exc.orig) if isinstance(exc, DBAPIError) else str(exc)
    line = next((one.strip() for one in text.splitlines() if one.strip()), type(exc).__name__)
    return line[:300].rstrip(".")


def _sqlstate(exc: SQLAlchemyError) -> str:
    return str(getattr(getattr(exc, "orig", None), "sqlstate", None) or "")


def _lasting(exc: SQLAlchemyError) -> bool:
    """Whether a repeat would fail again."""
    if not isinstance(exc, DBAPIError):
        return True
    if isinstance(exc.orig, sqlite3.Error):
        return getattr(exc.orig, "sqlite_errorcode", 0) & 0xFF not in _SQLITE_PASSING
    if state := _sqlstate(exc):
        return not state.startswith(_PASSING)
    return isinstance(exc, _LASTING)
