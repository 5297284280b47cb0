"""Reading the desk into the mirror in a running bot: as often as whoever needs it most, for all of them together."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import structlog
from sqlalchemy.orm import Session

from automations.errors import AdapterError
from automations.mirror.reading import read_on
from automations.ports import CustomerBook, HelpDesk
from bot.engine import Args, JobSpec, Route
from bot.live import Live
from bot.schedule import Here
from storage.engine import Database

log = structlog.get_logger(__name__)

READ: Final = "mirror.read"
"""Job: read on in the desk, at most a slice of it."""
SLICE: Final = 4
"""Pages of the desk read in one go, so that the desk's other jobs get their turn in between."""

ROUTE: Final = Route(name=READ, queue="desk")


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who needs the mirror: how often it has to be read, and whether it has to now.

    `follow` reads on in the desk for them after each slice, and says whether there is more of that to do.
    """

    every: timedelta
    wanted: Callable[[Session], bool]
    follow: Callable[[], bool] = lambda: False


@dataclass(frozen=True, slots=True)
class MirrorSide:
    """The mirror of one bot. Nobody who needs it: the desk is not read."""

    database: Database
    live: Live
    desk: HelpDesk
    customers: CustomerBook | None
    readers: Sequence[Reader]

    def spec(self) -> JobSpec:
        """The job, ready for the engine. It is in the failure queue only for a fault in Handoff, which is nobody's."""
        return JobSpec(
            name=READ, queue="desk", advance=self._read, target=lambda _: "mirror", owner_of=lambda _s, _a: ""
        )

    def timetable(self) -> Sequence[Here]:
        """Asked for as often as anybody could need it; how often that is now is seen then."""
        return (Here("mirror", min(one.every for one in self.readers).total_seconds(), self.ask),)

    def ask(self) -> bool:
        """Ask for a look at the desk, once for all replicas. False if nobody needs it."""
        wanting = self._wanting()
        if not wanting:
            return False
        every = min(one.every for one in wanting).total_seconds()
        slot = int(self.live.context().clock.now().timestamp() // every)
        self._enqueue(f"{every:g}/{slot}")
        return True

    def _read(self, _args: Args) -> None:
        """Read a slice. A desk that is away is no news: the next look goes on from the same place."""
        ctx = self.live.context()
        try:
            read = read_on(
                self.database,
                self.desk,
                self.customers,
                clock=ctx.clock,
                redactor=ctx.redactor,
                most_pages=SLICE,
            )
            more = [one.follow() for one in self._wanting()]
        except AdapterError as exc:
            log.warning("mirror.not_read", system=exc.system, error=ctx.redactor.text(str(exc)))
            return
        if not read.complete or any(more):
            self._enqueue(f"on/{ctx.clock.now().isoformat()}")

    def _wanting(self) -> list[Reader]:
        with self.database.read() as session:
            return [one for one in self.readers if one.wanted(session)]

    def _enqueue(self, key: str) -> None:
        with self.database.begin() as session:
            self.live.context().jobs.enqueue(session, READ, key, {})
