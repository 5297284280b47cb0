"""A file behind the port `IdentitySource`. It is read anew for every question."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from automations.access_ports import Progress
from automations.adapters.people_file.columns import columns_of, person_of
from automations.adapters.table_rows import Row, Table, Wrong, csv_table, json_table
from automations.adapters.whole_file import read_whole
from automations.adapters.whole_list import INCOMPLETE, believable, only_one
from automations.errors import Rejected
from automations.identities import IdentityPerson

SYSTEM: Final = "people_file"
TITLE: Final = "the people file"
FORMATS: Final[Mapping[str, Callable[[str], Table]]] = {".csv": csv_table, ".json": json_table}
"""How a file is read, by the end of its name."""
_TELL_EVERY: Final = 1_000


class PeopleFile:
    """Everybody in the file at `path`, which ends in .csv or .json.

    `at_least` is how many a believable list has; a file that was last written longer than `max_age` ago is an error.
    """

    def __init__(
        self, path: Path, now: Callable[[], datetime], *, at_least: int = 1, max_age: timedelta | None = None
    ) -> None:
        self._path = path
        self._now = now
        self._at_least = at_least
        self._max_age = max_age

    @property
    def system(self) -> str:
        return SYSTEM

    @property
    def title(self) -> str:
        return TITLE

    def people(self, *, progress: Progress | None = None) -> tuple[IdentityPerson, ...]:
        """Everybody, in the order of their addresses. Raises: Rejected with the code `incomplete`, Unavailable."""
        try:
            table = FORMATS[self._path.suffix.lower()](self._text())
            columns = columns_of(table.columns, table.header) if table.columns else {}
            found = _each_once(((row, person_of(row, columns)) for row in table.rows), progress)
        except Wrong as why:
            raise self._incomplete(f"{why}. Mend the file, or have it written again.") from why
        return believable(found, self._at_least, title=str(self._path), system=SYSTEM)

    def person(self, email: str) -> IdentityPerson | None:
        """One person by address. The whole file is read, so that a cut one says nothing of anybody."""
        return only_one(self.people(), email, title=str(self._path), system=SYSTEM)

    def _text(self) -> str:
        return read_whole(self._path, self._now(), max_age=self._max_age, named="identity", system=SYSTEM)

    def _incomplete(self, words: str) -> Rejected:
        return Rejected(f"{self._path}: {words} Nothing was changed.", system=SYSTEM, code=INCOMPLETE)


def _each_once(people: Iterable[tuple[Row, IdentityPerson]], progress: Progress | None) -> list[IdentityPerson]:
    """Raises: Wrong if an id or an address is in two rows."""
    found: list[IdentityPerson] = []
    rows: dict[tuple[str, str], str] = {}
    for row, one in people:
        for what, value in (("id", one.id), ("address", one.email)):
            before = rows.setdefault((what, value), row.where) if value else row.where
            if before != row.where:
                raise Wrong(f"{row.where}: the {what} {value!r} is in {before} already")
        found.append(one)
        if progress and len(found) % _TELL_EVERY == 0:
            progress(len(found), None)
    if progress:
        progress(len(found), len(found))
    return found
