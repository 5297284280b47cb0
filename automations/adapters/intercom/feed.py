"""Tickets that changed since a cursor, from a search that is late and promises no order.

One look is a sweep: the search for `updated_at` from the mark less an overlap on, page after page. Only its end moves
the mark, to the newest time it saw, though never past the moment it began, since what changed meanwhile may stand on a
page that had been read. The overlap covers the lateness of the index and clocks that differ. What the overlap shows
again is left out by what was seen: for each ticket its time and a print of what it showed, since two changes may lie
in one second.

`>` means "from this second on". The place of the next page names the last record that was read (Intercom's page on
pagination), so changes meanwhile shift nothing. Deleted tickets are in no search, and are not told.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, ValidationError

from automations.adapters.http import Connection
from automations.adapters.intercom.limits import SYSTEM, TITLE
from automations.adapters.intercom.line import refused
from automations.adapters.intercom.reading import Reader
from automations.adapters.intercom.sent import INDEX_WAIT_S
from automations.adapters.intercom.shapes import FoundShape, TicketShape
from automations.domain import Changed, Ticket
from automations.errors import Unavailable

PER_PAGE: Final = 150
"""As many as Intercom gives."""

OVERLAP_S: Final = int(INDEX_WAIT_S) + 300
"""The lateness that is allowed for, and five minutes between its clock and ours."""


class Place(BaseModel):
    """A cursor. `mark`: all is told up to here; in the midst of a sweep `after` is its next page.

    `began` is when the sweep began, `newest` the newest time it saw, `rows` how many rows it read. `seen` maps times to
    the tickets that showed them, and these to what they showed. Times are unix seconds.
    """

    model_config = ConfigDict(extra="forbid")

    mark: int
    after: str | None = None
    began: int | None = None
    newest: int = 0
    rows: int = 0
    seen: dict[int, dict[str, str]] = {}


@dataclass(frozen=True, slots=True)
class Feed:
    """Reads the changes of one ticket type through one connection."""

    line: Connection
    reader: Reader
    now: Callable[[], datetime]

    def changed(self, since: str | None, ticket_type: str) -> Changed:
        """One page of a sweep. Raises: Rejected for a cursor that is none of ours; Unavailable if pages do not move."""
        now = int(self.now().timestamp())
        if since is None:
            return Changed((), Place(mark=now).model_dump_json(exclude_defaults=True))
        place = Place(mark=0) if since == "" else _place(since)
        began = now if place.began is None else place.began
        found = self._page(place, ticket_type)
        tickets = self._told(place, found.tickets)
        place.rows += len(found.tickets)
        place.newest = max([place.newest, *(row.updated_at for row in found.tickets)])
        after = found.pages.next.starting_after if found.pages and found.pages.next else None
        settled = max(place.mark, min(place.newest, began))
        if after is None:
            place = Place(mark=settled, seen=_kept(place, settled, whole=True))
        else:
            _refuse_a_circle(place, found, after)
            place.after, place.began, place.seen = after, began, _kept(place, settled, whole=False)
        cursor = place.model_dump_json(exclude_defaults=True)
        return Changed(tuple(one.id for one in tickets), cursor, after is not None, tuple(tickets))

    def _page(self, place: Place, ticket_type: str) -> FoundShape:
        filters = [
            {"field": "updated_at", "operator": ">", "value": str(max(place.mark - OVERLAP_S, 0))},
            {"field": "ticket_type_id", "operator": "=", "value": ticket_type},
        ]
        page: dict[str, Any] = {"per_page": PER_PAGE}
        if place.after is not None:
            page["starting_after"] = place.after
        asked = {"query": {"operator": "AND", "value": filters}, "pagination": page}
        return self.line.read("/tickets/search", json=asked).shaped(FoundShape)

    def _told(self, place: Place, rows: tuple[TicketShape, ...]) -> list[Ticket]:
        told: dict[str, Ticket] = {}
        for row in rows:
            seen, shows = place.seen.setdefault(row.updated_at, {}), _print(row)
            if seen.get(row.id) != shows:
                seen[row.id] = shows
                told[row.id] = self.reader.ticket(row)
        return list(told.values())


def _kept(place: Place, settled: int, *, whole: bool) -> dict[int, dict[str, str]]:
    """What the next page, or after a whole sweep the next one, may show again."""
    return {
        at: rows for at, rows in place.seen.items() if at >= settled - OVERLAP_S or (not whole and at <= place.mark)
    }


def _refuse_a_circle(place: Place, found: FoundShape, after: str) -> None:
    """A list that gives a page again, or far more rows than it counts, would be read for ever."""
    most = 2 * (found.total_count or 0) + 10 * PER_PAGE
    if after == place.after or (found.total_count is not None and place.rows > most):
        raise Unavailable(f"{TITLE}'s search does not come to an end: it goes on at {after[:60]!r}", system=SYSTEM)


def _print(row: TicketShape) -> str:
    """What tells one reading of a ticket from another within a second; nothing in it changes by being read."""
    parts = [(part.id, part.updated_at) for part in row.ticket_parts.ticket_parts]
    state = row.ticket_state.id if row.ticket_state else None
    shows = state, row.admin_assignee_id, row.team_assignee_id, row.open, dict(row.ticket_attributes), parts
    return sha256(json.dumps(shows, sort_keys=True, default=str).encode()).hexdigest()[:8]


def _place(cursor: str) -> Place:
    try:
        return Place.model_validate_json(cursor)
    except ValidationError as exc:
        raise refused(f"{cursor[:40]!r} is no place in the changes of Intercom", "bad_cursor") from exc
