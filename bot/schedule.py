"""When things happen by themselves. APScheduler says when, on every replica; the job engine makes it once.

A `Once` entry becomes the job `sched:<name>` with the planned time as its key, so that replicas that fire together
write one row. A `Here` entry runs in each process, for this process's own part of the engine. Times are UTC, and plans
are counted from a fixed moment or from the calendar, so that all replicas plan the same ones.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import structlog
from apscheduler.executors.base import BaseExecutor  # type: ignore[import-untyped]  # the library has no types
from apscheduler.schedulers.background import BackgroundScheduler  # type: ignore[import-untyped]  # as above
from apscheduler.triggers.base import BaseTrigger  # type: ignore[import-untyped]  # as above
from apscheduler.triggers.interval import IntervalTrigger  # type: ignore[import-untyped]  # as above
from sqlalchemy.exc import SQLAlchemyError

from automations.ports import Clock
from bot.engine import Engine
from storage.engine import Database

log = structlog.get_logger(__name__)

ORIGIN: Final = datetime(2000, 1, 1, tzinfo=UTC)
KEEP_JOBS: Final = timedelta(days=14)
REAP_S: Final = 3.0
SWEEP_S: Final = 10.0
PRUNE_S: Final = 6 * 3600.0
OWED_S: Final = 5.0


@dataclass(frozen=True, slots=True)
class Here:
    """Runs in every process, `every_s` seconds apart, never twice at a time. A failure waits for the next time."""

    name: str
    every_s: float
    run: Callable[[], object]


@dataclass(frozen=True, slots=True)
class Once:
    """Runs once for all processes, as job `sched:<name>`, which the engine must know.

    A run missed because the process slept or the database was away is made up for within `grace`; with `catch_up` so
    is, at the next start, the newest run that nobody lived to see.
    """

    name: str
    trigger: BaseTrigger
    grace: timedelta
    catch_up: bool = False

    @property
    def job(self) -> str:
        """The job's name."""
        return f"sched:{self.name}"


def every(seconds: int) -> BaseTrigger:
    """At the same moments on every replica, `seconds` apart."""
    return IntervalTrigger(seconds=seconds, start_date=ORIGIN, timezone=UTC)


def daily_in(zone: str, hour: int, minute: int = 0) -> BaseTrigger:
    """Once on each day of this zone, at that time of its clocks; the first of two where the hour happens twice.

    On the day on which the clocks skip that time it is as long after midnight as on the days before.
    """
    return _EachDay(ZoneInfo(zone), time(hour, minute))


def moments(next_after: Callable[[datetime], datetime]) -> BaseTrigger:
    """At moments that somebody else plans: `next_after` gives the first one after a moment, always the same for it."""
    return _Moments(next_after)


def engine_entries(engine: Engine, keep: Callable[[], timedelta] = lambda: KEEP_JOBS) -> tuple[Here, ...]:
    """What the engine itself needs: taking over from the dead, showing failures, forgetting what is long done.

    `keep`: for how long somebody could ask for the key of a finished job again.
    """
    return (
        Here("reap", REAP_S, engine.reap),
        Here("sweep", SWEEP_S, engine.sweep),
        Here("prune", PRUNE_S, lambda: engine.prune(keep=keep())),
    )


