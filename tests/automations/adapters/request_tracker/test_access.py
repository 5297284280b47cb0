"""What is special about Request Tracker's users: groups within groups, calls for all at once, tickets of a leaver."""

import json
from collections.abc import Iterator

import httpx
import pytest

from automations.adapters.request_tracker import reading
from automations.adapters.request_tracker.access import RequestTrackerAccess
from automations.adapters.request_tracker.desk import RequestTrackerDesk
from automations.adapters.request_tracker.users import AGENT
from automations.domain import TicketChange
from automations.errors import Rejected
from tests.automations.adapters.access import ANNA, BEN, KEY
from tests.automations.adapters.contract import DRAFT, key
from tests.automations.adapters.request_tracker.watched import Watched, path_of
from tests.desks.request_tracker import MARKS, RequestTracker

pytestmark = [*MARKS, pytest.mark.usefixtures("quiet")]


SUGGESTED = "/Helpers/Autocomplete/Users"


class Before(httpx.BaseTransport):
    """The same desk before the update of October 2026: its own group Privileged, number 4, is shown as any other."""

    def __init__(self, wire: Watched, members: list[str]) -> None:
        self.wire = wire
        self.members = members

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        asked = json.loads(request.content or b"null")
        path = path_of(request)
        assert path != SUGGESTED
        if path == "/groups" and {"field": "Name", "value": AGENT} in asked:
            own = {"id": "4", "type": "group", "Name": AGENT, "Domain": "SystemInternal"}
            return httpx.Response(200, json={"count": 1, "total": 1, "items": [own]})
        if path == "/group/4":
            return httpx.Response(200, json={"Members": [{"id": one, "type": "user"} for one in self.members]})
        return self.wire.handle_request(request)


@pytest.fixture
def access(tracker: RequestTracker, wire: Watched) -> RequestTrackerAccess:
    return RequestTrackerAccess(tracker.line("handoff-admin"), wire)


@pytest.fixture
def nested(tracker: RequestTracker) -> Iterator[str]:
    """The group Billing within the group Support, and Ben in both while the test runs."""
    with tracker.client("root") as root:
        numbers = {
            one["Name"]: one["id"]
            for one in root.post("/groups?fields=Name", json=[{"field": "Domain", "value": "UserDefined"}]).json()[
                "items"
            ]
        }
        support, billing = numbers["Support"], numbers["Billing"]
        root.put(f"/group/{support}/members", json=[billing]).raise_for_status()
        root.put("/user/handoff/groups", json=[billing]).raise_for_status()
        yield "handoff@team.example"
        root.delete(f"/group/{support}/member/{billing}").raise_for_status()
        user = root.get("/user/handoff").json()["id"]
        root.delete(f"/group/{billing}/member/{user}").raise_for_status()


def test_who_is_in_a_group_within_a_group_is_in_both(access: RequestTrackerAccess, nested: str) -> None:
    assert list(access.memberships(nested)) == ["Billing", "Handoff", "Support"]
    assert {one.agent.email: one.groups for one in access.everybody()}[nested] == ("Billing", "Handoff", "Support")


def test_everybody_costs_a_call_for_each_group_and_two_for_a_hundred(
    access: RequestTrackerAccess, wire: Watched, tracker: RequestTracker
) -> None:
    told = list(access.everybody())
    asked = [f"{one.request.method} {path_of(one.request)}" for one in wire.exchanges]
    groups = len([one for one in asked if one.startswith("GET /group/")])
    assert len(told) <= 100
    suggested = asked.count(f"GET {SUGGESTED}")  # none before the update that hides the group Privileged
    assert suggested in (0, 1)
    assert (asked.count("POST /groups"), asked.count("POST /users"), len(asked)) == (2, 2, groups + 4 + suggested)
    with tracker.client("root") as root:
        for number in range(3):
            more = {"Name": f"more{number}", "EmailAddress": f"more{number}@team.example", "Privileged": 1}
            root.post("/user", json=more).raise_for_status()
        assert len(list(access.everybody())) == len(told) + 3
        for number in range(3):
            root.put(f"/user/more{number}", json={"Privileged": 0}).raise_for_status()
    assert len(wire.exchanges) == 2 * len(asked)


def test_who_is_disabled_is_told_as_long_as_a_group_has_them(
    access: RequestTrackerAccess, tracker: RequestTracker
) -> None:
    """Before the update one in no group was told, too; nobody loses anything by that."""
    with tracker.client("root") as root:
        for name, more in (("grouped", {}), ("alone", {"Disabled": 1})):
            body = {"Name": name, "EmailAddress": f"{name}@team.example", "Privileged": 1, **more}
            root.post("/user", json=body).raise_for_status()
    access.join("grouped@team.example", "Billing")
    access.suspend("grouped@team.example")
    told = {one.agent.email: (one.agent.state, one.groups) for one in access.everybody()}
    assert told["grouped@team.example"] == ("suspended", ("Billing",))
    assert told.get("alone@team.example", ("suspended", ())) == ("suspended", ())
    assert told[ANNA][0] == "active"
    access.remove("grouped@team.example")
    assert "grouped@team.example" not in {one.email for one in access.agents()}


def test_where_its_own_group_is_shown_that_one_is_read(tracker: RequestTracker, wire: Watched) -> None:
    now = RequestTrackerAccess(tracker.line("handoff-admin"), wire)
    names = [one.id for one in now.agents()]
    before = RequestTrackerAccess(tracker.line("handoff-admin"), Before(wire, [*names, "Nobody"]))
    assert list(before.agents()) == list(now.agents())
    assert [one.agent.id for one in before.everybody()] == [one.agent.id for one in now.everybody()]


def test_all_open_tickets_of_a_leaver_are_told(
    desk: RequestTrackerDesk, access: RequestTrackerAccess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "PER_PAGE", 2)
    made = [desk.create(DRAFT, key=key(f"leaver-{number}")).id for number in range(5)]
    for ticket in made:
        desk.update(ticket, TicketChange(assignee=BEN), key=key(f"to-ben-{ticket}"))
    access.suspend(BEN)
    found = [one.id for one in desk.assigned(BEN)]
    access.reactivate(BEN)
    assert set(made) <= set(found)
    assert found == sorted(found, key=int)


def test_nobody_is_invited(access: RequestTrackerAccess) -> None:
    with pytest.raises(Rejected, match="cannot send an invitation") as refused:
        access.invite_again(ANNA, key=KEY)
    assert refused.value.code == "cannot"
