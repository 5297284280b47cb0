"""Whole lists of a SCIM server: everything or an error, never a part.

How many there are is compared with how many came. A list that moved while it was read, or came short, is read again
from its beginning, and is an error after the last try.
"""

import json
from collections.abc import Callable, Mapping
from typing import Final

from automations.access_ports import Progress
from automations.adapters.http import Connection
from automations.adapters.paging import pages
from automations.adapters.scim.line import SYSTEM
from automations.adapters.scim.reading import Item, Moved, Page, Place, Reading, Resource
from automations.adapters.whole_list import INCOMPLETE
from automations.errors import Rejected

PER_PAGE: Final = 100
"""Entra ID gives no more in one page, and others refuse a larger number."""
READINGS: Final = 3

_OF_ALL_QUESTIONS: Final = frozenset({"unauthorized", "forbidden", INCOMPLETE})
"""Codes that say nothing of a filter."""


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
        self,
        path: str,
        read: Callable[[str, Resource], Item],
        params: Mapping[str, str] | None = None,
        progress: Progress | None = None,
    ) -> dict[str, Item]:
        """What `read` makes of everything that lies at `path`, by id.

        Raises: Rejected with the code `incomplete` if no reading gave the whole list, or the code of a refusal;
        Unavailable, OverBudget.
        """
        count = ("count", str(self._per_page))

        def ask(place: Place) -> Page:
            asked = {**(params or {}), **dict((count, place))}
            return self._connection.read(path, asked).shaped(Page)

        why = ""
        for _ in range(READINGS):
            reading = Reading(ask, read, progress)
            try:
                for _one in pages(count, reading.fetch, title=self.title, system=SYSTEM):
                    continue
                reading.end()
            except Moved as moved:
                why = str(moved)
            else:
                return reading.found
        words = f"{self.title} gave no whole list of {path} in {READINGS} readings, since {why}"
        raise self.incomplete(f"{words}. Try again; if it goes on, somebody has to look at the server.")

    def filtered(
        self, path: str, read: Callable[[str, Resource], Item], attribute: str, value: str
    ) -> dict[str, Item] | None:
        """Where an attribute equals a value (RFC 7644, section 3.4.2.2), by id; None if the server does not filter so.

        A server may ignore filters, so whatever comes has to be looked at again.
        """
        try:
            return self.whole(path, read, {"filter": f"{attribute} eq {json.dumps(value, ensure_ascii=False)}"})
        except Rejected as refused:
            if refused.code in _OF_ALL_QUESTIONS:
                raise
            return None

    def incomplete(self, words: str) -> Rejected:
        """The error of a list that must not be taken for everybody."""
        return Rejected(f"{words} Nothing was changed.", system=SYSTEM, code=INCOMPLETE)
