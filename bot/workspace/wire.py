"""The HTTP protocol of the server, which remembers each client's connection so that a fault can cut it."""

import asyncio

from uvicorn.protocols.http.h11_impl import H11Protocol

Peers = dict[tuple[str, int], asyncio.Transport]
"""Open connections by the client's host and port."""


def peer_protocol(peers: Peers) -> type[asyncio.Protocol]:
    """The protocol of uvicorn, keeping `peers` up to date."""

    class PeerProtocol(H11Protocol):
        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn narrows it
            super().connection_made(transport)
            if self.client is not None:
                peers[self.client] = transport

        def connection_lost(self, exc: Exception | None) -> None:
            super().connection_lost(exc)
            if self.client is not None:
                peers.pop(self.client, None)

    return PeerProtocol
