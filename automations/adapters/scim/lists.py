"""Whole lists of a SCIM server, by index (RFC 7644, section 3.4.2.4) or by cursor (RFC 9865): everything or an error.

A page may be shorter than asked for. How many there are is compared with how many came; a list that moved while it was
read, or came short, is read again from its beginning, and is an error after the last try.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Final

from pydantic import BaseModel, Field, model_validator

from automations.access_ports import Progress
from automations.adapters.http import Connection
from automations.adapters.paging import pages
from automations.adapters.scim.line import SYSTEM
from automations.adapters.whole_list import INCOMPLETE
from automations.errors import Rejected

Resource = Mapping[str, Any]
Place = tuple[str, str]
"""Where a page begins: the parameter that says so, and its value."""

PER_PAGE: Final = 100
"""Entra ID gives no more in one page, and others refuse a larger number."""
READINGS: Final = 3
EMPTY_PAGES: Final = 20
"""A cursor may lead over pages without anybody; over more than these in a row it leads nowhere."""


class Page(BaseModel):
    """One page. Names of attributes have no case (RFC 7643, section 2.1); Entra ID sends `resources`."""

    total: Annotated[int, Field(ge=0)] | None = Field(None, alias="totalresults")
    resources: list[dict[str, Any]] | None = None
    cursor: str | None = Field(None, alias="nextcursor")

    @model_validator(mode="before")
    @classmethod
    def _names_in_lower_case(cls, body: Any) -> Any:
        return {str(name).lower(): value for name, value in body.items()} if isinstance(body, Mapping) else body


class _Moved(Exception):
    """What was read cannot be everything. The words go on after "since"."""


class Lists:
    """The lists of one server. `per_page` is how many are asked for at once."""

    def __init__(self, connection: Connection, per_page: int = PER_PAGE) -> None:
        self._connection = connection
        self._per_page = per_page

    @property
    def title(self) -> str:
        """The server with its address, as errors name it."""
        return self._connection.of.title

    def whole(
        self, path: str, params: Mapping[str, str] | None = None, progress: Progress | None = None
    ) -> dict[str, Resource]:
        """Everything that lies at `path`, by id.

        Raises: Rejected with the code `incomplete` if no reading gave the whole list, or the code of a refusal;
        Unavailable, OverBudget.
        """
        why = ""
        for _ in range(READINGS):
            reading = _Reading(lambda place: self._page(path, {**(params or {}), place[0]: place[1]}), progress)
            try:
                return self._read(reading)
            except _Moved as moved:
                why = str(moved)
        words = f"{self.title} gave no whole list of {path} in {READINGS} readings, since {why}"
        raise self.incomplete(f"{words}. Try again; if it goes on, somebody has to look at the server.")

    def filtered(
        self, path: str, condition: str, params: Mapping[str, str] | None = None
    ) -> dict[str, Resource] | None:
        """What fulfils a filter (RFC 7644, section 3.4.2.2), by id; None if the server does not take this filter.

        A server may ignore filters, so whatever comes has to be looked at again.
        """
        try:
            return self.whole(path, {**(params or {}), "filter": condition})
        except Rejected as refused:
            if refused.code in _OF_ALL_QUESTIONS:
                raise
            return None

    def incomplete(self, words: str) -> Rejected:
        """The error of a list that must not be taken for everybody."""
        return Rejected(f"{words} Nothing was changed.", system=SYSTEM, code=INCOMPLETE)

    def _read(self, reading: "_Reading") -> dict[str, Resource]:
        first = ("count", str(self._per_page))
        for place, one in enumerate(pages(first, reading.fetch, title=self.title, system=SYSTEM), start=1):
            key = text_of(one, "id")
            if not key:
                raise self.incomplete(f"{self.title} gave no id for number {place} of its list.")
            if key in reading.found:
                raise _Moved(f"{key} came twice: the list moved")
            reading.found[key] = one
        reading.end()
        return reading.found

    def _page(self, path: str, params: Mapping[str, str]) -> Page:
        return self._connection.read(path, {"count": str(self._per_page), **params}).shaped(Page)


_OF_ALL_QUESTIONS: Final = frozenset({"unauthorized", "forbidden", INCOMPLETE})
"""Codes that say nothing of the filter."""


@dataclass
class _Reading:
    """One reading of a list, from its beginning to its end."""

    ask: Callable[[Place], Page]
    progress: Progress | None
    found: dict[str, Resource] = field(default_factory=dict)
    came: int = 0
    total: int | None = None
    by_cursor: bool = False
    empty: int = 0

    def fetch(self, place: Place) -> tuple[list[dict[str, Any]], Place | None]:
        """A page, and where the next one begins."""
        page = self.ask(place)
        resources = page.resources or []
        self.by_cursor = self.by_cursor or bool(page.cursor)
        self._count(page.total)
        self.came += len(resources)
        self.empty = 0 if resources else self.empty + 1
        if self.progress:
            self.progress(self.came, self.total)
        if page.cursor:
            if self.empty > EMPTY_PAGES:
                raise _Moved(f"{self.empty} pages without anybody came one after the other")
            return resources, ("cursor", page.cursor)
        if self.by_cursor or not resources or self.came >= (self.total or 0):
            return resources, None
        return resources, ("startIndex", str(self.came + 1))

    def end(self) -> None:
        """Raises: _Moved if it was not everything. Whoever gives cursors ends the list by giving none."""
        if self.total is None:
            if not self.by_cursor:
                raise _Moved("it does not say how many there are")
        elif self.came < self.total or (self.came > self.total and not self.by_cursor):
            raise _Moved(f"{self.came} came of the {self.total} that it says there are")

    def _count(self, total: int | None) -> None:
        if self.by_cursor:
            self.total = max(self.total or 0, total) if total is not None else self.total
        elif self.total is not None and total != self.total:
            raise _Moved(f"it spoke of {self.total} and then of {total}: the list moved")
        else:
            self.total = total


def text_of(resource: Resource, name: str) -> str:
    """A single value as text, by the name of its attribute in any case; empty if there is none."""
    value = next((value for key, value in resource.items() if key.lower() == name), None)
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""


def quoted(value: str) -> str:
    """A value as it stands in a filter: a JSON string (RFC 7644, section 3.4.2.2)."""
    return json.dumps(value, ensure_ascii=False)
