"""How far a desk's clocks are kept: moved together with them, and only by who stands at the place it was."""

from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from storage.models import SlaPlace
from storage.upsert import insert_into

WALK_EVERY: Final = timedelta(days=1)
"""How often all tickets are looked at again, so that whatever was missed (by a clock set back, say) is found."""
_BEGINNING: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Overtaken(Exception):
    """Somebody else has gone on from this place meanwhile. Nothing was kept twice."""


@dataclass(frozen=True, slots=True)
class Place:
    """As `SlaPlace` says."""

    changed_at: datetime
    ticket: int
    policy_version: str
    walked: int | None
    walk_began_at: datetime

    def walk_is_due(self, version: str, now: datetime) -> bool:
        """Say whether all tickets are to be looked at from the first on."""
        return self.policy_version != version or (self.walked is None and now >= self.walk_began_at + WALK_EVERY)


_NAMES: Final = [one.name for one in fields(Place)]


def place_of(session: Session, system: str) -> Place | None:
    """How far this desk's clocks are kept, None if that was never begun."""
    row = session.execute(
        select(*(getattr(SlaPlace, name) for name in _NAMES)).where(SlaPlace.system == system)
    ).first()
    return Place(*row) if row is not None else None


def begin(session: Session, system: str, version: str, now: datetime) -> None:
    """Have a place before the first change."""
    row = {"system": system, **_values(Place(_BEGINNING, 0, version, None, now))}
    session.execute(insert_into(session, SlaPlace).values(row).on_conflict_do_nothing())


def move(session: Session, system: str, here: Place, there: Place) -> None:
    """Go on. Raises: Overtaken if somebody else has."""
    stands = [getattr(SlaPlace, name).is_not_distinct_from(value) for name, value in _values(here).items()]
    moved = update(SlaPlace).where(SlaPlace.system == system, *stands).values(**_values(there))
    moved = moved.returning(SlaPlace.system)
    if session.execute(moved, execution_options={"synchronize_session": False}).scalar() is None:
        raise Overtaken


def _values(place: Place) -> dict[str, Any]:
    return {name: getattr(place, name) for name in _NAMES}
