"""The demo's bot as a child process: started, killed as by a power cut, started again at the same address."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path

from automations.errors import ConfigError

STOP_S = 15.0
"""How long the bot may take to finish what it began before it is killed."""


_warm: list["subprocess.Popen[str]"] = []
"""A process that loads the bot's modules while the command line still loads its own."""


def warm_up() -> None:
    """Begin to load the bot, for whoever is about to start one. It ends with this process if nobody does."""
    _warm.append(_loading())


class BotProcess:
    """One bot after another, each in a process of its own over the same data folder.

    `address` is where it answers, kept over restarts. `on_end` is called when a bot ended that nobody told to.
    """

    def __init__(self, folder: Path, env: Mapping[str, str], on_end: Callable[[], None]) -> None:
        self.address = ""
        self._folder = folder
        self._env = dict(env)
        self._on_end = on_end
        self._process: subprocess.Popen[str] | None = None

    @property
    def alive(self) -> bool:
        """Whether a bot runs that nobody told to end."""
        return self._process is not None

    def start(self) -> None:
        """Start a bot and return once it answers. Raises: ConfigError with its words if it cannot start."""
        process = self._process = _warm.pop() if _warm else _loading()
        assert process.stdin is not None, "asked for"
        assert process.stdout is not None, "asked for"
        process.stdin.write(json.dumps({"folder": str(self._folder), "env": self._env}) + "\n")
        process.stdin.flush()
        said = json.loads(process.stdout.readline() or "{}")
        if "address" not in said:
            self._process = None
            _await(process)
            raise ConfigError(said.get("error", "The bot could not start; what it says of it stands above."))
        self.address = said["address"]
        self._env["HANDOFF_HTTP__PORT"] = self.address.rpartition(":")[2]
        threading.Thread(target=self._watch, args=(process,), name="bot", daemon=True).start()

    def kill(self) -> int:
        """End the bot at once, whatever it is doing (SIGKILL). Its process id; 0 if none was running."""
        process = self._taken()
        if process is None:
            return 0
        process.kill()
        _await(process)
        return process.pid

    def stop(self) -> None:
        """End the bot in order, or at once if that takes too long. Harmless if none is running."""
        process = self._taken()
        if process is None:
            return
        process.terminate()
        try:
            process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
        _await(process)

    def _taken(self) -> "subprocess.Popen[str] | None":
        """The running bot, which from now on is meant to end."""
        process, self._process = self._process, None
        return process

    def _watch(self, process: "subprocess.Popen[str]") -> None:
        process.wait()
        if process is self._process:
            self._process = None
            _await(process)
            self._on_end()


def _loading() -> "subprocess.Popen[str]":
    """A process that waits for its settings. Its session is its own, so that Ctrl-C stays with us."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("HANDOFF_")}
    return subprocess.Popen(
        [sys.executable, "-m", "bot.demo_bot"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=env,
        start_new_session=True,
    )


def _await(process: "subprocess.Popen[str]") -> None:
    """Wait for the end of a process, and give its pipes back."""
    process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()
