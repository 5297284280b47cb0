"""A running workspace as tests use it: the real WebClient, people's acts, and waiting for a condition."""

import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx
from slack_bolt import Ack, App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient

from bot.workspace import WorkspaceServer

Json = dict[str, Any]
WAIT_S = 5.0


class FakeSeconds:
    """A clock in seconds that moves only when told to."""

    def __init__(self) -> None:
        self.at = 1_795_000_000.0

    def __call__(self) -> float:
        return self.at


@dataclass
class Room:
    """One workspace, its clients and the apps connected to it."""

    server: WorkspaceServer
    handlers: list[SocketModeHandler] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.workspace = self.server.runtime.workspace
        self.http = httpx.Client(base_url=self.server.url, trust_env=False, timeout=10)
        self.client = self.web()

    def web(self, token: str = "xoxb-demo-handoff") -> WebClient:
        """The unmodified client, without retries of its own."""
        return WebClient(token=token, base_url=self.server.base_url, retry_handlers=[])

    def bolt(self) -> App:
        """The unmodified framework."""
        return App(client=self.web(), signing_secret=self.workspace.app.signing_secret)

    def connect(self, app: App) -> SocketModeHandler:
        """Connect an app over Socket Mode and wait until the workspace has it."""
        before = self.server.runtime.sockets.count
        handler = SocketModeHandler(app, "xapp-demo-handoff", web_client=self.web("xapp-demo-handoff"))
        self.handlers.append(handler)
        handler.connect()  # type: ignore[no-untyped-call]  # the adapter has no annotations
        self.until(lambda: self.server.runtime.sockets.count > before)
        return handler

    def act(self, act: str, /, **body: Any) -> Json:
        """One act of a person, or an order; whatever the answer."""
        answer: Json = self.http.post(f"/_control/{act}", json=body).json()
        return answer

    def read(self, what: str, /, **query: str) -> Json:
        """What the control API shows."""
        answer: Json = self.http.get(f"/_control/{what}", params=query).json()
        return answer

    def messages(self, channel: str = "C_FAILURES", **query: str) -> list[Json]:
        """The messages of a channel or a thread."""
        return list(self.read("messages", channel=channel, **query)["messages"])

    def whispers(self, user: str = "U_AGENT1") -> list[Json]:
        """The private messages of a person."""
        return list(self.read("ephemerals", user=user)["messages"])

    def post(self, **arguments: Any) -> str:
        """Post as the bot; returns the ts."""
        ts: str = self.client.chat_postMessage(**{"channel": "C_FAILURES", "text": "hello", **arguments})["ts"]
        return ts

    def until(self, condition: Callable[[], object]) -> None:
        """Wait until a condition holds; fails after five seconds."""
        deadline = time.monotonic() + WAIT_S
        while not condition():
            assert time.monotonic() < deadline, "the condition never held"
            threading.Event().wait(0.005)

    def leave(self) -> None:
        """Stop the workspace first, then the apps: a connected client would wait three seconds for its last read."""
        for handler in self.handlers:
            handler.client.auto_reconnect_enabled = False
            handler.client.closed = True
            handler.client.enqueue_message("")  # wakes the thread that would look for a message a second longer
        self.http.close()
        self.server.stop()
        for handler in self.handlers:
            handler.close()  # type: ignore[no-untyped-call]  # the adapter has no annotations


def keeping(seen: "queue.Queue[Json]") -> Callable[[Ack, Json], None]:
    """A listener that acknowledges and keeps the payload."""

    def listener(ack: Ack, body: Json) -> None:
        ack()
        seen.put(body)

    return listener


def button(action_id: str = "case.claim", **extra: Any) -> Json:
    """A button in an actions block."""
    text = {"type": "plain_text", "text": "Claim"}
    return {"type": "actions", "elements": [{"type": "button", "action_id": action_id, "text": text, **extra}]}


def modal(*blocks: Json, **extra: Any) -> Json:
    """A modal with a note field, or with other blocks."""
    note = {
        "type": "input",
        "block_id": "note",
        "label": {"type": "plain_text", "text": "Note"},
        "element": {"type": "plain_text_input", "action_id": "text"},
    }
    shell = {"type": "modal", "callback_id": "form", "title": {"type": "plain_text", "text": "Resolve"}}
    return {**shell, "submit": {"type": "plain_text", "text": "Send"}, "blocks": list(blocks) or [note], **extra}
