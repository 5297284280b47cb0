"""A few jobs with a real engine around them."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from bot.engine import Args, Engine, EngineClient, JobSpec, QueueName
from storage import stuck
from storage.engine import Database
from storage.models import StuckItem

OWNER = "lead@example.com"
DEFAULT_OWNER = "default@example.com"


class WallClock:
    """The real time: the engine's waits are real."""

    def now(self) -> datetime:
        return datetime.now(UTC)


@dataclass
class Script:
    """An advance function that acts by the number of the call (from 1) for equal arguments, and remembers all calls."""

    act: Callable[[Args, int], str | None]
    calls: list[tuple[float, Args]] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, args: Args) -> str | None:
        with self._lock:
            self.calls.append((time.time(), dict(args)))
            number = sum(1 for _, seen in self.calls if seen == args)
        return self.act(args, number)

    @property
    def order(self) -> list[str | int]:
        """The `n` of each call."""
        return [args["n"] for _, args in self.calls]

    @property
    def times(self) -> list[float]:
        """When each call came, epoch seconds."""
        return [at for at, _ in self.calls]


def channel_of(_session: Session, args: Args) -> str:
    return str(args["channel"])


class Wrong:
    """The engine's `time`, off by so many seconds."""

    monotonic = staticmethod(time.monotonic)
    sleep = staticmethod(time.sleep)

    def __init__(self, off_s: float) -> None:
        self.off_s = off_s

    def time(self) -> float:
        return time.time() + self.off_s


def spec(
    name: str,
    advance: Callable[[Args], str | None],
    *,
    queue: QueueName = "desk",
    on_stuck: Callable[[Session, Args, str], None] | None = None,
    max_attempts: int = 20,
    give_up_after_s: float = 7200.0,
) -> JobSpec:
    return JobSpec(
        name=name,
        queue=queue,
        advance=advance,
        target=lambda args: f"{name} {args.get('n', '')}".strip(),
        owner_of=lambda _session, _args: OWNER,
        partition=channel_of if queue == "slack" else None,
        on_stuck=on_stuck,
        max_attempts=max_attempts,
        give_up_after_s=give_up_after_s,
    )


def engine_for(database: Database, *specs: JobSpec, poll_s: float = 0.05) -> Engine:
    return Engine(
        database,
        jobs=specs,
        redact=lambda text: text.replace("hunter2", "[redacted]"),
        clock=WallClock(),
        default_owner=lambda: DEFAULT_OWNER,
        poll_s=poll_s,
    )


@contextmanager
def running(database: Database, *specs: JobSpec) -> Iterator[Engine]:
    engine = engine_for(database, *specs)
    engine.start()
    try:
        yield engine
    finally:
        engine.stop()


def enqueue(database: Database, engine: Engine | EngineClient, job: str, key: str, args: Args) -> None:
    """Ask for a job in a transaction of its own."""
    with database.begin() as session:
        engine.enqueue(session, job, key, args)


def until(condition: Callable[[], object], *, within_s: float = 20.0) -> None:
    """Wait until a condition holds; fail if it does not in time."""
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline, "the condition did not come true in time"
        time.sleep(0.02)


def stuck_items(database: Database) -> list[StuckItem]:
    with database.read() as session:
        return stuck.open_items(session)
