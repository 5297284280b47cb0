"""Limits on what comes around a body: the request line and the headers, in size and in time, and what frames chunks.

uvicorn bounds neither (measured with 0.54: 30 MB of one header were taken whole, and a connection that said nothing
stayed for ever), so whoever reaches the port could fill memory or hold connections before a signature is looked at.
Bodies are bounded by `bot.limits`.
"""

import asyncio
from typing import Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_S: Final = 10.0
"""Seconds in which a head has to be here, from the connection or from its first byte on."""
MAX_HEAD_BYTES: Final = 64 * 1024
"""What a head may hold; it is looked at after each piece that arrives, so one piece of the socket more gets in."""
MAX_FRAME_BYTES: Final = 8 * 1024 * 1024
"""What may surround the chunks of one body: far more than the largest body in chunks of one byte needs."""


class BoundedHead(HttpToolsProtocol):
    """One connection. Answers 431 to a head that is too large, 408 to one that is too slow, and closes.

    A body whose framing (chunk lengths, trailers) is out of all proportion loses its connection without an answer.
    """

    head_s = HEAD_S
    _taken = 0
    _in_head = True
    _slow: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        super().connection_made(transport)
        self._begin()

    def connection_lost(self, exc: Exception | None) -> None:
        self._in_time()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        self._begin()
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._in_time()
        self._in_head, self._taken = False, 0
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._taken -= len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._taken = 0
        super().on_message_complete()

    def data_received(self, data: bytes) -> None:
        self._taken += len(data)
        super().data_received(data)
        if self.transport.is_closing():
            return
        if self._in_head and self._taken > MAX_HEAD_BYTES:
            self._refuse(b"431 Request Header Fields Too Large")
        elif self._taken > MAX_FRAME_BYTES:
            self.transport.abort()

    def _begin(self) -> None:
        self._in_time()
        self._in_head = True
        self._slow = self.loop.call_later(self.head_s, self._refuse, b"408 Request Timeout")

    def _in_time(self) -> None:
        if self._slow is not None:
            self._slow.cancel()
            self._slow = None

    def _refuse(self, status: bytes) -> None:
        self._in_time()
        self.transport.write(b"HTTP/1.1 " + status + b"\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
        self.transport.close()
