"""How far the sources were read: from where the next look begins, when it has to be a whole listing, what goes again.

A cursor is stored only by the transaction that stores what was read. When and how large the last whole listing was is
gone by once people may go by that listing: one that the brake stopped is that only after two of them let it go on.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from automations.customer_context.accounts import SHOWN_CHARACTERS
from automations.customer_context.context import SYNC, CustomerContext, CustomerDoors
from automations.customer_context.reading import SourceRead, account_column, named_sources
from automations.customer_context.rules import DESK, CustomerRules
from automations.customer_context.values import ConflictKind
from automations.desks import SourceRow
from automations.plan import digest_of
from automations.redact import MASK
from storage.models import CustomerConflict, CustomerRejected, CustomerSource, Run
from storage.upsert import insert_into

FIELDS: Final = "fields"
"""In a sync's `plan`: the digest of what its sources were read for."""

_REPLACED: Final = "\N{REPLACEMENT CHARACTER}"


@dataclass(frozen=True, slots=True)
class Place:
    """How far one source was read before. `rows` are those of the last whole listing, at `whole_at`."""

    cursor: str
    whole_at: datetime | None
    rows: int


@dataclass(frozen=True, slots=True)
class Start:
    """Where a sync begins: cursors of the sources that are not read whole, and rejected rows that are tried again."""

    places: Mapping[str, Place]
    since: Mapping[str, str]
    again: Mapping[str, Sequence[SourceRow]]
    fields: str


def start(session: Session, doors: CustomerDoors, ctx: CustomerContext, *, whole: bool) -> Start:
    """Where to begin now. Every source is read whole if one of them has to be, so that who is gone is seen.

    That is so where `whole` is asked for, the last whole listing is too old, the fields are others than those the
    sources were read for, or only a whole listing shows what has become of something: of an account told twice, and of
    a rejected row that was not kept as it stood.
    """
    sources = [source for source in named_sources(doors, ctx.rules) if source.by_cursor]
    places = {row.name: Place(row.cursor, row.whole_at, row.rows) for row in session.scalars(select(CustomerSource))}
    fields = digest_of_fields(ctx.rules, doors)
    oldest = ctx.clock.now() - timedelta(seconds=ctx.whole_every_s)
    names = [source.name for source in sources]
    again = _rejected(session, names)
    if (
        whole
        or any(_is_old(places.get(name), oldest) for name in names)
        or fields != _read_for(session)
        or _told_twice(session, names)
        or any(_is_cut(row) for rows in again.values() for row in rows)
    ):
        return Start(places, {}, {}, fields)
    return Start(places, {name: places[name].cursor for name in names}, again, fields)


def digest_of_fields(rules: CustomerRules, doors: CustomerDoors) -> str:
    """What sources are read for: another digest, and what was not told since a cursor may mean another thing."""
    read = ("name", "source", "column", "type", "values")
    fields = sorted((field for field in rules.fields if field.source != DESK), key=lambda field: field.name)
    columns = {field.source: account_column(doors, field.source) for field in fields}
    return digest_of([field.model_dump(mode="json", include=set(read)) for field in fields], columns)


def keep(session: Session, sources: Iterable[SourceRead], now: datetime) -> None:
    """Keep how far the sources were read, in the transaction that keeps what they said."""
    for source in sources:
        read = {"cursor": source.cursor, "read_at": now, "as_of": source.as_of}
        new = insert_into(session, CustomerSource).values(name=source.name, whole_at=None, rows=0, **read)
        session.execute(new.on_conflict_do_update(index_elements=["name"], set_=read))


def go_by(session: Session, sources: Iterable[Mapping[str, Any]], at: datetime) -> None:
    """People may go by these whole listings: the next are held against them."""
    for source in sources:
        if source["whole"]:
            _change(session, source["name"], {"whole_at": at, "rows": source["rows"]})


def doubt(session: Session, sources: Iterable[Mapping[str, Any]]) -> None:
    """Nobody goes by these listings: the next one is whole again."""
    for source in sources:
        _change(session, source["name"], {"whole_at": None})


def shrunken(sources: Iterable[SourceRead], places: Mapping[str, Place], rules: CustomerRules) -> str:
    """Why people have to look first, if a whole listing has far fewer rows than the last; empty if none has."""
    for source in sources:
        before = places[source.name].rows if source.name in places else 0
        gone = before - source.rows
        if source.whole and gone > rules.brake.limit(before):
            return f"{source.title} has {gone:,} rows fewer than the {before:,} of its last whole listing"
    return ""


def _change(session: Session, name: str, values: Mapping[str, Any]) -> None:
    session.execute(
        update(CustomerSource).where(CustomerSource.name == name).values(values),
        execution_options={"synchronize_session": False},
    )


def _is_old(place: Place | None, oldest: datetime) -> bool:
    return place is None or not place.cursor or place.whole_at is None or place.whole_at <= oldest


def _read_for(session: Session) -> str:
    """What the sources were read for last."""
    planned = select(Run.plan).where(Run.kind == SYNC, Run.proposed_at.is_not(None)).order_by(Run.id.desc()).limit(1)
    plan = session.scalar(planned)
    return str(plan.get(FIELDS, "")) if plan else ""


def _told_twice(session: Session, names: Sequence[str]) -> bool:
    twice = CustomerConflict.kind == ConflictKind.TWO_ROWS, CustomerConflict.state.in_(("open", "kept", "ignored"))
    return (
        session.scalar(select(CustomerConflict.id).where(*twice, CustomerConflict.source.in_(names)).limit(1))
        is not None
    )


def _rejected(session: Session, names: Sequence[str]) -> dict[str, list[SourceRow]]:
    """Rows of these sources that are still rejected, as they were kept."""
    still = CustomerRejected.state == "open", CustomerRejected.source.in_(names)
    rows: dict[str, list[SourceRow]] = defaultdict(list)
    for row in session.scalars(select(CustomerRejected).where(*still).order_by(CustomerRejected.id)):
        rows[row.source].append(SourceRow(row.row_key, row.row))
    return rows


def _is_cut(row: SourceRow) -> bool:
    """Whether a row was kept otherwise than it stood: without a secret, a part of a long value, or odd characters."""
    values = [value or "" for value in row.columns.values()]
    return any(len(value) >= SHOWN_CHARACTERS or MASK in value or _REPLACED in value for value in values)