class Schedule:
    """The running timetable. Start it after the engine, stop it before."""

    def __init__(self, database: Database, engine: Engine, clock: Clock, entries: Sequence[Here | Once]) -> None:
        self._database = database
        self._engine = engine
        self._clock = clock
        self._once = {entry.job: entry for entry in entries if isinstance(entry, Once)}
        self._here = [entry for entry in entries if isinstance(entry, Here)]
        self._owed: list[tuple[Once, datetime]] = []
        self._scheduler = BackgroundScheduler(
            timezone=UTC, executors={"default": {"type": "threadpool", "max_workers": 2}, "once": _Planned(self._fire)}
        )

    def start(self) -> None:
        """Make up for what was missed, then follow the timetable."""
        for here in [*self._here, Here("owed", OWED_S, self._pay)]:
            self._scheduler.add_job(
                _quietly,
                IntervalTrigger(seconds=here.every_s, timezone=UTC),
                args=[here],
                id=here.name,
                coalesce=True,
                misfire_grace_time=None,  # late is better than not at all: it looks at the present state
            )
        for job, once in self._once.items():
            if once.catch_up:
                self._catch_up(once)
            self._scheduler.add_job(
                _never_called, once.trigger, id=job, executor="once", coalesce=True, misfire_grace_time=None
            )
        self._scheduler.start()

    def stop(self) -> None:
        """Stop planning and wait for what runs in this process."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=True)

    @property
    def running(self) -> bool:
        """True between start and stop."""
        return bool(self._scheduler.running)

    def _fire(self, job: str, planned: datetime) -> None:
        once = self._once[job]
        if self._clock.now() - planned > once.grace:
            log.warning("schedule.missed", job=job, planned=planned.isoformat())
            return
        moment = planned.astimezone(UTC).isoformat()
        try:
            with self._database.begin() as session:
                self._engine.enqueue(session, job, moment, {"at": moment})
        except SQLAlchemyError as exc:
            log.warning("schedule.database_away", job=job, planned=moment, error=type(exc).__name__)
            self._owed.append((once, planned))

    def _pay(self) -> None:
        owed, self._owed = self._owed, []
        for once, planned in owed:
            self._fire(once.job, planned)

    def _catch_up(self, once: Once) -> None:
        """Make up for the newest run planned since the last one that left a row. Nothing is owed before the first."""
        last = self._engine.newest_key(once.job)
        if last is None:
            return
        now = self._clock.now()
        missed = None
        # Longer ago than the grace is not made up for, so there is no need to count from further back.
        planned = max(datetime.fromisoformat(last), now - once.grace)
        while (after := _next(once.trigger, planned)) is not None and after <= now:
            planned = missed = after
        if missed is not None:
            self._fire(once.job, missed)


def _next(trigger: BaseTrigger, after: datetime) -> datetime | None:
    """The first planned moment after this one."""
    planned: datetime | None = trigger.get_next_fire_time(None, after + timedelta(microseconds=1))
    return planned


class _EachDay(BaseTrigger):  # type: ignore[misc]  # the library has no types
    """The library's own cron trigger tells the second of two equal hours again and again, for ever."""

    def __init__(self, zone: ZoneInfo, at: time) -> None:
        self._zone = zone
        self._at = at

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime:
        day = (now.astimezone(self._zone) - timedelta(days=1)).date()
        while (planned := datetime.combine(day, self._at, self._zone).astimezone(UTC)) < now or (
            previous_fire_time is not None and planned <= previous_fire_time
        ):
            day += timedelta(days=1)
        return planned


class _Moments(BaseTrigger):  # type: ignore[misc]  # the library has no types
    """The library asks for the first moment from `now` on that is not the one before again."""

    def __init__(self, next_after: Callable[[datetime], datetime]) -> None:
        self._next_after = next_after

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime:
        after = (now - timedelta(microseconds=1)).astimezone(UTC)
        return self._next_after(max(after, previous_fire_time.astimezone(UTC)) if previous_fire_time else after)


class _Planned(BaseExecutor):  # type: ignore[misc]  # the library has no types
    """Tells `fire` the job and the moment it was planned for, which the library's own executors keep to themselves."""

    def __init__(self, fire: Callable[[str, datetime], None]) -> None:
        super().__init__()
        self._fire = fire

    def _do_submit_job(self, job: Any, run_times: Sequence[datetime]) -> None:
        for planned in run_times:
            self._fire(job.id, planned)
        self._run_job_success(job.id, [])


def _quietly(here: Here) -> None:
    """Run it; a database that is away is no news worth a traceback every few seconds."""
    try:
        here.run()
    except SQLAlchemyError as exc:
        log.warning("schedule.database_away", entry=here.name, error=type(exc).__name__)


def _never_called() -> None:
    """Stands where the library wants a function; the executor calls `Schedule._fire` instead."""
