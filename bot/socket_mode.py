"""Socket Mode: two connections, kept up.

Slack sends a payload to any one of an app's connections and replaces each of them every few hours, so two are held and
each payload is recognised by the inbox. The client of slack_sdk reconnects a connection that breaks; it does not retry
a first connect that failed, so `keep` does, on a schedule.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from http.client import HTTPException

from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

log = logging.getLogger(__name__)

CONNECTIONS = 2
FINAL = frozenset({"invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired", "missing_scope"})
"""Slack's words for an app token that no retry will mend."""


@dataclass
class SocketMode:
    """Holds the connections. `problem` says in words why there is none, empty while there is one."""

    app: App
    app_token: str
    base_url: str
    timeout_s: int = 10
    problem: str = "not connected yet"
    _handlers: list[SocketModeHandler] = field(default_factory=list)
    _stopped: bool = False

    @property
    def connected(self) -> bool:
        """True while at least one connection is up."""
        return any(handler.client.is_connected() for handler in self._handlers)

    def keep(self) -> None:
        """Bring up what is missing. Called at start and every few seconds; never raises for a network's sake."""
        if self._stopped:
            return
        try:
            while len(self._handlers) < CONNECTIONS:
                self._handlers.append(self._connect())
        except SlackApiError as exc:
            code = str(exc.response.get("error", "unknown"))
            remedy = "check HANDOFF_SLACK__APP_TOKEN" if code in FINAL else "trying again"
            self._note(f"Slack refused the connection ({code}); {remedy}")
        except (SlackClientError, HTTPException, OSError, ValueError) as exc:
            self._note(f"Slack cannot be reached ({type(exc).__name__}); trying again")
        else:
            self.problem = "" if self.connected else "Slack closed the connection; trying again"

    def stop(self) -> None:
        """Close all connections. Payloads already received are finished first."""
        self._stopped = True
        for handler in self._handlers:
            handler.close()  # type: ignore[no-untyped-call]  # untyped in slack_bolt 1.30
        self._handlers.clear()
        self.problem = "stopped"

    def _connect(self) -> SocketModeHandler:
        client = WebClient(token=self.app_token, base_url=self.base_url, timeout=self.timeout_s, retry_handlers=[])
        handler = SocketModeHandler(self.app, self.app_token, web_client=client)
        _attempt(handler.connect, undo=handler.close)
        return handler

    def _note(self, problem: str) -> None:
        if problem != self.problem:
            log.warning("%s", problem)
        self.problem = problem


def _attempt(act: Callable[[], None], *, undo: Callable[[], None]) -> None:
    done = False
    try:
        act()
        done = True
    finally:
        if not done:
            undo()
