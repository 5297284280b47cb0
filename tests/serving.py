"""Servers in processes of their own: start one, learn its address from its first line, stop or kill it."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import uvicorn

ROOT = Path(__file__).parents[1]


def announce(config: uvicorn.Config) -> None:
    """Bind, print the URL on one line, then serve until the process is ended."""
    bound = config.bind_socket()
    bound.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # as in bot.server
    bound.listen(512)  # before the URL is told, so that nobody is refused
    sys.stdout.write(f"http://127.0.0.1:{bound.getsockname()[1]}\n")
    sys.stdout.flush()
    uvicorn.Server(config).run(sockets=[bound])


def free_port() -> int:
    """A port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Process:
    """A child started as `python -m module …`; `url` is the first line it prints."""

    module: str
    args: Sequence[str] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    log: Path | None = None
    url: str = ""
    child: subprocess.Popen[str] | None = None

    def start(self) -> "Process":
        errors = self.log.open("a", encoding="utf-8") if self.log else None
        try:
            self.child = subprocess.Popen(
                [sys.executable, "-m", self.module, *self.args],
                cwd=ROOT,
                env={**os.environ, "PYTHONUNBUFFERED": "1", **self.env},
                stdout=subprocess.PIPE,
                stderr=errors or subprocess.DEVNULL,
                text=True,
            )
        finally:
            if errors:
                errors.close()
        assert self.child.stdout is not None
        self.url = self.child.stdout.readline().strip()
        return self

    @property
    def running(self) -> bool:
        return self.child is not None and self.child.poll() is None

    def end(self, sign: int = signal.SIGTERM, *, timeout_s: float = 20) -> int:
        """Send a signal and wait for the end; the exit code."""
        assert self.child is not None
        if self.running:
            self.child.send_signal(sign)
        code = self.child.wait(timeout_s)
        if self.child.stdout is not None:
            self.child.stdout.close()
        return code

    def kill(self) -> int:
        return self.end(signal.SIGKILL)

    def __enter__(self) -> "Process":
        return self.start()

    def __exit__(self, *_: object) -> None:
        if self.child is not None:
            self.end(signal.SIGKILL)
