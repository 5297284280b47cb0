"""Message shortcuts: what the app put into a message's "Message actions" menu."""

from bot.workspace import hooks, messages, modals, payloads
from bot.workspace.acts import person, place, told
from bot.workspace.errors import ActRefused
from bot.workspace.model import Json
from bot.workspace.runtime import Runtime


async def shortcut(runtime: Runtime, body: Json, base: str) -> Json:
    """Use the message shortcut `callback_id` on the message at `channel` and `ts`; private messages have no menu.

    Raises: ActRefused when the shortcut or the message is not there.
    """
    workspace = runtime.workspace
    user = person(workspace, body)
    channel = place(workspace, body, user)
    wanted = str(body.get("callback_id", ""))
    installed = next((row for row in workspace.app.shortcuts if row.callback_id == wanted), None)
    if installed is None:
        raise ActRefused("unknown_shortcut", status=404, callback_id=wanted)
    message = workspace.messages[channel["id"]].get(str(body.get("ts", "")))
    if message is None or message.get("subtype") == "tombstone":
        raise ActRefused("message_not_found", status=404)
    payload = payloads.message_shortcut(
        workspace,
        user,
        callback_id=wanted,
        channel=channel,
        message=messages.shown(workspace, channel["id"], message),
        trigger=modals.new_trigger(workspace, user),
        response_url=hooks.new_hook(workspace, base, "actions", user, channel["id"], message),
    )
    return told(workspace, installed.name, await runtime.delivery.ask("interactive", payload))
