"""What can be clicked, by whom, and what the app is told was chosen."""

import queue
from typing import Any

import pytest

from tests.bot.workspace.room import Room, button, keeping


def choice(kind: str, **extra: Any) -> dict[str, Any]:
    """An element with two options, or one that takes people."""
    options = [{"text": {"type": "plain_text", "text": name}, "value": name.lower()} for name in ("Release", "Snooze")]
    own = {} if kind in {"users_select", "datepicker"} else {"options": options}
    return {"type": "actions", "block_id": "b", "elements": [{"type": kind, "action_id": "pick", **own, **extra}]}


CHOICES = [
    ("overflow", "snooze", "selected_option", {"text": {"type": "plain_text", "text": "Snooze"}, "value": "snooze"}),
    (
        "static_select",
        "release",
        "selected_option",
        {"text": {"type": "plain_text", "text": "Release"}, "value": "release"},
    ),
    ("users_select", "U_AGENT2", "selected_user", "U_AGENT2"),
    ("datepicker", "2026-11-21", "selected_date", "2026-11-21"),
    (
        "checkboxes",
        ["snooze"],
        "selected_options",
        [{"text": {"type": "plain_text", "text": "Snooze"}, "value": "snooze"}],
    ),
]


@pytest.mark.parametrize(("kind", "value", "key", "chosen"), CHOICES, ids=[row[0] for row in CHOICES])
def test_choice_is_spelled_as_slack_spells_it(room: Room, kind: str, value: Any, key: str, chosen: Any) -> None:
    app, seen = room.bolt(), queue.Queue[dict[str, Any]]()
    app.action("pick")(keeping(seen))
    room.connect(app)
    ts = room.post(blocks=[choice(kind)])
    assert room.act("click", user="U_AGENT1", channel="C_FAILURES", ts=ts, action_id="pick", value=value)["acked"]
    body = seen.get(timeout=2)
    assert body["actions"][0][key] == chosen
    assert (body["actions"][0]["type"], body["actions"][0]["block_id"]) == (kind, "b")
    held = {"b": {"pick": {"type": kind, key: chosen}}}
    assert body["state"]["values"] == ({} if kind == "overflow" else held)


def test_refused_clicks(room: Room) -> None:
    ts = room.post(blocks=[button(), choice("overflow")])
    click = {"user": "U_AGENT1", "channel": "C_FAILURES", "ts": ts, "action_id": "case.claim"}
    refused = [
        ({"action_id": "case.escalate"}, "no_such_action"),
        ({"block_id": "b"}, "no_such_action"),
        ({"ts": "1.0"}, "message_not_found"),
        ({"channel": "C_NOWHERE"}, "channel_not_found"),
        ({"user": "U_NOBODY"}, "user_not_found"),
        ({"action_id": "pick"}, "no_such_option"),
        ({"action_id": "pick", "value": "reopen"}, "no_such_option"),
    ]
    for change, error in refused:
        assert room.act("click", **{**click, **change})["error"] == error
    other = room.post(channel="C_ACCESS", blocks=[button()])
    outside = {"user": "U_OUTSIDE", "channel": "C_ACCESS", "ts": other, "action_id": "case.claim"}
    assert room.act("click", **outside)["error"] == "not_in_channel"


def test_private_message_is_clickable_by_its_reader_alone(room: Room) -> None:
    app, seen = room.bolt(), queue.Queue[dict[str, Any]]()
    app.action("case.claim")(keeping(seen))
    room.connect(app)
    ts = room.client.chat_postEphemeral(channel="C_FAILURES", user="U_AGENT1", text="?", blocks=[button()])[
        "message_ts"
    ]
    click = {"channel": "C_FAILURES", "ts": ts, "action_id": "case.claim"}
    assert room.act("click", user="U_AGENT2", **click)["error"] == "message_not_found"
    assert room.act("click", user="U_AGENT1", **click)["acked"]
    body = seen.get(timeout=2)
    assert body["container"]["is_ephemeral"] is True
    assert "message" not in body


def test_click_in_the_home_tab(room: Room) -> None:
    app, seen = room.bolt(), queue.Queue[dict[str, Any]]()
    app.action("case.claim")(keeping(seen))
    room.connect(app)
    view = room.client.views_publish(user_id="U_AGENT1", view={"type": "home", "blocks": [button(value="7")]})["view"]
    assert room.act("click", user="U_AGENT1", view_id=view["id"], action_id="case.claim")["acked"]
    body = seen.get(timeout=2)
    assert body["container"] == {"type": "view", "view_id": view["id"]}
    assert (body["view"]["type"], body["actions"][0]["value"]) == ("home", "7")
