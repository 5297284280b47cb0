"""Retention of one bot: the sweep of what is over, by the clock, once for all replicas; and the engine's rows."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Final

import structlog

from automations.ports import Clock
from bot.engine import Args, JobSpec
from bot.live import Live
from bot.schedule import Once, every
from storage.engine import Database
from storage.retention import Sweep

log = structlog.get_logger(__name__)

SWEEP: Final = "sched:retention"
EVERY_S: Final = 6 * 3600
AT_ONCE: Final = 20
"""Transactions of one step of the job; the first sweep of an old database has many steps."""


class RetentionSide:
    """Drops what is over. `dropped` is told how many rows of which table went, for the metrics."""

    def __init__(
        self, database: Database, live: Live, clock: Clock, dropped: Callable[[Mapping[str, int]], None]
    ) -> None:
        self._database, self._live, self._clock, self._dropped = database, live, clock, dropped

    def specs(self) -> tuple[JobSpec, ...]:
        """The sweep's job, ready for the engine."""
        return (
            JobSpec(
                name=SWEEP,
                queue="jobs",
                advance=self.sweep,
                target=lambda _args: "retention",
                owner_of=lambda _session, _args: "",
            ),
        )

    def timetable(self) -> tuple[Once, ...]:
        """Four times a day; one that was missed is left to the next."""
        return (Once("retention", every(EVERY_S), timedelta(seconds=EVERY_S)),)

    def sweep(self, _args: Args) -> str | None:
        """Drop some of what is over, by the terms in force now. The name of the step if there may be more."""
        sweep = Sweep(self._database, self._live.terms.settings.retention.terms(), self._clock.now())
        try:
            more = sweep.all_of_it(most=AT_ONCE)
        finally:
            self._dropped(sweep.dropped)
        if sweep.dropped:
            log.info("retention.swept", rows=dict(sorted(sweep.dropped.items())))
        return "batch" if more else None

    def keep_jobs(self) -> timedelta:
        """How long the engine keeps finished jobs."""
        return self._live.terms.settings.retention.jobs
