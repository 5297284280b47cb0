"""Limits on connections and on what comes around a body: heads in size, number and time, chunk frames, slow readers.

uvicorn bounds none of these (measured with 0.54: 30 MB of one header were taken whole; a connection that said nothing,
sent a blank line now and then, or never read its answer stayed for ever; trailers became headers), so whoever reaches
the port could fill memory or use up the file descriptors before a signature is looked at. Bodies are bounded by
`bot.limits`. Whoever may open many connections at once can still keep others out: that is for the proxy in front.
"""

import asyncio
import socket
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_S: Final = 10.0
"""Seconds in which a head has to be here, from the connection or from its first byte on."""
WHOLE_S: Final = 30.0
"""Seconds in which the rest of a request has to be here, and in which an answer has to be read."""
MAX_HEAD_BYTES: Final = 64 * 1024
"""What a head may hold; it is looked at after each piece that arrives, so one piece of the socket more gets in."""
MAX_HEADERS: Final = 200
"""Far more than any proxy sends; each costs thirty times what it holds."""
MAX_FRAME_BYTES: Final = 8 * 1024 * 1024
"""What may surround the chunks of one body: far more than the largest body in chunks of one byte needs."""
MAX_CONNECTIONS: Final = 400
"""At once. Leaves most of the usual 1,024 file descriptors to the database, to Slack and to the desk."""


def impatient(listening: socket.socket) -> None:
    """Let the connections of a socket end that wait `WHOLE_S` for a peer that takes nothing, where the system can."""
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        with suppress(OSError):  # a system that knows the name, not the option
            listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(WHOLE_S * 1000))


class TooManyHeaders(Exception):
    """Raised to the parser, which stops."""


class BoundedHead(HttpToolsProtocol):
    """One connection.

    Answers 431 to a head that is too large, 408 to one that is too slow, 503 where there are too many connections, and
    closes. A request or a reader that is too slow after the head, and chunks whose framing is out of all proportion,
    lose the connection without an answer.
    """

    head_s = HEAD_S
    whole_s = WHOLE_S
    most = MAX_CONNECTIONS
    _taken = 0
    _named = 0
    _begun = 0
    _in_head = True
    _in_body = False
    _slow: asyncio.TimerHandle | None = None
    _unread: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        super().connection_made(transport)
        if len(self.connections) > self.most:
            self._refuse(b"503 Service Unavailable\r\nretry-after: 5")
        else:
            self._within(self.head_s, self._too_slow)

    def connection_lost(self, exc: Exception | None) -> None:
        self._in_time()
        self.resume_writing()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._unread = self._unread or self.loop.call_later(self.whole_s, self.transport.abort)

    def resume_writing(self) -> None:
        if self._unread is not None:
            self._unread.cancel()
            self._unread = None
        super().resume_writing()

    def on_message_begin(self) -> None:
        self._in_head, self._named, self._begun = True, 0, self._begun + 1
        self._within(self.head_s, self._too_slow)
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header. What comes after a body is none: whoever checked the head for us has not seen it."""
        if not self._in_head:
            return
        self._named += 1
        if self._named > MAX_HEADERS:
            raise TooManyHeaders
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self._in_head, self._in_body, self._taken = False, True, 0
        self._within(self.whole_s, self.transport.abort)
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._taken -= len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._in_time()
        self._in_body, self._taken = False, 0
        super().on_message_complete()

    def data_received(self, data: bytes) -> None:
        between, begun = not self._in_head and not self._in_body, self._begun
        self._taken += len(data)
        super().data_received(data)
        if self.transport.is_closing():
            return
        if self._in_head and self._taken > MAX_HEAD_BYTES:
            self._refuse(b"431 Request Header Fields Too Large")
        elif self._taken > MAX_FRAME_BYTES:
            self.transport.abort()
        elif between and begun == self._begun and self._slow is None:  # blank lines, which begin nothing
            self._within(self.head_s, self._close_quietly)

    def send_400_response(self, msg: str) -> None:
        """Answer what is no HTTP."""
        too_many = self._in_head and self._named > MAX_HEADERS
        self._refuse(b"431 Request Header Fields Too Large" if too_many else b"400 Bad Request")

    def _unsupported_upgrade_warning(self) -> None:
        """Answer who asks for another protocol as if they had not; what they would say in it is not listened to."""
        self._in_time()
        self._close_after_answer()

    def _within(self, seconds: float, otherwise: Callable[[], Any]) -> None:
        self._in_time()
        self._slow = self.loop.call_later(seconds, otherwise)

    def _in_time(self) -> None:
        if self._slow is not None:
            self._slow.cancel()
            self._slow = None

    def _too_slow(self) -> None:
        self._refuse(b"408 Request Timeout")

    def _close_quietly(self) -> None:
        if not self._close_after_answer():
            self.transport.close()

    def _refuse(self, status: bytes) -> None:
        self._in_time()
        if self._close_after_answer():
            return
        self.transport.write(b"HTTP/1.1 " + status + b"\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
        self.transport.close()

    def _close_after_answer(self) -> bool:
        """Whether an answer is under way, in whose place or middle another would be taken for it; it is the last."""
        cycle: Any = self.cycle  # None before the first head, whatever uvicorn declares
        if cycle is None or cycle.response_complete or (cycle.more_body and not cycle.response_started):
            return False
        cycle.keep_alive = False
        self.flow.pause_reading()
        return True
