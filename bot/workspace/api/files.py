"""files.*: an address for the bytes, showing what came there, and what Slack knows of it."""

from bot.workspace import files, messages
from bot.workspace.api.chat import check_thread, target
from bot.workspace.api.method import Call, Method
from bot.workspace.blocks import check_message, parsed
from bot.workspace.errors import SlackRefusal
from bot.workspace.model import Json

ALT_LIMIT = 1_000


def upload_address(call: Call) -> Json:
    """An address for one file. Raises alt_txt_too_large, file_upload_size_restricted, invalid_arguments."""
    if len(alt := call.text("alt_txt")) > ALT_LIMIT:
        raise SlackRefusal("alt_txt_too_large")
    name, length = call.need("filename"), call.need("length")
    if not length.isdecimal() or int(length) < 1:
        words = "[ERROR] must be greater than 0 [json-pointer:/length]"
        raise SlackRefusal("invalid_arguments", response_metadata={"messages": [words]})
    row = files.new_file(call.workspace, call.base, name=name, length=int(length), alt=alt)
    return {"upload_url": f"{call.base}/upload/v1/{row['address']}", "file_id": row["file"]["id"]}


def complete_upload(call: Call) -> Json:
    """Show files in a channel or thread; without a channel they stay private. A repeat shows them once more.

    `blocks` count only without `initial_comment`.
    """
    rows = [_there(call, one) for one in _named(call)]
    if not (channel_id := call.text("channel_id") or call.text("channels")):
        return {"files": [files.seen(call.workspace, row) for row in rows]}
    if "," in channel_id:  # no feature shows a file in several places
        raise SlackRefusal("invalid_arguments")
    call.arguments["channel"] = channel_id
    channel, fields = target(call), _comment(call)
    if thread_ts := call.text("thread_ts"):
        check_thread(call, channel["id"], thread_ts)
        fields["thread_ts"] = thread_ts
    message = messages.app_message(call.workspace, fields)
    for row in rows:
        files.share(call.workspace, row, channel, message)
    inside = [{key: value for key, value in row["file"].items() if key != "shares"} for row in rows]
    messages.store(call.workspace, channel, {**message, "files": inside, "upload": True})
    return {"files": [files.seen(call.workspace, row) for row in rows]}


def _named(call: Call) -> list[Json]:
    """The files that are meant. Raises invalid_arguments."""
    given = parsed(call.arguments.get("files"), "invalid_arguments")
    if not isinstance(given, list) or not given:
        raise SlackRefusal(
            "invalid_arguments", response_metadata={"messages": ["[ERROR] missing required field: files"]}
        )
    known = {"id", "title", "highlight_type"}
    for one in given:
        if not isinstance(one, dict) or not isinstance(one.get("id"), str) or not set(one) <= known:
            raise SlackRefusal("invalid_arguments")
    return given


def _there(call: Call, named: Json) -> Json:
    """One of the files, with its title. Raises file_not_found unless its bytes have come."""
    row = call.workspace.files.get(named["id"])
    if row is None or row["state"] == "named":
        raise SlackRefusal("file_not_found")
    if title := named.get("title"):
        row["file"]["title"] = str(title)
    return row


def _comment(call: Call) -> Json:
    if comment := call.text("initial_comment"):
        return {"text": comment}
    if not call.arguments.get("blocks"):
        return {}
    blocks = parsed(call.arguments["blocks"], "invalid_blocks_format")
    check_message(blocks)
    files.check_pictures(call.workspace, {"blocks": blocks})
    return {"blocks": blocks}


def info(call: Call) -> Json:
    """What Slack knows of a file. Raises file_not_found for one that was never shown to anybody."""
    row = call.workspace.files.get(call.need("file", "file_not_found"))
    if row is None or row["state"] == "named":
        raise SlackRefusal("file_not_found")
    return {"file": files.seen(call.workspace, row), "comments": [], "response_metadata": {"next_cursor": ""}}


METHODS = {
    "files.getUploadURLExternal": Method(upload_address, ("files:write",)),
    "files.completeUploadExternal": Method(complete_upload, ("files:write",)),
    "files.info": Method(info, ("files:read",)),
}
