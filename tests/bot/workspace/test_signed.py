"""The real Bolt app behind an HTTP request URL: signatures, retries, all three kinds of payload."""

import queue
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from slack_bolt import Ack, App, BoltRequest, BoltResponse
from slack_sdk.signature import SignatureVerifier

from bot.workspace import WorkspaceServer, sample_app, sample_seed
from bot.workspace.signed import sign
from tests.bot.workspace.room import Room, button, modal


@dataclass
class Endpoint:
    """An app's request URL: each request as it came, and the app that answers it."""

    requests: "queue.Queue[tuple[bytes, dict[str, str]]]" = field(default_factory=queue.Queue)
    app: App | None = None
    statuses: list[int] = field(default_factory=list)
    headers: dict[str, str | Sequence[str]] = field(default_factory=dict)
    url: str = ""

    def answer(self, body: bytes, headers: dict[str, str]) -> BoltResponse:
        """What the app says; a status in `statuses` comes first, with `headers`."""
        self.requests.put((body, headers))
        if self.statuses:
            return BoltResponse(status=self.statuses.pop(0), headers=self.headers)
        assert self.app is not None
        return self.app.dispatch(BoltRequest(body=body.decode(), headers=dict(headers)))


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    """A request URL on loopback."""
    endpoint = Endpoint()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            response = endpoint.answer(self.rfile.read(int(self.headers["Content-Length"])), dict(self.headers.items()))
            self.send_response(response.status)
            for name, value in response.first_headers_without_set_cookie().items():
                self.send_header(name, value)
            body = response.body.encode()
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    endpoint.url = f"http://127.0.0.1:{server.server_address[1]}/slack/events"
    yield endpoint
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def http_room(endpoint: Endpoint) -> Iterator[Room]:
    """A workspace that delivers to the request URL, on the real clock, since Bolt checks the age of signatures."""
    room = Room(WorkspaceServer(sample_seed(), sample_app(endpoint.url)).start())
    endpoint.app = room.bolt()
    yield room
    room.leave()


def test_every_request_is_signed_so_that_the_library_accepts_it(http_room: Room, endpoint: Endpoint) -> None:
    assert endpoint.app is not None
    endpoint.app.command("/support")(lambda ack: ack("done"))
    answer = http_room.act("command", user="U_AGENT1", channel="C_FAILURES", command="/support", text="help")
    assert answer["acked"]
    assert [m["text"] for m in http_room.whispers()] == ["done"]
    body, headers = endpoint.requests.get(timeout=2)
    assert SignatureVerifier("demo-signing-secret").is_valid_request(body, headers)
    assert not SignatureVerifier("another-secret").is_valid_request(body, headers)
    assert not SignatureVerifier("demo-signing-secret").is_valid_request(body + b"&x=1", headers)


def test_modal_over_http(http_room: Room, endpoint: Endpoint) -> None:
    assert endpoint.app is not None

    @endpoint.app.action("case.claim")
    def claim(ack: Ack, body: dict[str, Any], client: Any) -> None:
        ack()
        client.views_open(trigger_id=body["trigger_id"], view=modal())

    @endpoint.app.view("form")
    def form(ack: Ack) -> None:
        ack(response_action="update", view=modal({"type": "divider"}))

    ts = http_room.post(blocks=[button()])
    assert http_room.act("click", user="U_AGENT1", channel="C_FAILURES", ts=ts, action_id="case.claim")["acked"]
    http_room.until(lambda: http_room.read("views", user="U_AGENT1")["views"])
    [view] = http_room.read("views", user="U_AGENT1")["views"]
    http_room.act("submit", user="U_AGENT1", view_id=view["id"], values={"text": "fixed"})
    [after] = http_room.read("views", user="U_AGENT1")["views"]
    assert (after["id"], after["blocks"][0]["type"]) == (view["id"], "divider")
    assert after["hash"] != view["hash"]


def test_event_is_sent_again_with_number_and_reason(http_room: Room, endpoint: Endpoint) -> None:
    assert endpoint.app is not None
    endpoint.app.event("reaction_added")(lambda: None)
    endpoint.statuses = [500, 503]
    http_room.act("faults", retry_delays=[0, 0, 0])
    http_room.act("react", user="U_AGENT1", channel="C_FAILURES", ts=http_room.post(), name="eyes")
    seen = [endpoint.requests.get(timeout=2) for _ in range(3)]
    assert len({body for body, _ in seen}) == 1
    retries = [(headers.get("X-Slack-Retry-Num"), headers.get("X-Slack-Retry-Reason")) for _, headers in seen]
    assert retries == [(None, None), ("1", "http_error"), ("2", "http_error")]


def test_an_app_that_wants_no_repeat_gets_none(http_room: Room, endpoint: Endpoint) -> None:
    endpoint.statuses, endpoint.headers = [500, 500], {"X-Slack-No-Retry": "1"}
    http_room.act("faults", retry_delays=[0, 0, 0])
    http_room.act("react", user="U_AGENT1", channel="C_FAILURES", ts=http_room.post(), name="eyes")
    http_room.until(lambda: not http_room.server.runtime.delivery.busy)
    assert endpoint.requests.qsize() == 1


def test_command_is_not_sent_again(http_room: Room, endpoint: Endpoint) -> None:
    endpoint.statuses = [500]
    answer = http_room.act("command", user="U_AGENT1", channel="C_FAILURES", command="/support", text="help")
    assert (answer["status"], answer["reason"]) == ("dispatch_failed", "http_error")
    assert endpoint.requests.qsize() == 1


def test_nobody_listening_is_a_failed_dispatch() -> None:
    room = Room(WorkspaceServer(sample_seed(), sample_app("http://127.0.0.1:9/slack/events")).start())
    answer = room.act("command", user="U_AGENT1", channel="C_FAILURES", command="/support", text="help")
    room.leave()
    assert (answer["status"], answer["reason"]) == ("dispatch_failed", "connection_failed")


def test_signature_of_the_documented_example() -> None:
    """The secret, time, body and signature printed in Slack's page on verifying requests."""
    body = (
        "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V"
        "&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text="
        "&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN"
        "&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
    )
    signature = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"
    assert sign("8f742231b10e8888abcd99yyyzzz85a5", "1531420618", body) == signature
