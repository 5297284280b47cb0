"""Reading the sources of customers: whole, or from where the last look ended, with what was rejected tried again."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from automations.customer_context.accounts import Gathered, gather
from automations.customer_context.context import CustomerDoors
from automations.customer_context.rules import DESK, CustomerRules
from automations.customer_ports import CustomerSource
from automations.desks import SourceRow
from automations.errors import Refused, Rejected

Reading = Callable[[str, int, int | None], None]
"""Told what is being read (its title), how many were read so far, and of how many where that is known."""

STEP: Final = 100
"""Rows or customers between two words on how far the reading is."""

ACCOUNT: Final = "id"
"""The column of the account id where the settings name none."""

_NOT_WHOLE: Final = ("incomplete", "columns")
"""Codes of a source that a person has to look at: asking again would give the same."""
_NO_CURSOR: Final = "cursor"
"""Code of a source whose cursor is none of its own any more."""


def quiet(_what: str, _read: int, _total: int | None) -> None:
    """Tell nobody how far the reading is."""


@dataclass(frozen=True, slots=True)
class SourceRead:
    """How one source was read. `cursor` is where the next look begins, empty where it has none."""

    name: str
    title: str
    whole: bool
    rows: int
    cursor: str
    as_of: datetime


@dataclass(slots=True)
class Read:
    """What all sources said."""

    gathered: Gathered
    sources: tuple[SourceRead, ...]

    @property
    def whole(self) -> bool:
        """Whether every source told all it has, so that who is not among it is gone."""
        return all(source.whole for source in self.sources)


def named_sources(doors: CustomerDoors, rules: CustomerRules) -> tuple[CustomerSource, ...]:
    """The sources that fields have their truth in, in order. Raises: Refused if one is not there, or no field is."""
    names = sorted({field.source for field in rules.fields} - {DESK})
    if not names:
        raise Refused("No field of [customers] has its truth in a source, so there is nothing to read.")
    if lacking := [name for name in names if name not in doors.sources]:
        raise Refused(f"There is no source {', '.join(lacking)} any more. Nothing was read, and nothing was changed.")
    return tuple(doors.sources[name] for name in names)


def read(
    doors: CustomerDoors,
    rules: CustomerRules,
    since: Mapping[str, str],
    again: Mapping[str, Sequence[SourceRow]],
    progress: Reading,
    hides: Callable[[str], bool] = lambda _text: False,
) -> Read:
    """Read every source: those in `since` from that cursor on, the others whole.

    `again` are rows of a source that were rejected before; they are tried again where it does not tell them anew.
    A row in which `hides` finds a secret is rejected.
    Raises: Refused if a whole listing is empty, cut or without a column; AdapterError.
    """
    streams = {
        source.name: _Stream(
            source, since.get(source.name), again.get(source.name, ()), account_column(doors, source.name), progress
        )
        for source in named_sources(doors, rules)
    }
    try:
        gathered = gather(rules, streams, {name: stream.column for name, stream in streams.items()}, hides)
    except Rejected as exc:
        if exc.code in _NOT_WHOLE:
            raise Refused(f"{exc}. Nothing was compared, and nothing was changed.") from exc
        if exc.code == _NO_CURSOR:
            anew = "Nothing was changed. A whole listing begins anew: handoff customers sync --whole"
            raise Refused(f"{exc}. {anew}.") from exc
        raise
    for stream in streams.values():
        if stream.since is None and not stream.rows:
            raise Refused(f"{stream.source.title} has no rows. Nothing was compared, and nothing was changed.")
    return Read(gathered, tuple(stream.told for stream in streams.values()))


def account_column(doors: CustomerDoors, source: str) -> str:
    """The column of a source with the account id."""
    return doors.account_columns.get(source, ACCOUNT)


class _Stream:
    """The rows of one source on their way: counted, and with the cursor of the last one."""

    def __init__(
        self, source: CustomerSource, since: str | None, again: Iterable[SourceRow], column: str, progress: Reading
    ) -> None:
        self.source, self.since, self.column = source, since, column
        self.rows = 0
        self._again = tuple(again)
        self._cursor = since or ""
        self._progress = progress
        self._as_of = source.as_of()

    def __iter__(self) -> Iterator[SourceRow]:
        told: set[str] = set()
        for row in self.source.rows(self.since):
            self.rows += 1
            self._cursor = row.cursor or self._cursor
            if self._again:
                told.add(self._account(row))
            if self.rows % STEP == 0:
                self._progress(self.source.title, self.rows, None)
            yield row
        told.discard("")
        yield from (row for row in self._again if self._account(row) not in told)
        self._progress(self.source.title, self.rows, self.rows)

    @property
    def told(self) -> SourceRead:
        """How it was read."""
        source = self.source
        return SourceRead(source.name, source.title, self.since is None, self.rows, self._cursor, self._as_of)

    def _account(self, row: SourceRow) -> str:
        return (row.columns.get(self.column) or "").strip()
