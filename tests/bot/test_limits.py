"""Bodies over the limit end early, over a real socket: with Content-Length, chunked, asking first, and too slow."""

import socket
from collections.abc import Iterator

import pytest
from fastapi import FastAPI, Request
from httpx import Client

from bot.limits import BodyLimit
from bot.problems import response
from bot.server import HttpServer, listen
from tests.bot.bot_room import until

LIMIT = 100_000


@pytest.fixture(scope="module")
def echo() -> Iterator[HttpServer]:
    """An application that says how long a body was, behind a small limit and 0.3 s."""
    app = FastAPI()

    @app.api_route("/", methods=["GET", "POST"])
    async def size(request: Request) -> int:
        return len(await request.body())

    app.add_middleware(BodyLimit, answer=response, limit=LIMIT, seconds=0.3)
    server = HttpServer(app, listen("127.0.0.1", 0)).start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def client(echo: HttpServer) -> Iterator[Client]:
    with Client(base_url=f"http://127.0.0.1:{echo.port}", trust_env=False) as made:
        yield made


@pytest.mark.parametrize("size", [0, 1, LIMIT - 1, LIMIT])
def test_up_to_the_limit_the_body_arrives_whole(client: Client, size: int) -> None:
    assert client.post("/", content=b"a" * size).json() == size
    assert client.post("/", content=iter([b"a" * size, b""])).json() == size


@pytest.mark.parametrize("size", [LIMIT + 1, 10 * LIMIT])
def test_over_the_limit_the_sender_sees_413(client: Client, size: int) -> None:
    for body in (b"a" * size, iter([b"a" * 5000] * (size // 5000 + 1))):
        answer = client.post("/", content=body)
        assert (answer.status_code, answer.json()["title"]) == (413, "Too large")
        assert answer.headers["connection"] == "close"


def talk(server: HttpServer, request: bytes) -> bytes:
    """Send raw bytes; everything that comes back until the server closes."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as connection:
        connection.sendall(request)
        answer = b""
        while part := connection.recv(65536):
            answer += part
    return answer


def test_a_sender_that_asks_first_need_not_send(echo: HttpServer) -> None:
    head = f"POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: {LIMIT + 1}\r\n\r\n"
    answer = talk(echo, head.encode())
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"100 Continue" not in answer


def test_a_body_that_does_not_come_is_408(echo: HttpServer) -> None:
    assert talk(echo, b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc").startswith(b"HTTP/1.1 408 ")


@pytest.mark.parametrize("declared", ["-1", "1e3", "9" * 30, "ten", "5, 6"])
def test_a_length_that_is_none_is_refused_or_harmless(echo: HttpServer, declared: str) -> None:
    answer = talk(echo, f"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: {declared}\r\n\r\nabc".encode())
    assert answer.startswith((b"HTTP/1.1 400 ", b"HTTP/1.1 408 ", b"HTTP/1.1 413 "))


def test_a_sender_that_goes_away_leaves_the_server_well(echo: HttpServer, client: Client) -> None:
    with socket.create_connection(("127.0.0.1", echo.port)) as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc")
    assert client.get("/").json() == 0


def test_all_bodies_together_are_bounded_and_room_comes_back() -> None:
    """Two senders fill what may be held; a third is told to come again, and is let in when one has left."""
    app = FastAPI()

    @app.post("/")
    async def size(request: Request) -> int:
        return len(await request.body())

    app.add_middleware(BodyLimit, answer=response, limit=LIMIT, held=2 * LIMIT)
    server = HttpServer(app, listen("127.0.0.1", 0)).start()
    head = f"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {LIMIT}\r\n\r\n".encode()
    try:
        with Client(base_url=f"http://127.0.0.1:{server.port}", trust_env=False) as client:
            fillers = [socket.create_connection(("127.0.0.1", server.port), timeout=5) for _ in range(2)]
            for filler in fillers:
                filler.sendall(head + b"a" * (LIMIT - 1))
            full = until(lambda: client.post("/", content=b"abc"), lambda answer: answer.status_code == 503)
            assert full.headers["retry-after"] == "5"
            assert full.json()["detail"].startswith("Too many requests")
            for filler in fillers:
                filler.sendall(b"a")
                assert filler.recv(65536).startswith(b"HTTP/1.1 200 ")
                filler.close()
            for _ in range(5):
                assert client.post("/", content=b"a" * LIMIT).json() == LIMIT
    finally:
        server.stop()
