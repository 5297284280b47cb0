"""Submitting and closing modals, and doing what the app answers."""

from bot.workspace import modals, payloads
from bot.workspace.acts import person, told
from bot.workspace.clicks import view_of
from bot.workspace.errors import ActRefused, SlackRefusal
from bot.workspace.model import Json
from bot.workspace.runtime import Runtime
from bot.workspace.state import Workspace
from bot.workspace.values import chosen, missing, stateful


def _top(workspace: Workspace, body: Json, user: str) -> Json:
    view = view_of(workspace, user, str(body.get("view_id", "")))
    if view["type"] != "modal" or workspace.modals[user][-1]["id"] != view["id"]:
        raise ActRefused("view_not_on_top", status=409)
    return view


def _fill(view: Json, values: Json) -> None:
    """Put `{block_id: {action_id: state}}` or the short form `{action_id: plain value}` into the view's state."""
    elements = {(block["block_id"], element["action_id"]): element for block, element in stateful(view["blocks"])}
    for name, value in values.items():
        if isinstance(value, dict) and any(block == name for block, _ in elements):
            pairs = [((name, action), held) for action, held in value.items()]
        else:
            pairs = [(key, value) for key in elements if key[1] == name]
        if not pairs or not all(key in elements for key, _ in pairs):
            raise ActRefused("no_such_input", status=404, input=name)
        for key, held in pairs:
            view["state"]["values"][key[0]][key[1]] = chosen(elements[key], held)


async def submit(runtime: Runtime, body: Json, _base: str) -> Json:
    """Submit the topmost modal; the app's errors come back in `body`.

    Raises: ActRefused for what a client would not let through, such as an empty required input.
    """
    workspace = runtime.workspace
    user = person(workspace, body)
    view = _top(workspace, body, user)
    _fill(view, body.get("values") or {})
    view["errors"] = missing(view["blocks"], view["state"])
    modals.save(workspace, user)
    if view["errors"]:
        raise ActRefused("invalid_input", errors=view["errors"])
    payload = payloads.view_submission(workspace, user, modals.bare(view), modals.new_trigger(workspace, user))
    reply = await runtime.delivery.ask("interactive", payload)
    if reply.acked:
        try:
            _answer(workspace, user, view, reply.body or {})
        except SlackRefusal as refusal:
            workspace.notice(f"The modal was answered with something Slack refuses: {refusal.error}", "error")
            return {**told(workspace, "The modal", reply), "ok": False, **refusal.body()}
    return told(workspace, "The modal", reply)


def _answer(workspace: Workspace, user: str, view: Json, body: Json) -> None:
    """Do what a view_submission was answered with: nothing closes the modal."""
    match body.get("response_action"):
        case None:
            modals.drop(workspace, user, 1)
        case "clear":
            modals.drop(workspace, user)
        case "errors":
            inputs = {block["block_id"] for block in view["blocks"] if block["type"] == "input"}
            errors = body.get("errors")
            if not isinstance(errors, dict) or not errors or not set(errors) <= inputs:
                raise SlackRefusal("invalid_errors")
            view["errors"] = errors
            modals.save(workspace, user)
        case "update":
            modals.replace(workspace, view["id"], modals.parse_view(workspace, body.get("view"), "modal"), None)
        case "push":
            modals.show(workspace, user, modals.parse_view(workspace, body.get("view"), "modal"), on_top=True)
        case _:
            raise SlackRefusal("invalid_response_action")


async def close(runtime: Runtime, body: Json, _base: str) -> Json:
    """Close the topmost modal, or all with `all` or clear_on_close; tells the app where it asked for that."""
    workspace = runtime.workspace
    user = person(workspace, body)
    view = _top(workspace, body, user)
    cleared = bool(body.get("all")) or bool(view["clear_on_close"])
    for gone in modals.drop(workspace, user, None if cleared else 1):
        if gone["notify_on_close"]:
            runtime.delivery.tell(
                "interactive", payloads.view_closed(workspace, user, modals.bare(gone), cleared=cleared)
            )
    return {"ok": True, "acked": True, "status": "closed", "body": None}
