"""What people put into elements, as Slack's state and action objects spell it."""

from collections.abc import Iterator
from typing import Any

from bot.workspace.errors import ActRefused
from bot.workspace.messages import elements_of
from bot.workspace.model import Json
from bot.workspace.typed import complaint

_OPTION, _OPTIONS = "selected_option", "selected_options"
VALUE_KEYS = {
    "plain_text_input": "value", "email_text_input": "value", "url_text_input": "value", "number_input": "value",
    "static_select": _OPTION, "external_select": _OPTION, "radio_buttons": _OPTION, "overflow": _OPTION,
    "multi_static_select": _OPTIONS, "checkboxes": _OPTIONS, "users_select": "selected_user",
    "multi_users_select": "selected_users", "conversations_select": "selected_conversation",
    "channels_select": "selected_channel", "datepicker": "selected_date", "timepicker": "selected_time",
    "datetimepicker": "selected_date_time", "file_input": "files",
}  # fmt: skip
"""Under which key each element type carries what was chosen; a button has none."""

STATELESS = {"button", "overflow", "image"}
"""Elements that never appear in `state.values`."""


def options_of(element: Json) -> list[Json]:
    """All options of a menu, those of its groups included."""
    grouped = [option for group in element.get("option_groups", ()) for option in group["options"]]
    return list(element.get("options", ())) + grouped


def _option(element: Json, value: str) -> Json:
    for option in options_of(element):
        if option["value"] == value:
            return dict(option)
    raise ActRefused("no_such_option", value=value)


def chosen(element: Json, value: Any) -> Json:
    """The state object for what was chosen.

    `value` is plain (an option's value, a user id, a text, a list of them) or a state object already.
    Raises ActRefused when an option is not one of the element's, or the element takes no value.
    """
    kind = element["type"]
    if isinstance(value, dict):
        value = value.get(VALUE_KEYS.get(kind, ""))
    if kind == "button":
        return {"type": kind}
    if kind not in VALUE_KEYS:
        raise ActRefused("not_interactive", type=kind)
    key = VALUE_KEYS[kind]
    if value in (None, ""):
        return {"type": kind, key: [] if key == _OPTIONS else None}
    if key == _OPTION and not isinstance(value, dict):
        value = _option(element, str(value))
    if key == _OPTIONS:
        value = [item if isinstance(item, dict) else _option(element, str(item)) for item in value]
    return {"type": kind, key: value}


def initial(element: Json) -> Json:
    """The state object of an element nobody has touched."""
    kind = element["type"]
    key = VALUE_KEYS[kind]
    given = next((element[name] for name in element if name.startswith("initial_")), None)
    return {"type": kind, key: [] if given is None and key == _OPTIONS else given}


def stateful(blocks: list[Json]) -> Iterator[tuple[Json, Json]]:
    """Each (block, element) that holds a state."""
    for block in blocks:
        for element in elements_of(block):
            if element["type"] in VALUE_KEYS and element["type"] not in STATELESS:
                yield block, element


def state_of(blocks: list[Json], kept: Json) -> Json:
    """`state.values` for these blocks: what is `kept` under the same ids and type, else the initial values."""
    values: Json = {}
    for block, element in stateful(blocks):
        before = kept.get(block["block_id"], {}).get(element["action_id"])
        same = before is not None and before["type"] == element["type"]
        values.setdefault(block["block_id"], {})[element["action_id"]] = before if same else initial(element)
    return {"values": values}


def missing(blocks: list[Json], state: Json) -> dict[str, str]:
    """The complaints a client shows before it submits: required, too short, no address, too many … By block_id."""
    found: dict[str, str] = {}
    for block, element in stateful(blocks):
        if block["type"] != "input":
            continue
        held = state["values"][block["block_id"]][element["action_id"]][VALUE_KEYS[element["type"]]]
        if held in (None, [], "") and not block.get("optional"):
            found[block["block_id"]] = "Please complete this required field."
        elif held not in (None, [], "") and (wrong := complaint(element, held)) is not None:
            found[block["block_id"]] = wrong
    return found
