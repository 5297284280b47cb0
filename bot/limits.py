"""Limits on request bodies, in size and in time, that hold before anything is parsed, whatever Content-Length says."""

import asyncio
from collections.abc import Callable
from typing import Final

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.ingest import MAX_BODY_BYTES
from bot.problems import RETRY_S, Problem

BODY_S: Final = 10.0
"""Seconds in which a body has to be here."""

MAX_HELD_BYTES: Final = 64 * MAX_BODY_BYTES
"""All bodies at once, of requests that arrive and of those that are being answered: 32 MB, and as much for a copy."""

DRAINED: Final = 16
"""How many times the limit is read and thrown away, so that the sender sees the answer, not a broken connection."""

_CLOSE = {"Connection": "close"}


class _Unfit(Exception):
    """A body that is not handed on. A Problem itself may also come from the application, which answers its own."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.detail)
        self.problem = problem


class BodyLimit:
    """Hands a body on whole once it is here; answers 413 if it is too large, 408 if it is too slow.

    `answer` turns the problem into a response. Memory for a request is at most the limit and one chunk, and for all of
    them `held`; what comes over that is answered 503, so that many senders at once cannot fill the memory.
    """

    def __init__(
        self,
        app: ASGIApp,
        answer: Callable[[Problem], Response],
        limit: int = MAX_BODY_BYTES,
        seconds: float = BODY_S,
        held: int = MAX_HELD_BYTES,
    ) -> None:
        self._app = app
        self._answer = answer
        self._limit = limit
        self._seconds = seconds
        self._most = held
        self._held = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Take the body up to the limits."""
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD", "OPTIONS"):
            await self._app(scope, receive, send)
            return
        body = bytearray()
        try:
            if await self._read(body, dict(scope["headers"]), receive):
                await self._app(scope, _replay(bytes(body), receive), send)
        except _Unfit as unfit:
            await self._answer(unfit.problem)(scope, receive, send)
        finally:
            self._held -= len(body)

    async def _read(self, body: bytearray, headers: dict[bytes, bytes], receive: Receive) -> bool:
        """Fill the body; False if the sender went away. Raises: _Unfit."""
        declared = headers.get(b"content-length", b"")
        size = int(declared) if declared.isdigit() and len(declared) < 19 else 0
        if size > self._limit and b"expect" in headers:  # the sender asks before it sends
            raise self._too_large()
        size, more, room = 0, True, True
        try:
            async with asyncio.timeout(self._seconds):
                while more and size <= DRAINED * self._limit:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        return False
                    chunk = message.get("body", b"")
                    size += len(chunk)
                    room = room and self._held + len(chunk) <= self._most
                    if room and size <= self._limit:
                        body += chunk
                        self._held += len(chunk)
                    more = message.get("more_body", False)
        except TimeoutError as exc:
            if size <= self._limit:
                detail = f"The body was not here within {self._seconds:g} seconds. Nothing was taken."
                raise _Unfit(Problem(408, "Too slow", detail, headers=_CLOSE)) from exc
        if size > self._limit:
            raise self._too_large()
        if not room:
            detail = "Too many requests are being read. Nothing was taken. Send it again."
            raise _Unfit(Problem(503, "Not now", detail, retry_after_s=RETRY_S, headers=_CLOSE))
        return True

    def _too_large(self) -> _Unfit:
        detail = f"A body holds at most {self._limit // 1024} KB. Nothing was taken."
        return _Unfit(Problem(413, "Too large", detail, headers=_CLOSE))


def _replay(body: bytes, receive: Receive) -> Receive:
    sent = False

    async def replayed() -> Message:
        nonlocal sent
        if sent:
            return await receive()
        sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replayed
