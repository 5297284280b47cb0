"""The whole bot with the remote desk, to be killed: `python -m tests.faults.bot_process`; prints its HTTP URL.

Settings come from the environment, as for `handoff serve`. FAULTS_DESK_URL says where the desk is. The product's own
numbers hold unless these are set: FAULTS_MAX_ATTEMPTS, how often a job is tried before a person has to act;
FAULTS_DISABLED_PAUSE_S, how long deliveries wait after Slack refused the app itself; FAULTS_SLACK_TIMEOUT_S, how long a
call to Slack may take, and FAULTS_SLACK_LATE_S, how long after that what it did may still show up. FAULTS_DIE_AFTER_S
kills the process so many seconds after it began; FAULTS_CLOCK_S sets its clock so many seconds forward, or back;
FAULTS_DISK names a file whose one word says what the disk of an SQLite database is: empty for well, `full`, or `ro` for
read-only. FAULTS_PACE=quick makes the pauses of the job engine short, where a test does not show how long they are.
"""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any
from unittest.mock import patch

from sqlalchemy import URL, Engine, create_engine, event
from sqlalchemy.exc import DisconnectionError

import storage.engine
from automations.ports import Clock
from bot import app, delivery, gateway, logs, schedule, sides, slack_errors
from bot.app import Bot
from bot.engine import JobSpec, core, worker
from bot.jobs import Work
from bot.parts import SystemClock
from bot.settings_file import load
from storage import boundaries
from tests.remote_desk.adapter import RemoteDesk

NOT_SETTINGS = (
    "HANDOFF_AMBIGUOUS", "HANDOFF_FAULT_CUSTOMERS", "HANDOFF_FAULT_ROUNDS", "HANDOFF_FIGURES", "HANDOFF_KILLS",
    "HANDOFF_KILL_SEED", "HANDOFF_OUTAGE", "HANDOFF_RESTARTS", "HANDOFF_SLACK_WAITS", "HANDOFF_STOPS", "HANDOFF_STORM",
    "HANDOFF_STORM_KEYS",
)  # fmt: skip
"""How much the fault tests play, which is none of the bot's settings."""


LOOK_S, REAP_S, MESSAGE_S = 0.1, 0.5, 0.3


class Hasty(Work):
    """Gives up earlier, so that a test need not wait for twenty tries."""

    def specs(self) -> tuple[JobSpec, ...]:
        tries = int(os.environ["FAULTS_MAX_ATTEMPTS"])
        return tuple(replace(spec, max_attempts=tries) for spec in super().specs())


class WrongClock(SystemClock):
    """The machine's clock, if it went so many seconds wrong."""

    def __init__(self, by_s: float) -> None:
        self.by = timedelta(seconds=by_s)

    def now(self) -> datetime:
        return super().now() + self.by


@contextmanager
def clock_off_by(seconds: float) -> Iterator[Clock]:
    """A clock that is wrong, also for what asks the machine itself: signatures, and the job engine."""
    if not seconds:
        yield SystemClock()
        return
    right = time.time
    with patch.object(time, "time", lambda: right() + seconds):
        yield WrongClock(seconds)


@contextmanager
def failing_disk(switch: str) -> Iterator[None]:
    """Let the file `switch` say, whenever a connection is used, whether the disk has room and may be written."""
    if not switch:
        yield
        return
    make = storage.engine._sqlite_engine

    def engine(url: URL, *, echo: bool) -> Engine:
        made = make(url, echo=echo)

        @event.listens_for(made, "do_connect")
        def connect(_dialect: Any, record: Any, args: list[Any], more: dict[str, Any]) -> None:
            record.info["ro"] = Path(switch).read_text("ascii") == "ro"
            if record.info["ro"]:
                args[0], more["uri"] = f"file:{url.database}?mode=ro", True

        @event.listens_for(made, "checkout")
        def checkout(connection: Any, record: Any, _proxy: Any) -> None:
            how = Path(switch).read_text("ascii")
            if record.info.get("ro", False) != (how == "ro"):
                raise DisconnectionError  # the pool opens another one
            connection.execute(f"pragma max_page_count = {1 if how == 'full' else 2**30}").close()

        return made

    # An engine that shares its dialect with others (tests.compiled) would not ask us before it connects.
    with patch.multiple(storage.engine, _sqlite_engine=engine, create_engine=create_engine):
        yield


@contextmanager
def quick_pace() -> Iterator[None]:
    """Looks at each queue 0.1 s apart, at the dead 0.5 s, messages to one channel 0.3 s."""
    with (
        patch.dict(core.Engine.__init__.__kwdefaults__, poll_s=LOOK_S),
        patch.object(core, "JOBS_POLLS", 1),
        patch.object(schedule, "REAP_S", REAP_S),
        patch.object(core, "SLACK_PERIOD_S", MESSAGE_S),
        patch.object(worker, "SLACK_PERIOD_S", MESSAGE_S),
    ):
        yield


def _die(after_s: float) -> None:
    threading.Event().wait(after_s)
    os.kill(os.getpid(), signal.SIGKILL)


def serve(say: Callable[[str], None]) -> None:
    """Run the bot until SIGTERM; `say` is told its URL."""
    stopped = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopped.set())
    env = {name: value for name, value in os.environ.items() if name not in NOT_SETTINGS}
    desk = RemoteDesk(os.environ["FAULTS_DESK_URL"])
    pause_s = float(os.environ.get("FAULTS_DISABLED_PAUSE_S", delivery.DISABLED_PAUSE_S))
    timeout_s = int(os.environ.get("FAULTS_SLACK_TIMEOUT_S", gateway.TIMEOUT_S))
    late_s = float(os.environ.get("FAULTS_SLACK_LATE_S", slack_errors.LATE_S))
    with (
        patch.object(sides, "Work", Hasty if "FAULTS_MAX_ATTEMPTS" in os.environ else Work),
        patch.object(delivery, "DISABLED_PAUSE_S", pause_s),
        patch.object(slack_errors, "LATE_S", late_s),
        patch.object(app, "SlackGateway", partial(gateway.SlackGateway, timeout_s=timeout_s)),
        quick_pace() if os.environ.get("FAULTS_PACE") == "quick" else nullcontext(),
        clock_off_by(float(os.environ.get("FAULTS_CLOCK_S", "0"))) as clock,
        failing_disk(os.environ.get("FAULTS_DISK", "")),
    ):
        bot = Bot(load(env=env).settings, desk=desk, clock=clock, reread=lambda: load(env=env).settings)
        desk.about_to_call = bot.database.still_ours
        logs.configure(bot.context.redactor, as_json=True)
        bot.start()
        try:
            say(f"http://{bot.http.host}:{bot.http.port}")
            stopped.wait()
        finally:
            bot.stop()


@contextmanager
def told(env: dict[str, str], log: Path) -> Iterator[None]:
    """What a forked process is told: its environment, where its errors go, and when it is to die."""
    with log.open("a", encoding="utf-8") as errors:
        os.dup2(errors.fileno(), 2)
    os.environ.update(env)
    if after_s := env.get("FAULTS_DIE_AFTER_S"):
        threading.Thread(target=_die, args=(float(after_s),), daemon=True).start()
    # The crash to come is read from the environment when the module is imported, which was before the fork.
    with patch.object(boundaries, "_trap", boundaries._Trap(env.get(boundaries.VARIABLE, ""))):
        yield


def forked(env: dict[str, str], log: Path, urls: Connection) -> None:
    """The same in a process forked from one that has imported this module, which saves seconds at each start."""
    with told(env, log):
        serve(urls.send)


if __name__ == "__main__":
    serve(lambda url: print(url, flush=True))
