"""Which tickets changed: the list of those that are there, and the list of those in the trash, read on side by side.

That a ticket's `updated_at` moves when it goes into the trash is taken for granted and was not checked. One that is
shown by a page is whole but for its tags, which the reference's samples leave out of lists.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Final

from pydantic import BaseModel, ConfigDict, ValidationError

from automations.adapters.freshdesk.connection import API, EPOCH, PER_PAGE, has_next, said_at, stamp
from automations.adapters.freshdesk.directory import Directory
from automations.adapters.freshdesk.limits import SYSTEM, TITLE
from automations.adapters.freshdesk.place import OVERLAP, Place, read_on
from automations.adapters.freshdesk.shapes import TicketRow, TicketRows
from automations.adapters.http import Connection
from automations.domain import Changed
from automations.errors import Rejected

TRASH: Final = "deleted"


class Cursor(BaseModel):
    """How far both lists were read; kept as JSON."""

    model_config = ConfigDict(frozen=True)

    there: Place
    trash: Place


class Feed:
    """The tickets that changed, a page at a time."""

    def __init__(self, connection: Connection, directory: Directory, now: Callable[[], datetime]) -> None:
        self._connection = connection
        self._directory = directory
        self._now = now

    def changed(self, since: str | None) -> Changed:
        """Tickets that changed since the cursor. The trash is read when the other list is at its end.

        Raises: Rejected with the code `cursor` for one that is not ours; Unavailable and Rejected as `read_on`.
        """
        if since is None:
            begin = Place(since=(self._now() - OVERLAP).replace(microsecond=0))
            known = Cursor(there=self._to_the_end(begin, ""), trash=self._to_the_end(begin, TRASH))
            return Changed((), _text(known))
        cursor = _cursor(since)
        rows, there, more = self._page(cursor.there, "")
        trash, gone = cursor.trash, list[TicketRow]()
        if not more:
            gone, trash, more = self._page(cursor.trash, TRASH)
        told = dict.fromkeys(str(row.id) for row in (*rows, *gone))
        shown = tuple(self._directory.ticket(row) for row in _newest(rows))
        return Changed(tuple(told), _text(Cursor(there=there, trash=trash)), more, shown)

    def _to_the_end(self, place: Place, which: str) -> Place:
        """Read the last minutes without telling, so that they are known when they come again."""
        more = True
        while more:
            _, place, more = self._page(place, which)
        return place

    def _page(self, place: Place, which: str) -> tuple[list[TicketRow], Place, bool]:
        asked = {
            "updated_since": stamp(place.since),
            "order_by": "updated_at",
            "order_type": "asc",
            "page": place.page,
            "per_page": PER_PAGE,
            **({"filter": which} if which else {}),
        }
        answer = self._connection.read(f"{API}/tickets", asked)
        rows = answer.shaped(TicketRows).root
        return read_on(place, rows, more=has_next(answer), read_at=said_at(answer, self._now()))


def _cursor(text: str) -> Cursor:
    if text == "":
        return Cursor(there=Place(since=EPOCH), trash=Place(since=EPOCH))
    try:
        return Cursor.model_validate_json(text)
    except ValidationError as exc:
        raise Rejected(f"this is no place in the changes of {TITLE}", system=SYSTEM, code="cursor") from exc


def _text(cursor: Cursor) -> str:
    return cursor.model_dump_json(exclude_defaults=True)


def _newest(rows: Iterable[TicketRow]) -> Iterable[TicketRow]:
    """Each ticket once: the list may have it twice if it changed while it was read."""
    return {row.id: row for row in rows}.values()
