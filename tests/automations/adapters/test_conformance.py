"""Every desk against the contract of the port. A new adapter adds a class with its fixture."""

import pytest

from automations.adapters.builtin.access import BuiltinAccess
from automations.adapters.builtin.customers import BuiltinCustomers
from automations.adapters.builtin.desk import BuiltinDesk
from storage.engine import Database
from tests.automations.adapters.access import DeskAccessContract, Roles
from tests.automations.adapters.contract import AGENTS, GROUPS, HelpDeskContract
from tests.automations.adapters.customers import CustomerBookContract
from tests.support import FakeClock


def seeded(database: Database, clock: FakeClock) -> BuiltinDesk:
    """The built-in desk as the contract wants to find it."""
    desk = BuiltinDesk(database, clock, "https://bot.example")
    for group in GROUPS:
        desk.ensure_group(group)
    for name, email in AGENTS:
        desk.ensure_agent(name, email, groups=("Support",))
    return desk


class TestBuiltinDesk(HelpDeskContract):
    @pytest.fixture
    def desk(self, database: Database, clock: FakeClock) -> BuiltinDesk:
        return seeded(database, clock)


class TestBuiltinAccess(DeskAccessContract):
    @pytest.fixture
    def access(self, database: Database, clock: FakeClock) -> BuiltinAccess:
        seeded(database, clock)
        return BuiltinAccess(database)

    @pytest.fixture
    def roles(self) -> Roles:
        return "agent", "agent"


class TestBuiltinCustomers(CustomerBookContract):
    @pytest.fixture
    def book(self, database: Database) -> BuiltinCustomers:
        return BuiltinCustomers(database)
