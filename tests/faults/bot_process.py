"""The whole bot with the remote desk, to be killed: `python -m tests.faults.bot_process`; prints its HTTP URL.

Settings come from the environment, as for `handoff serve`. FAULTS_DESK_URL says where the desk is;
FAULTS_MAX_ATTEMPTS how often a job is tried before a person has to act, and FAULTS_DISABLED_PAUSE_S how long deliveries
wait after Slack refused the app itself (the product's own numbers if unset).
"""

import os
import signal
import threading
from dataclasses import replace
from unittest.mock import patch

from bot import app, delivery, logs
from bot.app import Bot
from bot.engine import JobSpec
from bot.jobs import Work
from bot.settings_file import load
from tests.remote_desk.adapter import RemoteDesk

NOT_SETTINGS = "HANDOFF_FAULT_ROUNDS"


class Hasty(Work):
    """Gives up earlier, so that a test need not wait for twenty tries."""

    def specs(self) -> tuple[JobSpec, ...]:
        tries = int(os.environ["FAULTS_MAX_ATTEMPTS"])
        return tuple(replace(spec, max_attempts=tries) for spec in super().specs())


def main() -> None:
    stopped = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopped.set())
    settings = load(env={name: value for name, value in os.environ.items() if name != NOT_SETTINGS}).settings
    desk = RemoteDesk(os.environ["FAULTS_DESK_URL"])
    pause_s = float(os.environ.get("FAULTS_DISABLED_PAUSE_S", delivery.DISABLED_PAUSE_S))
    with (
        patch.object(app, "Work", Hasty if "FAULTS_MAX_ATTEMPTS" in os.environ else Work),
        patch.object(delivery, "DISABLED_PAUSE_S", pause_s),
    ):
        bot = Bot(settings, desk=desk)
        logs.configure(bot.context.redactor, as_json=True)
        bot.start()
        try:
            print(f"http://{bot.http.host}:{bot.http.port}", flush=True)
            stopped.wait()
        finally:
            bot.stop()


if __name__ == "__main__":
    main()
