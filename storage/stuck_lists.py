"""The failure queue as lists: a page of it, how much there is, and what of it has one cause.

Everything takes `seen`: which items the reader may see, as a condition on the rows.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from storage.models import StuckItem

GROUP_FROM: Final = 3
"""Items of one cause that are shown as one."""
MOST_GROUPS: Final = 3

ALL: Final[ColumnElement[bool]] = StuckItem.id > 0


@dataclass(frozen=True, slots=True)
class Cause:
    """Open items with one cause. `first`: the oldest of them; `upto`: the number of the newest there was."""

    cause: str
    items: int
    first: int
    upto: int
    since: datetime


def causes(session: Session, *, seen: ColumnElement[bool] = ALL, limit: int = MOST_GROUPS) -> list[Cause]:
    """The causes that hit many, the greatest first."""
    many = func.count()
    of_open = (
        select(StuckItem.cause, many, func.min(StuckItem.id), func.max(StuckItem.id), func.min(StuckItem.first_at))
        .where(StuckItem.state == "open", StuckItem.cause.is_not(None), seen)
        .group_by(StuckItem.cause)
        .having(many >= GROUP_FROM)
        .order_by(many.desc(), func.min(StuckItem.id))
    )
    found = session.execute(of_open.limit(limit)).all()
    return [Cause(row[0], row[1], row[2], row[3], row[4]) for row in found if row[0] is not None]


def page(
    session: Session,
    *,
    limit: int,
    offset: int = 0,
    seen: ColumnElement[bool] = ALL,
    but: Collection[str] = (),
    cause: str | None = None,
    owner: str | None = None,
    upto: int | None = None,
) -> Sequence[StuckItem]:
    """Open items, oldest first: without those of some causes, or only those of one, of one owner, up to a number."""
    wanted = select(StuckItem).where(StuckItem.state == "open", seen)
    if but:
        wanted = wanted.where(or_(StuckItem.cause.is_(None), StuckItem.cause.not_in(but)))
    if cause is not None:
        wanted = wanted.where(StuckItem.cause == cause)
    if owner is not None:
        wanted = wanted.where(StuckItem.owner == owner)
    if upto is not None:
        wanted = wanted.where(StuckItem.id <= upto)
    return session.scalars(wanted.order_by(StuckItem.id).limit(limit).offset(offset)).all()


def count(session: Session, *, seen: ColumnElement[bool] = ALL, cause: str | None = None) -> int:
    """How many open items there are."""
    wanted = select(func.count()).where(StuckItem.state == "open", seen)
    if cause is not None:
        wanted = wanted.where(StuckItem.cause == cause)
    return session.scalar(wanted) or 0
