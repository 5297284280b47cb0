"""The HTTP port in a thread of its own."""

import socket
import threading
from contextlib import suppress
from typing import Self

import uvicorn
from fastapi import FastAPI

from automations.errors import ConfigError
from bot.heads import BoundedHead, impatient

START_S = 20.0


def listen(host: str, port: int) -> socket.socket:
    """Take the address; `port` 0 means any free one. Connections wait until the server starts.

    Raises: ConfigError if the address is taken or is not one of this machine.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        bound = socket.create_server((host, port), family=family, backlog=512)
    except (OSError, UnicodeError) as exc:
        raise ConfigError(
            f"Cannot listen on {host} port {port} ({exc}). Set HANDOFF_HTTP__PORT to a free port."
        ) from exc
    bound.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # connections have it too; else 40 ms an answer
    impatient(bound)
    return bound


class _Announced(uvicorn.Server):
    """Sets `up` once requests are answered."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.up = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self.up.set()


class HttpServer:
    """Runs the application with uvicorn on a listening socket."""

    def __init__(self, app: FastAPI, bound: socket.socket) -> None:
        self.host, self.port = bound.getsockname()[:2]
        self._bound = bound
        config = uvicorn.Config(
            app,
            http=BoundedHead,
            ws="none",  # there are none here, and what uvicorn does for them knows no limits
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_keep_alive=30,
            timeout_graceful_shutdown=5,
        )
        self._server = _Announced(config)
        self._thread = threading.Thread(target=self._run, name="http", daemon=True)

    def start(self) -> Self:
        """Return once requests are answered. Raises: OSError if the server ends before that."""
        self._thread.start()
        self._server.up.wait(START_S)
        if not self._server.started:
            raise OSError(f"the HTTP port {self.host}:{self.port} did not come up")
        return self

    def stop(self) -> None:
        """Answer what was begun, then close. Harmless if it never started."""
        self._server.should_exit = True
        if self._thread.is_alive():
            self._thread.join()
        self._bound.close()

    def _run(self) -> None:
        try:
            with suppress(SystemExit):  # how uvicorn ends when it cannot start; the thread that waits says so
                self._server.run(sockets=[self._bound])
        finally:
            self._server.up.set()  # whoever waits for the start need not wait for what will not come
