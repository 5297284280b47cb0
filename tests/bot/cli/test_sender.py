"""Waiting where the bot asks for it, on a port that answers as told."""

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automations.errors import Rejected, Unavailable
from bot.cli.event_files import Sendable, batches, body_of
from bot.cli.sender import Result, Sender, full_url, retry_after_s

NOW = datetime(2026, 11, 21, 2, 14, tzinfo=UTC)
Answer = tuple[int, dict[str, str], bytes]


class Port:
    """Gives the prepared answers, then 202 for ever; `lost` closes the connection instead."""

    def __init__(self) -> None:
        self.answers: list[Answer | None] = []
        self.bodies: list[bytes] = []
        port = self

        class Answers(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                port.bodies.append(body)
                rows = [{"event_id": one["id"], "case_id": None, "status": "recorded"} for one in json.loads(body)]
                accepted: Answer = (202, {}, json.dumps({"results": rows}).encode())
                answer = port.answers.pop(0) if port.answers else accepted
                if answer is None:
                    self.close_connection = True
                    return
                status, headers, content = answer
                self.send_response(status)
                for name, value in {**headers, "Content-Length": str(len(content))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing."""

        self.server = HTTPServer(("127.0.0.1", 0), Answers)
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,))
        self.thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"


@pytest.fixture
def port() -> Iterator[Port]:
    made = Port()
    yield made
    made.server.shutdown()
    made.thread.join()
    made.server.server_close()


@pytest.fixture
def waited(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long was waited, without waiting."""
    seconds: list[float] = []
    monkeypatch.setattr("bot.cli.sender.time.sleep", seconds.append)
    return seconds


def events(count: int = 2) -> list[Sendable]:
    return [Sendable(f"line {n}", f"e{n}", "crm", json.dumps({"id": f"e{n}"}).encode()) for n in range(count)]


def sent(port: Port, *, patience_s: float = 60, count: int = 2) -> list[Result]:
    sender = Sender(port.url, patience_s=patience_s)
    try:
        return sender.send(events(count), "a-token")
    finally:
        sender.close()


def problem(status: int, title: str = "Not now", **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return status, named, json.dumps({"title": title, "detail": "Come back.", "status": status}).encode()


def test_it_waits_as_long_as_asked_and_sends_the_same_again(port: Port, waited: list[float]) -> None:
    port.answers = [problem(429, Retry_After="7"), problem(503), None, problem(503, Retry_After="nonsense")]
    assert [one.status for one in sent(port)] == ["recorded", "recorded"]
    assert waited == [7, 2, 4, 8], "what is asked for, else growing pauses"
    assert len(set(port.bodies)) == 1


def test_it_does_not_wait_longer_than_its_patience(port: Port, waited: list[float]) -> None:
    port.answers = [problem(429, Retry_After="3600")]
    with pytest.raises(Unavailable, match=r"429: Not now\. Come back\. Please send them again"):
        sent(port, patience_s=60)
    assert waited == []


def test_one_bad_event_does_not_take_the_others_with_it(port: Port, waited: list[float]) -> None:
    bad: Answer = (
        422,
        {},
        json.dumps({"title": "Wrong", "errors": [{"field": "reason", "problem": "unknown"}]}).encode(),
    )
    port.answers = [bad, bad]
    results = sent(port)
    assert [(one.where, one.status, one.why) for one in results] == [
        ("line 0", "refused", "Wrong. reason: unknown"), ("line 1", "recorded", ""),
    ]  # fmt: skip


@pytest.mark.parametrize("content", [b"<html>", b"[1]", b'{"title": "No"}'])
def test_any_other_answer_ends_it_in_words(port: Port, content: bytes) -> None:
    port.answers = [(401, {}, content)]
    with pytest.raises(Rejected, match="answered 401: "):
        sent(port)


def test_retry_after_is_seconds_or_a_date() -> None:
    assert retry_after_s({"retry-after": "12"}, now=NOW) == 12
    assert retry_after_s({"retry-after": format_datetime(NOW + timedelta(seconds=9), usegmt=True)}, now=NOW) == 9
    assert retry_after_s({"retry-after": format_datetime(NOW - timedelta(days=1), usegmt=True)}, now=NOW) == 0
    assert retry_after_s({}, now=NOW) is None
    assert retry_after_s({"retry-after": "soon"}, now=NOW) is None


def test_an_address_gets_the_path_it_lacks() -> None:
    assert full_url("https://bot.example") == "https://bot.example/v1/failures"
    assert full_url(" http://bot.example:8080/ ") == "http://bot.example:8080/v1/failures"
    assert full_url("https://bot.example/proxy/v1/failures") == "https://bot.example/proxy/v1/failures"


@given(sizes=st.lists(st.integers(2, 400), max_size=60), count=st.integers(1, 20), size=st.integers(100, 1_000))
def test_batches_lose_nothing_keep_order_and_fit(sizes: list[int], count: int, size: int) -> None:
    made = [Sendable(str(n), str(n), "s", b'"' + b"x" * (length - 2) + b'"') for n, length in enumerate(sizes)]
    cut = list(batches(made, count=count, size=size))
    assert [one for batch in cut for one in batch] == made
    for batch in cut:
        assert 1 <= len(batch) <= count
        assert len(body_of(batch)) <= size or len(batch) == 1
        assert len(json.loads(body_of(batch))) == len(batch)
