"""Tickets that changed, by the incremental export: its own cursor, up to 1,000 tickets a page, deleted ones among them.

The export holds back the last minute, so what it has told is whole: nothing is committed behind its cursor. It orders
by a clock that also moves for changes that leave updated_at alone, so a ticket may be told without a visible change.
(The vendor's reference of incremental exports.)

Our cursor is JSON: `{"cursor": theirs}`, or `{"start": unix seconds}` as long as the desk has given none.
"""

import json
from datetime import datetime, timedelta
from typing import Any, Final

from automations.adapters.http import Connection
from automations.adapters.zendesk.limits import SYSTEM, TITLE
from automations.adapters.zendesk.shapes import ExportPage
from automations.adapters.zendesk.tickets import SIDELOADS, shown
from automations.domain import Changed
from automations.errors import Rejected, Unavailable

PATH: Final = "/api/v2/incremental/tickets/cursor"
PER_PAGE: Final = 1000
BACK: Final = timedelta(minutes=5)
"""How far back the first look begins: past the minute that is held back, and past clocks that differ."""

Place = dict[str, Any]


def changed(connection: Connection, since: str | None, now: datetime) -> Changed:
    """One page after the cursor. None reads to the end of the last minutes and tells nothing of them.

    Raises: Rejected if the cursor is none of ours, or the credential is no admin's; Unavailable if the desk's own does
    not move.
    """
    if since is not None:
        return _told(connection, _place(since))
    place: Place = {"start": int((now - BACK).timestamp())}
    while True:
        found = _told(connection, place)
        if not found.more:
            return Changed((), found.cursor)
        place = _place(found.cursor)


def _told(connection: Connection, place: Place) -> Changed:
    asked = {"cursor": place["cursor"]} if "cursor" in place else {"start_time": place["start"]}
    page = connection.read(PATH, {**asked, "per_page": PER_PAGE, "include": SIDELOADS}).shaped(ExportPage)
    after = page.after_cursor
    moved = after is not None and after != place.get("cursor")
    if not moved and (page.tickets or not page.end_of_stream):
        words = f"{TITLE} gave the place {after!r} again, though it has more to tell: its export does not move"
        raise Unavailable(words, system=SYSTEM)
    told = dict.fromkeys(str(ticket.id) for ticket in page.tickets)
    whole = {
        ticket.id: shown(ticket, connection.of.url, page.users, page.groups)
        for ticket in page.tickets
        if ticket.status != "deleted"
    }
    cursor = json.dumps({"cursor": after} if moved else place)
    return Changed(tuple(told), cursor, more=not page.end_of_stream, shown=tuple(whole.values()))


def _place(cursor: str) -> Place:
    if cursor == "":
        return {"start": 0}
    try:
        place = json.loads(cursor)
    except ValueError:
        place = None
    if isinstance(place, dict) and (isinstance(place.get("cursor"), str) or isinstance(place.get("start"), int)):
        return place
    raise Rejected(f"{cursor[:40]!r} is no place in {TITLE}'s changes", system=SYSTEM, code="bad_cursor")
