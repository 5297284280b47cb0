"""A wire between one bot and the database that can be cut: held (nobody hears anything any more) or closed."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from sqlalchemy import URL, make_url

CHUNK: Final = 65536


class Wire:
    """Forwards TCP connections on `port` to the server's socket until it is cut."""

    def __init__(self, target: str) -> None:
        self._target = target
        self._whole = threading.Event()
        self._whole.set()
        self._ends: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=100)
        self.port = int(self._listener.getsockname()[1])
        self._threads: list[threading.Thread] = []
        self._start(self._accept)

    def hold(self) -> None:
        """Deliver nothing more: both sides wait, as when a cable is out. New ones wait, too."""
        self._whole.clear()

    def mend(self) -> None:
        """What was held goes on from where it stood."""
        self._whole.set()

    def close(self) -> None:
        """End everything."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)  # wakes whoever waits in accept
        self._listener.close()
        self._whole.set()
        self._threads[0].join()
        for end in self._ends:
            _hang_up(end)
        for thread in self._threads:
            thread.join()
        for end in self._ends:
            end.close()

    def _start(self, work: Callable[..., None], *args: socket.socket) -> None:
        self._threads.append(threading.Thread(target=work, args=args, daemon=True))
        self._threads[-1].start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                far = socket.socket(socket.AF_UNIX)
                self._ends += [near, far]
                far.connect(self._target)
                self._start(self._forward, near, far)
                self._start(self._forward, far, near)

    def _forward(self, one: socket.socket, other: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while heard := one.recv(CHUNK):
                self._whole.wait()
                other.sendall(heard)
        _hang_up(one)
        _hang_up(other)


def _hang_up(end: socket.socket) -> None:
    with contextlib.suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)


@contextmanager
def wire_to(database_url: str) -> Iterator[tuple[Wire, str]]:
    """A wire to the server of this URL, which is reached over a socket in a folder; and the URL to use instead."""
    url = make_url(database_url)
    folder = url.query["host"]
    assert isinstance(folder, str)
    wire = Wire(f"{folder}/.s.PGSQL.{url.query.get('port', url.port or 5432)}")
    there = URL.create(url.drivername, url.username, url.password, "127.0.0.1", wire.port, url.database)
    try:
        yield wire, there.render_as_string(hide_password=False)
    finally:
        wire.close()
