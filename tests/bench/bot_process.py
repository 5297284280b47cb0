"""A whole bot for benchmarks: `python -m tests.bench.bot_process`, told where everything is by the environment.

BENCH_DESK is the URL of a remote desk, BENCH_CONFIG the settings' file; the rest are the usual HANDOFF variables.
Prints the URL of the HTTP port on one line, then runs until SIGTERM.
"""

import os
import sys
from pathlib import Path

from bot import garbage, logs
from bot.app import Bot
from bot.settings_file import load
from bot.stopping import until_stopped
from tests.figures.told import VARIABLE
from tests.remote_desk.adapter import RemoteDesk


def main() -> None:
    env = {name: value for name, value in os.environ.items() if name != VARIABLE}  # that is for us, no setting
    bot = Bot(load(Path(env["BENCH_CONFIG"]), env).settings, desk=RemoteDesk(env["BENCH_DESK"]))
    logs.configure(bot.context.redactor, as_json=True, level=logs.WARNING)
    with until_stopped() as stopped:
        bot.start()
        garbage.settle()
        sys.stdout.write(f"http://{bot.http.host}:{bot.http.port}\n")
        sys.stdout.flush()
        stopped.wait()
        bot.stop()


if __name__ == "__main__":
    main()
