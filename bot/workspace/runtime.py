"""Everything a request may need, in one place."""

import asyncio
from collections import deque
from dataclasses import dataclass, field
from typing import cast

from starlette.requests import HTTPConnection

from bot.workspace.delivery import Delivery
from bot.workspace.faults import Faults
from bot.workspace.model import Json
from bot.workspace.socket import Sockets
from bot.workspace.state import Workspace

CALLS_KEPT = 20_000
"""How many Web API calls `/_control/calls` remembers."""


@dataclass(slots=True)
class Runtime:
    """The parts of a running workspace.

    `peers` maps a client's address to its connection, so that a fault can cut it.
    """

    workspace: Workspace
    faults: Faults
    sockets: Sockets
    delivery: Delivery
    calls: deque[Json] = field(default_factory=lambda: deque(maxlen=CALLS_KEPT))
    peers: dict[tuple[str, int], asyncio.Transport] = field(default_factory=dict)

    @staticmethod
    def of(connection: HTTPConnection) -> "Runtime":
        """The runtime behind a request."""
        return cast("Runtime", connection.app.state.runtime)


def base_of(connection: HTTPConnection) -> str:
    """The server's own address as the client used it, without a final slash."""
    return f"http://{connection.headers['host']}"
