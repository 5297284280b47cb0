"""Intercom against the contracts of the port, each exchange held to the vendor's description; and against its calls."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest

from automations.adapters.calls import Call
from automations.adapters.intercom.access import IntercomAccess
from automations.adapters.intercom.calls import CALLS
from automations.adapters.intercom.customers import IntercomCustomers
from automations.adapters.intercom.desk import IntercomDesk
from tests.automations.adapters.access import DeskAccessContract, Roles
from tests.automations.adapters.contract import HelpDeskContract
from tests.automations.adapters.customers import CustomerBookContract
from tests.automations.adapters.followed import AtWork, FollowedDeskContract
from tests.automations.adapters.intercom.world import REQUESTER, SETUP, access_on, customers_on, desk_on
from tests.desks.contract import HeldToContract
from tests.desks.intercom import ADMIN_TOKEN, Intercom
from tests.support import FakeClock


@pytest.fixture(params=["Customer", "Back-office"])
def fake(request: pytest.FixtureRequest, clock: FakeClock) -> Iterator[Intercom]:
    """A workspace whose search is ten minutes late. Whatever was asked of it, it is declared and wrote to nobody."""
    there = Intercom(clock, lag_s=600, category=request.param)
    yield there
    for exchange in there.exchanges:
        assert undeclared(exchange.request) == [], exchange.request.url
    assert there.mails == []
    assert set(there.contacts) <= {REQUESTER}, "no customer is a contact of a ticket"


@pytest.fixture
def desk(fake: Intercom, clock: FakeClock) -> IntercomDesk:
    return desk_on(HeldToContract(fake, "intercom"), clock)


class LateContract(HelpDeskContract):
    @pytest.fixture
    def settled(self, clock: FakeClock) -> Callable[[], None]:
        """The search is late."""

        def wait() -> None:
            clock.move(timedelta(minutes=30))

        return wait


class TestTickets(LateContract):
    pass


@pytest.mark.parametrize("fake", ["Customer"], indirect=True)
class TestTicketsWithoutPriorities(LateContract):
    @pytest.fixture
    def desk(self, fake: Intercom, clock: FakeClock) -> IntercomDesk:
        bare = replace(SETUP, priority_attribute=None, status_attribute=None)
        return desk_on(HeldToContract(fake, "intercom"), clock, bare)


class TestFollowed(FollowedDeskContract):
    @pytest.fixture
    def people(self, fake: Intercom) -> AtWork:
        return fake

    @pytest.fixture
    def later(self, clock: FakeClock) -> Callable[[], None]:
        def moved() -> None:
            clock.move(timedelta(minutes=30))

        return moved


@pytest.mark.parametrize("fake", ["Customer"], indirect=True)
class TestAccess(DeskAccessContract):
    @pytest.fixture
    def access(self, fake: Intercom, clock: FakeClock) -> IntercomAccess:
        return access_on(HeldToContract(fake, "intercom"), clock)

    @pytest.fixture
    def roles(self) -> Roles:
        return "Support Agent", "Admin"


@pytest.mark.parametrize("fake", ["Customer"], indirect=True)
class TestCustomers(CustomerBookContract):
    @pytest.fixture
    def book(self, fake: Intercom, clock: FakeClock) -> IntercomCustomers:
        return customers_on(HeldToContract(fake, "intercom"), clock)


def undeclared(request: httpx.Request) -> list[str]:
    """What of a request no call declares."""
    path = request.url.path
    declared = [one for one in CALLS if one.method == request.method and _fits(one, path)]
    exact = [one for one in declared if one.path == path] or declared
    if request.headers["Authorization"] == f"Bearer {ADMIN_TOKEN}":
        exact = [one for one in exact if one.door == "access"]
    if not exact:
        return [f"{request.method} {path}"]
    names = {name for one in exact for name in one.query}
    keys = {key for one in exact for key in one.body}
    sent = _keys(json.loads(request.content), keys) if request.content else set()
    return sorted({*request.url.params} - names) + sorted(sent - keys)


def _fits(call: Call, path: str) -> bool:
    return re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", call.path), path) is not None


def _keys(value: Any, declared: set[str], before: str = "") -> set[str]:
    """The dotted paths of what is sent; what is declared as a whole is not looked into, unless parts are, too."""
    looked_into = any(one.startswith((f"{before}.", f"{before}[]")) for one in declared)
    if before in declared and not (looked_into and isinstance(value, dict | list)):
        return {before}
    if isinstance(value, dict):
        parts = [_keys(inner, declared, f"{before}.{name}" if before else name) for name, inner in value.items()]
        return {one for part in parts for one in part}
    if isinstance(value, list):
        return {one for inner in value for one in _keys(inner, declared, f"{before}[]")}
    return {before}


@pytest.mark.parametrize(
    ("method", "path", "body", "said"),
    [
        ("DELETE", "/tickets/1", None, ["DELETE /tickets/1"]),
        ("PUT", "/tickets/1", {"open": True, "is_shared": True}, ["is_shared"]),
        ("POST", "/tickets", {"contacts": [{"email": "a@b.example", "id": "1"}]}, ["contacts[].id"]),
        ("POST", "/tickets", {"ticket_attributes": {"any name": 1}}, []),
    ],
)
def test_what_is_not_declared_is_noticed(method: str, path: str, body: Any, said: list[str]) -> None:
    content = {"json": body} if body is not None else {}
    request = httpx.Request(method, f"https://desk.example{path}", headers={"Authorization": "Bearer x"}, **content)
    assert undeclared(request) == said
