"""The mirror's rows of a page of tickets: read in a few selects, written in bulk, and only where something differs."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from automations.mirror.rows import Kept, message_rows, messages_of, names_of, span_rows, stretches_of, tag_rows
from storage.models import MirrorMessage, MirrorName, MirrorPlace, MirrorSpan, MirrorTag, MirrorTicket
from storage.upsert import insert_into

PER_DELETE: Final = 2_000
"""Tickets forgotten in one transaction, so that nobody waits long for the database."""

TICK: Final = timedelta(microseconds=1)
_COLUMNS: Final = [column for column in MirrorTicket.__table__.c if column.name not in ("id", "changed_at")]
_PARTS: Final = (MirrorSpan, MirrorMessage, MirrorTag)


@dataclass(frozen=True, slots=True)
class Known:
    """A ticket that is in the mirror. `id` is the number of its row."""

    id: int
    kept: Kept


@dataclass(slots=True)
class Page:
    """What became of a page of tickets: those to keep, those gone with the time of it, by the desk's ids."""

    kept: dict[str, Kept] = field(default_factory=dict)
    gone: dict[str, datetime] = field(default_factory=dict)


def known(session: Session, system: str, tickets: Collection[str]) -> dict[str, Known]:
    """What the mirror has of these tickets, by the desk's ids."""
    mine = MirrorTicket.system == system, MirrorTicket.ticket_id.in_(tickets)
    rows = session.execute(select(MirrorTicket.id, *_COLUMNS).where(*mine)).mappings().all()
    numbers = [row["id"] for row in rows]
    spans = stretches_of(session.execute(_part(MirrorSpan, numbers)))
    messages = messages_of(session.execute(_part(MirrorMessage, numbers)))
    found: dict[str, Known] = {}
    for row in rows:
        columns = {column.name: row[column.name] for column in _COLUMNS}
        number = int(row["id"])
        kept = Kept(columns, spans.get(number, ()), messages.get(number, ()), tuple(columns["tags"]))
        found[columns["ticket_id"]] = Known(number, kept)
    return found


def store(session: Session, page: Page, there: Mapping[str, Known], now: datetime) -> int:
    """Put what differs in the place of what was known, and say how many that were.

    `changed_at` of those tickets is now, and later than that of all others even if the clock was set back, so that
    whoever follows the changes in their order misses none.
    """
    now = later_than_all(session, now)
    different = {one: kept for one, kept in page.kept.items() if one not in there or there[one].kept != kept}
    numbers = {one: there[one].id for one in sorted(different, key=lambda one: _number(there, one)) if one in there}
    for rows in _updates(different, there, numbers, now):
        session.execute(update(MirrorTicket), rows)
    if new := [{**kept.columns, "changed_at": now} for one, kept in different.items() if one not in numbers]:
        made = session.execute(insert(MirrorTicket).returning(MirrorTicket.ticket_id, MirrorTicket.id), new)
        numbers |= {str(row.ticket_id): int(row.id) for row in made}
    before = {one: there[one].kept for one in different if one in there}
    for part in (_SPANS, _MESSAGES, _TAGS):
        _replace(session, part, different, before, numbers)
    _name(session, different.values())
    gone = {one: at for one, at in page.gone.items() if one in there and there[one].kept.columns["deleted_at"] is None}
    if gone:
        rows = [{"id": there[one].id, "deleted_at": at, "changed_at": now} for one, at in gone.items()]
        session.execute(update(MirrorTicket), rows)
    return len(different) + len(gone)


def forget_some(session: Session, system: str) -> bool:
    """Delete a desk's place and names, and the next tickets of it. False once there are none."""
    session.execute(delete(MirrorPlace).where(MirrorPlace.system == system))
    session.execute(delete(MirrorName).where(MirrorName.system == system))
    some = select(MirrorTicket.id).where(MirrorTicket.system == system).order_by(MirrorTicket.id).limit(PER_DELETE)
    numbers = list(session.scalars(some))
    for part in _PARTS:
        session.execute(delete(part).where(part.ticket.in_(numbers)))
    session.execute(delete(MirrorTicket).where(MirrorTicket.id.in_(numbers)))
    return bool(numbers)


def later_than_all(session: Session, now: datetime) -> datetime:
    """A moment for what changes now that is later than every change before, and stays so until this is committed.

    Whoever writes to the mirror holds the desks' places from here on, so that changes are committed in their order.
    """
    session.execute(select(MirrorPlace.system).order_by(MirrorPlace.system).with_for_update())
    newest = session.scalar(select(func.max(MirrorTicket.changed_at)))
    return now if newest is None else max(now, newest + TICK)


def _number(there: Mapping[str, Known], one: str) -> int:
    return there[one].id if one in there else 0


def _updates(
    different: Mapping[str, Kept], there: Mapping[str, Known], numbers: Mapping[str, int], now: datetime
) -> Iterator[list[dict[str, Any]]]:
    """The columns of tickets that are there already, in the order of their numbers.

    A tier that stays is not written: people may have given the ticket another since it was looked at.
    """
    same: list[dict[str, Any]] = []
    other: list[dict[str, Any]] = []
    for one, number in numbers.items():
        row = {"id": number, **different[one].columns, "changed_at": now}
        if row["tier"] == there[one].kept.columns["tier"]:
            del row["tier"]
            same.append(row)
        else:
            other.append(row)
    return (rows for rows in (same, other) if rows)


def _name(session: Session, different: Iterable[Kept]) -> None:
    """Keep what these tickets can be filtered by."""
    named = sorted({(str(kept.columns["system"]), *name) for kept in different for name in names_of(kept)})
    if named:
        rows = [{"system": system, "key": key, "value": value} for system, key, value in named]
        session.execute(insert_into(session, MirrorName).on_conflict_do_nothing(), rows)


def _part(table: type[MirrorSpan] | type[MirrorMessage], numbers: Collection[int]) -> Any:
    return select(*table.__table__.c).where(table.ticket.in_(numbers)).order_by(table.ticket, table.n)


@dataclass(frozen=True, slots=True)
class _Part:
    """One kind of a ticket's rows: their table, what they are made of, and how."""

    table: type[MirrorSpan] | type[MirrorMessage] | type[MirrorTag]
    of: Callable[[Kept], tuple[Any, ...]]
    rows: Callable[[int, Any], Iterator[dict[str, Any]]]


_SPANS: Final = _Part(MirrorSpan, lambda kept: kept.stretches, span_rows)
_MESSAGES: Final = _Part(MirrorMessage, lambda kept: kept.messages, message_rows)
_TAGS: Final = _Part(MirrorTag, lambda kept: kept.tags, tag_rows)


def _replace(
    session: Session,
    part: _Part,
    different: Mapping[str, Kept],
    before: Mapping[str, Kept],
    numbers: Mapping[str, int],
) -> None:
    """Write one kind of a ticket's rows anew where it is made of something else than before."""
    changed = {
        one: kept for one, kept in different.items() if one not in before or part.of(before[one]) != part.of(kept)
    }
    if old := [numbers[one] for one in changed if one in before]:
        session.execute(delete(part.table).where(part.table.ticket.in_(old)))
    if new := [row for one, kept in changed.items() for row in part.rows(numbers[one], part.of(kept))]:
        session.execute(insert(part.table.metadata.tables[part.table.__tablename__]), new)
