"""How fast the job engine is and what it costs at rest: `uv run python -m tests.bench.engine`.

Prints, per polling interval: commit to finished job (p50, p95, in milliseconds, one job at a time on an idle engine),
the processor's share while nothing happens (percent of one core, with the timetable running), and how many jobs per
second drain from a full queue.
"""

import os
import random
import resource
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.engine import Args, Engine, JobSpec
from bot.engine.core import POLL_S
from bot.schedule import Schedule, engine_entries
from storage import migrate
from storage.engine import Database
from tests.bot.engine.world import OWNER, WallClock
from tests.figures.told import tell

JOBS = 60
QUIET_S = 10.0
BACKLOG = 300


class Latch:
    """A job that tells when it ran."""

    def __init__(self) -> None:
        self.done = threading.Semaphore(0)

    def __call__(self, _args: Args) -> None:
        self.done.release()


@contextmanager
def engine_at(poll_s: float, url: str, latch: Latch) -> Iterator[tuple[Database, Engine]]:
    database = Database(url)
    job = JobSpec(name="bench", queue="desk", advance=latch, target=str, owner_of=lambda _session, _args: OWNER)
    engine = Engine(
        database, jobs=[job], redact=lambda text: text, clock=WallClock(), default_owner=lambda: OWNER, poll_s=poll_s
    )
    engine.start()
    schedule = Schedule(database, engine, WallClock(), engine_entries(engine))
    schedule.start()
    try:
        yield database, engine
    finally:
        schedule.stop()
        engine.stop()
        database.close()


def cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def measure(poll_s: float, url: str) -> str:
    latch = Latch()
    with engine_at(poll_s, url, latch) as (database, engine):
        while not engine.health().ok:
            time.sleep(0.05)
        took = []
        for number in range(JOBS):
            time.sleep(random.uniform(0, 2 * poll_s))  # so that the jobs do not fall into step with the polling
            with database.begin() as session:
                engine.enqueue(session, "bench", f"one/{poll_s}/{number}", {"n": number})
            began = time.perf_counter()
            assert latch.done.acquire(timeout=10)
            took.append((time.perf_counter() - began) * 1000)
        took.sort()
        time.sleep(1.0)  # until the last job's own writes are over: what follows measures rest
        before, since = cpu_s(), time.perf_counter()
        time.sleep(QUIET_S)  # the length of the measurement
        share = 100 * (cpu_s() - before) / (time.perf_counter() - since)
        with database.begin() as session:
            for number in range(BACKLOG):
                engine.enqueue(session, "bench", f"many/{poll_s}/{number}", {"n": number})
        began = time.perf_counter()
        for _ in range(BACKLOG):
            assert latch.done.acquire(timeout=60)
        drained = BACKLOG / (time.perf_counter() - began)
    return (
        f"{poll_s:>6} {took[len(took) // 2]:>8.0f} {took[int(len(took) * 0.95)]:>8.0f} {share:>8.1f} {drained:>10.0f}"
    )


def main() -> None:
    """Run it on an SQLite file, or on the database that HANDOFF_DATABASE__URL names."""
    print("poll s   p50 ms   p95 ms   idle %   drained/s")
    for poll_s in (0.1, 0.2, 0.3, 0.5):
        with tempfile.TemporaryDirectory() as folder:
            url = os.environ.get("HANDOFF_DATABASE__URL") or f"sqlite:///{Path(folder) / 'bench.db'}"
            migrate.upgrade(url)
            print(measured := measure(poll_s, url))
        if poll_s == POLL_S:
            _, middle, late, idle, drained = measured.split()
            words = f"a job is done {middle} ms after its commit (p95 {late} ms); {idle} % of a core at rest"
            tell("engine", f"{words}; {drained} jobs a second from a full queue")


if __name__ == "__main__":
    main()
