"""A limit on request bodies that holds before anything is parsed, whatever Content-Length says."""

import json

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.ingest import MAX_BODY_BYTES


class BodyLimit:
    """Answers 413 as soon as a body grows past the limit; reads no further."""

    def __init__(self, app: ASGIApp, limit: int = MAX_BODY_BYTES) -> None:
        self._app = app
        self._limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Buffer the body up to the limit, then hand it on whole."""
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD", "OPTIONS"):
            await self._app(scope, receive, send)
            return
        declared = dict(scope["headers"]).get(b"content-length", b"")
        chunks: list[bytes] = []
        size = int(declared) if declared.isdigit() and len(declared) < 19 else 0
        more = size <= self._limit
        size = size if not more else 0
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            chunks.append(message.get("body", b""))
            size += len(chunks[-1])
            more = message.get("more_body", False) and size <= self._limit
        if size > self._limit:
            await self._too_large(send)
            return
        await self._app(scope, _replay(b"".join(chunks), receive), send)

    async def _too_large(self, send: Send) -> None:
        problem = {
            "type": "about:blank",
            "title": "Too large",
            "status": 413,
            "detail": f"A body holds at most {self._limit // 1024} KB. Nothing was taken.",
        }
        headers = [(b"content-type", b"application/problem+json"), (b"connection", b"close")]
        await send({"type": "http.response.start", "status": 413, "headers": headers})
        await send({"type": "http.response.body", "body": json.dumps(problem).encode()})


def _replay(body: bytes, receive: Receive) -> Receive:
    sent = False

    async def replayed() -> Message:
        nonlocal sent
        if sent:
            return await receive()
        sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replayed
