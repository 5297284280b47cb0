"""A process with an engine and a timetable: `python -m tests.replicas.ticker URL EVERY_S CLOCK_OFF_S`.

Its clock is off by so many seconds, the timetable's too. Each slot leaves an audit row; so does each start of a slot's
work, so that a test sees what ran twice. Says `ready`, and ends when it is killed.
"""

import sys
import threading
from datetime import UTC, datetime, timedelta, tzinfo
from unittest.mock import patch

from apscheduler.schedulers import base  # type: ignore[import-untyped]  # the library has no types
from sqlalchemy import select

from automations.domain import HANDOFF
from bot.engine import Args, Engine, JobSpec
from bot.schedule import ORIGIN, Here, Once, Schedule, moments
from storage import audit
from storage.engine import Database
from storage.models import AuditEntry

TICK = "tick.done"


class Off(datetime):
    """The time of a clock that is wrong."""

    by = timedelta()

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> "Off":
        right = datetime.now(tz) + cls.by
        return cls.fromisoformat(right.isoformat())


class WrongClock:
    """The same clock for the bot."""

    def now(self) -> datetime:
        return datetime.now(UTC) + Off.by


def every(seconds: float) -> base.BaseTrigger:
    """The same moments on all, `seconds` apart, which may be less than one."""

    def after(moment: datetime) -> datetime:
        return ORIGIN + timedelta(seconds=seconds) * ((moment - ORIGIN) // timedelta(seconds=seconds) + 1)

    return moments(after)


def main(url: str, every_s: float, off_s: float) -> None:
    Off.by = timedelta(seconds=off_s)
    database, clock = Database(url), WrongClock()

    def tick(args: Args) -> None:
        slot = str(args["at"])
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
    engine = Engine(database, jobs=[job], redact=str, clock=clock, default_owner=lambda: "lead@example.com", poll_s=0.1)
    engine.start()
    with patch.object(base, "datetime", Off):
        timetable: list[Here | Once] = [
            Here("reap", 1.0, engine.reap),
            Once("tick", every(every_s), timedelta(minutes=1)),
        ]
        Schedule(database, engine, clock, timetable).start()
        print("ready", flush=True)
        threading.Event().wait()


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]), float(sys.argv[3]))
