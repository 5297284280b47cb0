"""`handoff doctor --live`: Slack's own validator, asked about an example of every view."""

import shutil
from pathlib import Path
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web import SlackResponse

from bot.cli.slack_look import SlackLook
from bot.cli.view_examples import EXAMPLES
from bot.slack_errors import from_reply
from tests.bot.cli.conftest import Terminal
from tests.bot.cli.test_doctor import found
from tests.bot.workspace.room import Room


@pytest.fixture
def database_url(tmp_path: Path, sqlite_template: Path) -> str:
    """SQLite alone: nothing here differs by database."""
    return f"sqlite:///{shutil.copyfile(sqlite_template, tmp_path / 'handoff.db')}"


def test_live_asks_nobody_but_slack_itself(handoff: Terminal, room: Room) -> None:
    (views,) = found(handoff, "--live")["views"]
    assert (views["state"], "not asked" in views["found"]) == ("warning", True)
    assert "blocks.validate" not in [call["method"] for call in room.http.get("/_control/calls").json()["calls"]]


def test_live_shows_every_fault_that_slack_finds(
    handoff: Terminal, room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The validator's answers are set here: the room has none. Their shape is Slack's documented one."""
    asked: list[dict[str, Any]] = []

    def read(self: SlackLook, method: str, params: dict[str, Any]) -> Any:
        if method != "blocks.validate":
            return plain(self, method, params)
        asked.append(params)
        if len(asked) > 1:
            return {"ok": True}
        body = {"ok": False, "error": "invalid_blocks", "errors": [{"pointer": "/blocks/0", "message": "no text"}]}
        said = SlackResponse(
            client=None, http_verb="POST", api_url="", req_args={}, data=body, headers={}, status_code=200
        )
        raw = SlackApiError("no", said)  # type: ignore[no-untyped-call]  # the library has no annotation here
        raise from_reply(raw, doing="a check", repeatable=True) from raw

    plain: Any = SlackLook.read
    monkeypatch.setattr(SlackLook, "read", read)
    monkeypatch.setattr("bot.cli.check_slack.is_slacks_own", lambda _settings: True)
    views = found(handoff, "--live")["views"]
    assert [one["found"] for one in views] == [
        "case, open: /blocks/0 no text", f"Slack's validator looked at {len(EXAMPLES)} views.",
    ]  # fmt: skip
    assert all(len(one) == 1 for one in asked)
    assert {name for one in asked for name in one} == {"blocks", "view"}


def test_the_examples_are_views_the_room_takes(room: Room) -> None:
    """The local workspace refuses what Slack refuses, so each message can be posted there."""
    room.workspace.pace.burst = 0
    for name, example in EXAMPLES.items():
        made = dict(example())
        if "type" in made and made["type"] == "home":
            room.client.views_publish(user_id="U_AGENT1", view=made)
        elif "type" not in made:
            assert room.client.chat_postMessage(channel="C_FAILURES", **made)["ok"], name
