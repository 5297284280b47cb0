"""What comes before a body is bounded, over a real socket: size, time, and what frames chunks."""

import socket
from collections.abc import Iterator

import pytest
from fastapi import FastAPI, Request
from httpx import Client

from bot.heads import MAX_FRAME_BYTES, MAX_HEAD_BYTES, BoundedHead
from bot.server import HttpServer, listen


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[HttpServer]:
    """An application that says how long a body was, with 0.3 s of patience for a head."""
    app = FastAPI()
    monkeypatch.setattr(BoundedHead, "head_s", 0.3)

    @app.api_route("/", methods=["GET", "POST"])
    async def size(request: Request) -> int:
        return len(await request.body())

    made = HttpServer(app, listen("127.0.0.1", 0)).start()
    yield made
    made.stop()


def talk(server: HttpServer, *pieces: bytes) -> bytes:
    """What comes back until the server closes; empty where it only closes."""
    answer = b""
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        try:
            for piece in pieces:
                connection.sendall(piece)
            while part := connection.recv(65536):
                answer += part
        except ConnectionError:  # it closed while we were still sending
            pass
    return answer


PIECE = 100_000
ENDLESS = {
    "one header": (b"GET / HTTP/1.1\r\nHost: x\r\nX: ", b"a" * PIECE),
    "many headers": (b"GET / HTTP/1.1\r\nHost: x\r\n", b"a: b\r\n" * (PIECE // 6)),
    "an address": (b"GET /", b"a" * PIECE),
    "a header's name": (b"GET / HTTP/1.1\r\nHost: x\r\n", b"a" * PIECE),
}


@pytest.mark.parametrize("what", ENDLESS)
def test_a_head_without_end_ends(server: HttpServer, what: str) -> None:
    first, more = ENDLESS[what]
    answer = talk(server, first, *[more] * 200)
    assert answer[:13] in (b"HTTP/1.1 431 ", b""), "empty where the answer was lost behind what we still sent"
    with Client(base_url=f"http://127.0.0.1:{server.port}", trust_env=False) as client:
        assert client.get("/").json() == 0


def test_a_head_over_the_limit_sees_431(server: HttpServer) -> None:
    answer = talk(server, b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * MAX_HEAD_BYTES)
    assert answer.startswith(b"HTTP/1.1 431 ")


@pytest.mark.parametrize("said", [b"", b"GET", b"GET / HTTP/1.1\r\nHost: x\r\nX: 1\r\n"])
def test_a_head_that_does_not_come_is_408(server: HttpServer, said: bytes) -> None:
    assert talk(server, *([said] if said else [])).startswith(b"HTTP/1.1 408 ")


def test_the_second_head_of_a_connection_is_bounded_too(server: HttpServer) -> None:
    whole = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
    assert talk(server, whole, b"GET / HT").count(b"HTTP/1.1 ") == 2


def test_chunks_of_one_byte_with_words_between_lose_the_connection(server: HttpServer) -> None:
    head = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    chunk = b"1;" + b"x" * 15_000 + b"\r\na\r\n"
    assert talk(server, head, *[chunk] * (2 * MAX_FRAME_BYTES // len(chunk)), b"0\r\n\r\n") == b""


def test_what_is_within_the_limits_is_taken_whole_on_one_connection(server: HttpServer) -> None:
    with Client(base_url=f"http://127.0.0.1:{server.port}", trust_env=False) as client:
        for size in (0, 1, 500_000, 3):
            headers = {"X-Long": "a" * 8_000}
            assert client.post("/", content=b"a" * size, headers=headers).json() == size
            assert client.post("/", content=iter([b"a"] * min(size, 2_000)), headers=headers).json() == min(size, 2_000)
