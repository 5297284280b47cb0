"""views.*: modals and the Home tab."""

from bot.workspace import modals
from bot.workspace.api.method import Call, Method
from bot.workspace.errors import SlackRefusal
from bot.workspace.model import Json


def _show(call: Call, *, on_top: bool) -> Json:
    # The view is looked at first: a broken one does not use up the trigger.
    view = modals.parse_view(call.workspace, call.arguments.get("view"), "modal")
    user = modals.use_trigger(call.workspace, call.need("trigger_id", "invalid_trigger_id"))
    return {"view": modals.show(call.workspace, user, view, on_top=on_top)}


def open_modal(call: Call) -> Json:
    """Open a modal for the person behind a trigger_id."""
    return _show(call, on_top=False)


def push(call: Call) -> Json:
    """Put a modal on top of the person's stack, at most three high."""
    return _show(call, on_top=True)


def update(call: Call) -> Json:
    """Change an open modal by view_id or external_id; with `hash` only if nobody changed it since."""
    id = call.text("view_id") or call.text("external_id")
    if not id:
        raise SlackRefusal("invalid_arguments")
    view = modals.parse_view(call.workspace, call.arguments.get("view"), "modal")
    return {"view": modals.replace(call.workspace, id, view, call.text("hash") or None)}


def publish(call: Call) -> Json:
    """Set a person's Home tab."""
    view = modals.parse_view(call.workspace, call.arguments.get("view"), "home")
    return {
        "view": modals.publish(call.workspace, call.need("user_id", "user_not_found"), view, call.text("hash") or None)
    }


METHODS = {
    "views.open": Method(open_modal),
    "views.push": Method(push),
    "views.update": Method(update),
    "views.publish": Method(publish),
}
