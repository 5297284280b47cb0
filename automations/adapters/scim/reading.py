"""One reading of a list of a SCIM server, page after page, by index (RFC 7644, section 3.4.2.4) or cursor (RFC 9865).

A page may be shorter than asked for. By index each page begins with the last one of the page before: if somebody before
it left meanwhile, everybody moved up, and whoever moved over the border would be on neither page. A total that stays
the same, since somebody else came, does not show that.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Final, Generic, TypeVar

from pydantic import BaseModel, Field, model_validator

from automations.access_ports import Progress

Item = TypeVar("Item")
Resource = Mapping[str, Any]
Place = tuple[str, str]
"""Where a page begins: the parameter that says so, and its value."""

EMPTY_PAGES: Final = 20
"""A cursor may lead over pages without anybody; over more than these in a row it leads nowhere."""


class Page(BaseModel):
    """One page. Names of attributes have no case (RFC 7643, section 2.1); Entra ID sends `resources`."""

    total: Annotated[int, Field(ge=0)] | None = Field(None, alias="totalresults")
    resources: list[dict[str, Any]] = Field(default_factory=list)
    cursor: str | None = Field(None, alias="nextcursor")

    @model_validator(mode="before")
    @classmethod
    def _names_in_lower_case(cls, body: Any) -> Any:
        if not isinstance(body, Mapping):
            return body
        return {str(name).lower(): value for name, value in body.items() if value is not None}


class Moved(Exception):
    """What was read cannot be everything. The words go on after "since"."""


@dataclass
class Reading(Generic[Item]):
    """From the beginning of a list to its end. `found` is what `read` made of each, by id, in the order of the list.

    It is made at once, so that the bodies of a long list are never kept together.
    """

    ask: Callable[[Place], Page]
    read: Callable[[str, Resource], Item]
    progress: Progress | None = None
    found: dict[str, Item] = field(default_factory=dict)
    total: int | None = None
    by_cursor: bool = False
    empty: int = 0

    def fetch(self, place: Place) -> tuple[list[Resource], Place | None]:
        """A page's new ones, and where the next page begins. Raises: Moved."""
        page = self.ask(place)
        self.by_cursor = self.by_cursor or bool(page.cursor)
        self._count(page.total)
        fresh: list[Resource] = [*page.resources]
        if place == self._from_the_last():
            fresh = self._after_the_last(fresh)
        for one in fresh:
            self._keep(one)
        self.empty = 0 if page.resources else self.empty + 1
        if self.progress:
            self.progress(len(self.found), self.total)
        return fresh, self._next(page)

    def end(self) -> None:
        """Raises: Moved if it was not everything. Whoever gives cursors ends the list by giving none."""
        came = len(self.found)
        if self.total is None:
            if not self.by_cursor:
                raise Moved("it does not say how many there are")
        elif came < self.total or (came > self.total and not self.by_cursor):
            raise Moved(f"{came} came of the {self.total} that it says there are")

    def _next(self, page: Page) -> Place | None:
        if page.cursor:
            if self.empty > EMPTY_PAGES:
                raise Moved(f"{self.empty} pages without anybody came one after the other")
            return ("cursor", page.cursor)
        if self.by_cursor or not page.resources or len(self.found) >= (self.total or 0):
            return None
        # Whose pages hold a single one cannot be asked for the last one again: the list would not go on.
        return self._from_the_last() if len(page.resources) > 1 else ("startIndex", str(len(self.found) + 1))

    def _from_the_last(self) -> Place:
        return ("startIndex", str(len(self.found)))

    def _after_the_last(self, resources: list[Resource]) -> list[Resource]:
        last = next(reversed(self.found))
        if not resources or text_of(resources[0], "id") != last:
            raise Moved(f"{last} is not where it was: the list moved")
        return resources[1:]

    def _keep(self, one: Resource) -> None:
        key = text_of(one, "id")
        if not key:
            raise Moved(f"number {len(self.found) + 1} of it has no id")
        if key in self.found:
            raise Moved(f"{key} came twice: the list moved")
        self.found[key] = self.read(key, one)

    def _count(self, total: int | None) -> None:
        if self.by_cursor:
            self.total = self.total if total is None else max(self.total or 0, total)
        elif self.total is not None and total != self.total:
            raise Moved(f"it spoke of {self.total} and then of {total}: the list moved")
        else:
            self.total = total


def text_of(resource: Resource, name: str) -> str:
    """A single value as text, by the name of its attribute in lower case; empty if there is none."""
    value = next((value for key, value in resource.items() if key.lower() == name), None)
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
