"""chat.* through the unmodified WebClient: what it does and what it refuses."""

from typing import Any

import pytest
from slack_sdk.errors import SlackApiError

from bot.workspace import WorkspaceServer, sample_app, sample_seed
from tests.bot.workspace.room import Room, button

CASE = {"event_type": "case", "event_payload": {"id": "case_1"}}


def refusal(room: Room, method: str, **arguments: Any) -> str:
    """The error a call is refused with; every refusal says ok: false."""
    with pytest.raises(SlackApiError) as caught:
        room.client.api_call(method, json=arguments)
    body = caught.value.response.data
    assert isinstance(body, dict)
    assert body["ok"] is False
    return str(body["error"])


def test_post_update_delete(room: Room) -> None:
    posted = room.client.chat_postMessage(channel="#failures", text="a case", blocks=[button()], metadata=CASE)
    message = posted["message"]
    assert (posted["channel"], message["user"], message["bot_id"]) == ("C_FAILURES", "U_HANDOFF", "B_HANDOFF")
    assert message["blocks"][0]["block_id"]
    assert "channel" not in message
    ts = posted["ts"]
    room.client.chat_update(channel="C_FAILURES", ts=ts, text="claimed")
    [changed] = room.messages()
    assert (changed["text"], changed["blocks"]) == ("claimed", message["blocks"]), "blocks that are not given stay"
    assert changed["edited"]["user"] == "U_HANDOFF"
    assert changed["metadata"] == CASE
    room.client.chat_update(channel="C_FAILURES", ts=ts, text="plain", blocks=[])
    assert "blocks" not in room.messages()[0]
    room.client.chat_delete(channel="C_FAILURES", ts=ts)
    assert room.messages() == []


def test_thread_counts_and_tombstone(room: Room) -> None:
    parent = room.post()
    first, second = room.post(thread_ts=parent, text="one"), room.post(thread_ts=parent, text="two")
    [top] = room.messages()
    assert (top["reply_count"], top["latest_reply"], top["reply_users"]) == (2, second, ["U_HANDOFF"])
    assert [m["ts"] for m in room.messages(thread_ts=parent)] == [parent, first, second]
    assert (
        room.client.conversations_replies(channel="C_FAILURES", ts=parent)["messages"][1]["parent_user_id"]
        == "U_HANDOFF"
    )
    assert (
        refusal(room, "chat.postMessage", channel="C_FAILURES", text="x", thread_ts=first) == "cannot_reply_to_message"
    )
    room.client.chat_delete(channel="C_FAILURES", ts=parent)
    assert room.messages()[0]["subtype"] == "tombstone"


def test_ephemeral_is_for_one_person(room: Room) -> None:
    room.client.chat_postEphemeral(channel="C_FAILURES", user="U_AGENT1", text="not yours")
    assert [m["text"] for m in room.whispers("U_AGENT1")] == ["not yours"]
    assert room.whispers("U_AGENT2") == []
    assert refusal(room, "chat.postEphemeral", channel="C_ACCESS", user="U_GUEST", text="x") == "user_not_in_channel"
    assert refusal(room, "chat.postEphemeral", channel="C_ACCESS", user="U_NOBODY", text="x") == "user_not_found"


def test_direct_message_and_permalink(room: Room) -> None:
    sent = room.client.chat_postMessage(channel="U_AGENT1", text="hello")
    assert sent["channel"] == room.client.conversations_open(users="U_AGENT1")["channel"]["id"] == "D_AGENT1"
    link = room.client.chat_getPermalink(channel="C_FAILURES", message_ts=room.post())["permalink"]
    assert link == room.messages()[0]["permalink"]
    assert link.startswith(f"{room.server.url}/archives/C_FAILURES/p")


REFUSED = [
    ("chat.postMessage", {"channel": "C_NOWHERE", "text": "x"}, "channel_not_found"),
    ("chat.postMessage", {"text": "x"}, "channel_not_found"),
    ("chat.postMessage", {"channel": "C_FAILURES"}, "no_text"),
    ("chat.postMessage", {"channel": "C_FAILURES", "text": "  "}, "no_text"),
    (
        "chat.postMessage",
        {"channel": "C_FAILURES", "text": "x", "blocks": [{"type": "divider"}] * 60},
        "invalid_blocks",
    ),
    ("chat.postMessage", {"channel": "C_FAILURES", "text": "x", "blocks": [{"type": "hologram"}]}, "invalid_blocks"),
    ("chat.postMessage", {"channel": "C_FAILURES", "text": "x", "blocks": "{"}, "invalid_blocks_format"),
    ("chat.postMessage", {"channel": "C_FAILURES", "text": "x", "thread_ts": "1.0"}, "thread_not_found"),
    (
        "chat.postMessage",
        {"channel": "C_FAILURES", "text": "x", "metadata": {"event_type": 1}},
        "invalid_metadata_format",
    ),
    ("chat.update", {"channel": "C_FAILURES", "ts": "1.0", "text": "x"}, "message_not_found"),
    ("chat.delete", {"channel": "C_FAILURES", "ts": "1.0"}, "message_not_found"),
    ("chat.getPermalink", {"channel": "C_FAILURES", "message_ts": "1.0"}, "message_not_found"),
    ("chat.scream", {"channel": "C_FAILURES"}, "unknown_method"),
]


