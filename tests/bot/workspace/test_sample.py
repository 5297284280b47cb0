"""Who is in the sample team, and in the crowded one: those whom Handoff must not take for colleagues."""

from collections.abc import Iterator

import pytest
from slack_sdk.errors import SlackApiError

from bot.permissions import Permissions
from bot.workspace import WorkspaceServer, crowded_seed, sample_app, sample_seed
from bot.workspace.model import Seed
from tests.automations.failure_tickets.world import ROSTER
from tests.bot.listeners.people import ROLES
from tests.bot.slack_room import gateway_in
from tests.bot.workspace.room import Room


@pytest.fixture(scope="module")
def crowd() -> Iterator[Room]:
    room = Room(WorkspaceServer(crowded_seed(), sample_app()).start())
    yield room
    room.leave()


@pytest.mark.parametrize("seed", [sample_seed(), crowded_seed()], ids=["sample", "crowded"])
def test_everybody_named_is_there(seed: Seed) -> None:
    people = {user["id"] for user in seed.users}
    assert {id for channel in seed.channels for id in channel["members"]} <= people
    assert {id for group in seed.usergroups for id in group["users"]} <= people
    assert all(group["user_count"] == len(group["users"]) for group in seed.usergroups)


def test_somebody_who_left_is_still_in_the_group(crowd: Room) -> None:
    members = crowd.client.usergroups_users_list(usergroup="S_AGENTS")["users"]
    profiles = {id: crowd.client.users_info(user=id)["user"] for id in members}
    assert [id for id, profile in profiles.items() if profile["deleted"]] == ["U_FORMER"]
    with pytest.raises(SlackApiError, match="users_not_found"):
        crowd.client.users_lookupByEmail(email="nils.brand@example.com")
    act = crowd.act("message", user="U_FORMER", channel="C_FAILURES", text="hello")
    assert act["error"] == "user_not_found"


def test_a_guest_of_one_channel_is_marked_as_such(crowd: Room) -> None:
    guest = crowd.client.users_info(user="U_SINGLE")["user"]
    assert (guest["is_restricted"], guest["is_ultra_restricted"]) == (True, True)
    rooms = [one["id"] for one in crowd.workspace.channels.values() if "U_SINGLE" in one["members"]]
    assert rooms == ["C_FAILURES"]


def test_a_shared_channel_and_a_group_that_is_off(crowd: Room) -> None:
    assert crowd.client.conversations_info(channel="C_PARTNERS")["channel"]["is_ext_shared"] is True
    assert "S_NIGHT" not in [group["id"] for group in crowd.client.usergroups_list()["usergroups"]]
    with pytest.raises(SlackApiError, match="no_such_subteam"):
        crowd.client.usergroups_users_list(usergroup="S_NIGHT")


@pytest.mark.parametrize("user", ["U_FORMER", "U_SINGLE", "U_GUEST", "U_OUTSIDE", "U_HANDOFF"])
def test_none_of_them_may_do_anything(crowd: Room, user: str) -> None:
    """As the bot asks Slack, even for somebody whom a group with a role still names."""
    permissions = Permissions(ROLES, ROSTER, gateway_in(crowd), "T_SAMPLE")
    try:
        assert permissions.identify("U_AGENT1", "T_SAMPLE").why_not == ""
        identity = permissions.identify(user, str(crowd.workspace.users[user]["team_id"]))
        assert identity.why_not
        assert identity.actor.role is None
    finally:
        permissions.close()
