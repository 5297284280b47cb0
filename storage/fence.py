"""The fence around work that may have been given to somebody else: its late writes are refused.

A process that was frozen (a paused virtual machine, SIGSTOP, a disk that hung) does not know how long it was gone.
Meanwhile another one may have taken over its work. Whoever does work that can be taken over puts a check around it;
`Database.begin` makes the check the first statement of every transaction of that thread. The check locks what says
whose the work is until the transaction ends, so a take-over comes either before it, and the write is refused, or after
its commit, and finds what was written.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

from sqlalchemy.orm import Session

Check = Callable[[Session], None]
"""Returns while the work is ours; raises otherwise. Runs first in a transaction."""

_check: Final = ContextVar[Check | None]("fence", default=None)


@contextmanager
def fenced(check: Check) -> Iterator[None]:
    """Let every transaction that this thread begins inside pass `check` first. Inner fences take the place of outer."""
    before = _check.set(check)
    try:
        yield
    finally:
        _check.reset(before)


def fence_in() -> bool:
    """True inside a fence."""
    return _check.get() is not None


def check(session: Session) -> None:
    """Pass the check of this thread's fence, if it has one. Raises: what the check raises."""
    if (wanted := _check.get()) is not None:
        wanted(session)
