"""The whole bot with the remote desk, to be killed: `python -m tests.faults.bot_process`; prints its HTTP URL.

Settings come from the environment, as for `handoff serve`. FAULTS_DESK_URL says where the desk is;
FAULTS_MAX_ATTEMPTS how often a job is tried before a person has to act, and FAULTS_DISABLED_PAUSE_S how long deliveries
wait after Slack refused the app itself (the product's own numbers if unset).
"""

import os
import signal
import threading
from collections.abc import Callable
from dataclasses import replace
from multiprocessing.connection import Connection
from pathlib import Path
from unittest.mock import patch

from bot import delivery, logs, sides
from bot.app import Bot
from bot.engine import JobSpec
from bot.jobs import Work
from bot.settings_file import load
from storage import boundaries
from tests.remote_desk.adapter import RemoteDesk

NOT_SETTINGS = ("HANDOFF_FIGURES", "HANDOFF_FAULT_ROUNDS", "HANDOFF_FAULT_CUSTOMERS", "HANDOFF_OUTAGE")


class Hasty(Work):
    """Gives up earlier, so that a test need not wait for twenty tries."""

    def specs(self) -> tuple[JobSpec, ...]:
        tries = int(os.environ["FAULTS_MAX_ATTEMPTS"])
        return tuple(replace(spec, max_attempts=tries) for spec in super().specs())


def serve(say: Callable[[str], None]) -> None:
    """Run the bot until SIGTERM; `say` is told its URL."""
    stopped = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopped.set())
    env = {name: value for name, value in os.environ.items() if name not in NOT_SETTINGS}
    desk = RemoteDesk(os.environ["FAULTS_DESK_URL"])
    pause_s = float(os.environ.get("FAULTS_DISABLED_PAUSE_S", delivery.DISABLED_PAUSE_S))
    with (
        patch.object(sides, "Work", Hasty if "FAULTS_MAX_ATTEMPTS" in os.environ else Work),
        patch.object(delivery, "DISABLED_PAUSE_S", pause_s),
    ):
        bot = Bot(load(env=env).settings, desk=desk, reread=lambda: load(env=env).settings)
        desk.about_to_call = bot.database.still_ours
        logs.configure(bot.context.redactor, as_json=True)
        bot.start()
        try:
            say(f"http://{bot.http.host}:{bot.http.port}")
            stopped.wait()
        finally:
            bot.stop()


def forked(env: dict[str, str], log: Path, urls: Connection) -> None:
    """The same in a process forked from one that has imported this module, which saves seconds at each start."""
    with log.open("a", encoding="utf-8") as errors:
        os.dup2(errors.fileno(), 2)
    os.environ.update(env)
    # The crash to come is read from the environment when the module is imported, which was before the fork.
    with patch.object(boundaries, "_trap", boundaries._Trap(env.get(boundaries.VARIABLE, ""))):
        serve(urls.send)


if __name__ == "__main__":
    serve(lambda url: print(url, flush=True))
