"""A process with an engine and a timetable: `python -m tests.replicas.ticker URL EVERY_S CLOCK_OFF_S BASE`.

Its clock is off by so many seconds, the engine's too. The timetable's runs a minute in a second from the moment BASE
(epoch) on, so that clocks that are minutes apart meet in the same slots within seconds. A row is left by each process
that fires a slot, by each start of a slot's work, and by what the work does. Besides, it calls a desk as often as the
budget lets it; each call leaves a row. Says `ready` and its time, and ends when it is killed.
"""

import sys
import threading
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import count
from unittest.mock import patch

from apscheduler.schedulers import base  # type: ignore[import-untyped]  # the library has no types
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from automations.domain import HANDOFF
from bot.engine import Args, Engine, JobSpec
from bot.schedule import ORIGIN, Here, Once, Schedule, moments
from storage import audit, inbox
from storage.budget import RateBudgets, shared_now
from storage.engine import Database
from storage.models import AuditEntry
from tests.bot.engine.world import Wrong

TICK, START, FIRED = "tick.done", "tick.start", "tick.fired"
DESK = "desk"
PER_MINUTE = 120
"""Twenty in ten seconds."""


SPEED = 60


class Off(datetime):
    """The time of a clock that is wrong, and fast."""

    by, base = timedelta(), datetime.now(UTC)

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> "Off":
        shown = cls.base + (datetime.now(UTC) - cls.base) * SPEED + cls.by
        return cls.fromisoformat(shown.astimezone(tz or UTC).isoformat())


class WrongClock:
    """The same clock for the bot."""

    def now(self) -> datetime:
        return Off.now()


class TellingEngine(Engine):
    """Leaves a row for each slot that this process fires, whether another was first or not."""

    mark = ""

    def enqueue(self, session: Session, job: str, key: str, args: Args) -> None:
        inbox.put(session, key=f"{key}/{self.mark}", kind=FIRED, actor=key, body={}, at=Off.now())
        super().enqueue(session, job, key, args)


def every(seconds: float) -> base.BaseTrigger:
    """The same moments on all, `seconds` apart, which may be less than one."""

    def after(moment: datetime) -> datetime:
        return ORIGIN + timedelta(seconds=seconds) * ((moment - ORIGIN) // timedelta(seconds=seconds) + 1)

    return moments(after)


def main(url: str, every_s: float, off_s: float, base_s: float) -> None:
    Off.by, Off.base = timedelta(seconds=off_s), datetime.fromtimestamp(base_s, UTC)
    database, clock = Database(url), WrongClock()

    starts = count()

    def tick(args: Args) -> None:
        slot = str(args["at"])
        with database.begin() as session:
            key = f"{slot}/{database.mark}/{next(starts)}"
            inbox.put(session, key=key, kind=START, actor=slot, body={}, at=clock.now())
        with database.begin() as session:
            audit.hold(session)
            if session.scalar(select(AuditEntry.seq).where(AuditEntry.target == slot)) is None:
                audit.append(
                    session,
                    at=clock.now(),
                    actor=HANDOFF.id,
                    action=TICK,
                    target=slot,
                    outcome="done",
                    correlation_id=slot,
                )

    job = JobSpec(
        name="sched:tick", queue="desk", advance=tick, target=lambda args: str(args["at"]), owner_of=lambda _s, _a: ""
    )
    engine = TellingEngine(
        database, jobs=[job], redact=str, clock=clock, default_owner=lambda: "lead@example.com", poll_s=0.1
    )
    engine.mark = database.mark
    engine.start()
    with patch.object(base, "datetime", Off), patch.object(base, "TIMEOUT_MAX", 0.05), wrong_for_the_engine(off_s):
        timetable: list[Here | Once] = [
            Here("reap", 1.0, engine.reap),
            Once("tick", every(every_s), timedelta(hours=1)),
        ]
        Schedule(database, engine, clock, timetable).start()
        print("ready", Off.now().isoformat(), flush=True)
        call_the_desk(database, clock)


def wrong_for_the_engine(off_s: float) -> ExitStack:
    """The engine's own looks at the time."""
    stack = ExitStack()
    for module in ("_enqueue_options", "_sys_db"):
        stack.enter_context(patch(f"dbos.{module}.time", Wrong(off_s)))
    return stack


def call_the_desk(database: Database, clock: WrongClock) -> None:
    """For ever."""
    budgets, numbers = RateBudgets(database, shared_now(database, clock.now)), count()
    while True:
        if budgets.take(DESK, PER_MINUTE) == 0.0:
            key = f"{database.mark}/{next(numbers)}"
            with database.begin() as session:
                at = session.execute(select(func.clock_timestamp())).scalar_one()
                inbox.put(session, key=key, kind=DESK, actor=database.mark, body={}, at=at)
        threading.Event().wait(0.05)


if __name__ == "__main__":
    main(sys.argv[1], *map(float, sys.argv[2:]))
