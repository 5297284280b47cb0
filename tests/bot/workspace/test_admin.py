"""What administrators do around the app: each act has its event, and afterwards Slack answers as it would."""

import queue
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError

from bot.workspace import WorkspaceServer, sample_app, sample_seed
from tests.bot.workspace.room import Room

Json = dict[str, Any]
EVENTS = (
    "channel_archive", "channel_unarchive", "channel_deleted", "channel_left", "group_archive", "group_deleted",
    "group_left", "member_joined_channel", "user_change", "subteam_members_changed", "subteam_updated",
    "tokens_revoked", "app_uninstalled", "reaction_added",
)  # fmt: skip


@pytest.fixture
def heard(room: Room, monkeypatch: pytest.MonkeyPatch) -> "queue.Queue[Json]":
    """The events the app is sent, before any transport."""
    seen: queue.Queue[Json] = queue.Queue()
    monkeypatch.setattr(room.workspace, "on_event", seen.put)
    return seen


def refused(room: Room, method: str, **arguments: str) -> str:
    with pytest.raises(SlackApiError) as caught:
        room.client.api_call(method, params=arguments)
    return str(caught.value.response["error"])


def test_a_deleted_channel_is_gone_with_all_that_was_said_in_it(room: Room, heard: "queue.Queue[Json]") -> None:
    ts = room.post(channel="C_REPORTS")
    assert room.act("faults", delete="C_REPORTS")["ok"]
    event = [heard.get(timeout=1) for _ in range(heard.qsize())][-1]
    assert (event["type"], event["channel"]) == ("channel_deleted", "C_REPORTS")
    assert refused(room, "chat.postMessage", channel="C_REPORTS", text="x") == "channel_not_found"
    assert refused(room, "chat.update", channel="C_REPORTS", ts=ts, text="x") == "channel_not_found"
    assert refused(room, "conversations.info", channel="C_REPORTS") == "channel_not_found"
    assert refused(room, "chat.getPermalink", channel="C_REPORTS", message_ts=ts) == "channel_not_found"
    click = room.act("click", user="U_AGENT1", channel="C_REPORTS", ts=ts, action_id="x")
    assert click["error"] == "channel_not_found"
    room.act("reset")
    room.post(channel="C_REPORTS")


@pytest.mark.parametrize(
    ("order", "kind"), [("archive", "group_archive"), ("kick", "group_left"), ("delete", "group_deleted")]
)
def test_a_private_channel_has_events_of_its_own_name(
    room: Room, heard: "queue.Queue[Json]", order: str, kind: str
) -> None:
    room.act("faults", make_private="C_ACCESS")
    room.act("faults", **{order: "C_ACCESS"})
    assert heard.get(timeout=1)["type"] == kind


def test_kicked_from_a_private_channel_it_is_not_there_any_more(room: Room) -> None:
    ts = room.post(channel="C_ACCESS")
    room.act("faults", make_private="C_ACCESS")
    room.act("faults", kick="C_ACCESS")
    for method, arguments in {
        "chat.postMessage": {"text": "x"},
        "conversations.history": {},
        "chat.getPermalink": {"message_ts": ts},
        "reactions.get": {"timestamp": ts},
        "reactions.add": {"timestamp": ts, "name": "eyes"},
    }.items():
        assert refused(room, method, channel="C_ACCESS", **arguments) == "channel_not_found"
    room.act("faults", invite="C_ACCESS")
    room.post(channel="C_ACCESS")


def test_kicked_from_a_public_channel_it_reads_nothing_there(room: Room) -> None:
    ts = room.post()
    room.act("faults", kick="C_FAILURES")
    assert refused(room, "reactions.get", channel="C_FAILURES", timestamp=ts) == "not_in_channel"
    assert refused(room, "chat.getPermalink", channel="C_FAILURES", message_ts=ts) == "not_in_channel"
    assert refused(room, "chat.postMessage", channel="C_FAILURES", text="x") == "not_in_channel"


def test_a_deactivated_person_is_told_of_and_stays_in_the_groups(room: Room, heard: "queue.Queue[Json]") -> None:
    room.act("faults", deactivate="U_AGENT2")
    event = heard.get(timeout=1)
    assert (event["type"], event["user"]["id"], event["user"]["deleted"]) == ("user_change", "U_AGENT2", True)
    assert "U_AGENT2" in room.client.usergroups_users_list(usergroup="S_AGENTS")["users"]


