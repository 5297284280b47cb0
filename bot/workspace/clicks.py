"""Clicks and choices in messages, modals and the Home tab."""

from typing import Any

from bot.workspace import hooks, messages, modals, payloads
from bot.workspace.acts import person, told
from bot.workspace.errors import ActRefused
from bot.workspace.messages import elements_of
from bot.workspace.model import Json
from bot.workspace.runtime import Runtime
from bot.workspace.state import Workspace
from bot.workspace.typed import complaint
from bot.workspace.values import STATELESS, VALUE_KEYS, chosen, state_of


async def click(runtime: Runtime, body: Json, base: str) -> Json:
    """Use the element `action_id` (in `block_id`, when given); `value` is the option, person or text chosen.

    Raises: ActRefused when the element, the option or the message is not there.
    """
    user = person(runtime.workspace, body)
    if "view_id" in body:
        return await _in_view(runtime, body, user)
    return await _in_message(runtime, body, user, base)


def _element(blocks: list[Json], body: Json) -> tuple[Json, Json]:
    """The element that is meant. Of several buttons with one action id it is the one that carries `value`."""
    meant = [
        (block, element)
        for block in blocks
        if body.get("block_id") in {None, block["block_id"]}
        for element in elements_of(block)
        if element.get("action_id") == body.get("action_id")
    ]
    if not meant:
        raise ActRefused("no_such_action", status=404, action_id=body.get("action_id"))
    carrying = [one for one in meant if body.get("value") and one[1].get("value") == body["value"]]
    return (carrying or meant)[0]


def _blocks_of(message: Json) -> list[Json]:
    attached = [block for attachment in message.get("attachments", ()) for block in attachment.get("blocks", ())]
    return list(message.get("blocks", ())) + attached


def _given(body: Json) -> Any:
    return body["selected"] if body.get("selected") is not None else body.get("value")


def _action(workspace: Workspace, block: Json, element: Json, body: Json) -> Json:
    action: Json = {**chosen(element, _given(body)), "action_id": element["action_id"], "block_id": block["block_id"]}
    for key in ("text", "value", "style", "placeholder", "confirm"):
        if key in element:
            action.setdefault(key, element[key])
    if element["type"] == "overflow" and action["selected_option"] is None:
        raise ActRefused("no_such_option", value=None)
    held = action.get(VALUE_KEYS.get(element["type"], ""))
    if element["type"] not in STATELESS and held not in (None, [], "") and (wrong := complaint(element, held)):
        raise ActRefused("invalid_value", complaint=wrong)
    return {**action, "action_ts": workspace.ts()}


async def _in_message(runtime: Runtime, body: Json, user: str, base: str) -> Json:
    workspace = runtime.workspace
    channel, message = _message(workspace, body, user)
    blocks = _blocks_of(message)
    block, element = _element(blocks, body)
    action = _action(workspace, block, element, body)
    state = state_of(blocks, {})
    if element["type"] not in STATELESS:
        state["values"][block["block_id"]][element["action_id"]] = chosen(
            element, body.get("selected") or body.get("value")
        )
    payload = payloads.message_action(
        workspace, user, channel=channel, message=messages.shown(workspace, channel["id"], message), action=action,
        state=state,
        trigger=modals.new_trigger(workspace, user),
        response_url=hooks.new_hook(workspace, base, "actions", user, channel["id"], message),
    )  # fmt: skip
    reply = await runtime.delivery.ask("interactive", payload)
    return told(workspace, element.get("text", {}).get("text", "The action"), reply)


def _message(workspace: Workspace, body: Json, user: str) -> tuple[Json, Json]:
    """The channel and the message (or the person's own private one) that is clicked in."""
    channel, ts = workspace.channels.get(body.get("channel", "")), str(body.get("ts", ""))
    if channel is None:
        raise ActRefused("channel_not_found", status=404)
    if user not in channel["members"]:
        raise ActRefused("not_in_channel", status=403)
    whispered = workspace.ephemerals.get(ts)
    if whispered is not None and whispered["user"] == user and whispered["channel"] == channel["id"]:
        return channel, whispered["message"]
    if ts not in workspace.messages[channel["id"]]:
        raise ActRefused("message_not_found", status=404)
    return channel, workspace.messages[channel["id"]][ts]


async def _in_view(runtime: Runtime, body: Json, user: str) -> Json:
    workspace = runtime.workspace
    view = view_of(workspace, user, str(body["view_id"]))
    block, element = _element(view["blocks"], body)
    action = _action(workspace, block, element, body)
    if element["type"] not in STATELESS:
        held = chosen(element, _given(body))
        view["state"]["values"][block["block_id"]][element["action_id"]] = held
        modals.keep(workspace, user, view)
    if block["type"] == "input" and not block.get("dispatch_action"):
        return {"ok": True, "acked": True, "status": "kept", "body": None}
    payload = payloads.view_action(
        workspace, user, view=modals.bare(view), action=action, trigger=modals.new_trigger(workspace, user)
    )
    return told(
        workspace, element.get("text", {}).get("text", "The action"), await runtime.delivery.ask("interactive", payload)
    )


def view_of(workspace: Workspace, user: str, view_id: str) -> Json:
    """An open modal of the person, or their Home tab. Raises ActRefused view_not_found."""
    home = workspace.homes.get(user)
    for view in [*workspace.modals.get(user, []), *([home] if home else [])]:
        if view["id"] == view_id:
            return view
    raise ActRefused("view_not_found", status=404)
