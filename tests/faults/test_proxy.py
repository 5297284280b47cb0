"""The proxy itself: each fault does to a connection what its name says, and nothing before or after it."""

import threading
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest

from tests.faults.proxy import Fault, Proxy

pytestmark = pytest.mark.timeout(30)

ANSWER = b"x" * 1000


class _Told(BaseHTTPRequestHandler):
    """Counts what it was asked, and answers 1000 bytes."""

    asked: list[str]
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.asked.append(self.path)
        self.send_response(200)
        self.send_header("Content-Length", str(len(ANSWER)))
        self.end_headers()
        self.wfile.write(ANSWER)

    def handle(self) -> None:
        with suppress(ConnectionError):  # that is what the proxy is for
            super().handle()

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.fixture
def asked() -> Iterator[tuple[Proxy, list[str]]]:
    paths: list[str] = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Told", (_Told,), {"asked": paths}))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    with Proxy(("127.0.0.1", server.server_port)) as proxy:
        yield proxy, paths
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_well_line_forwards_everything(asked: tuple[Proxy, list[str]]) -> None:
    proxy, paths = asked
    with httpx.Client(base_url=proxy.url) as client:
        assert [client.get(f"/{n}").content for n in range(3)] == [ANSWER] * 3
    assert paths == ["/0", "/1", "/2"]
    assert (proxy.strikes, proxy.connections) == (0, 1)


def test_a_reset_comes_before_the_far_side_hears_of_it(asked: tuple[Proxy, list[str]]) -> None:
    proxy, paths = asked
    proxy.fault(Fault(reset=True, times=1))
    with pytest.raises(httpx.TransportError):
        httpx.get(f"{proxy.url}/a")
    assert httpx.get(f"{proxy.url}/b").content == ANSWER
    assert (paths, proxy.strikes) == (["/b"], 1)


def test_a_lost_answer_is_to_something_that_was_done(asked: tuple[Proxy, list[str]]) -> None:
    proxy, paths = asked
    proxy.fault(Fault(lose_answers=True, asked=b"GET /b", times=1))
    assert httpx.get(f"{proxy.url}/a").content == ANSWER
    with pytest.raises(httpx.TransportError):
        httpx.get(f"{proxy.url}/b")
    assert httpx.get(f"{proxy.url}/b").content == ANSWER
    assert (paths, proxy.strikes) == (["/a", "/b", "/b"], 1)


def test_a_cut_answer_ends_after_so_many_bytes(asked: tuple[Proxy, list[str]]) -> None:
    proxy, paths = asked
    proxy.fault(Fault(cut_after=600))
    got: list[bytes] = []
    with httpx.stream("GET", f"{proxy.url}/a") as answer, pytest.raises(httpx.TransportError):
        got.extend(answer.iter_raw())
    assert len(b"".join(got)) < len(ANSWER)
    assert (paths, proxy.strikes) == (["/a"], 1)


def test_a_half_open_line_is_silent_until_it_is_mended(asked: tuple[Proxy, list[str]]) -> None:
    proxy, paths = asked
    with httpx.Client(base_url=proxy.url, timeout=0.3) as client:
        assert client.get("/a").content == ANSWER
        proxy.fault(Fault(half_open=True))
        with pytest.raises(httpx.ReadTimeout):
            client.get("/b")
        proxy.mend()
        assert client.get("/c").content == ANSWER
    assert paths == ["/a", "/c"]


def test_latency_delays_every_answer(asked: tuple[Proxy, list[str]]) -> None:
    proxy, paths = asked
    proxy.fault(Fault(latency_s=0.3))
    with pytest.raises(httpx.ReadTimeout):
        httpx.get(f"{proxy.url}/a", timeout=0.1)
    assert httpx.get(f"{proxy.url}/b", timeout=5).content == ANSWER
    assert paths == ["/a", "/b"]


def test_a_far_side_that_is_not_there_ends_the_connection(asked: tuple[Proxy, list[str]]) -> None:
    with Proxy(("127.0.0.1", 1)) as nowhere, pytest.raises(httpx.TransportError):
        httpx.get(nowhere.url)
