"""Refuse what Slack would refuse: our own shapes first, then slack_sdk's models as a second opinion."""

import copy
import json
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails
from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View

from bot.workspace.errors import SlackRefusal
from bot.workspace.model import Json
from bot.workspace.shapes.surfaces import (
    MESSAGE_CHARACTERS,
    Found,
    Home,
    Message,
    Modal,
    Part,
    characters,
    cross_checks,
)  # fmt: skip

_UNKNOWN_TO_SDK = {"data_table", "data_visualization"}  # slack_sdk 3.47 logs a warning and skips them


def check_message(blocks: Any = None, attachments: Any = None) -> None:
    """Raise what chat.postMessage answers for blocks, attachments and their blocks; limits hold for all together.

    invalid_attachments, invalid_blocks_format, invalid_blocks or msg_blocks_too_long.
    """
    parts: list[Part] = [] if blocks is None else [("/blocks", _listed(blocks))]
    for number, attachment in enumerate(_attached(attachments)):
        if "blocks" in attachment:
            parts.append((f"/attachments/{number}/blocks", _listed(attachment["blocks"])))
    found: list[Found] = []
    for at, some in parts:
        found += [
            (at.removesuffix("/blocks") + place, words) for place, words in _complaints(Message, {"blocks": some})
        ]
    found = found or (cross_checks(parts, "message") if parts else [])
    found = found or [one for at, some in parts for one in _sdk_complaints(some, at)]
    if found:
        raise SlackRefusal("invalid_blocks", **explained(found))
    if characters([some for _, some in parts]) > MESSAGE_CHARACTERS:
        raise SlackRefusal("msg_blocks_too_long")


def _listed(blocks: Any) -> list[Json]:
    if not isinstance(blocks, list):
        raise SlackRefusal("invalid_blocks_format")
    return blocks


def _attached(attachments: Any) -> list[Json]:
    """At most 100 objects."""
    if attachments is None:
        return []
    if not isinstance(attachments, list) or len(attachments) > 100 or not all(isinstance(a, dict) for a in attachments):
        raise SlackRefusal("invalid_attachments")
    return attachments


def check_view(view: Any, kind: str) -> None:
    """Raise invalid_arguments as the views methods answer. `kind` is `modal` or `home`, the only one allowed there."""
    if not isinstance(view, dict):
        raise SlackRefusal("invalid_arguments", **explained([("/view", "must be a JSON object")]))
    found = _complaints(Modal if kind == "modal" else Home, view)
    if not found:
        found = cross_checks([("/blocks", view["blocks"])], kind) or _modal_complaints(view)
        found = found or _sdk_complaints(view["blocks"], "/blocks")
        found = found or _sdk_view_complaints(view)
    if found:
        raise SlackRefusal(
            "invalid_arguments", **explained([("/view" + pointer, complaint) for pointer, complaint in found])
        )


def _complaints(shape: type[Message] | type[Modal] | type[Home], value: Json) -> list[Found]:
    try:
        shape.model_validate(value)
    except ValidationError as exc:
        return [(_pointer(value, error), _words(error)) for error in exc.errors(include_url=False)]
    return []


def _pointer(value: Any, error: ErrorDetails) -> str:
    """The JSON pointer of a pydantic error, without the tags of the unions passed on the way."""
    pointer, loc = "", error["loc"]
    absent = len(loc) - 1 if error["type"] == "missing" else None
    for number, part in enumerate(loc):
        if isinstance(part, int) and isinstance(value, list):
            value = value[part]
        elif isinstance(part, str) and isinstance(value, dict) and (part in value or number == absent):
            value = value.get(part)
        else:
            continue
        pointer += f"/{part}"
    return pointer


def _words(error: ErrorDetails) -> str:
    context = error.get("ctx", {})
    match error["type"]:
        case "union_tag_invalid":
            return f"unsupported type: {context['tag']}"
        case "extra_forbidden":
            return f"invalid additional property: {error['loc'][-1]}"
        case "too_long":
            return f"no more than {context['max_length']} items allowed"
        case "string_too_long":
            return f"must be less than {context['max_length'] + 1} characters"
        case _:
            return error["msg"].removeprefix("Value error, ")


def _modal_complaints(view: Json) -> list[Found]:
    has_input = any(block["type"] == "input" for block in view["blocks"])
    if view["type"] == "modal" and has_input and "submit" not in view:
        return [("/submit", "missing required field: a view with inputs needs a submit button")]
    return []


def _sdk_complaints(blocks: list[Json], at: str) -> list[Found]:
    found: list[Found] = []
    for number, block in enumerate(blocks):
        if {one["type"] for one in (block, *block.get("child_blocks", ()))} & _UNKNOWN_TO_SDK:
            continue
        try:
            parsed = Block.parse(copy.deepcopy(block))
            if parsed is None:
                found.append((f"{at}/{number}", f"unsupported type: {block['type']}"))
            else:
                parsed.to_dict()
        except (SlackObjectFormationError, TypeError, AttributeError) as exc:
            found.append((f"{at}/{number}", str(exc)))
    return found


def _sdk_view_complaints(view: Json) -> list[Found]:
    """The view's own rules of the library; its blocks were looked at one by one before."""
    if not view["blocks"]:
        return []
    shell = {key: value for key, value in view.items() if key not in {"blocks", "submit_disabled"}}
    try:
        View(**copy.deepcopy(shell), blocks=[{"type": "divider"}]).to_dict()
    except SlackObjectFormationError as exc:
        return [("", str(exc))]
    return []


def explained(found: list[Found]) -> Json:
    """What joins the body of a refusal: each complaint with the JSON pointer of its place."""
    lines = [f"{complaint} [json-pointer:{pointer}]" for pointer, complaint in found]
    return {"errors": lines, "response_metadata": {"messages": [f"[ERROR] {line}" for line in lines]}}


def parsed(value: Any, error: str) -> Any:
    """A JSON argument that may come as text, as form bodies send it. Raises `error` when the text is not JSON."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except json.JSONDecodeError:
        raise SlackRefusal(error) from None
