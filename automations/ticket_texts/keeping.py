"""The rows of tickets' words: which are to be read, writing them, and letting go of old ones."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, delete, exists, func, or_, select
from sqlalchemy.orm import Session

from automations.ticket_texts.said import Said
from storage.engine import Database
from storage.models import MirrorPlace, MirrorTicket, TicketText
from storage.upsert import insert_into

SOLVED_LATELY: Final = timedelta(days=14)
"""Tickets that were solved longer ago than this before anybody read their words are not read any more."""
PER_DELETE: Final = 500
"""Rows deleted in one transaction, so that nobody waits long for the database."""


@dataclass(frozen=True, slots=True)
class Due:
    """A ticket whose words are to be read: as the mirror had it when it was `changed_at` last."""

    ticket_id: str
    created_at: datetime
    changed_at: datetime


def due(session: Session, system: str, now: datetime, *, most: int, keep: timedelta) -> Sequence[Due]:
    """Tickets that changed in the mirror since their words were read, oldest change first; open ones before solved.

    Of solved ones those that became so since, or whose words were never read, within SOLVED_LATELY or `keep`.
    """
    found = _due(session, system, _open(), TicketText.seen_at.is_distinct_from(MirrorTicket.changed_at), most)
    ended = func.coalesce(MirrorTicket.solved_at, MirrorTicket.closed_at)
    lately = now - min(SOLVED_LATELY, keep)
    solved = and_(
        or_(MirrorTicket.solved_at > lately, and_(MirrorTicket.solved_at.is_(None), MirrorTicket.closed_at > lately)),
        or_(TicketText.seen_at.is_(None), TicketText.seen_at < ended),
    )
    room = most - len(found)
    return [*found, *_due(session, system, solved, MirrorTicket.deleted_at.is_(None), room)] if room else found


def keep(session: Session, system: str, ticket: Due, words: Said, now: datetime) -> None:
    """Put these words in the place of what was kept of the ticket."""
    columns = {name: getattr(words, name) for name in Said.__dataclass_fields__}
    columns |= {"last": list(words.last), "tone_words": list(words.tone_words)}
    _upsert(session, system, ticket, columns | {"seen_at": ticket.changed_at, "read_at": now}, columns)


def pass_over(session: Session, system: str, ticket: Due, now: datetime) -> None:
    """Let a ticket that the desk refuses to show rest until it changes again. What was kept of it stays."""
    none = {name: getattr(Said(), name) for name in Said.__dataclass_fields__} | {"last": [], "tone_words": []}
    _upsert(session, system, ticket, none | {"seen_at": ticket.changed_at, "read_at": now}, {})


def forget(database: Database, system: str, before: datetime) -> int:
    """Delete words of tickets that ended before this, of deleted ones, and what was not read anew since then.

    Of an open ticket the last are read again while anybody wants them. A mirror that is being made anew says nothing of
    tickets that it does not have yet; once it is whole, those that it lacks are gone. Says how many.
    """
    forgotten = 0
    while some := _forget_some(database, system, before):
        forgotten += some
    return forgotten


def _open() -> ColumnElement[bool]:
    """By the times, which have an index each, and not by the status, which has none."""
    return and_(MirrorTicket.solved_at.is_(None), MirrorTicket.closed_at.is_(None), MirrorTicket.deleted_at.is_(None))


def _due(
    session: Session, system: str, which: ColumnElement[bool], behind: ColumnElement[bool], most: int
) -> Sequence[Due]:
    mine = and_(TicketText.system == MirrorTicket.system, TicketText.ticket_id == MirrorTicket.ticket_id)
    changed = (
        select(MirrorTicket.ticket_id, MirrorTicket.created_at, MirrorTicket.changed_at)
        .outerjoin(TicketText, mine)
        .where(MirrorTicket.system == system, which, behind)
        .order_by(MirrorTicket.changed_at, MirrorTicket.id)
        .limit(most)
    )
    return [Due(*row) for row in session.execute(changed)]


def _upsert(session: Session, system: str, ticket: Due, columns: dict[str, Any], newer: dict[str, Any]) -> None:
    row = insert_into(session, TicketText).values(system=system, ticket_id=ticket.ticket_id, **columns)
    taken = newer | {"seen_at": row.excluded.seen_at, "read_at": row.excluded.read_at}
    session.execute(row.on_conflict_do_update(index_elements=["system", "ticket_id"], set_=taken))


def _forget_some(database: Database, system: str, before: datetime) -> int:
    here = and_(MirrorTicket.system == TicketText.system, MirrorTicket.ticket_id == TicketText.ticket_id)
    ended = func.coalesce(MirrorTicket.solved_at, MirrorTicket.closed_at)
    over = exists().where(here, or_(MirrorTicket.deleted_at.is_not(None), ended < before))
    with database.begin() as session:
        place = session.get(MirrorPlace, system)
        old = or_(TicketText.read_at < before, over)
        if place is not None and place.complete_at is not None:
            old = or_(old, and_(TicketText.read_at < place.began_at, ~exists().where(here)))
        some = select(TicketText.ticket_id).where(TicketText.system == system, old).limit(PER_DELETE)
        tickets = session.scalars(some).all()
        session.execute(delete(TicketText).where(TicketText.system == system, TicketText.ticket_id.in_(tickets)))
    return len(tickets)
