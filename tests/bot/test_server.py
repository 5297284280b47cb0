"""The HTTP port comes up, says why it does not, and goes down in order."""

import socket
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
from fastapi import FastAPI

from automations.errors import ConfigError
from bot.server import HttpServer, listen


def test_a_taken_port_and_a_foreign_address_are_told_in_words() -> None:
    with listen("127.0.0.1", 0) as first:
        port = first.getsockname()[1]
        with pytest.raises(ConfigError, match=f"port {port} .*HANDOFF_HTTP__PORT"):
            listen("127.0.0.1", port)
    for host in ("203.0.113.7", "no such host", "a" * 80):
        with pytest.raises(ConfigError, match="Cannot listen on"):
            listen(host, 0)


def test_what_connects_before_the_start_is_answered_after_it() -> None:
    app = FastAPI()
    app.get("/")(lambda: "here")
    bound = listen("127.0.0.1", 0)
    with socket.create_connection(bound.getsockname()) as early:
        early.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        server = HttpServer(app, bound).start()
        assert early.recv(1000).startswith(b"HTTP/1.1 200")
    assert "server" not in httpx.get(f"http://127.0.0.1:{server.port}/", trust_env=False).headers
    server.stop()
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", server.port))


def test_ipv6_too() -> None:
    bound = listen("::1", 0)
    server = HttpServer(FastAPI(), bound).start()
    assert httpx.get(f"http://[::1]:{server.port}/", trust_env=False).status_code == 404
    server.stop()


def test_a_stop_answers_what_was_begun() -> None:
    app, inside, go = FastAPI(), threading.Event(), threading.Event()

    @app.get("/")
    def slow() -> str:
        inside.set()
        assert go.wait(5)
        return "done"

    server = HttpServer(app, listen("127.0.0.1", 0)).start()
    said: list[str] = []
    asking = threading.Thread(
        target=lambda: said.append(httpx.get(f"http://127.0.0.1:{server.port}/", trust_env=False).json())
    )
    asking.start()
    assert inside.wait(5)
    stopping = threading.Thread(target=server.stop)
    stopping.start()
    go.set()
    stopping.join(5)
    asking.join(5)
    assert said == ["done"]
    assert not stopping.is_alive()


def test_an_application_that_does_not_come_up_is_an_error_and_not_a_wait() -> None:
    @asynccontextmanager
    async def broken(_app: FastAPI) -> AsyncIterator[None]:
        raise RuntimeError("no")
        yield

    server = HttpServer(FastAPI(lifespan=broken), listen("127.0.0.1", 0))
    with pytest.raises(OSError, match="did not come up"):
        server.start()
    server.stop()


def test_an_answer_does_not_wait_for_the_other_side_to_acknowledge_its_head() -> None:
    with listen("127.0.0.1", 0) as bound, socket.create_connection(bound.getsockname()[:2]):
        accepted, _ = bound.accept()
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_a_stop_without_a_start_lets_go_of_the_port() -> None:
    bound = listen("127.0.0.1", 0)
    port = bound.getsockname()[1]
    HttpServer(FastAPI(), bound).stop()
    listen("127.0.0.1", port).close()
