"""MuninX against the contracts of the ports, over the stand-in that is held to its OpenAPI contract."""

import pytest

from automations.adapters.muninx.access import MuninxAccess
from automations.adapters.muninx.customers import MuninxCustomers
from automations.adapters.muninx.desk import MuninxDesk
from tests.automations.adapters.access import DeskAccessContract, Roles
from tests.automations.adapters.contract import HelpDeskContract
from tests.automations.adapters.customers import CustomerBookContract
from tests.automations.adapters.followed import FollowedDeskContract
from tests.automations.adapters.muninx.room import Room
from tests.desks.muninx import Muninx, PeopleAtWork


class TestMuninxDesk(HelpDeskContract):
    @pytest.fixture
    def desk(self, room: Room) -> MuninxDesk:
        return room.desk()


class TestMuninxFollowed(FollowedDeskContract):
    @pytest.fixture
    def desk(self, room: Room) -> MuninxDesk:
        return room.desk()

    @pytest.fixture
    def people(self, room: Room) -> PeopleAtWork:
        return PeopleAtWork(room.fake)


class TestMuninxAccess(DeskAccessContract):
    @pytest.fixture
    def access(self, room: Room) -> MuninxAccess:
        return room.access()

    @pytest.fixture
    def roles(self) -> Roles:
        return "agent", "admin"

    @pytest.fixture
    def at_the_door(self, room: Room) -> Muninx:
        return room.fake


class TestMuninxCustomers(CustomerBookContract):
    @pytest.fixture
    def book(self, room: Room) -> MuninxCustomers:
        return room.customers()
