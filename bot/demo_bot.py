"""`python -m bot.demo_bot`: the demo's bot as a process that may be killed while Slack and the desk stay.

It reads one line of JSON, `{"folder": …, "env": …}`: where its settings and database are, and the environment they are
completed from. It writes one, `{"address": …}` once it answers, or `{"error": …}`. It ends by SIGTERM, and when its
standard input closes: that is a pipe from whoever started it, so a parent that crashed leaves no orphan.
"""

import json
import os
import sys
import threading
from collections.abc import Mapping
from pathlib import Path

from automations.errors import HandoffError
from automations.ports import HelpDesk
from bot import logs
from bot.app import Bot
from bot.demo_history import fill
from bot.settings import Settings
from bot.settings_file import load
from bot.stopping import until_stopped
from bot.workspace.desk_switch import SwitchedDesk

SETTINGS = "handoff.toml"


def main() -> int:
    """Run the bot until it is told to stop; 1 if it could not start, 0 also if it was never asked to."""
    asked = _first_line()
    if not asked:
        return 0
    told = json.loads(asked)
    with until_stopped() as stopped:
        threading.Thread(target=_watch_parent, args=(stopped,), name="parent", daemon=True).start()
        try:
            bot = _bot(Path(told["folder"]), told["env"])
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


def _bot(folder: Path, env: Mapping[str, str]) -> Bot:
    def switched(desk: HelpDesk) -> HelpDesk:
        return SwitchedDesk(desk, folder)

    def read() -> Settings:
        return load(folder / SETTINGS, env).settings

    bot = Bot(read(), around_desk=switched, reread=read)
    fill(bot.database, bot.context.clock.now())
    logs.configure(bot.context.redactor, as_json=False, level=logs.WARNING)
    return bot


def _first_line() -> bytes:
    """What whoever started us asks for; empty if they went away. Unbuffered, as `_watch_parent` reads on from there."""
    line = b""
    while not line.endswith(b"\n"):
        more = os.read(sys.stdin.fileno(), 65_536)
        if not more:
            return b""
        line += more
    return line


def _watch_parent(stopped: threading.Event) -> None:
    """Wait for the end of standard input, which is the end of the parent. Unbuffered: the process may end before."""
    while os.read(sys.stdin.fileno(), 1024):
        continue
    stopped.set()


def _tell(**words: str) -> None:
    sys.stdout.write(f"{json.dumps(words)}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
