"""Walking through a desk: along its feed of changes, or through its list where it has no feed."""

from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Final

from sqlalchemy import select

from automations.domain import Ticket
from automations.errors import Unavailable
from automations.mirror.places import Step
from automations.mirror.taking import Taker
from automations.ports import Listed, ToldTogether
from storage.models import MirrorPlace, MirrorTicket

AT_ONCE: Final = 50
"""Tickets kept in one transaction where each of them costs calls of its own."""
PER_LIST: Final = 200
"""Tickets of a list compared in one look."""


def walk_feed(taker: Taker, most_pages: int | None) -> bool:
    """Follow the desk's feed from the place it was read to. True at its end. Raises: AdapterError."""
    desk = taker.desk
    with taker.database.read() as session:
        place = session.get_one(MirrorPlace, desk.system)
    cursor, pages = place.cursor, 0
    _finish(taker, cursor, place.left, {})
    while most_pages is None or pages < most_pages:
        asked_at = taker.clock.now()
        page = desk.changed(cursor)
        if page.more and page.cursor == cursor:
            raise Unavailable(f"{desk.title} does not get on: the next page is the same again", system=desk.system)
        shown = {ticket.id: ticket for ticket in page.shown}
        if isinstance(desk, ToldTogether):
            taker.take(page.tickets, shown, Step(cursor, page.cursor))
        else:
            taker.go(Step(cursor, page.cursor, page.tickets))
            _finish(taker, page.cursor, page.tickets, shown)
        cursor, pages = page.cursor, pages + 1
        if not page.more:
            taker.go(Step(cursor, cursor, read_at=asked_at))
            return True
    return False


def walk_list(taker: Taker, desk: Listed, most_pages: int | None) -> bool:
    """Read what the desk lists and the mirror has with another time of change. True at its end. Raises: AdapterError.

    What is in the mirror and not in the list is asked for by itself: only the desk's own word makes it deleted.
    """
    asked_at, pages = taker.clock.now(), 0
    met: set[str] = set()
    listed = desk.listed()
    while some := {ticket.id: ticket for ticket in islice(listed, PER_LIST)}:
        met |= some.keys()
        if differing := _differing(taker, some):
            _finish(taker, "", tuple(differing), differing)
            pages += 1
            if pages == most_pages:
                return False
    _finish(taker, "", _unlisted(taker, met), {})
    taker.go(Step("", "", read_at=asked_at))
    return True


def _finish(taker: Taker, cursor: str, left: Sequence[str], shown: Mapping[str, Ticket]) -> None:
    """Read the tickets that are left at this place, a few at a time, so that each of them is read once."""
    for start in range(0, len(left), AT_ONCE):
        end = start + AT_ONCE
        taker.take(left[start:end], shown, Step(cursor, cursor, left[end:]))


def _differing(taker: Taker, some: Mapping[str, Ticket]) -> dict[str, Ticket]:
    mine = MirrorTicket.system == taker.desk.system, MirrorTicket.ticket_id.in_(some), MirrorTicket.deleted_at.is_(None)
    with taker.database.read() as session:
        rows = session.execute(select(MirrorTicket.ticket_id, MirrorTicket.updated_at).where(*mine))
        same = {row.ticket_id: row.updated_at for row in rows}
    return {one: ticket for one, ticket in some.items() if same.get(one) != ticket.updated_at}


def _unlisted(taker: Taker, met: set[str]) -> tuple[str, ...]:
    mine = MirrorTicket.system == taker.desk.system, MirrorTicket.deleted_at.is_(None)
    with taker.database.read() as session:
        ids = session.scalars(select(MirrorTicket.ticket_id).where(*mine).order_by(MirrorTicket.id))
        return tuple(one for one in ids if one not in met)
