"""The built-in desk's transactions: what the database driver raises leaves here as the port's own errors."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from automations.adapters.builtin.moves import MESSAGES
from automations.adapters.builtin.rows import SYSTEM
from automations.errors import OutcomeUnknown, Unavailable
from storage.engine import Database
from storage.exclusive import until_commit


class DeskTables:
    """The desk_* tables of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """One transaction that writes. Raises Unavailable, or OutcomeUnknown if it may have been committed.

        They come one after the other, so that messages are committed in order of their numbers: nobody who has read up
        to a number has passed over a smaller one that was committed later.
        """
        with _translated(writing=True), self._database.begin() as session:
            until_commit(session, MESSAGES)
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """One transaction that sees a single state. Raises Unavailable."""
        with _translated(writing=False), self._database.read() as session:
            yield session


@contextmanager
def _translated(*, writing: bool) -> Iterator[None]:
    """Raise our errors for the database driver's. A write on a broken connection may have been committed."""
    try:
        yield
    except DBAPIError as exc:
        if writing and exc.connection_invalidated:
            raise OutcomeUnknown("the built-in desk lost its database while writing", system=SYSTEM) from exc
        raise Unavailable("the built-in desk could not use its database", system=SYSTEM) from exc
