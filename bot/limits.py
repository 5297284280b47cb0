"""Limits on request bodies, in size and in time, that hold before anything is parsed, whatever Content-Length says."""

import asyncio
from collections.abc import Callable
from typing import Final

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.ingest import MAX_BODY_BYTES
from bot.problems import Problem

BODY_S: Final = 10.0
"""Seconds in which a body has to be here."""

DRAINED: Final = 16
"""How many times the limit is read and thrown away, so that the sender sees the answer, not a broken connection."""


class BodyLimit:
    """Hands a body on whole once it is here; answers 413 if it is too large, 408 if it is too slow.

    `answer` turns the problem into a response. Memory for a request is at most the limit and one chunk.
    """

    def __init__(
        self,
        app: ASGIApp,
        answer: Callable[[Problem], Response],
        limit: int = MAX_BODY_BYTES,
        seconds: float = BODY_S,
    ) -> None:
        self._app = app
        self._answer = answer
        self._limit = limit
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Take the body up to the limits."""
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD", "OPTIONS"):
            await self._app(scope, receive, send)
            return
        try:
            body = await self._read(dict(scope["headers"]), receive)
        except Problem as problem:
            await self._answer(problem)(scope, receive, send)
            return
        if body is not None:
            await self._app(scope, _replay(body, receive), send)

    async def _read(self, headers: dict[bytes, bytes], receive: Receive) -> bytes | None:
        """The body, or None if the sender went away. Raises: Problem 413 or 408."""
        declared = headers.get(b"content-length", b"")
        size = int(declared) if declared.isdigit() and len(declared) < 19 else 0
        if size > self._limit and b"expect" in headers:  # the sender asks before it sends
            raise self._too_large()
        body, size, more = bytearray(), 0, True
        try:
            async with asyncio.timeout(self._seconds):
                while more and size <= DRAINED * self._limit:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        return None
                    chunk = message.get("body", b"")
                    size += len(chunk)
                    if size <= self._limit:
                        body += chunk
                    more = message.get("more_body", False)
        except TimeoutError as exc:
            if size <= self._limit:
                detail = f"The body was not here within {self._seconds:g} seconds. Nothing was taken."
                raise Problem(408, "Too slow", detail, headers=_CLOSE) from exc
        if size > self._limit:
            raise self._too_large()
        return bytes(body)

    def _too_large(self) -> Problem:
        detail = f"A body holds at most {self._limit // 1024} KB. Nothing was taken."
        return Problem(413, "Too large", detail, headers=_CLOSE)


_CLOSE = {"Connection": "close"}


def _replay(body: bytes, receive: Receive) -> Receive:
    sent = False

    async def replayed() -> Message:
        nonlocal sent
        if sent:
            return await receive()
        sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replayed
