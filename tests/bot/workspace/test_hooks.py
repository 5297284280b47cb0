"""response_url: five uses in thirty minutes, private by default, replacing and deleting."""

import pytest
from slack_sdk.webhook import WebhookClient

from bot.workspace import hooks
from tests.bot.workspace.room import FakeSeconds, Room, button


def hook(room: Room, ts: str | None = None) -> WebhookClient:
    """A response_url for U_AGENT1 in #failures, after a click on the message `ts`."""
    source = None
    if ts is not None:
        private = room.workspace.ephemerals.get(ts)
        source = private["message"] if private else room.workspace.message("C_FAILURES", ts)
    kind = "commands" if ts is None else "actions"
    url = hooks.new_hook(room.workspace, room.server.url, kind, "U_AGENT1", "C_FAILURES", source)
    return WebhookClient(url, retry_handlers=[])


def test_sixth_use_is_refused(room: Room) -> None:
    client = hook(room)
    assert [(client.send(text=str(n)).status_code) for n in range(6)] == [200] * 5 + [404]
    assert [m["text"] for m in room.whispers()] == ["0", "1", "2", "3", "4"]


def test_expires_after_thirty_minutes(room: Room, seconds: FakeSeconds) -> None:
    client = hook(room)
    seconds.at += 30 * 60
    assert client.send(text="in time").body == "ok"
    seconds.at += 1
    refused = client.send(text="late")
    assert (refused.status_code, refused.body) == (404, '{"ok":false,"error":"expired_url"}')


def test_replace_and_delete_the_message(room: Room) -> None:
    ts = room.post(blocks=[button()])
    client = hook(room, ts)
    client.send(text="claimed", replace_original=True)
    assert [(m["ts"], m["text"]) for m in room.messages()] == [(ts, "claimed")]
    client.send(text="also", response_type="in_channel")
    assert len(room.messages()) == 2
    client.send(delete_original=True)
    assert [m["text"] for m in room.messages()] == ["also"]


def test_replace_and_delete_a_private_message(room: Room) -> None:
    ts = room.client.chat_postEphemeral(channel="C_FAILURES", user="U_AGENT1", text="sure?", blocks=[button()])[
        "message_ts"
    ]
    client = hook(room, ts)
    client.send(text="done", replace_original=True)
    assert [(m["ts"], m["text"], m["is_ephemeral"]) for m in room.whispers()] == [(ts, "done", True)]
    client.send(delete_original=True)
    assert room.whispers() == []
    assert client.send(text="again", replace_original=True).status_code == 400


@pytest.mark.parametrize("body", [{}, {"text": " "}, {"blocks": [{"type": "hologram"}]}])
def test_refused_content_does_not_count_as_a_use(room: Room, body: dict[str, object]) -> None:
    client = hook(room)
    assert client.send_dict(body).status_code == 400
    assert [client.send(text="x").status_code for _ in range(5)] == [200] * 5
