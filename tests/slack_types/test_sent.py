"""Everything the bot sends is what Slack's own types allow: every view in every state, and what it says in the demo."""

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.cli.demo import play_all, running
from tests.bot.bot_room import until
from tests.slack_types.node import Judged, judge

GOLDEN = Path(__file__).parents[1] / "golden"
Json = dict[str, Any]


def view(at: str, made: Json) -> Iterator[Judged]:
    """A message, modal or Home tab, and each of its blocks."""
    if made.get("type") in {"modal", "home"}:
        yield Judged("ModalShell" if made["type"] == "modal" else "HomeTab", at, made)
    for block in made.get("blocks", ()):
        yield Judged("Laid", at, block)


BROKEN: dict[str, Json] = {
    "an unknown block": {"type": "hologram"},
    "an unknown key": {"type": "divider", "colour": "red"},
    "a headline in markup": {"type": "header", "text": {"type": "mrkdwn", "text": "x"}},
    "a button without text": {"type": "actions", "elements": [{"type": "button", "action_id": "x"}]},
    "an option whose value is a number": {
        "type": "actions",
        "elements": [{"type": "overflow", "options": [{"text": {"type": "plain_text", "text": "x"}, "value": 1}]}],
    },
    "a picture without words": {"type": "image", "image_url": "https://example.com/a.png"},
}


def test_the_judge_finds_what_is_broken(judge_folder: Path) -> None:
    found = judge(judge_folder, [Judged("Laid", name, block) for name, block in BROKEN.items()])
    assert {one.at for one in found} == set(BROKEN)
    assert judge(judge_folder, [Judged("Laid", "fine", {"type": "divider"})]) == []
    assert [one.message for one in judge(judge_folder, [Judged("Nothing", "x", {})])] == ["there is no type Nothing"]


def test_every_view_in_every_state(judge_folder: Path) -> None:
    files = sorted(GOLDEN.rglob("*.json"))
    given = [one for file in files for one in view(file.stem, json.loads(file.read_text("utf-8")))]
    assert len(given) > 1000
    assert judge(judge_folder, given) == []


@pytest.mark.timeout(500)
def test_everything_the_bot_says_in_the_demo(
    judge_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All its scenes: what is posted, edited, whispered, opened and published. That they play is shown elsewhere."""
    monkeypatch.setenv("HANDOFF_HTTP__PORT", "0")
    with running(0, tmp_path, threading.Event(), undo_for="3s") as here:
        play_all(here)
        with httpx.Client(base_url=here.workspace, trust_env=False, timeout=60) as control:
            control.post("/_control/home", json={"user": "U_LEAD1"})
            published = {"method": "views.publish"}
            until(lambda: control.get("/_control/calls", params=published).json()["calls"], bool, within_s=60)
            calls = control.get("/_control/calls").json()["calls"]
    given = [one for call in calls for one in view(call["method"], call["arguments"])]
    given += [one for call in calls for one in view(call["method"], call["arguments"].get("view", {}))]
    assert {"chat.postMessage", "chat.update", "chat.postEphemeral", "views.open", "views.publish"} <= {
        one.at for one in given
    }
    assert judge(judge_folder, given) == []


@pytest.mark.parametrize("method", ["chat.postMessage", "views.open"])
def test_a_view_is_judged_block_by_block(method: str) -> None:
    """Without Node: nothing that is sent is left out of what is judged."""
    made = {"type": "modal", "blocks": [{"type": "divider"}] * 3}
    assert [one.name for one in view(method, made)] == ["ModalShell", "Laid", "Laid", "Laid"]
