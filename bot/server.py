"""The HTTP port in a thread of its own."""

import threading
from typing import Self

import uvicorn
from fastapi import FastAPI

START_S = 20.0


class HttpServer:
    """Runs the application with uvicorn. `port` 0 means any free one; after `start` the real one is in `port`."""

    def __init__(self, app: FastAPI, *, host: str, port: int) -> None:
        self.host = host
        self.port = port
        config = uvicorn.Config(
            app,
            host=host,
            port=port,
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_keep_alive=30,
            timeout_graceful_shutdown=5,
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, name="http", daemon=True)

    def start(self) -> Self:
        """Listen, and return once requests are answered. Raises: OSError if the address is taken."""
        self._thread.start()
        waited = 0.0
        while not self._server.started:
            self._thread.join(0.01)
            waited += 0.01
            if not self._thread.is_alive() or waited > START_S:
                raise OSError(f"cannot listen on {self.host}:{self.port}; is another program using that port?")
        self.port = self._server.servers[0].sockets[0].getsockname()[1]
        return self

    def stop(self) -> None:
        """Answer what was begun, then close."""
        self._server.should_exit = True
        if self._thread.is_alive():
            self._thread.join()
