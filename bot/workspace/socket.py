"""Socket Mode: the app's WebSockets, of which a random one gets each payload."""

import asyncio
import json
import random
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field

from starlette.websockets import WebSocket, WebSocketDisconnect

from bot.workspace.delivery import Envelope, Reply
from bot.workspace.faults import Faults
from bot.workspace.model import Json
from bot.workspace.state import Workspace

GRACE_S = {"warning": 10.0, "refresh_requested": 1.0, "link_disabled": 0.0}
"""How long a connection that was told to go stays open. A warning comes about ten seconds ahead (docs.slack.dev); the
second is ours: the built-in client waits for its last read on the old connection before it reads from the new one."""


@dataclass(eq=False, slots=True)
class _Link:
    socket: WebSocket
    leaving: bool = False
    waiting: dict[str, asyncio.Future[Json]] = field(default_factory=dict)


class Sockets:
    """The open connections and the transport over them."""

    def __init__(self, workspace: Workspace, faults: Faults) -> None:
        self.workspace, self.faults = workspace, faults
        self._links: list[_Link] = []
        self._closers: set[asyncio.Task[None]] = set()

    @property
    def count(self) -> int:
        """Connections open now."""
        return len(self._links)

    async def serve(self, socket: WebSocket) -> None:
        """One connection, from its single-use ticket to its end."""
        expires = self.workspace.tickets.pop(socket.query_params.get("ticket", ""), None)
        if expires is None or self.workspace.clock() > expires:
            await socket.close(4001)
            return
        await socket.accept()
        link = _Link(socket)
        self._links.append(link)
        self.workspace.bump()
        try:
            await socket.send_text(json.dumps(self._hello()))
            while True:
                self._receive(link, await socket.receive_text())
        except WebSocketDisconnect:
            return
        finally:
            self._links.remove(link)
            for future in link.waiting.values():
                future.set_exception(ConnectionResetError())
            self.workspace.bump()

    def _hello(self) -> Json:
        debug = {"host": "applink-local", "build_number": 1, "approximate_connection_time": 18060}
        return {"type": "hello", "num_connections": self.count, "debug_info": debug, "connection_info": self._app()}

    def _app(self) -> Json:
        return {"app_id": self.workspace.app.app_id}

    def _receive(self, link: _Link, text: str) -> None:
        try:
            answer = json.loads(text)
        except json.JSONDecodeError:
            self.workspace.notice("The app sent something over Socket Mode that is not JSON")
            return
        future = link.waiting.pop(answer.get("envelope_id", ""), None) if isinstance(answer, dict) else None
        if future is not None and not future.done():
            future.set_result(answer.get("payload") or {})

    async def deliver(self, envelope: Envelope, sent: Callable[[], None]) -> Reply:
        """Send to one connection and wait for its acknowledgement; a connection that is leaving is the last choice."""
        links = [link for link in self._links if not link.leaving] or self._links
        if not links:
            sent()
            return Reply(False, None, "no_connection")
        link = random.choice(links)  # noqa: S311 - any connection will do
        id = str(uuid.uuid4())
        answered: asyncio.Future[Json] = asyncio.get_running_loop().create_future()
        link.waiting[id] = answered
        body: Json = {"envelope_id": id, "payload": envelope.payload, "type": envelope.kind}
        body["accepts_response_payload"] = envelope.kind != "events_api"
        if envelope.kind == "events_api":
            body |= {"retry_attempt": envelope.attempt, "retry_reason": envelope.reason}
        try:
            async with asyncio.timeout(self.faults.ack_s):
                await link.socket.send_text(json.dumps(body))
                sent()
                return Reply(True, await answered, "")
        except TimeoutError:
            return Reply(False, None, "timeout")
        except (WebSocketDisconnect, ConnectionResetError):
            return Reply(False, None, "connection_closed")
        finally:
            link.waiting.pop(id, None)

    async def disconnect(self, reason: str) -> int:
        """Tell every connection to go (`warning`, `refresh_requested`, `link_disabled`); returns how many were told."""
        told = list(self._links)
        for link in told:
            link.leaving = True
            notice = {
                "type": "disconnect",
                "reason": reason,
                "debug_info": {"host": "applink-local"},
                "connection_info": self._app(),
            }
            await link.socket.send_text(json.dumps(notice))
            closer = asyncio.create_task(self._close_later(link, GRACE_S[reason]))
            self._closers.add(closer)
            closer.add_done_callback(self._closers.discard)
        return len(told)

    async def _close_later(self, link: _Link, seconds: float) -> None:
        await asyncio.sleep(seconds)
        if link in self._links:
            await link.socket.close(1000)

    async def stop(self) -> None:
        """Forget the connections that were still to be closed; the server closes them all."""
        for closer in self._closers:
            closer.cancel()
