"""Bodies made to break a parser, too large, or too slow, at every door that takes one: refused, and nothing kept."""

import io
import socket
import time
import tracemalloc
from collections.abc import Iterator
from functools import partial
from urllib.parse import quote

import pytest

from bot.ingest import MAX_BODY_BYTES
from bot.limits import BodyLimit
from bot.server import HttpServer, listen
from tests.bot.test_http_torture import TORTURE
from tests.doors.room import DOORS, FORM, JSON, SIGNED, Doors, by_slack, rows
from tests.figures.told import tell

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def test_every_signed_door_refuses_each_of_them(doors: Doors, lines: io.StringIO) -> None:
    """Signed by who may, so that the parser gets to see them. `test_http_torture` does it with tokens."""
    before, slowest, sent = rows(doors.port.world.database), 0.0, 0
    for what, body in TORTURE.items():
        for name in SIGNED:
            door = DOORS[name]
            if door.kind == JSON:
                signed = by_slack if name.startswith("slack") else door.sign
                try:
                    headers = [("content-type", JSON), *signed(body, doors.now)]
                except UnicodeDecodeError:  # Standard Webhooks signs text
                    continue
                wanted = body
            else:
                wanted = b"payload=" + quote(body).encode()
                headers = [("content-type", FORM), *by_slack(wanted, doors.now)]
            began = time.perf_counter()
            answer = doors.send(door.path, wanted, headers)
            slowest, sent = max(slowest, time.perf_counter() - began), sent + 1
            assert 400 <= answer.status_code < 500, (name, what, answer.status_code, answer.text)
            assert len(answer.content) < 20_000
    assert rows(doors.port.world.database) == before
    assert "Traceback" not in lines.getvalue()
    tell("13", f"{len(TORTURE)} bodies, {sent} requests: all 4xx, the slowest in {slowest:.2f} s")


def test_refusing_them_keeps_no_memory(doors: Doors) -> None:
    def all_of_them() -> None:
        for body in TORTURE.values():
            for kind, wanted in ((JSON, body), (FORM, b"payload=" + quote(body).encode())):
                doors.send("/slack/events", wanted, [("content-type", kind), *by_slack(wanted, doors.now)])

    all_of_them()
    tracemalloc.start()
    all_of_them()
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 20 * 1024 * 1024
    tell("13", f"memory at most {most / 2**20:.1f} MB more")


@pytest.fixture
def served(doors: Doors, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[HttpServer, list[str]]]:
    """The same port on a real socket with a short patience, and the addresses that take a body."""
    monkeypatch.setattr("bot.http.BodyLimit", partial(BodyLimit, seconds=0.3))
    app = doors.port.app()
    server = HttpServer(app, listen("127.0.0.1", 0)).start()
    paths = sorted({door.path for door in DOORS.values()})
    posted = {path for path, acts in app.openapi()["paths"].items() if "post" in acts}
    assert posted == set(paths), "a new way in has to be among the doors"
    yield server, paths
    server.stop()


def talk(server: HttpServer, *pieces: bytes) -> bytes:
    """What comes back until the server closes."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        for piece in pieces:
            connection.sendall(piece)
        answer = b""
        while part := connection.recv(65536):
            answer += part
        return answer


def test_too_large_is_413_whether_declared_or_in_chunks(served: tuple[HttpServer, list[str]]) -> None:
    server, paths = served
    for path in paths:
        head = f"POST {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n".encode()
        size = MAX_BODY_BYTES + 1
        declared = talk(server, head + f"Content-Length: {size}\r\n\r\n".encode(), b"a" * size)
        chunk = b"%x\r\n" % 65536 + b"a" * 65536 + b"\r\n"
        chunked = talk(server, head + b"Transfer-Encoding: chunked\r\n\r\n", *[chunk] * 9, b"0\r\n\r\n")
        assert {declared[:13], chunked[:13]} == {b"HTTP/1.1 413 "}, path


def test_too_slow_is_408_whether_declared_or_in_chunks(served: tuple[HttpServer, list[str]]) -> None:
    server, paths = served
    for path in paths:
        head = f"POST {path} HTTP/1.1\r\nHost: x\r\n".encode()
        declared = talk(server, head + b"Content-Length: 10\r\n\r\n", b"abc")
        chunked = talk(server, head + b"Transfer-Encoding: chunked\r\n\r\n", b"3\r\nabc\r\n")
        assert {declared[:13], chunked[:13]} == {b"HTTP/1.1 408 "}, path


def test_both_lengths_at_once_are_no_way_past_a_proxy(served: tuple[HttpServer, list[str]]) -> None:
    server, paths = served
    for path in paths:
        head = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n"
        smuggled = b"0\r\n\r\nGET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
        answer = talk(server, head.encode() + smuggled)
        assert answer.startswith(b"HTTP/1.1 400 "), path
        assert answer.count(b"HTTP/1.1 ") == 1, path
