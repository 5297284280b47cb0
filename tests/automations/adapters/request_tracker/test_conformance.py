"""The adapter against what every desk promises, over a real Request Tracker."""

from collections.abc import Iterator

import pytest

from automations.adapters.request_tracker.access import RequestTrackerAccess
from automations.adapters.request_tracker.customers import RequestTrackerCustomers
from tests.automations.adapters.access import DeskAccessContract, Roles
from tests.automations.adapters.contract import HelpDeskContract
from tests.automations.adapters.customers import CustomerBookContract
from tests.automations.adapters.followed import FollowedDeskContract
from tests.automations.adapters.request_tracker.watched import Watched
from tests.desks.request_tracker import MARKS, RequestTracker

pytestmark = list(MARKS)


class TestRequestTracker(HelpDeskContract):
    """The fixture `desk` is conftest's."""


@pytest.mark.usefixtures("quiet")
class TestFollowedRequestTracker(FollowedDeskContract):
    """The fixtures are conftest's."""


class TestRequestTrackerAccess(DeskAccessContract):
    @pytest.fixture
    def access(self, tracker: RequestTracker, wire: Watched) -> Iterator[RequestTrackerAccess]:
        yield RequestTrackerAccess(tracker.line("handoff-admin"), wire)
        with tracker.client("root") as root:
            root.put("/user/bokoro", json={"Privileged": 1, "Disabled": 0}).raise_for_status()
            asked = [{"field": "Name", "value": "Support"}, {"field": "Domain", "value": "UserDefined"}]
            support = root.post("/groups", json=asked).json()["items"][0]["id"]
            root.put("/user/bokoro/groups", json=[support]).raise_for_status()
            there = root.get("/user/cora@team.example")
            if there.status_code == 200:  # users are never deleted there: this one gets out of the next test's way
                gone = f"gone-{there.json()['id']}@team.example"
                root.put(
                    f"/user/{there.json()['id']}", json={"Name": gone, "EmailAddress": gone, "Privileged": 0}
                ).raise_for_status()

    @pytest.fixture
    def roles(self) -> Roles:
        return "Privileged", "Privileged"


class TestRequestTrackerCustomers(CustomerBookContract):
    @pytest.fixture
    def book(self) -> RequestTrackerCustomers:
        return RequestTrackerCustomers()
