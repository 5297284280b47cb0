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
from bot.workspace.shapes.surfaces import MESSAGE_CHARACTERS, Home, Message, Modal, characters, cross_checks

_UNKNOWN_TO_SDK = {"data_table", "data_visualization"}  # slack_sdk 3.47 logs a warning and skips them


def check_message_blocks(blocks: Any, *, at: str = "") -> None:
    """Raise invalid_blocks, invalid_blocks_format or msg_blocks_too_long, as chat.postMessage answers.

    `at` stands before the JSON pointers.
    """
    if not isinstance(blocks, list):
        raise SlackRefusal("invalid_blocks_format")
    found = _shape_complaints(Message, {"blocks": blocks})
    found = found or cross_checks(blocks, "message") or _sdk_complaints(blocks)
    if found:
        raise SlackRefusal("invalid_blocks", **explained([(at + pointer, complaint) for pointer, complaint in found]))
    if characters(blocks) > MESSAGE_CHARACTERS:
        raise SlackRefusal("msg_blocks_too_long")


def check_attachments(attachments: Any) -> None:
    """Raise invalid_attachments unless it is at most 100 objects whose own blocks are right."""
    if not isinstance(attachments, list) or len(attachments) > 100 or not all(isinstance(a, dict) for a in attachments):
        raise SlackRefusal("invalid_attachments")
    for number, attachment in enumerate(attachments):
        if "blocks" in attachment:
            check_message_blocks(attachment["blocks"], at=f"/attachments/{number}")


def check_view(view: Any, kind: str) -> None:
    """Raise invalid_arguments as the views methods answer. `kind` is `modal` or `home`, the only one allowed there."""
    if not isinstance(view, dict):
        raise SlackRefusal("invalid_arguments", **explained([("/view", "must be a JSON object")]))
    found = _shape_complaints(Modal if kind == "modal" else Home, view)
    if not found:
        found = cross_checks(view["blocks"], kind) or _modal_complaints(view) or _sdk_complaints(view["blocks"])
        found = found or _sdk_view_complaints(view)
    if found:
        raise SlackRefusal(
            "invalid_arguments", **explained([("/view" + pointer, complaint) for pointer, complaint in found])
        )


def _shape_complaints(shape: type[Message] | type[Modal] | type[Home], value: Json) -> list[tuple[str, str]]:
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


def _modal_complaints(view: Json) -> list[tuple[str, str]]:
    has_input = any(block["type"] == "input" for block in view["blocks"])
    if view["type"] == "modal" and has_input and "submit" not in view:
        return [("/submit", "missing required field: a view with inputs needs a submit button")]
    return []


def _sdk_complaints(blocks: list[Json]) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for number, block in enumerate(blocks):
        if block["type"] in _UNKNOWN_TO_SDK:
            continue
        try:
            parsed = Block.parse(copy.deepcopy(block))
            if parsed is None:
                found.append((f"/blocks/{number}", f"unsupported type: {block['type']}"))
            else:
                parsed.to_dict()
        except (SlackObjectFormationError, TypeError, AttributeError) as exc:
            found.append((f"/blocks/{number}", str(exc)))
    return found


def _sdk_view_complaints(view: Json) -> list[tuple[str, str]]:
    """The view's own rules of the library; its blocks were looked at one by one before."""
    if not view["blocks"]:
        return []
    shell = {key: value for key, value in view.items() if key not in {"blocks", "submit_disabled"}}
    try:
        View(**copy.deepcopy(shell), blocks=[{"type": "divider"}]).to_dict()
    except SlackObjectFormationError as exc:
        return [("", str(exc))]
    return []


def explained(found: list[tuple[str, str]]) -> Json:
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