@pytest.mark.parametrize(("method", "arguments", "error"), REFUSED)
def test_refused_as_slack_does(room: Room, method: str, arguments: dict[str, Any], error: str) -> None:
    assert refusal(room, method, **arguments) == error
    assert room.messages() == []


def test_refused_by_the_state_of_the_channel(room: Room) -> None:
    ts = room.post()
    room.act("message", user="U_AGENT1", channel="C_FAILURES", text="mine")
    mine = room.messages()[-1]["ts"]
    assert refusal(room, "chat.update", channel="C_FAILURES", ts=mine, text="yours") == "cant_update_message"
    assert refusal(room, "chat.delete", channel="C_FAILURES", ts=mine) == "cant_delete_message"
    assert refusal(room, "chat.update", channel="C_FAILURES", ts=ts, text="x" * 4001) == "msg_too_long"
    assert refusal(room, "chat.update", channel="C_FAILURES", ts=ts) == "no_text"
    room.act("faults", kick="C_FAILURES")
    assert refusal(room, "chat.postMessage", channel="C_FAILURES", text="x") == "not_in_channel"
    room.client.conversations_join(channel="C_FAILURES")
    room.post()
    room.act("faults", archive="C_FAILURES")
    assert refusal(room, "chat.postMessage", channel="C_FAILURES", text="x") == "is_archived"


def test_tokens_and_scopes(room: Room) -> None:
    for token, error in (("xoxb-wrong", "invalid_auth"), ("xapp-demo-handoff", "not_allowed_token_type")):
        with pytest.raises(SlackApiError, match=error):
            room.web(token).auth_test()
    assert room.http.post("/api/auth.test").json() == {"ok": False, "error": "not_authed"}
    room.act("faults", revoke_token=True)
    assert refusal(room, "auth.test") == "token_revoked"
    room.act("faults", clear=True)
    assert room.client.auth_test().headers["x-oauth-scopes"].startswith("app_mentions:read,")


def test_missing_scope_names_what_is_needed_and_what_is_there() -> None:
    room = Room(WorkspaceServer(sample_seed(), sample_app(scopes=("commands",))).start())
    with pytest.raises(SlackApiError) as caught:
        room.client.chat_postMessage(channel="C_FAILURES", text="x")
    room.leave()
    assert caught.value.response.data == {
        "ok": False,
        "error": "missing_scope",
        "needed": "chat:write",
        "provided": "commands",
    }


def test_attachments_are_checked_and_broadcast_replies_are_seen_in_the_channel(room: Room) -> None:
    ts = room.post(attachments=[{"color": "#cc0000", "blocks": [button()]}])
    assert room.messages()[0]["attachments"][0]["blocks"][0]["type"] == "actions"
    bad = [{"blocks": [{"type": "hologram"}]}]
    assert refusal(room, "chat.postMessage", channel="C_FAILURES", attachments=bad) == "invalid_blocks"
    assert refusal(room, "chat.postMessage", channel="C_FAILURES", attachments=[1]) == "invalid_attachments"
    room.post(thread_ts=ts, reply_broadcast=True, text="for all")
    assert [m["text"] for m in room.messages()] == ["hello", "for all"]


def test_long_text_is_cut_and_form_bodies_are_read(room: Room) -> None:
    fields = {
        "channel": "C_FAILURES",
        "text": "x" * 40_001,
        "token": "xoxb-demo-handoff",
        "metadata": '{"event_type": "a"',
    }
    assert room.http.post("/api/chat.postMessage", data=fields).json()["error"] == "invalid_metadata_format"
    del fields["metadata"]
    assert room.http.post("/api/chat.postMessage", data=fields).json()["ok"]
    assert len(room.messages()[0]["text"]) == 40_000
    broken = {"Content-Type": "application/json", "Authorization": "Bearer xoxb-demo-handoff"}
    assert room.http.post("/api/chat.postMessage", content="{", headers=broken).json()["error"] == "invalid_json"
