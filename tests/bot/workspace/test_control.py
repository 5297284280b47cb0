"""People's acts outside buttons and modals, and the doors of the server."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from bot.workspace.payloads import escaped
from tests.bot.workspace.room import Room


def test_people_change_and_delete_their_own_messages_and_administrators_delete_any(room: Room) -> None:
    def act(name: str, user: str, ts: str, **more: str) -> dict[str, Any]:
        return room.act(name, user=user, channel="C_FAILURES", ts=ts, **more)

    said = room.act("message", user="U_AGENT1", channel="C_FAILURES", text="frist")["ts"]
    assert act("edit", "U_AGENT2", said, text="x")["error"] == "cant_update_message"
    assert act("edit", "U_ADMIN", said, text="x")["error"] == "cant_update_message"
    assert act("edit", "U_AGENT1", said, text=" ")["error"] == "no_text"
    assert act("edit", "U_AGENT1", said, text="first & last")["ok"]
    assert [(one["text"], one["edited"]["user"]) for one in room.messages()] == [("first &amp; last", "U_AGENT1")]
    posted = room.post()
    assert act("delete", "U_AGENT1", posted)["error"] == "cant_delete_message"
    assert act("delete", "U_ADMIN", posted)["ok"]
    assert act("delete", "U_AGENT1", said)["ok"]
    assert room.messages() == []
    assert act("delete", "U_AGENT1", said)["error"] == "message_not_found"


def test_message_mentions_threads_and_refusals(room: Room) -> None:
    ts = room.act(
        "message", user="U_AGENT1", channel="C_FAILURES", text="@ravi.nair see #reports, 1 < 2 & <@U_LEAD1>."
    )["ts"]
    assert room.messages()[0]["text"] == "<@U_AGENT2> see <#C_REPORTS|reports>, 1 &lt; 2 &amp; <@U_LEAD1>."
    room.act("message", user="U_AGENT2", channel="C_FAILURES", text="on it", thread_ts=ts)
    assert room.messages()[0]["reply_count"] == 1
    for body, error in (
        ({"text": " "}, "no_text"),
        ({"thread_ts": "1.0"}, "message_not_found"),
        ({"channel": "C_NOWHERE"}, "channel_not_found"),
        ({"user": "U_GUEST", "channel": "C_ACCESS"}, "not_in_channel"),
    ):
        answer = room.act("message", **{"user": "U_AGENT1", "channel": "C_FAILURES", "text": "x", **body})
        assert (answer["ok"], answer["error"]) == (False, error)


def test_equal_reaction_twice_is_refused(room: Room) -> None:
    react = {"user": "U_AGENT1", "channel": "C_FAILURES", "ts": room.post(), "name": "eyes"}
    assert room.act("react", **react)["ok"]
    assert room.act("react", **react)["error"] == "already_reacted"
    assert room.act("react", **react, remove=True)["ok"]
    assert room.act("react", **react, remove=True)["error"] == "no_reaction"
    assert room.act("react", **{**react, "name": "not an emoji"})["error"] == "invalid_name"


def test_unknown_command_and_archived_channel(room: Room) -> None:
    command = {"user": "U_AGENT1", "channel": "C_FAILURES", "command": "/support"}
    assert room.act("command", **{**command, "command": "/nope"})["error"] == "unknown_command"
    room.act("faults", archive="C_FAILURES")
    assert room.act("command", **command)["error"] == "is_archived"


def test_body_that_is_not_a_json_object_is_refused(room: Room) -> None:
    for content in ("[1]", "{", "3"):
        answer = room.http.post("/_control/message", content=content)
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_json")


@pytest.mark.parametrize("headers", [{"Host": "evil.example"}, {"Origin": "https://evil.example"}, {"Origin": "null"}])
def test_only_loopback_is_let_in(room: Room, headers: dict[str, str]) -> None:
    assert room.http.get("/_control/status", headers=headers).status_code == 403
    assert room.http.get("/_control/status", headers={"Origin": room.server.url}).status_code == 200


def test_names_become_tokens_and_markup_becomes_text(room: Room) -> None:
    workspace = room.workspace
    assert escaped(workspace, "@ines.holt", labels=True) == "<@U_AGENT1|ines.holt>"
    assert escaped(workspace, "@Ines.Holt.", labels=False) == "<@U_AGENT1>."
    assert escaped(workspace, "a@ines.holt #nowhere @nobody", labels=True) == "a@ines.holt #nowhere @nobody"
    assert (
        escaped(workspace, "<script> & <https://example.com|x>", labels=True)
        == "&lt;script&gt; &amp; <https://example.com|x>"
    )


def test_page_state_is_the_persons_own(room: Room) -> None:
    room.post(text="<@U_AGENT1> look")
    room.client.chat_postEphemeral(channel="C_FAILURES", user="U_AGENT1", text="psst")

    def state(user: str, **query: str) -> dict[str, object]:
        answer: dict[str, object] = room.http.get("/_page/state", params={"user": user, "since": "0", **query}).json()
        return answer

    def row(answer: dict[str, object]) -> dict[str, object]:
        channels = answer["channels"]
        assert isinstance(channels, list)
        found: dict[str, object] = next(channel for channel in channels if channel["id"] == "C_FAILURES")
        return found

    before = row(state("U_AGENT1"))
    assert (before["unread"], before["mentions"]) == (1, 1)
    seen = state("U_AGENT1", channel="C_FAILURES")
    assert isinstance(seen["channel"], dict)
    assert [m["text"] for m in seen["channel"]["messages"]] == ["<@U_AGENT1> look", "psst"]
    assert row(seen)["unread"] == 0
    assert row(state("U_AGENT2"))["unread"] == 1
    guest = state("U_GUEST", channel="C_ACCESS")
    assert guest["channel"] is None
    assert isinstance(guest["channels"], list)
    assert [channel["id"] for channel in guest["channels"]] == ["C_FAILURES"]
    private = state("U_AGENT1", channel=room.client.chat_postMessage(channel="U_AGENT1", text="for you")["channel"])
    assert isinstance(private["channel"], dict)
    assert private["channel"]["name"] == "Handoff"
    assert room.http.get("/_page/state", params={"user": "U_NOBODY"}).status_code == 404


def test_page_files_have_types_and_a_strict_policy(room: Room) -> None:
    page = room.http.get("/")
    assert page.headers["content-type"].startswith("text/html")
    assert "default-src 'self'" in page.headers["content-security-policy"]
    assert room.http.get("/archives/C_FAILURES/p1795000000000001").text == page.text
    assert room.http.get("/page/store.js").headers["content-type"].startswith("text/javascript")
    for name in ("__init__.py", "missing.js", "..%2F..%2Fserver.py"):
        assert room.http.get(f"/page/{name}").status_code == 404


def test_joining_and_leaving_a_channel(room: Room) -> None:
    guest = {"user": "U_GUEST", "channel": "C_REPORTS"}
    assert room.act("membership", **guest)["status"] == "done"
    assert room.act("membership", **guest)["status"] == "unchanged"
    assert room.act("message", **guest, text="hello")["ok"]
    assert room.act("membership", **guest, leave=True)["status"] == "done"
    assert room.act("message", **guest, text="hello")["error"] == "not_in_channel"


def test_thread_in_the_page_state_holds_private_answers(room: Room) -> None:
    parent = room.post(text="parent")
    room.post(text="reply", thread_ts=parent)
    room.client.chat_postEphemeral(channel="C_FAILURES", user="U_AGENT1", text="psst", thread_ts=parent)
    query = {"user": "U_AGENT1", "channel": "C_FAILURES", "thread_ts": parent}
    thread = room.http.get("/_page/state", params=query).json()["thread"]
    assert (thread["parent"]["ts"], [m["text"] for m in thread["replies"]]) == (parent, ["reply", "psst"])
    assert room.http.get("/_page/state", params={**query, "thread_ts": "1.0"}).json()["thread"] is None


def test_poll_answers_as_soon_as_something_changes(room: Room) -> None:
    rev = room.http.get("/_page/state", params={"user": "U_AGENT1"}).json()["rev"]
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(room.http.get, "/_page/state", params={"user": "U_AGENT1", "since": str(rev)})
        room.post()
        assert waiting.result(timeout=5).json()["rev"] > rev


@pytest.mark.parametrize("wrong", [[], {}, 7, ["U_AGENT1"]], ids=str)
def test_a_field_that_is_no_text_is_refused_by_name(room: Room, wrong: object) -> None:
    for act in ("shortcut", "message", "home", "membership", "react", "click"):
        answer = room.act(act, user=wrong, channel="C_FAILURES", text="x")
        assert (answer["error"], answer["fields"]) == ("invalid_arguments", ["user"])