def test_a_group_that_changes_says_who_came_and_who_went(room: Room, heard: "queue.Queue[Json]") -> None:
    before = list(room.workspace.usergroups["S_LEADS"]["users"])
    assert room.act("faults", group="S_LEADS", users=["U_LEAD1", "U_AGENT1"])["ok"]
    event = heard.get(timeout=1)
    assert (event["type"], event["subteam_id"], event["team_id"]) == ("subteam_members_changed", "S_LEADS", "T_SAMPLE")
    assert (event["added_users"], event["added_users_count"]) == (["U_AGENT1"], 1)
    assert event["removed_users"] == [one for one in before if one != "U_LEAD1"]
    assert room.client.usergroups_users_list(usergroup="S_LEADS")["users"] == ["U_LEAD1", "U_AGENT1"]
    assert room.act("faults", group="S_NONE", users=[])["error"] == "no_such_subteam"


def test_a_disabled_group_is_listed_only_on_request(room: Room, heard: "queue.Queue[Json]") -> None:
    room.act("faults", disable_group="S_LEADS")
    assert heard.get(timeout=1)["type"] == "subteam_updated"
    assert refused(room, "usergroups.users.list", usergroup="S_LEADS") == "no_such_subteam"
    assert room.client.usergroups_users_list(usergroup="S_LEADS", include_disabled=True)["users"]
    assert "S_LEADS" not in [group["id"] for group in room.client.usergroups_list()["usergroups"]]


@pytest.mark.parametrize(
    ("order", "error", "kinds"),
    [
        ("revoke_token", "token_revoked", ["tokens_revoked"]),
        ("uninstall", "account_inactive", ["app_uninstalled", "tokens_revoked"]),
    ],
)
def test_an_app_that_is_thrown_out_is_told_and_refused(
    room: Room, heard: "queue.Queue[Json]", order: str, error: str, kinds: list[str]
) -> None:
    room.act("faults", **{order: True})
    told = [heard.get(timeout=1) for _ in kinds]
    assert [event["type"] for event in told] == kinds
    assert told[-1]["tokens"] == {"oauth": [], "bot": ["U_HANDOFF"]}
    assert refused(room, "auth.test") == error
    assert refused(room, "chat.postMessage", channel="C_FAILURES", text="x") == error
    room.act("faults", **{order: False})
    room.post()


def test_where_socket_mode_was_switched_off_there_are_no_new_connections(room: Room) -> None:
    client = room.web("xapp-demo-handoff")
    room.act("faults", disconnect="link_disabled")
    with pytest.raises(SlackApiError, match="socket_mode_not_enabled"):
        client.apps_connections_open(app_token="xapp-demo-handoff")
    room.act("faults", disconnect="warning")
    assert client.apps_connections_open(app_token="xapp-demo-handoff")["url"].startswith("ws://")


def test_events_come_from_where_the_app_is_and_say_whether_others_see_them() -> None:
    """Over a real connection: a channel with a person of another organization is shared with it."""
    with WorkspaceServer(sample_seed(), sample_app(events=EVENTS)) as server:
        room, seen = Room(server), queue.Queue[Json]()
        app = room.bolt()
        for name in EVENTS:
            app.event(name)(lambda body: seen.put(body))
        room.connect(app)
        for channel, external in (("C_FAILURES", True), ("C_REPORTS", False)):
            ts = room.post(channel=channel)
            room.act("react", user="U_AGENT1", channel=channel, ts=ts, name="eyes")
            assert seen.get(timeout=5)["is_ext_shared_channel"] is external
            assert room.client.conversations_info(channel=channel)["channel"]["is_ext_shared"] is external
        room.act("faults", kick="C_REPORTS")
        assert seen.get(timeout=5)["event"]["type"] == "channel_left"
        room.act("react", user="U_AGENT2", channel="C_REPORTS", ts=ts, name="eyes")
        room.act("faults", uninstall=True)
        assert {seen.get(timeout=5)["event"]["type"] for _ in range(2)} == {"app_uninstalled", "tokens_revoked"}
        room.leave()
