"""Channels, people, groups and reactions through the unmodified WebClient."""

from typing import Any

import pytest
from slack_sdk.errors import SlackApiError

from bot.workspace.sample import sample_app, sample_seed
from bot.workspace.server import WorkspaceServer
from tests.bot.workspace.room import Room


def test_list_pages_by_cursor(room: Room) -> None:
    pages = [page["channels"] for page in room.client.conversations_list(limit=3)]
    assert [len(page) for page in pages] == [3, 3]
    ids = [channel["id"] for page in pages for channel in page]
    assert ids == ["C_ACCESS", "C_CUSTOMERS", "C_ESCALATIONS", "C_FAILURES", "C_REPORTS", "C_TRIAGE"]
    assert all(c["is_member"] and "members" not in c for page in pages for c in page)
    with pytest.raises(SlackApiError, match="invalid_cursor"):
        room.client.conversations_list(cursor="bogus")


def test_history_is_newest_first_within_the_window_and_hides_metadata(room: Room) -> None:
    case = {"event_type": "case", "event_payload": {"id": "case_1"}}
    stamps = [room.post(text=str(number), metadata=case) for number in range(4)]
    room.post(thread_ts=stamps[0])
    plain = room.client.conversations_history(channel="C_FAILURES")["messages"]
    assert [m["ts"] for m in plain] == stamps[::-1]
    assert not any("metadata" in m for m in plain)
    window: dict[str, Any] = {
        "channel": "C_FAILURES",
        "oldest": stamps[1],
        "latest": stamps[3],
        "include_all_metadata": True,
    }
    assert [m["ts"] for m in room.client.conversations_history(**window)["messages"]] == [stamps[2]]
    inside = room.client.conversations_history(**window, inclusive=True)["messages"]
    assert [(m["ts"], m["metadata"]) for m in inside] == [(ts, case) for ts in (stamps[3], stamps[2], stamps[1])]
    first = room.client.conversations_history(channel="C_FAILURES", limit=3)
    assert first["has_more"]
    rest = room.client.conversations_history(
        channel="C_FAILURES", limit=3, cursor=first["response_metadata"]["next_cursor"]
    )
    assert [m["ts"] for m in rest["messages"]] == stamps[:1]
    assert not rest["has_more"]


def test_members_and_info(room: Room) -> None:
    assert "U_GUEST" in room.client.conversations_members(channel="C_FAILURES")["members"]
    assert "U_GUEST" not in room.client.conversations_members(channel="C_ACCESS")["members"]
    assert room.client.conversations_info(channel="C_ACCESS")["channel"]["num_members"] == 7
    with pytest.raises(SlackApiError, match="channel_not_found"):
        room.client.conversations_info(channel="C_NOWHERE")


def test_people_and_groups(room: Room) -> None:
    assert room.client.users_lookupByEmail(email="INES.HOLT@example.com")["user"]["id"] == "U_AGENT1"
    with pytest.raises(SlackApiError, match="users_not_found"):
        room.client.users_lookupByEmail(email="lee.park@example.com")
    outside = room.client.users_info(user="U_OUTSIDE")["user"]
    assert (outside["is_stranger"], outside["team_id"]) == (True, "T_OUTSIDE")
    assert "email" not in outside["profile"]
    assert room.client.users_info(user="U_GUEST")["user"]["is_restricted"] is True
    with pytest.raises(SlackApiError, match="user_not_found"):
        room.client.users_info(user="U_NOBODY")
    assert len(room.client.users_list()["members"]) == 9
    assert room.client.usergroups_users_list(usergroup="S_LEADS")["users"] == ["U_LEAD1", "U_LEAD2"]
    assert [g["handle"] for g in room.client.usergroups_list()["usergroups"]] == [
        "support-admins", "support-agents", "support-leads",
    ]  # fmt: skip
    with pytest.raises(SlackApiError, match="no_such_subteam"):
        room.client.usergroups_users_list(usergroup="S_NOBODY")


def test_a_user_group_is_set_as_a_whole_by_whoever_may(room: Room) -> None:
    with pytest.raises(SlackApiError, match="missing_scope"):
        room.client.usergroups_users_update(usergroup="S_LEADS", users=["U_LEAD1"])
    may = Room(WorkspaceServer(sample_seed(), sample_app(scopes=("usergroups:read", "usergroups:write"))).start())
    changed = may.client.usergroups_users_update(usergroup="S_LEADS", users=["U_LEAD1", "U_AGENT1"])
    assert changed["usergroup"]["user_count"] == 2
    for group, users, error in (
        ("S_NOBODY", ["U_LEAD1"], "no_such_subteam"),
        ("S_LEADS", [], "no_users_provided"),
        ("S_LEADS", ["U_NOBODY"], "invalid_users"),
    ):
        with pytest.raises(SlackApiError, match=error):
            may.client.usergroups_users_update(usergroup=group, users=users)
    assert may.client.usergroups_users_list(usergroup="S_LEADS")["users"] == ["U_LEAD1", "U_AGENT1"]
    may.leave()


def test_bots_reaction_once_only(room: Room) -> None:
    ts = room.post()
    room.client.reactions_add(channel="C_FAILURES", timestamp=ts, name="eyes")
    with pytest.raises(SlackApiError, match="already_reacted"):
        room.client.reactions_add(channel="C_FAILURES", timestamp=ts, name="eyes")
    message = room.client.reactions_get(channel="C_FAILURES", timestamp=ts)["message"]
    assert message["reactions"] == [{"name": "eyes", "users": ["U_HANDOFF"], "count": 1}]
    room.client.reactions_remove(channel="C_FAILURES", timestamp=ts, name="eyes")
    with pytest.raises(SlackApiError, match="no_reaction"):
        room.client.reactions_remove(channel="C_FAILURES", timestamp=ts, name="eyes")
    with pytest.raises(SlackApiError, match="message_not_found"):
        room.client.reactions_add(channel="C_FAILURES", timestamp="1.0", name="eyes")


def test_who_and_where(room: Room) -> None:
    assert room.client.auth_test()["user_id"] == "U_HANDOFF"
    assert room.client.bots_info(bot="B_HANDOFF")["bot"]["user_id"] == "U_HANDOFF"
    assert room.client.team_info()["team"]["id"] == "T_SAMPLE"
    assert room.client.api_test(foo="bar")["args"] == {"foo": "bar"}
    with pytest.raises(SlackApiError, match="my_error"):
        room.client.api_test(error="my_error")
