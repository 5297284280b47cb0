"""What is special about Freshdesk's agents: seats, contacts that become agents, removal, the two credentials."""

import json

import pytest

from automations.adapters.freshdesk.access import FreshdeskAccess
from automations.desks import Capability, require
from automations.domain import IdempotencyKey
from automations.errors import Refused, Rejected
from tests.automations.adapters.access import ANNA, BEN, KEY, NEW
from tests.automations.adapters.contract import DRAFT
from tests.automations.adapters.freshdesk.world import access_of, account, called, desk_of
from tests.desks.freshdesk import PLAIN_KEY, FakeFreshdesk
from tests.support import FakeClock


@pytest.fixture
def fake(clock: FakeClock) -> FakeFreshdesk:
    return account(clock)


@pytest.fixture
def access(fake: FakeFreshdesk, clock: FakeClock) -> FreshdeskAccess:
    return access_of(fake, clock)


def test_no_seat_left_is_said_so(access: FreshdeskAccess, fake: FakeFreshdesk) -> None:
    fake.seats = len(fake.agents)
    with pytest.raises(Rejected, match="no seat is left in Freshdesk for cora") as refused:
        access.invite(NEW, "Cora Diaz", "Agent", key=KEY)
    assert refused.value.code == "no_seat"
    assert access.agent(NEW) is None


def test_a_leaver_who_comes_back_is_made_an_agent_again(access: FreshdeskAccess, fake: FakeFreshdesk) -> None:
    access.remove(BEN)
    assert fake.contact_by_email(BEN) is not None
    access.invite(BEN, "Ben Okoro", "Supervisor", key=KEY)
    found = access.agent(BEN)
    assert found is not None
    assert (found.role, found.state) == ("Supervisor", "invited")
    assert "PUT /contacts" in " ".join(called(fake))


def test_a_removed_agents_tickets_are_nobodys(access: FreshdeskAccess, fake: FakeFreshdesk, clock: FakeClock) -> None:
    desk = desk_of(fake, clock)
    made = desk.create(DRAFT, key=IdempotencyKey("handoff-1"))
    access.remove(ANNA)
    assert desk.get(made.id).assignee is None


def test_the_keys_own_role_is_refused_in_the_desks_words(access: FreshdeskAccess) -> None:
    with pytest.raises(Rejected, match="not authorized"):
        access.set_role("bot@team.example", "Agent")


def test_an_agent_with_several_roles_shows_them_all_and_gets_one(access: FreshdeskAccess, fake: FakeFreshdesk) -> None:
    fake.agents[fake.agent("Dora", "dora@team.example")]["role_ids"] = [3, 4]
    found = access.agent("dora@team.example")
    assert found is not None
    assert found.role == "Supervisor, Agent"
    access.set_role("dora@team.example", "Agent")
    access.set_role("dora@team.example", "Agent")
    assert [json.loads(one.request.content) for one in fake.exchanges if one.request.method == "PUT"] == [
        {"role_ids": [4]}
    ]


def test_joining_leaves_the_others_in(access: FreshdeskAccess, fake: FakeFreshdesk) -> None:
    access.join(ANNA, "Billing")
    access.join(BEN, "Billing")
    access.leave(ANNA, "Billing")
    assert (list(access.memberships(ANNA)), list(access.memberships(BEN))) == (["Support"], ["Support", "Billing"])


def test_what_the_api_cannot_is_refused_with_what_to_do_by_hand(access: FreshdeskAccess, fake: FakeFreshdesk) -> None:
    for call in (
        lambda: access.suspend(BEN),
        lambda: access.reactivate(BEN),
        lambda: access.sign_out(BEN),
        access.seats,
        lambda: access.invite_again(BEN, key=KEY),
        lambda: access.tokens(BEN),
        lambda: access.revoke_token(BEN, "1"),
    ):
        with pytest.raises(Rejected, match=r"Admin|API key") as refused:
            call()
        assert refused.value.code == "cannot"
    with pytest.raises(Refused, match="Deactivate"):
        require(access, Capability.SUSPENDS)
    assert fake.exchanges == []


def test_without_administrative_rights_nothing_is_changed(fake: FakeFreshdesk, clock: FakeClock) -> None:
    plain = access_of(fake, clock, key=PLAIN_KEY)
    with pytest.raises(Rejected) as refused:
        plain.remove(BEN)
    assert refused.value.code == "forbidden"
    assert fake.agent_by_email(BEN) is not None


def test_everybody_is_read_by_pages_and_groups(access: FreshdeskAccess, fake: FakeFreshdesk) -> None:
    """250 agents: three pages of them, one of groups, and each of the two groups. Roles are in no list."""
    while len(fake.agents) < 250:
        number = len(fake.agents)
        fake.agents[fake.agent(f"Agent {number}", f"agent{number}@team.example")]["group_ids"] = [41, 40]
    told = {one.agent.email: one for one in access.everybody()}
    last = told["agent249@team.example"]
    assert (len(told), last.groups, last.tokens, last.agent.role) == (250, ("Billing", "Support"), None, "")
    assert called(fake) == ["GET /groups", "GET /groups/40", "GET /groups/41", *["GET /agents"] * 3]


def test_a_group_made_a_moment_ago_is_among_everybodys(access: FreshdeskAccess, fake: FakeFreshdesk) -> None:
    list(access.everybody())
    fake.agents[fake.agent("Dora", "dora@team.example")]["group_ids"] = [fake.group("Escalations")]
    assert {one.agent.email: one.groups for one in access.everybody()}["dora@team.example"] == ("Escalations",)
