"""chat.*: posting, changing, deleting, whispering, linking."""

from bot.workspace import messages
from bot.workspace.api.method import Call, Method, read_from
from bot.workspace.blocks import check_message, parsed
from bot.workspace.errors import SlackRefusal
from bot.workspace.files import check_pictures
from bot.workspace.model import Json

TEXT_CUT = 40_000
"""chat.postMessage cuts longer text. Source: docs.slack.dev/reference/methods/chat.postMessage."""
TEXT_LIMIT = 4_000
"""chat.update and chat.postEphemeral answer msg_too_long above this."""


def target(call: Call, name: str = "channel") -> Json:
    """The channel a write goes to. Raises channel_not_found, is_archived, not_in_channel."""
    workspace = call.workspace
    wanted = call.need(name, "channel_not_found")
    channel = workspace.direct(wanted) if wanted in workspace.users else workspace.channel(wanted)
    member = workspace.app.bot_user_id in channel["members"]
    if channel["is_archived"]:
        raise SlackRefusal("is_archived")
    if not member and (channel["is_private"] or "chat:write.public" not in workspace.app.scopes):
        raise SlackRefusal("channel_not_found" if channel["is_private"] else "not_in_channel")
    return channel


def content(call: Call) -> Json:
    """The checked text, blocks, attachments and metadata that were given; a key that was not given is absent."""
    given = {
        key: call.arguments[key]
        for key in ("text", "blocks", "attachments", "metadata")
        if call.arguments.get(key) is not None
    }
    if "blocks" in given:
        given["blocks"] = parsed(given["blocks"], "invalid_blocks_format")
    if "attachments" in given:
        given["attachments"] = parsed(given["attachments"], "invalid_attachments")
    check_message(given.get("blocks"), given.get("attachments"))
    check_pictures(call.workspace, given)
    if "metadata" in given:
        given["metadata"] = parsed(given["metadata"], "invalid_metadata_format")
        _check_metadata(given["metadata"])
    if "text" in given and not isinstance(given["text"], str):
        raise SlackRefusal("invalid_arguments")
    return given


def _check_metadata(metadata: object) -> None:
    match metadata:
        case {"event_type": str(), "event_payload": dict(), **rest} if set(rest) <= {"entities"}:
            return
        case dict() if not metadata:
            return
        case _:
            raise SlackRefusal("invalid_metadata_format")


def _says_nothing(given: Json) -> bool:
    return not str(given.get("text", "")).strip() and not given.get("blocks") and not given.get("attachments")


def post_message(call: Call) -> Json:
    """Post to a channel, a thread or a person's direct messages, about once a second in each."""
    workspace, channel, given = call.workspace, target(call), content(call)
    if _says_nothing(given):
        raise SlackRefusal("no_text")
    given["text"] = given.get("text", "")[:TEXT_CUT]
    if thread_ts := call.text("thread_ts"):
        check_thread(call, channel["id"], thread_ts)
        given["thread_ts"] = thread_ts
    workspace.pace.take(channel["id"])
    message = messages.app_message(workspace, {**given, "client_msg_id": call.text("client_msg_id")})
    if thread_ts and call.flag("reply_broadcast"):
        message["subtype"] = "thread_broadcast"
    messages.store(workspace, channel, message)
    return {
        "channel": channel["id"],
        "ts": message["ts"],
        "message": messages.shown(workspace, channel["id"], message, metadata=True),
    }


def check_thread(call: Call, channel: str, thread_ts: str) -> None:
    """Raise unless a message can be answered there: thread_not_found, cannot_reply_to_message."""
    parent = call.workspace.messages[channel].get(thread_ts)
    if parent is None:
        raise SlackRefusal("thread_not_found")
    if parent.get("thread_ts") not in {None, thread_ts}:
        raise SlackRefusal("cannot_reply_to_message")


def update(call: Call) -> Json:
    """Change one of the bot's own messages; blocks and attachments that are not given stay, `[]` removes them."""
    workspace, channel, given = call.workspace, target(call), content(call)
    message = workspace.message(channel["id"], call.need("ts", "message_not_found"))
    if message.get("bot_id") != workspace.app.bot_id:
        raise SlackRefusal("cant_update_message")
    if not given or ("text" in given and _says_nothing({**message, **given})):
        raise SlackRefusal("no_text")
    if len(given.get("text", "")) > TEXT_LIMIT:
        raise SlackRefusal("msg_too_long")
    messages.edit(workspace, channel["id"], message, {"text": "", **given} if "blocks" in given else given)
    shown = messages.alone(message) | ({"metadata": message["metadata"]} if "metadata" in message else {})
    return {"channel": channel["id"], "ts": message["ts"], "text": message["text"], "message": shown}


def delete(call: Call) -> Json:
    """Delete one of the bot's own messages."""
    workspace, channel = call.workspace, target(call)
    message = workspace.message(channel["id"], call.need("ts", "message_not_found"))
    if message.get("bot_id") != workspace.app.bot_id:
        raise SlackRefusal("cant_delete_message")
    messages.delete(workspace, channel["id"], message)
    return {"channel": channel["id"], "ts": message["ts"]}


def post_ephemeral(call: Call) -> Json:
    """Show a message to one member of the channel alone."""
    workspace, channel, given = call.workspace, target(call), content(call)
    user = workspace.user(call.need("user", "user_not_found"))["id"]
    if user not in channel["members"]:
        raise SlackRefusal("user_not_in_channel")
    if _says_nothing(given):
        raise SlackRefusal("no_text")
    if len(given.get("text", "")) > TEXT_LIMIT:
        raise SlackRefusal("msg_too_long")
    message = messages.whisper(workspace, channel["id"], user, {**given, "thread_ts": call.text("thread_ts")})
    return {"message_ts": message["ts"]}


def get_permalink(call: Call) -> Json:
    """The link of a message, which opens it in the local page."""
    channel = read_from(call)["id"]
    message = call.workspace.message(channel, call.need("message_ts", "message_not_found"))
    return {"channel": channel, "permalink": messages.permalink(call.base, channel, message)}


METHODS = {
    "chat.postMessage": Method(post_message, ("chat:write",)),
    "chat.update": Method(update, ("chat:write",)),
    "chat.delete": Method(delete, ("chat:write",)),
    "chat.postEphemeral": Method(post_ephemeral, ("chat:write",)),
    "chat.getPermalink": Method(get_permalink),
}
