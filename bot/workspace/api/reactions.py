"""reactions.*: emoji on messages, as the bot."""

import re

from bot.workspace import messages
from bot.workspace.api.method import Call, Method, read_from
from bot.workspace.errors import SlackRefusal
from bot.workspace.model import Json

_NAME = re.compile(r"[\w+'-]{1,100}(::skin-tone-[2-6])?")


def emoji_name(text: str) -> str:
    """An emoji's name without colons. Raises invalid_name."""
    name = text.strip(":") if "::" not in text else text
    if not _NAME.fullmatch(name):
        raise SlackRefusal("invalid_name")
    return name


def _react(call: Call, *, remove: bool) -> Json:
    workspace = call.workspace
    channel = read_from(call)
    if channel["is_archived"]:
        raise SlackRefusal("is_archived")
    name = emoji_name(call.need("name", "invalid_name"))
    messages.react(
        workspace,
        channel["id"],
        call.need("timestamp", "no_item_specified"),
        workspace.app.bot_user_id,
        name,
        remove=remove,
    )
    return {}


def add(call: Call) -> Json:
    """Add the bot's reaction. Raises already_reacted."""
    return _react(call, remove=False)


def remove(call: Call) -> Json:
    """Take the bot's reaction back. Raises no_reaction."""
    return _react(call, remove=True)


def get(call: Call) -> Json:
    """A message with its reactions, in a channel the bot is in. Raises not_in_channel, channel_not_found."""
    channel = read_from(call)["id"]
    message = call.workspace.message(channel, call.need("timestamp", "no_item_specified"))
    return {"type": "message", "channel": channel, "message": messages.alone(message)}


METHODS = {
    "reactions.add": Method(add, ("reactions:write",)),
    "reactions.remove": Method(remove, ("reactions:write",)),
    "reactions.get": Method(get, ("reactions:read",)),
}
