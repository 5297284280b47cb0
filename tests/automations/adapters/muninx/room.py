"""MuninX's stand-in behind the line that the contract is held against, and the doors that lead to it."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import httpx

from automations.adapters.http import Connection
from automations.adapters.muninx.access import MuninxAccess
from automations.adapters.muninx.calls import CALLS
from automations.adapters.muninx.customers import MuninxCustomers
from automations.adapters.muninx.desk import MuninxDesk
from automations.adapters.muninx.line import connect
from automations.adapters.muninx.names import Names
from tests.automations.adapters.contract import AGENTS
from tests.desks.budget import Budget
from tests.desks.contract import HOST, HeldToContract
from tests.desks.fake import Exchange, Fault, Faulty
from tests.desks.muninx import ADMIN_TOKEN, Muninx
from tests.support import FakeClock

INFERRED = [(call.method, call.path) for call in CALLS if call.inferred]


class Room:
    """One workspace with the agents of the contract."""

    def __init__(self, clock: FakeClock) -> None:
        self.clock = clock
        self.fake = Muninx(clock.now)
        for name, email in AGENTS:
            first, last = name.split()
            self.fake.seed(first, last, email)
        self.held = HeldToContract(self.fake, "muninx", beyond=INFERRED)
        self.line = Faulty(self.held)
        self.budget = Budget()

    def connection(self, token: str = ADMIN_TOKEN, transport: httpx.BaseTransport | None = None) -> Connection:
        return connect(HOST, token, self.budget, self.clock.now, transport=transport or self.line)

    def desk(self, token: str = ADMIN_TOKEN, names: Names | None = None) -> MuninxDesk:
        return MuninxDesk(self.connection(token), self.clock.now, names)

    def access(self, token: str = ADMIN_TOKEN) -> MuninxAccess:
        return MuninxAccess(self.connection(token), self.clock.now)

    def customers(self, token: str = ADMIN_TOKEN) -> MuninxCustomers:
        return MuninxCustomers(self.connection(token))

    def fault(self, on: str, kind: str = "reply", times: int = 1, **more: Any) -> None:
        self.line.faults.append(Fault(on, kind, times, **more))

    def asked(self, of: str) -> list[Exchange]:
        """The requests whose `METHOD path` matches."""
        said = [(one, f"{one.request.method} {one.request.url.path}") for one in self.fake.exchanges]
        return [one for one, what in said if re.fullmatch(of, what)]


def undeclared(exchanges: Iterable[Exchange]) -> Iterator[str]:
    """What was asked beyond the declared calls: a path, a parameter, a key."""
    for one in exchanges:
        request = one.request
        said = f"{request.method} {request.url.path}"
        found = [c for c in CALLS if c.method == request.method and _matches(c.path, request.url.path)]
        if not found:
            yield said
            continue
        call = min(found, key=lambda c: c.path.count("{"))
        yield from (f"{said}?{name}" for name in request.url.params if name not in call.query)
        body = _json(request)
        yield from (f"{said} {key}" for key in _keys(body) if key not in call.body)


def _matches(template: str, path: str) -> bool:
    return re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), path) is not None


def _json(request: httpx.Request) -> Any:
    return httpx.Response(200, content=request.content).json() if request.content else None


def _keys(body: Any, before: str = "") -> Iterator[str]:
    if isinstance(body, Mapping):
        for name, value in body.items():
            if isinstance(value, Mapping):
                yield from _keys(value, f"{before}{name}.")
            else:
                yield f"{before}{name}"
