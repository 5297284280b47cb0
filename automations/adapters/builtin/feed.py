"""What happened in the built-in desk since somebody looked last: tickets by message, and one ticket's events in order.

The cursor is the number of a message. Messages get their numbers in the order in which they are committed
(`DeskTables.writing`), so what lies behind a cursor has been seen whole. Who begins with the oldest ticket is first
shown every ticket, with or without a message, and then what was said since that began: the cursor is then
`all/<last ticket>/<message>`.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from automations.adapters.builtin.rows import IMPORTED, SYSTEM
from automations.domain import HANDOFF, Changed, Ticket, TicketEvent
from automations.errors import Rejected
from storage.models import DeskMessage, DeskTicket, DeskUser

PAGE = 500
"""Messages, or tickets, looked at in one reading."""
ALL = "all"

Show = Callable[[Sequence[DeskTicket]], tuple[Ticket, ...]]


def changed(session: Session, since: str | None, show: Show) -> Changed:
    """The tickets of the messages after the cursor, each once, in order of their first. None begins now.

    "" begins with the oldest ticket; `show` makes of rows what is told whole.
    Raises: Rejected if the cursor is none of ours.
    """
    if since is None:
        return Changed((), str(_last_message(session)))
    if since == "":
        return _every(session, 0, _last_message(session), show)
    if since.startswith(f"{ALL}/"):
        _, ticket, message = [*since.split("/", 2), ""][:3]
        return _every(session, _number(ticket), _number(message), show)
    after = _number(since)
    found = session.execute(
        select(DeskMessage.id, DeskMessage.ticket_id).where(DeskMessage.id > after).order_by(DeskMessage.id).limit(PAGE)
    ).all()
    tickets = dict.fromkeys(ticket for _, ticket in found)
    there = select(DeskTicket).where(DeskTicket.id.in_(tickets), DeskTicket.deleted_at.is_(None))
    shown = show(session.scalars(there).all()) if found else ()
    cursor = str(found[-1][0]) if found else since
    return Changed(tuple(map(str, tickets)), cursor, len(found) == PAGE, shown)


def _every(session: Session, after: int, place: int, show: Show) -> Changed:
    """A page of all tickets by number; after the last one the messages since `place` are next."""
    rows = session.scalars(select(DeskTicket).where(DeskTicket.id > after).order_by(DeskTicket.id).limit(PAGE)).all()
    shown = show([row for row in rows if row.deleted_at is None])
    full = len(rows) == PAGE
    cursor = f"{ALL}/{rows[-1].id}/{place}" if full else str(place)
    return Changed(tuple(str(row.id) for row in rows), cursor, full or _last_message(session) > place, shown)


def _last_message(session: Session) -> int:
    return session.scalar(select(func.max(DeskMessage.id))) or 0


def events(session: Session, ticket: int, after: str | None) -> Iterator[TicketEvent]:
    """A ticket's messages after this one as events, deleted and merged tickets included."""
    said = _SAID.where(DeskMessage.ticket_id == ticket, DeskMessage.id > (_number(after) if after else 0))
    rows = session.execute(said.add_columns(DeskMessage.body))
    return iter([_event(row, str(row.body)) for row in rows])


def events_of(session: Session, tickets: Sequence[str]) -> dict[str, tuple[TicketEvent, ...]]:
    """The events of these tickets without what was said, which is most of what the desk keeps."""
    told: dict[str, list[TicketEvent]] = {ticket: [] for ticket in tickets}
    for row in session.execute(_SAID.where(DeskMessage.ticket_id.in_([_number(ticket) for ticket in told]))):
        told[str(row.ticket_id)].append(_event(row, ""))
    return {ticket: tuple(events) for ticket, events in told.items()}


_SAID: Final = (
    select(
        DeskMessage.id,
        DeskMessage.ticket_id,
        DeskMessage.key,
        DeskMessage.at,
        DeskMessage.author,
        DeskMessage.kind,
        DeskMessage.from_customer,
        DeskMessage.changes,
        DeskUser.name,
    )
    .outerjoin(DeskUser, DeskUser.email == DeskMessage.author)
    .order_by(DeskMessage.id)
)


def _event(message: Row[Any], body: str) -> TicketEvent:
    changes = tuple((str(field), str(before), str(now)) for field, before, now in message.changes or ())
    return TicketEvent(
        id=str(message.id),
        at=message.at,
        kind=_kind(message, changes),
        author=message.name or message.author,
        author_email=message.author if "@" in message.author else None,
        ours=_ours(message),
        body=body,
        changes=changes,
    )


def _ours(message: Row[Any]) -> bool:
    """What bears a key was written by us, but for what an import brought."""
    keyed = message.key is not None and not message.key.startswith(IMPORTED)
    return bool(keyed or message.author == HANDOFF.id)


def _kind(message: Row[Any], changes: tuple[tuple[str, str, str], ...]) -> str:
    if message.from_customer:
        return "customer"
    fields = {field for field, _, _ in changes}
    return "deleted" if "deleted" in fields else "merged" if "merged_into" in fields else str(message.kind)


def _number(cursor: str) -> int:
    if cursor.isascii() and cursor.isdecimal() and len(cursor) < 19:
        return int(cursor)
    raise Rejected(f"{cursor[:40]!r} is no place in the built-in desk's history", system=SYSTEM, code="bad_cursor")
