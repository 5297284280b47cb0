"""What must hold for whatever a view makes. Judges: slack_sdk's models, the local workspace's strict shapes, ours."""

import json
from typing import Any

from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View

from bot.views.blocks import BUDGET, HOME_BUDGET
from bot.workspace.blocks import check_message, check_view


def check(made: Any) -> None:
    """Fail on anything Slack would refuse or that we promised not to send."""
    view = made if "type" in made else None
    blocks = made["blocks"]
    budget = HOME_BUDGET if made.get("type") == "home" else BUDGET
    assert len(json.dumps(blocks, ensure_ascii=False)) <= budget
    for block in blocks:
        parsed = Block.parse(block)
        assert parsed is not None, block
        parsed.to_dict()
    if view is None:
        assert made["text"].strip()
        assert len(made["text"]) <= 4_000
        assert len(blocks) <= 50
        check_message(blocks)
    else:
        View(**view).to_dict()
        assert len(blocks) <= 100
        check_view(view, view["type"])


def pings(made: Any) -> list[str]:
    """Everybody whom the message calls: in rich text, in mrkdwn and in the text for phones."""
    found: list[str] = []

    def walk(value: Any) -> None:
        if isinstance(value, list):
            for item in value:
                walk(item)
        elif isinstance(value, dict):
            if value.get("type") in ("user", "usergroup", "broadcast", "channel"):
                found.append(str(value.get("user_id", value["type"])))
            if value.get("type") == "mrkdwn":
                found.extend(part for part in _angles(value["text"]) if not part.startswith("!date"))
            for inner in value.values():
                walk(inner)

    walk(made["blocks"])
    return found + [part.lstrip("@") for part in _angles(made.get("text", "") or "")]


def _angles(text: str) -> list[str]:
    return [part.partition(">")[0] for part in text.split("<")[1:]]
