"""Message shortcuts: what the app is told, what it may open, and what has no menu."""

import queue
from typing import Any

import pytest

from tests.bot.workspace.room import Room, keeping, modal


def connected(room: Room) -> "queue.Queue[dict[str, Any]]":
    app, seen = room.bolt(), queue.Queue[dict[str, Any]]()
    app.shortcut("message.create_case")(keeping(seen))
    room.connect(app)
    return seen


def use(room: Room, ts: str, **changes: Any) -> dict[str, Any]:
    given = {"user": "U_AGENT1", "channel": "C_FAILURES", "ts": ts, "callback_id": "message.create_case"}
    return room.act("shortcut", **given | changes)


def test_the_app_gets_the_message_and_may_open_a_modal(room: Room) -> None:
    seen = connected(room)
    parent = room.act("message", user="U_AGENT2", channel="C_FAILURES", text="Export hangs & @ines.holt knows")["ts"]
    ts = room.act("message", user="U_AGENT2", channel="C_FAILURES", text="since noon", thread_ts=parent)["ts"]
    assert use(room, ts)["status"] == "delivered"
    body = seen.get(timeout=5)
    assert (body["type"], body["callback_id"]) == ("message_action", "message.create_case")
    assert (body["user"]["id"], body["channel"]) == ("U_AGENT1", {"id": "C_FAILURES", "name": "failures"})
    assert body["message_ts"] == body["message"]["ts"] == ts
    assert (body["message"]["text"], body["message"]["thread_ts"]) == ("since noon", parent)
    assert body["message"]["user"] == "U_AGENT2"
    assert body["response_url"].startswith(room.server.url)
    assert {"team", "token", "action_ts", "trigger_id"} <= set(body)
    opened = room.client.views_open(trigger_id=body["trigger_id"], view=modal())
    assert opened["ok"]
    assert [view["id"] for view in room.read("views", user="U_AGENT1")["views"]] == [opened["view"]["id"]]


def test_text_arrives_as_slack_writes_it(room: Room) -> None:
    seen = connected(room)
    ts = room.act("message", user="U_AGENT2", channel="C_FAILURES", text="a < b & @ines.holt")["ts"]
    use(room, ts)
    assert seen.get(timeout=5)["message"]["text"] == "a &lt; b &amp; <@U_AGENT1>"


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"ts": "1.2"}, "message_not_found"),
        ({"callback_id": "message.delete"}, "unknown_shortcut"),
        ({"channel": "C_NOWHERE"}, "channel_not_found"),
        ({"user": "U_GUEST", "channel": "C_ACCESS"}, "not_in_channel"),
        ({"user": "U_NOBODY"}, "user_not_found"),
    ],
)
def test_what_is_not_there_is_refused(room: Room, changes: dict[str, Any], error: str) -> None:
    assert use(room, **{"ts": room.post()} | changes)["error"] == error


def test_an_app_that_is_away_shows_as_such(room: Room) -> None:
    ts = room.post()
    assert use(room, ts)["status"] == "dispatch_failed"
    assert any("Create case failed" in notice["text"] for notice in room.read("status")["notices"])
