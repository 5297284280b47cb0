"""A query behind the port `CustomerSource`."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, CursorResult, Engine, TextClause, text
from sqlalchemy.exc import SQLAlchemyError

from automations.adapters.customer_rows import Unusable, columns_of, places_of, refuse_too_few
from automations.adapters.customers_sql.cursor import Furthest, begins_at
from automations.adapters.customers_sql.engine import AT_ONCE, TITLES, begin_reading, open_engine
from automations.adapters.customers_sql.failures import failure_of
from automations.adapters.customers_sql.statement import SINCE, for_all, problem
from automations.desks import SourceRow
from automations.errors import Rejected


class CustomersSql:
    """All customers that `query` gives. `columns` are those in use, the account's among them.

    `cursor` is the column that the query compares with `:since`. `at_least` is how many rows a believable listing has.
    Raises: ValueError, in words that hold no password, for a URL or a query that cannot be used.
    """

    def __init__(
        self,
        name: str,
        url: str,
        query: str,
        columns: Sequence[str],
        now: Callable[[], datetime],
        *,
        cursor: str | None = None,
        at_least: int = 1,
    ) -> None:
        if why := problem(query):
            raise ValueError(f"the query is not taken: {why}")
        self._name = name
        self._engine: Engine = open_engine(url)
        self._all = text(for_all(query))
        self._changed = text(query)
        self._columns = tuple(columns)
        self._now = now
        self._cursor = cursor
        self._at_least = at_least

    @property
    def name(self) -> str:
        return self._name

    @property
    def title(self) -> str:
        dialect = self._engine.dialect.name
        return f"{self._name} ({TITLES.get(dialect, dialect)})"

    @property
    def by_cursor(self) -> bool:
        return self._cursor is not None

    def as_of(self) -> datetime:
        return self._now()

    def rows(self, since: str | None) -> Iterator[SourceRow]:
        """All rows, or those changed since a cursor. Each row's cursor is the furthest so far: the last one counts.

        Raises: Rejected with the code `incomplete`, `columns`, `cursor` or the database's own; Unavailable, also in the
        middle.
        """
        with self._telling():
            yield from self._rows(since if self._cursor and since else None)

    def _rows(self, since: str | None) -> Iterator[SourceRow]:
        furthest = Furthest(since, self._now().astimezone(UTC))
        query = self._changed.bindparams(**{SINCE: begins_at(since)}) if since else self._all
        wanted = (*self._columns, *([self._cursor] if self._cursor else ()))
        count = 0
        with self._engine.connect() as fresh, closing(_asked(fresh, query)) as result:
            places = places_of(list(result.keys()), wanted, "the query")
            in_use = {name: places[name] for name in self._columns}
            for values in result:
                count += 1
                where = f"row {count:,}"
                cursor = furthest.saw(values[places[self._cursor]]) if self._cursor else ""
                yield SourceRow(where, columns_of(values, in_use, where), cursor)
        if since is None:
            refuse_too_few(count, self._at_least, title=self.title, system=self._name)

    @contextmanager
    def _telling(self) -> Iterator[None]:
        """Say what went wrong as every door does. The password stands in none of its words."""
        try:
            yield
        except Unusable as why:
            words = f"{self.title}: {why}. Nothing was changed. Mend it there, or the query."
            raise Rejected(words, system=self._name, code=why.code) from why
        except SQLAlchemyError as exc:
            raise failure_of(exc, self._engine.url, self.title, self._name) from None


def _asked(connection: Connection, query: TextClause) -> CursorResult[Any]:
    """The answer, of which only `AT_ONCE` rows are in memory."""
    return begin_reading(connection).execution_options(yield_per=AT_ONCE).execute(query)
