"""Zendesk against what every desk promises, each exchange held to the contract and to the calls we declare."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from automations.adapters.zendesk.access import ZendeskAccess
from automations.adapters.zendesk.calls import CALLS
from automations.adapters.zendesk.customers import ZendeskCustomers
from automations.adapters.zendesk.desk import ZendeskDesk
from tests.automations.adapters.access import DeskAccessContract
from tests.automations.adapters.contract import HelpDeskContract
from tests.automations.adapters.customers import CustomerBookContract
from tests.automations.adapters.followed import FollowedDeskContract
from tests.automations.adapters.zendesk import opened
from tests.automations.adapters.zendesk.declared import undeclared
from tests.desks.contract import HeldToContract, contract_of
from tests.desks.zendesk import FakeZendesk
from tests.support import FakeClock


@pytest.fixture
def fake(clock: FakeClock) -> Iterator[FakeZendesk]:
    """Whatever a test does with it, nothing is asked that is not declared."""
    fake = opened.zendesk(clock)
    yield fake
    assert undeclared(CALLS, fake.exchanges) == []


@pytest.fixture
def held(fake: FakeZendesk) -> Iterator[HeldToContract]:
    held = HeldToContract(fake, "zendesk")
    yield held
    assert held.checked == (len(fake.exchanges) if contract_of("zendesk") else 0)


class Desk:
    @pytest.fixture
    def desk(self, held: HeldToContract, clock: FakeClock) -> ZendeskDesk:
        return opened.desk(held, clock)


class TestZendesk(Desk, HelpDeskContract):
    @pytest.fixture
    def settled(self, clock: FakeClock) -> Callable[[], None]:
        """The search is late."""

        def wait() -> None:
            clock.move(timedelta(minutes=2))

        return wait


class TestFollowedZendesk(Desk, FollowedDeskContract):
    @pytest.fixture
    def people(self, fake: FakeZendesk) -> FakeZendesk:
        return fake

    @pytest.fixture
    def later(self, clock: FakeClock) -> Callable[[], None]:
        """The export holds back the last minute."""

        def wait() -> None:
            clock.move(timedelta(seconds=61))

        return wait


class TestZendeskAccess(DeskAccessContract):
    @pytest.fixture
    def access(self, held: HeldToContract, clock: FakeClock) -> ZendeskAccess:
        return opened.access(held, clock)

    @pytest.fixture
    def roles(self) -> tuple[str, str]:
        return "Advisor", "admin"

    @pytest.fixture
    def at_the_door(self, fake: FakeZendesk) -> FakeZendesk:
        return fake


class TestZendeskCustomers(CustomerBookContract):
    @pytest.fixture
    def book(self, held: HeldToContract, clock: FakeClock) -> ZendeskCustomers:
        return opened.customers(held, clock)
