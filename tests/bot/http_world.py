"""The HTTP port around a small team's database, without a socket."""

import asyncio
import json
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from fastapi import APIRouter, FastAPI
from httpx import ASGITransport, AsyncClient, Cookies, Response
from sqlalchemy import func, select

from bot.access import ReadAccess
from bot.door_book import DoorBook
from bot.http import Health, Ports, create_http
from bot.ingest import Allowance, Senders
from bot.metrics import Metrics
from bot.parts import counts
from storage.models import Case, FailureEventRow
from tests.automations.failure_tickets.world import World

TOKENS = "*=demo-token, billing-worker=billing-token, shop=shop-token"
SENTRY_SECRETS = "shop=sentry-client-secret"
AUTH = {"Authorization": "Bearer demo-token"}
EVENT: dict[str, Any] = {
    "id": "evt_1",
    "source": "billing-worker",
    "occurred_at": "2026-11-21T02:14:00Z",
    "status": "failed",
    "reason": "retries_exhausted",
    "summary": "Invoice sync failed after 5 attempts",
    "dedup_key": "invoice-sync:acct_42",
    "job": {"id": "job_981", "name": "invoice-sync"},
    "customer": {"id": "acct_42", "name": "Acme GmbH", "tier": "enterprise"},
    "attempts": [{"at": "2026-11-21T02:10:00Z", "outcome": "HTTP 502 from ledger"}],
    "checks": ["ledger status page: degraded"],
    "impact": {"blocked": True, "paid_workflow": True, "customers": 1},
    "details": "…",
    "diagnostics_url": "https://logs.example/j/981",
}


def an_event(**changes: Any) -> dict[str, Any]:
    """The failure event of the documentation, changed."""
    return {**EVENT, **changes}


@dataclass
class Caller:
    """Asks the application without a socket, as somebody at `peer` who calls it `host`. Keeps cookies."""

    app: FastAPI
    peer: str
    host: str
    hide_faults: bool = False
    cookies: Cookies = field(default_factory=Cookies)

    def request(self, method: str, path: str, **said: Any) -> Response:
        """One request and its answer."""

        async def ask() -> Response:
            transport = ASGITransport(self.app, raise_app_exceptions=not self.hide_faults, client=(self.peer, 50_000))
            async with AsyncClient(transport=transport, base_url=f"http://{self.host}", cookies=self.cookies) as client:
                answer = await client.request(method, path, **said)
                self.cookies.update(client.cookies)
                return answer

        with ThreadPoolExecutor(1) as thread:  # of its own: the browser tests keep a loop in the main one
            return thread.submit(lambda: asyncio.run(ask())).result()

    def get(self, path: str, **said: Any) -> Response:
        return self.request("GET", path, **said)

    def post(self, path: str, **said: Any) -> Response:
        return self.request("POST", path, **said)


@dataclass
class HttpWorld:
    """The port and the team behind it. `client` asks from this machine."""

    world: World
    senders: Senders = field(default_factory=lambda: Senders(TOKENS, None, SENTRY_SECRETS))
    read_token: str | None = None
    per_minute: int = 100_000
    health: Callable[[], Health] = lambda: Health(True, {"database": "ok", "engine": "ok", "slack": "ok"})
    routers: Iterable[APIRouter] = ()

    def __post_init__(self) -> None:
        self.access = ReadAccess(self.read_token, self.senders)
        self.doors = DoorBook(self.world.database, self.world.clock.now)
        self.metrics = Metrics(lambda: counts(self.world.database))
        self.client = self.asking()

    def app(self) -> FastAPI:
        ports = Ports(
            database=self.world.database,
            context=lambda: self.world.ctx,
            senders=self.senders,
            allowance=Allowance(self.per_minute),
            access=self.access,
            metrics=self.metrics,
            health=lambda: self.health(),
            now=self.world.clock.now,
            turned_away=self.doors.note,
        )
        return create_http(ports, *self.routers)

    def asking(self, peer: str = "127.0.0.1", host: str = "127.0.0.1:8080", *, hide_faults: bool = False) -> Caller:
        """Somebody asking from `peer`, under the name `host`. A fault in the application fails the test."""
        return Caller(self.app(), peer, host, hide_faults)

    def post(self, body: Any, path: str = "/v1/failures", **headers: str) -> Response:
        """Send JSON, or bytes as they are, with the demo's token unless another header says otherwise."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.client.post(path, content=content, headers={**AUTH, "Content-Type": "application/json", **headers})

    @property
    def stored(self) -> tuple[int, int]:
        """How many events and cases there are."""
        with self.world.database.read() as session:
            events = session.scalar(select(func.count()).select_from(FailureEventRow)) or 0
            return events, session.scalar(select(func.count()).select_from(Case)) or 0


def problem(answer: Response, status: int) -> dict[str, Any]:
    """The problem of a refusal, after checking its shape."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    assert {"type", "title", "status", "detail"} <= set(body) <= {"type", "title", "status", "detail", "errors"}
    assert body["status"] == status
    return body
