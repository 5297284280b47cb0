"""Taking the mirror's tickets into the clocks: what changed since the last look, then a walk through all of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, NamedTuple

from sqlalchemy import and_, delete, or_, select
from sqlalchemy.orm import Session

from automations.apart import BAD_ROW
from automations.sla.clocks import ClockNow, clocks
from automations.sla.life import Life
from automations.sla.places import Place, move, place_of
from automations.sla.policy import SlaPolicy
from automations.sla.reading import Seen, lives, over, tickets
from automations.sla.rows import Key, Row, as_of, row_of, write
from automations.sla.worked import WorkedHours
from storage.boundaries import reach
from storage.engine import Database
from storage.models import MirrorPlace, MirrorTicket, SlaClock

AT_ONCE: Final = 500
"""Tickets whose clocks are made in one transaction."""


PassOver = Callable[[Session, str, Exception], None]
"""Told of a ticket (the desk's id) whose clocks cannot be made, and why, in the transaction that goes past it."""


def stop_at(_session: Session, _ticket_id: str, error: Exception) -> None:
    """Pass nothing over. Raises the error."""
    raise error


class _Step(NamedTuple):
    """Clocks as they are to be, and those there are, of tickets whose clocks are not as of now.

    `bad`: tickets of which none can be made, with the error. Theirs stay as they are.
    """

    wanted: dict[Key, Row]
    there: set[Key]
    bad: dict[str, Exception]


@dataclass(slots=True)
class Taker:
    """Takes a desk's tickets into the clocks, and counts: those looked at, those whose clocks became others."""

    database: Database
    system: str
    policy: SlaPolicy
    version: str
    worked: WorkedHours
    now: datetime
    pass_over: PassOver = stop_at
    looked: int = 0
    made: int = 0

    def take_changes(self) -> bool:
        """Take in the next tickets that changed. False once there are none. Raises: Overtaken."""
        with self.database.read() as session:
            place, newest = place_of(session, self.system), self._newest(session)
            if place is None or newest is None or newest <= (place.changed_at, place.ticket):
                return False
            later = (
                MirrorTicket.changed_at >= place.changed_at,
                or_(MirrorTicket.changed_at > place.changed_at, MirrorTicket.id > place.ticket),
            )
            seen = tickets(
                session,
                MirrorTicket.system == self.system,
                *later,
                ~over(self.now),
                order=(MirrorTicket.changed_at, MirrorTicket.id),
                limit=AT_ONCE,
            )
            step = self._step(session, seen)
        changed_at, ticket = (seen[-1].changed_at, seen[-1].number) if len(seen) == AT_ONCE else newest
        self._keep(place, replace(place, changed_at=changed_at, ticket=ticket), step)
        self.looked += len(seen)
        return True

    def walk_on(self) -> bool:
        """Look at the next of all tickets, if it is time for that. False once it is not. Raises: Overtaken."""
        with self.database.read() as session:
            here = place = place_of(session, self.system)
            if here is None or place is None:
                return False
            if place.walk_is_due(self.version, self.now):
                place = replace(place, policy_version=self.version, walked=0, walk_began_at=self.now)
            if place.walked is None:
                return False
            mine = MirrorTicket.system == self.system, MirrorTicket.id > place.walked, ~over(self.now)
            seen = tickets(session, *mine, order=(MirrorTicket.id,), limit=AT_ONCE)
            step = self._step(session, seen)
        self._keep(here, replace(place, walked=seen[-1].number if len(seen) == AT_ONCE else None), step)
        self.looked += len(seen)
        return True

    def take_one(self, ticket_id: str) -> None:
        """Make the clocks of one ticket, which was passed over before. Raises what stands in the way."""
        with self.database.read() as session:
            mine = MirrorTicket.system == self.system, MirrorTicket.ticket_id == ticket_id, ~over(self.now)
            step = self._step(session, tickets(session, *mine, order=(MirrorTicket.id,), limit=1))
        for error in step.bad.values():
            raise error
        with self.database.begin() as session:
            write(session, step.wanted, step.there, self.system)

    def _newest(self, session: Session) -> tuple[datetime, int] | None:
        """The last change there is."""
        columns = MirrorTicket.changed_at, MirrorTicket.id
        last = select(*columns).where(MirrorTicket.system == self.system).order_by(*(one.desc() for one in columns))
        row = session.execute(last.limit(1)).first()
        return (row.changed_at, row.id) if row is not None else None

    def _step(self, session: Session, seen: Sequence[Seen]) -> _Step:
        """Make the clocks anew of those tickets that are not as of now and by the policy of now."""
        there = as_of(session, self.system, [one.ticket_id for one in seen])
        kept = {key[0]: told for key, told in there.items()}
        stale = [one for one in seen if kept.get(one.ticket_id) != (one.changed_at, self.version)]
        wanted: dict[Key, Row] = {}
        bad: dict[str, Exception] = {}
        for one, life in self._lives(session, stale, bad):
            try:
                made = clocks(life, self.policy, self.worked, one.changed_at)
                wanted |= {(one.ticket_id, clock.kind.value): self._row(one, clock) for clock in made}
            except BAD_ROW as exc:
                bad[one.ticket_id] = exc
        names = {one.ticket_id for one in stale if one.ticket_id not in bad}
        return _Step(wanted, {key for key in there if key[0] in names}, bad)

    def _row(self, one: Seen, clock: ClockNow) -> Row:
        return row_of(clock, system=self.system, ticket_id=one.ticket_id, version=self.version, seen_at=one.changed_at)

    def _lives(self, session: Session, stale: Sequence[Seen], bad: dict[str, Exception]) -> list[tuple[Seen, Life]]:
        """Read all at once; one by one where one of them cannot be read, so that the others are."""
        try:
            return list(lives(session, stale))
        except BAD_ROW as exc:
            if len(stale) == 1:
                bad[stale[0].ticket_id] = exc
                return []
            return [pair for one in stale for pair in self._lives(session, [one], bad)]

    def _keep(self, here: Place, there: Place, step: _Step) -> None:
        """Go on from one place to the next with what was found on the way, in one transaction."""
        with self.database.begin() as session:
            move(session, self.system, here, there)
            write(session, step.wanted, step.there, self.system)
            for ticket_id, error in step.bad.items():
                self.pass_over(session, ticket_id, error)
            if there.walked is None and (here.walked is not None or here.walk_began_at != there.walk_began_at):
                self._forget(session)
            reach("sla.taken")
        self.made += len({ticket_id for ticket_id, _ in step.wanted.keys() | step.there})

    def _forget(self, session: Session) -> None:
        """Drop the clocks of tickets done with long ago, and of those that a complete mirror does not know."""
        mine = MirrorTicket.system == SlaClock.system, MirrorTicket.ticket_id == SlaClock.ticket_id
        done = select(MirrorTicket.id).where(*mine, over(self.now)).exists()
        complete = select(MirrorPlace.system).where(
            MirrorPlace.system == self.system, MirrorPlace.complete_at.is_not(None)
        )
        unknown = and_(complete.exists(), ~select(MirrorTicket.id).where(*mine).exists())
        dropped = delete(SlaClock).where(SlaClock.system == self.system, or_(done, unknown))
        session.execute(dropped, execution_options={"synchronize_session": False})
