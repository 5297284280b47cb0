"""A file behind the port `CustomerSource`. It is read anew for every question."""

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from automations.adapters.customer_rows import Unusable, columns_of, places_of, refuse_too_few
from automations.adapters.table_rows import Table, Wrong, csv_table, json_table
from automations.adapters.whole_file import read_whole, written_at
from automations.adapters.whole_list import INCOMPLETE
from automations.desks import SourceRow
from automations.errors import Rejected

NAMED: Final = "customers.sources"
"""Where its settings stand, for words."""


class CustomersFile:
    """All customers in the file at `path`, which ends in .csv or .json.

    `columns` are those in use, the account's among them. `at_least` is how many rows a believable file has; one that
    was last written longer than `max_age` ago is an error.
    """

    def __init__(
        self,
        name: str,
        path: Path,
        columns: Sequence[str],
        now: Callable[[], datetime],
        *,
        at_least: int = 1,
        max_age: timedelta | None = None,
    ) -> None:
        self._name = name
        self._path = path
        self._columns = tuple(columns)
        self._now = now
        self._at_least = at_least
        self._max_age = max_age

    @property
    def name(self) -> str:
        return self._name

    @property
    def title(self) -> str:
        return f"{self._name} ({self._path.name})"

    @property
    def by_cursor(self) -> bool:
        return False

    def as_of(self) -> datetime:
        """When the file was written. Raises: Unavailable if it is not there."""
        return written_at(self._path, named=NAMED, system=self._name)

    def rows(self, since: str | None) -> Iterator[SourceRow]:
        """All rows, whatever `since` is. Raises: Rejected with the code `incomplete` or `columns`; Unavailable."""
        try:
            yield from self._rows()
        except Wrong as why:
            raise self._refused(str(why), INCOMPLETE) from why
        except Unusable as why:
            raise self._refused(str(why), why.code) from why

    def _rows(self) -> Iterator[SourceRow]:
        table = self._table()
        count = 0
        if table.columns:
            places = places_of(table.columns, self._columns, table.header)
            for row in table.rows:
                values = [row.values.get(name) for name in table.columns]
                count += 1
                yield SourceRow(row.where, columns_of(values, places, row.where))
        refuse_too_few(count, self._at_least, title=self.title, system=self._name)

    def _table(self) -> Table:
        text = read_whole(self._path, self._now(), max_age=self._max_age, named=NAMED, system=self._name)
        if self._path.suffix.lower() == ".json":
            return json_table(text, "row", "rows")
        if not text.endswith(("\n", "\r")):
            raise Wrong("its last line has no end, so it was cut, or is being written")
        return csv_table(text, _delimiter(text))

    def _refused(self, words: str, code: str) -> Rejected:
        said = f"{self.title}: {words}. Nothing was changed. Mend the file, or have it written again."
        return Rejected(said, system=self._name, code=code)


def _delimiter(text: str) -> str:
    """What stands between the names of the header. Spreadsheets write semicolons where a comma is in numbers."""
    header = re.search(r"\S[^\r\n]*", text)
    assert header is not None, "an empty file is refused before"
    return ";" if header[0].count(";") > header[0].count(",") else ","
