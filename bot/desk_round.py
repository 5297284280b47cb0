"""Looking at the desk every few seconds, so that work done there counts: one job for each look, for all replicas.

A desk that is away is no news here: the next look goes on from where the last one came to, and what is due to a single
case is tried again by that case's own job. So a look never reaches the failure queue.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import structlog

from automations.errors import AdapterError
from automations.failure_tickets import desk_facts, desk_feed
from automations.failure_tickets.context import Context
from automations.ports import HelpDesk
from bot.engine import Args, JobSpec, Route
from storage.engine import Database

log = structlog.get_logger(__name__)

FEED: Final = "desk.feed"

ROUTE: Final = Route(name=FEED, queue="desk")


@dataclass(frozen=True, slots=True)
class DeskRound:
    """What a look at the desk works with."""

    database: Database
    desk: HelpDesk
    context: Callable[[], Context]

    def spec(self) -> JobSpec:
        """The job, ready for the engine."""
        return JobSpec(name=FEED, queue="desk", advance=self._look, target=lambda _: "desk", owner_of=lambda _s, _a: "")

    def ask(self, every: timedelta) -> None:
        """Ask for the look of this moment. Replicas that ask within the same `every` ask for one and the same."""
        slot = int(self.context().clock.now().timestamp() // max(every.total_seconds(), 1))
        self._enqueue(f"{slot}", {"fresh": 0})

    def ask_at_start(self) -> None:
        """Ask for a look that also reads anew what is kept of the desk, since the settings may be others now."""
        self._enqueue(f"start/{self.context().clock.now().isoformat()}", {"fresh": 1})

    def _enqueue(self, key: str, args: Args) -> None:
        with self.database.begin() as session:
            self.context().jobs.enqueue(session, FEED, key, args)

    def _look(self, args: Args) -> None:
        context = self.context()
        try:
            with self.database.read() as session:
                due = desk_facts.stale(session, self.desk.system, context.clock.now())
            if due or args["fresh"]:
                desk_facts.refresh(self.database, self.desk, context)
            moved = desk_feed.read(self.database, self.desk, context)
        except AdapterError as exc:
            log.warning("desk.not_read", system=exc.system, error=context.redactor.text(str(exc)))
            return
        if moved:
            log.info("desk.followed", cases=moved)
