"""Starting a bot's process: a fresh one as in earnest, or one forked from a process that has imported the bot."""

import multiprocessing
import os
import signal
from collections.abc import Callable, Mapping
from contextlib import suppress
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Protocol

from tests.faults import bot_process
from tests.serving import Process

START_S = 60
_forks = multiprocessing.get_context("forkserver")
_forks.set_forkserver_preload([bot_process.__name__, "tests.faults.warm"])


class BotProcess(Protocol):
    """A started bot. `url` is empty if it died before it answered."""

    url: str

    def end(self, sign: int = signal.SIGTERM, *, timeout_s: float = 20) -> int:
        """Send a signal if it still runs, and wait for the end; the exit code, negative for a signal."""

    def wait(self, timeout_s: float) -> int:
        """Wait for an end that comes by itself; the exit code. Fails the test if it does not come."""


class Forked:
    """A bot forked from the process that has imported everything; `serve` is what it does, and says its URL."""

    def __init__(
        self,
        env: Mapping[str, str],
        log: Path,
        serve: Callable[[dict[str, str], Path, Connection], None] = bot_process.forked,
    ) -> None:
        receive, send = _forks.Pipe(duplex=False)
        self.child: BaseProcess = _forks.Process(target=serve, args=(dict(env), log, send), daemon=True)
        self.child.start()
        send.close()
        with receive:
            try:
                self.url = str(receive.recv()) if receive.poll(START_S) else ""
            except EOFError:  # it died before it could say anything
                self.url = ""

    def end(self, sign: int = signal.SIGTERM, *, timeout_s: float = 20) -> int:
        if self.child.is_alive() and self.child.pid is not None:
            with suppress(ProcessLookupError):  # it is over, and the news of it is on its way to us
                os.kill(self.child.pid, sign)
        return self.wait(timeout_s)

    def wait(self, timeout_s: float) -> int:
        self.child.join(timeout_s)
        assert self.child.exitcode is not None, f"the bot still runs after {timeout_s:.0f} s"
        return self.child.exitcode


class Fresh:
    """A bot started as `python -m tests.faults.bot_process`: what its exit code says is true of a real one."""

    def __init__(self, env: Mapping[str, str], log: Path) -> None:
        self.process = Process("tests.faults.bot_process", env=env, log=log).start()
        self.url = self.process.url

    def end(self, sign: int = signal.SIGTERM, *, timeout_s: float = 20) -> int:
        return self.process.end(sign, timeout_s=timeout_s)

    def wait(self, timeout_s: float) -> int:
        assert self.process.child is not None
        return self.process.child.wait(timeout_s)
