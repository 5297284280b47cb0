"""`python -m bot.demo_bot FOLDER`: the demo's bot as a process that may be killed while Slack and the desk stay.

Settings are FOLDER/handoff.toml and the environment. It writes one line of JSON to standard output: `{"address": …}`
once it answers, or `{"error": …}`. It ends by SIGTERM, and when its standard input closes: that is a pipe from whoever
started it, so a parent that crashed leaves no orphan.
"""

import json
import os
import sys
import threading
from pathlib import Path

from automations.errors import HandoffError
from automations.ports import HelpDesk
from bot import logs
from bot.app import Bot
from bot.settings_file import load
from bot.stopping import until_stopped
from bot.workspace.desk_switch import SwitchedDesk

SETTINGS = "handoff.toml"


def main(folder: Path) -> int:
    """Run the bot until it is told to stop; 1 if it could not start."""
    with until_stopped() as stopped:
        threading.Thread(target=_watch_parent, args=(stopped,), name="parent", daemon=True).start()
        try:
            bot = _bot(folder)
            bot.start()
        except HandoffError as exc:
            _tell(error=str(exc))
            return 1
        try:
            _tell(address=f"http://{bot.http.host}:{bot.http.port}")
            stopped.wait()
        finally:
            bot.stop()
    return 0


def _bot(folder: Path) -> Bot:
    def switched(desk: HelpDesk) -> HelpDesk:
        return SwitchedDesk(desk, folder)

    bot = Bot(load(folder / SETTINGS, os.environ).settings, around_desk=switched)
    logs.configure(bot.context.redactor, as_json=False, level=logs.WARNING)
    return bot


def _watch_parent(stopped: threading.Event) -> None:
    """Wait for the end of standard input, which is the end of the parent. Unbuffered: the process may end before."""
    while os.read(sys.stdin.fileno(), 1024):
        continue
    stopped.set()


def _tell(**words: str) -> None:
    sys.stdout.write(f"{json.dumps(words)}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
