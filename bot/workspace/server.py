"""The workspace as an ASGI app, and a server that runs it on loopback in a thread of its own."""

import asyncio
import json
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket

from bot.workspace import hooks
from bot.workspace.api.endpoint import web_api
from bot.workspace.control import control_routes
from bot.workspace.delivery import Delivery
from bot.workspace.errors import SlackRefusal
from bot.workspace.faults import Faults
from bot.workspace.file_routes import file_routes
from bot.workspace.guard import LoopbackOnly
from bot.workspace.model import AppConfig, Clock, Json, Seed
from bot.workspace.pages import page_routes
from bot.workspace.runtime import Runtime
from bot.workspace.signed import SignedHttp
from bot.workspace.socket import Sockets
from bot.workspace.state import Workspace
from bot.workspace.store import Store
from bot.workspace.wire import peer_protocol

START_S = 10.0
"""How long a start may take before it counts as failed."""


async def _response_url(request: Request) -> Response:
    try:
        body = json.loads(await request.body() or b"{}")
    except ValueError:
        body = None
    if not isinstance(body, dict):
        return JSONResponse({"ok": False, "error": "invalid_payload"}, 400)
    try:
        hooks.use(Runtime.of(request).workspace, request.path_params["id"], body)
    except SlackRefusal as refusal:
        return JSONResponse(refusal.body(), refusal.status if refusal.status != 200 else 400)
    return PlainTextResponse("ok")


async def _link(socket: WebSocket) -> None:
    await Runtime.of(socket).sockets.serve(socket)


def create_workspace(seed: Seed, app: AppConfig, *, data_dir: Path | None, clock: Clock = time.time) -> Starlette:
    """The workspace: Slack's Web API under /api/, Socket Mode, response URLs, the control API and the page.

    Its state lives in `data_dir` and survives a restart, or in memory when that is None.
    """
    workspace = Workspace(seed, app, Store(data_dir), clock)
    faults = Faults()
    sockets = Sockets(workspace, faults)
    signed = None if app.request_url is None else SignedHttp(app.request_url, app.signing_secret, faults, clock)
    runtime = Runtime(workspace, faults, sockets, Delivery(workspace, faults, signed or sockets))

    @asynccontextmanager
    async def lifespan(starlette: Starlette) -> AsyncIterator[None]:
        starlette.state.loop = asyncio.get_running_loop()
        yield
        await runtime.delivery.stop()
        await sockets.stop()
        if signed is not None:
            await signed.stop()
        workspace.store.close()

    routes = [
        Route("/api/{method}", web_api, methods=["GET", "POST"]),
        Route("/commands/{team}/{id}", _response_url, methods=["POST"]),
        Route("/actions/{team}/{id}", _response_url, methods=["POST"]),
        WebSocketRoute("/link/", _link),
        *file_routes(),
        *control_routes(),
        *page_routes(),
    ]
    starlette = Starlette(routes=routes, lifespan=lifespan)
    starlette.add_middleware(LoopbackOnly)
    starlette.state.runtime = runtime
    return starlette


class WorkspaceServer:
    """Runs a workspace with uvicorn on 127.0.0.1 in a background thread; a context manager.

    `port` 0 means any free one; after `start` the real one is in `port` and `url`.
    """

    def __init__(
        self, seed: Seed, app: AppConfig, *, port: int = 0, data_dir: Path | None = None, clock: Clock = time.time
    ) -> None:
        self.app = create_workspace(seed, app, data_dir=data_dir, clock=clock)
        self.runtime: Runtime = self.app.state.runtime
        self.port = port
        config = uvicorn.Config(
            self.app, host="127.0.0.1", port=port, http=peer_protocol(self.runtime.peers), ws="websockets-sansio",
            log_level="warning",
            access_log=False, timeout_graceful_shutdown=2, lifespan="on",
        )  # fmt: skip
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, name="workspace", daemon=True)

    @property
    def url(self) -> str:
        """The server's address without a final slash; Slack's base_url is this plus `/api/`."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def base_url(self) -> str:
        """What slack_sdk takes as `base_url`."""
        return f"{self.url}/api/"

    def start(self) -> Self:
        """Start and return when requests are answered. Raises RuntimeError when the port is taken."""
        self._thread.start()
        deadline = time.monotonic() + START_S
        while not self._server.started:
            if not self._thread.is_alive() or time.monotonic() > deadline:
                raise RuntimeError(f"the workspace did not start on port {self.port}")
            self._thread.join(0.005)
        self.port = self._server.servers[0].sockets[0].getsockname()[1]
        return self

    def offer(self, *routes: BaseRoute) -> None:
        """Answer these as well; what the workspace has itself comes first."""
        self.app.routes.extend(routes)

    def tell(self, story: Json) -> None:
        """Show this in the page's story bar. May be called from any thread while the server runs."""

        def told() -> None:
            self.runtime.workspace.story = story
            self.runtime.workspace.bump()

        self.app.state.loop.call_soon_threadsafe(told)

    def stop(self) -> None:
        """Let polls answer, close connections and wait for the end. Harmless when it is stopped already."""
        if self._thread.is_alive():
            self.app.state.loop.call_soon_threadsafe(self.runtime.workspace.close)
        self._server.should_exit = True
        self._thread.join()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
