"""Socket Mode: two connections, kept up.

Slack sends a payload to any one of an app's connections and replaces each of them every few hours, so two are held and
each payload is recognised by the inbox. The client of slack_sdk reconnects a connection that breaks; it does not retry
a first connect that failed, so `keep` does, on a schedule.
"""

import logging
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from http.client import HTTPException
from typing import Final

from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.socket_mode.builtin import SocketModeClient
from slack_sdk.web import SlackResponse

log = logging.getLogger(__name__)

CONNECTIONS: Final = 2
STOP_S: Final = 8.0
"""How long a stop waits for answers under way; the process may end after that, and Slack sends them again."""
WAIT_S: Final = 30.0
"""What to wait if Slack asks us to and does not say how long."""
FINAL: Final = frozenset(
    {"invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired", "missing_scope",
     "not_allowed_token_type"}
)  # fmt: skip
"""Slack's words for an app token that no retry will mend."""


@dataclass
class SocketMode:
    """Holds the connections. `refused` is true once Slack said that no retry will help."""

    app: App
    app_token: str = field(repr=False)
    base_url: str
    timeout_s: int = 5
    monotonic: Callable[[], float] = time.monotonic
    refused: bool = False
    _said: str = "not connected yet"
    _handlers: list[SocketModeHandler] = field(default_factory=list)
    _not_before: float = 0.0
    _stopped: bool = False

    @property
    def connected(self) -> bool:
        """True while at least one connection is up."""
        return any(handler.client.is_connected() for handler in self._handlers)

    @property
    def problem(self) -> str:
        """Why there is no connection, in words; empty while there is one."""
        if self._stopped:
            return "stopped"
        if self.connected:
            return ""
        return self._said or "Slack closed the connection; trying again"

    def keep(self) -> None:
        """Bring up what is missing. Called at start and every few seconds; never raises for a network's sake."""
        if self._stopped or self.monotonic() < self._not_before:
            return
        try:
            while len(self._handlers) < CONNECTIONS:
                self._handlers.append(self._connect())
        except SlackApiError as exc:
            self._refusal(exc.response)
        except (SlackClientError, HTTPException, OSError, ValueError) as exc:
            self._note(f"Slack cannot be reached ({type(exc).__name__}); trying again")
        else:
            self.refused = False
            self._note("")

    def stop(self) -> None:
        """Finish the payloads under way, and close all connections at once. Nothing is connected after that."""
        self._stopped = True
        leaving = [threading.Thread(target=_leave, args=(one.client,), daemon=True) for one in self._handlers]
        for thread in leaving:
            thread.start()
        deadline = self.monotonic() + STOP_S
        for thread in leaving:
            thread.join(max(0.0, deadline - self.monotonic()))
        self._handlers.clear()

    def _connect(self) -> SocketModeHandler:
        client = WebClient(token=self.app_token, base_url=self.base_url, timeout=self.timeout_s, retry_handlers=[])
        # Asked for here, since the library would sleep where Slack wants us to wait.
        address = str(client.apps_connections_open(app_token=self.app_token)["url"])
        handler = SocketModeHandler(self.app, self.app_token, web_client=client)
        handler.client.wss_uri = address
        done = False
        try:
            handler.connect()  # type: ignore[no-untyped-call]  # untyped in slack_bolt 1.30
            done = True
        finally:
            if not done:
                _leave(handler.client)
        return handler

    def _refusal(self, reply: SlackResponse) -> None:
        code = str(reply.get("error", "unknown"))
        self.refused = code in FINAL
        if code == "ratelimited":
            asked = {name.lower(): value for name, value in reply.headers.items()}.get("retry-after", "")
            self._not_before = self.monotonic() + (float(asked) if asked.isdecimal() else WAIT_S)
        remedy = "check HANDOFF_SLACK__APP_TOKEN" if self.refused else "trying again"
        self._note(f"Slack refused the connection ({code}); {remedy}")

    def _note(self, problem: str) -> None:
        if problem and problem != self._said:
            log.warning("%s", problem)
        self._said = problem


def _leave(client: SocketModeClient) -> None:
    """Close one connection, quickly: the library's own order drops answers under way and then waits 3 s for a read."""
    client.auto_reconnect_enabled = False
    client.closed = True
    client.enqueue_message("")  # wakes the thread that would look for a message a second longer
    client.message_processor.shutdown()  # type: ignore[no-untyped-call]  # untyped in slack_sdk 3.47, as below
    client.message_workers.shutdown(wait=True)
    client.current_session_state.terminated = True
    session = client.current_session
    if session is not None and session.sock is not None:
        with suppress(OSError):  # it may be broken already
            session.sock.shutdown(socket.SHUT_RDWR)
    client.close()
