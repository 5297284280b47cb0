"""Connections, heads, what frames chunks, and slow peers are bounded, over a real socket."""

import socket
import threading
from collections.abc import Iterator

import pytest
from fastapi import FastAPI, Request
from httpx import Client

from bot.heads import MAX_FRAME_BYTES, MAX_HEAD_BYTES, MAX_HEADERS, BoundedHead
from bot.server import HttpServer, listen
from tests.bot.bot_room import until

LONG = 8_000_000
"""What no buffer between two sockets of one machine holds."""
ASK = b"GET / HTTP/1.1\r\nHost: x\r\n"


held = threading.Semaphore(0)
"""Given once for each answer of `/waits`."""


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[HttpServer]:
    """An application that says how long a body was, with 0.3 s of patience for a head and 0.6 s for the rest."""
    app = FastAPI()
    monkeypatch.setattr(BoundedHead, "head_s", 0.3)
    monkeypatch.setattr(BoundedHead, "whole_s", 0.6)
    monkeypatch.setattr("bot.heads.WHOLE_S", 0.6)

    @app.api_route("/", methods=["GET", "POST"])
    async def size(request: Request) -> int:
        return len(await request.body())

    @app.get("/long")
    def long() -> str:
        return "a" * LONG

    @app.get("/waits")
    def waits() -> str:
        held.acquire(timeout=10)
        return "waited"

    @app.post("/names")
    async def names(request: Request) -> list[str]:
        await request.body()
        return sorted(request.headers)

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


def connections(server: HttpServer) -> int:
    return len(server._server.server_state.connections)


def test_more_headers_than_anybody_sends_see_431(server: HttpServer) -> None:
    last = b"Connection: close\r\n\r\n"
    assert talk(server, ASK + b"a: b\r\n" * (MAX_HEADERS - 2) + last).startswith(b"HTTP/1.1 200 ")
    assert talk(server, ASK + b"a: b\r\n" * (MAX_HEADERS - 1) + last).startswith(b"HTTP/1.1 431 ")


def test_a_trailer_is_no_header(server: HttpServer) -> None:
    """A proxy that took `Authorization` or `X-Forwarded-For` out of the head did not look there."""
    head = b"POST /names HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
    answer = talk(server, head, b"1\r\na\r\n0\r\nAuthorization: Bearer x\r\n" + b"a:\r\n" * 5_000 + b"\r\n")
    assert answer.endswith(b'["connection","host","transfer-encoding"]')


def test_another_protocol_is_not_spoken(server: HttpServer) -> None:
    """uvicorn's WebSockets know none of these limits: with a body, such a request was never answered nor closed."""
    for method in (b"GET", b"POST"):
        asked = (
            b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nContent-Length: 3\r\n\r\nabc"
        )
        answer = talk(server, method + b" / HTTP/1.1\r\nHost: x\r\n" + asked + ASK + b"\r\n")
        assert answer.startswith(b"HTTP/1.1 200 ")
        assert answer.count(b"HTTP/1.1 ") == 1


@pytest.mark.parametrize(
    ("first", "piece"),
    [
        (b"\r\n", b"\r\n"),
        (b"Content-Length: 9999\r\n\r\n", b"a"),
        (b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\na\r\n"),
    ],
)
def test_little_by_little_keeps_no_connection(server: HttpServer, first: bytes, piece: bytes) -> None:
    """Each piece came just in time for the patience with a silent connection, which began anew each time."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=0.05) as connection:
        connection.sendall(ASK + first)
        for _ in range(200):
            try:
                connection.sendall(piece)
                if connection.recv(65536) == b"":
                    return
            except TimeoutError:
                continue
            except ConnectionError:
                return
    pytest.fail("it is still open after ten seconds")


def test_who_does_not_read_the_answer_loses_the_connection(server: HttpServer, monkeypatch: pytest.MonkeyPatch) -> None:
    for patience in (0.6, 60.0):  # ours, then that of the system, which also ends what is closed but not sent
        monkeypatch.setattr(BoundedHead, "whole_s", patience)
        with socket.socket() as connection:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            connection.connect(("127.0.0.1", server.port))
            connection.sendall(b"GET /long HTTP/1.1\r\nHost: x\r\n\r\n")
            until(lambda: connections(server), lambda count: count == 1)
            until(lambda: connections(server), lambda count: count == 0)


def test_one_connection_too_many_is_503_and_the_others_stay(
    server: HttpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(BoundedHead, "most", 3)
    with Client(base_url=f"http://127.0.0.1:{server.port}", trust_env=False) as client:
        assert client.get("/").json() == 0
        others = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(2)]
        until(lambda: connections(server), lambda count: count == 3)
        answer = talk(server)
        assert answer.startswith(b"HTTP/1.1 503 ")
        assert b"retry-after: 5" in answer
        assert client.get("/").json() == 0
        for other in others:
            other.close()


@pytest.mark.parametrize(
    "after", [b"GET / HT", b"\x00 no HTTP\r\n\r\n", b"\r\n", b"GET / HTTP/1.1\r\nX: " + b"a" * 90_000]
)
def test_an_answer_under_way_is_not_mixed_with_a_refusal_of_what_follows(server: HttpServer, after: bytes) -> None:
    """What follows on the same connection is bad, slow or too large: the first answer comes whole, then the end."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        connection.sendall(b"GET /waits HTTP/1.1\r\nHost: x\r\n\r\n")
        until(lambda: server._server.server_state.tasks, bool)
        connection.sendall(after)
        connection.settimeout(0.5)  # longer than a head may take
        with pytest.raises(TimeoutError):
            connection.recv(1)
        held.release()
        connection.settimeout(10)
        answer = b""
        while part := connection.recv(65536):
            answer += part
            if after == b"\r\n" and answer.endswith(b'"waited"'):
                break  # blank lines end nothing that is under way
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert answer.endswith(b'"waited"')
    assert answer.count(b"HTTP/1.1 ") == 1
