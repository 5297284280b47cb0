"""Who may confirm and who is in a channel, asked of the local workspace."""

from collections.abc import Iterator, Mapping

import pytest

from automations.domain import Role
from automations.errors import AdapterError
from bot.gateway import SlackGateway
from bot.rooms import SlackRooms
from bot.slack_errors import TargetGone
from bot.views import Message
from tests.bot.slack_room import gateway_in, slack_room
from tests.bot.workspace.room import Room

ROLES = {Role.AGENT: ("S_AGENTS",), Role.LEAD: ("U_LEAD2", "S_LEADS"), Role.ADMIN: ("S_ADMINS", "U_LEAD1")}


@pytest.fixture
def room() -> Iterator[Room]:
    with slack_room() as made:
        yield made


@pytest.fixture
def gateway(room: Room) -> SlackGateway:
    return gateway_in(room)


def rooms(gateway: SlackGateway, roles: Mapping[Role, tuple[str, ...]] = ROLES) -> SlackRooms:
    return SlackRooms(gateway, lambda: roles)


def test_leads_and_admins_may_confirm_each_named_once_and_agents_not(gateway: SlackGateway) -> None:
    assert rooms(gateway).leads() == ("U_LEAD2", "U_LEAD1", "U_ADMIN")


def test_who_may_do_nothing_in_handoff_confirms_nothing(room: Room, gateway: SlackGateway) -> None:
    room.workspace.users["U_LEAD1"]["deleted"] = True
    roles = {Role.LEAD: ("U_GUEST", "U_OUTSIDE", "U_HANDOFF", "U_LEAD1", "U_NOBODY", "U_LEAD2")}
    assert rooms(gateway, roles).leads() == ("U_LEAD2",)
    assert rooms(gateway, {}).leads() == ()


def test_the_settings_are_asked_anew_each_time(gateway: SlackGateway) -> None:
    given: dict[Role, tuple[str, ...]] = {Role.LEAD: ("U_LEAD1",)}
    made = SlackRooms(gateway, lambda: given)
    assert made.leads() == ("U_LEAD1",)
    given[Role.LEAD] = ("U_LEAD2",)
    assert made.leads() == ("U_LEAD2",)


def test_a_member_is_found_on_whichever_page_and_no_page_too_many_is_read(room: Room, gateway: SlackGateway) -> None:
    room.workspace.channel("C_ACCESS")["members"] = ["U_AGENT1", *(f"U_X{n}" for n in range(450)), "U_AGENT2"]
    made = rooms(gateway)
    assert made.is_member("C_ACCESS", "U_AGENT1")
    assert len(room.read("calls", method="conversations.members")["calls"]) == 1
    assert made.is_member("C_ACCESS", "U_AGENT2")
    assert len(room.read("calls", method="conversations.members")["calls"]) == 1 + 3
    assert not made.is_member("C_ACCESS", "U_AGENT3")


def test_nobody_knows_who_is_in_a_channel_that_slack_does_not_show(gateway: SlackGateway) -> None:
    with pytest.raises(TargetGone):
        rooms(gateway).is_member("C_NOWHERE", "U_AGENT1")


def test_a_slack_that_does_not_answer_is_an_error_and_no_answer(room: Room, gateway: SlackGateway) -> None:
    room.server.stop()
    with pytest.raises(AdapterError):
        rooms(gateway).is_member("C_ACCESS", "U_AGENT1")
    with pytest.raises(AdapterError):
        rooms(gateway).leads()


def test_a_message_to_a_person_opens_a_conversation_and_is_edited_there(room: Room, gateway: SlackGateway) -> None:
    """What a card does that goes to the approvers alone."""
    block = {"type": "section", "text": {"type": "plain_text", "text": "one"}}
    card: Message = {"text": "one", "blocks": [block]}
    posted = gateway.post("U_LEAD1", card, key="run/1/to/U_LEAD1", version=1)
    assert posted.channel.startswith("D")
    gateway.update(posted.channel, posted.ts, {**card, "text": "two"}, key="run/1/to/U_LEAD1", version=2)
    assert [message["text"] for message in room.messages(posted.channel)] == ["two"]
