"""How far a desk was read: moved together with what was found, and only by who stands at the place it was."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import case, func, update
from sqlalchemy.orm import Session

from automations.desks import Capability
from automations.errors import Unavailable
from automations.ports import HelpDesk
from storage.engine import Database
from storage.models import MirrorPlace
from storage.upsert import insert_into


@dataclass(frozen=True, slots=True)
class Step:
    """From one cursor to the next, with the tickets left to be read before it. `read_at`: that is the desk's end."""

    begun: str
    cursor: str
    left: Sequence[str] = ()
    read_at: datetime | None = None


def begin(database: Database, desk: HelpDesk, now: datetime) -> None:
    """Have a place for the desk: its oldest ticket at first. What a desk without history was before now is unknown."""
    since = None if Capability.HISTORY in desk.capabilities else now
    row = {"system": desk.system, "cursor": "", "left": [], "began_at": now, "since": since, "listed": 0}
    with database.begin() as session:
        session.execute(insert_into(session, MirrorPlace).values(row).on_conflict_do_nothing())


def move(session: Session, system: str, step: Step, tickets: int) -> None:
    """Take the step after so many tickets were read. Raises: Unavailable if somebody else has gone on meanwhile."""
    values: dict[str, Any] = {
        "cursor": step.cursor,
        "left": list(step.left),
        "listed": case((MirrorPlace.complete_at.is_(None), MirrorPlace.listed + tickets), else_=MirrorPlace.listed),
    }
    if step.read_at is not None:
        values |= {"read_at": step.read_at, "complete_at": func.coalesce(MirrorPlace.complete_at, step.read_at)}
    there = MirrorPlace.system == system, MirrorPlace.cursor == step.begun
    moved = update(MirrorPlace).where(*there).values(values).returning(MirrorPlace.system)
    if session.execute(moved, execution_options={"synchronize_session": False}).scalar() is None:
        raise overtaken(system)


def overtaken(system: str) -> Unavailable:
    """What whoever comes second is told."""
    return Unavailable("another worker has read on in the same place; nothing was kept twice", system=system)
