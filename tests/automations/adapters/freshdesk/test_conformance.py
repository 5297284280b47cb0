"""Freshdesk against the contracts of all ports; each exchange is held to its API's contract where that lies near."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from automations.adapters.freshdesk.access import FreshdeskAccess
from automations.adapters.freshdesk.customers import FreshdeskCustomers
from automations.adapters.freshdesk.desk import FreshdeskDesk
from tests.automations.adapters.access import DeskAccessContract
from tests.automations.adapters.contract import HelpDeskContract
from tests.automations.adapters.customers import CustomerBookContract
from tests.automations.adapters.followed import CAUSE, FollowedDeskContract
from tests.automations.adapters.freshdesk.declared import undeclared
from tests.automations.adapters.freshdesk.world import Colleagues, access_of, account, customers_of, desk_of
from tests.desks.contract import HeldToContract
from tests.desks.freshdesk import REQUESTER, FakeFreshdesk
from tests.support import FakeClock


@pytest.fixture
def fake(clock: FakeClock) -> Iterator[FakeFreshdesk]:
    """The account. Whatever a test does, it makes declared calls and writes to nobody outside but by a reply."""
    fake = account(clock)
    yield fake
    assert undeclared(fake.exchanges) == []
    assert {mail for mail in fake.mails if "a reply" not in mail} <= {f"{REQUESTER}: your ticket was received"}


@pytest.fixture
def line(fake: FakeFreshdesk) -> HeldToContract:
    return HeldToContract(fake, "freshdesk")


class TestTickets(HelpDeskContract):
    @pytest.fixture
    def settled(self, clock: FakeClock) -> Callable[[], None]:
        """The search is late."""

        def wait() -> None:
            clock.move(timedelta(minutes=5))

        return wait

    @pytest.fixture
    def desk(self, line: HeldToContract, clock: FakeClock) -> FreshdeskDesk:
        return desk_of(line, clock)


class TestFollowing(FollowedDeskContract):
    @pytest.fixture
    def desk(self, fake: FakeFreshdesk, line: HeldToContract, clock: FakeClock) -> FreshdeskDesk:
        fake.require(f"cf_{CAUSE.id}", CAUSE.label, list(CAUSE.options))
        return desk_of(line, clock)

    @pytest.fixture
    def people(self, fake: FakeFreshdesk) -> Colleagues:
        return Colleagues(fake)

    @pytest.fixture
    def later(self, clock: FakeClock) -> Callable[[], None]:
        """A change is told once for certain only when its second has gone by."""

        def wait() -> None:
            clock.move(timedelta(seconds=10))

        return wait


class TestAccess(DeskAccessContract):
    @pytest.fixture
    def access(self, line: HeldToContract, clock: FakeClock) -> FreshdeskAccess:
        return access_of(line, clock)

    @pytest.fixture
    def roles(self) -> tuple[str, str]:
        return "Agent", "Supervisor"

    @pytest.fixture
    def at_the_door(self, fake: FakeFreshdesk) -> FakeFreshdesk:
        return fake


class TestCustomers(CustomerBookContract):
    @pytest.fixture
    def book(self, fake: FakeFreshdesk, line: HeldToContract, clock: FakeClock) -> FreshdeskCustomers:
        fake.pace = timedelta(seconds=30)
        return customers_of(line, clock)
