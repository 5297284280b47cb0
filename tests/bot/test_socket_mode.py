"""Socket Mode against the local workspace: two connections, a server that restarts, refusals in words, a quick stop."""

import logging
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from slack_bolt import Ack, App
from slack_sdk import WebClient

from bot.socket_mode import CONNECTIONS, SocketMode
from bot.workspace import WorkspaceServer
from tests.bot.bot_room import ask, until, workspace
from tests.serving import free_port


@pytest.fixture
def server() -> Iterator[WorkspaceServer]:
    made = workspace().start()
    yield made
    made.stop()


def an_app(server: WorkspaceServer) -> App:
    return App(
        client=WebClient(token="xoxb-demo-handoff", base_url=server.base_url, retry_handlers=[]),
        signing_secret="unused-here",
        token_verification_enabled=False,
        process_before_response=True,
    )


def socket_to(server: WorkspaceServer, app: App | None = None, **changed: Any) -> SocketMode:
    said: dict[str, Any] = {"app_token": "xapp-demo-handoff", "base_url": server.base_url, **changed}
    return SocketMode(app or an_app(server), **said)


def command(server: WorkspaceServer) -> dict[str, Any]:
    body = {"user": "U_AGENT1", "channel": "C_FAILURES", "command": "/support", "text": "help"}
    return dict(ask(f"{server.url}/_control/command", body)[1])


def test_two_connections_that_answer_and_stop(server: WorkspaceServer) -> None:
    app = an_app(server)
    app.command("/support")(lambda ack: ack("here"))
    socket = socket_to(server, app)
    assert (socket.connected, socket.problem) == (False, "not connected yet")
    socket.keep()
    socket.keep()
    assert server.runtime.sockets.count == CONNECTIONS
    assert (socket.connected, socket.problem) == (True, "")
    assert command(server)["acked"] is True

    socket.stop()
    until(lambda: server.runtime.sockets.count, lambda count: count == 0)
    assert (socket.connected, socket.problem) == (False, "stopped")
    socket.keep()
    assert server.runtime.sockets.count == 0


def test_a_stop_finishes_what_was_begun_and_acknowledges_it(server: WorkspaceServer) -> None:
    app, inside, go = an_app(server), threading.Event(), threading.Event()

    @app.command("/support")
    def slow(ack: Ack) -> None:
        inside.set()
        assert go.wait(5)
        ack("done")

    socket = socket_to(server, app)
    socket.keep()
    answered: list[dict[str, Any]] = []
    asking = threading.Thread(target=lambda: answered.append(command(server)))
    asking.start()
    assert inside.wait(5)
    stopping = threading.Thread(target=socket.stop)
    stopping.start()
    stopping.join(0.2)
    assert stopping.is_alive(), "it waits for the answer under way"
    go.set()
    stopping.join(5)
    asking.join(5)
    assert not stopping.is_alive()
    assert [one["acked"] for one in answered] == [True]


def test_a_stop_does_not_wait_for_ever(server: WorkspaceServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.socket_mode.STOP_S", 0.3)
    app, inside, go = an_app(server), threading.Event(), threading.Event()

    @app.command("/support")
    def stuck(ack: Ack) -> None:
        inside.set()
        go.wait(20)
        ack()

    socket = socket_to(server, app)
    socket.keep()
    asking = threading.Thread(target=command, args=(server,))
    asking.start()
    assert inside.wait(5)
    socket.stop()
    assert asking.is_alive(), "it left before the answer that never comes"
    go.set()
    asking.join(10)


@pytest.mark.slow
def test_it_is_back_after_slack_restarts(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL, "slack_bolt.App")
    port = free_port()
    first = workspace(port=port).start()
    app = an_app(first)
    app.command("/support")(lambda ack: ack("here"))
    socket = socket_to(first, app)
    socket.keep()
    first.stop()
    until(lambda: socket.connected, lambda connected: not connected)
    socket.keep()
    assert socket.problem == "Slack closed the connection; trying again"
    second = workspace(port=port).start()
    try:
        until(lambda: second.runtime.sockets.count, lambda count: count == CONNECTIONS, within_s=40)
        until(lambda: command(second), lambda answer: answer["acked"])
        assert socket.problem == ""
    finally:
        socket.stop()
        second.stop()


@pytest.mark.slow
def test_where_socket_mode_is_switched_off_it_says_that_it_has_no_connection_and_is_back_later(
    server: WorkspaceServer, caplog: pytest.LogCaptureFixture
) -> None:
    """An administrator switches Socket Mode off (`link_disabled`): no new connections until it is on again."""
    caplog.set_level(logging.CRITICAL, "slack_bolt.App")
    socket = socket_to(server)
    socket.keep()
    try:
        assert ask(f"{server.url}/_control/faults", {"disconnect": "link_disabled"})[1]["told"] == CONNECTIONS
        until(lambda: (socket.connected, server.runtime.sockets.count), lambda seen: seen == (False, 0))
        socket.keep()
        assert socket.problem == "Slack closed the connection; trying again"
        assert command(server)["reason"] == "no_connection"
        ask(f"{server.url}/_control/faults", {"clear": True})
        until(lambda: server.runtime.sockets.count, lambda count: count == CONNECTIONS, within_s=40)
        assert socket.problem == ""
    finally:
        socket.stop()


def test_slack_that_is_away_is_tried_again_and_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    port = free_port()
    server = workspace(port=port)
    app = App(client=WebClient(token="xoxb-x"), signing_secret="x", token_verification_enabled=False)
    socket = SocketMode(app, "xapp-demo-handoff", f"http://127.0.0.1:{port}/api/")
    for _ in range(3):
        socket.keep()
    assert socket.problem == "Slack cannot be reached (URLError); trying again"
    assert [r.message for r in caplog.records if r.name == "bot.socket_mode"] == [socket.problem]
    server.start()
    try:
        socket.keep()
        assert socket.connected
    finally:
        socket.stop()
        server.stop()


def test_a_token_slack_refuses_is_named_in_words_and_not_shown(server: WorkspaceServer) -> None:
    socket = socket_to(server, app_token="xapp-secret-of-another")
    socket.keep()
    assert socket.refused
    assert socket.problem == "Slack refused the connection (invalid_auth); check HANDOFF_SLACK__APP_TOKEN"
    assert "xapp-secret" not in repr(socket)
    socket.app_token = "xapp-demo-handoff"
    socket.keep()
    assert (socket.refused, socket.problem) == (False, "")
    socket.stop()


def test_when_slack_asks_to_wait_it_waits(server: WorkspaceServer) -> None:
    clock = [1000.0]
    socket = socket_to(server, monotonic=lambda: clock[0])
    order = {"method": "apps.connections.open", "kind": "rate_limited", "retry_after": 7, "times": 1}
    status, answer = ask(f"{server.url}/_control/faults", order)
    assert status == 200, answer
    socket.keep()
    assert "ratelimited" in socket.problem
    assert not socket.refused
    clock[0] += 6
    socket.keep()
    assert not socket.connected
    clock[0] += 1
    socket.keep()
    assert socket.connected
    socket.stop()
