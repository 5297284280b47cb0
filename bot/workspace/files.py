"""Files: an address for the bytes, the bytes, where they are shown. What a picture in a message may be.

A row is `{file, state, address, length, alt, expires, ready_at, content}`: `file` is Slack's own object, `state` named
(an address was given), there (the bytes came) or shared, `content` the bytes in Base64.
"""

import base64
import struct
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Final
from urllib.parse import quote

from bot.workspace.blocks import explained
from bot.workspace.errors import SlackRefusal
from bot.workspace.model import Json
from bot.workspace.state import Workspace

ADDRESS_LIFE_S: Final = 300.0
"""How long an address takes bytes. Slack does not say how long its own do."""
MOST_BYTES: Final = 20_000_000
"""Slack takes 1 GB; what is kept here lies in one row of SQLite."""
TYPES: Final = {
    ".png": ("image/png", "png", "PNG"), ".jpg": ("image/jpeg", "jpg", "JPEG"), ".gif": ("image/gif", "gif", "GIF"),
    ".csv": ("text/csv", "csv", "CSV"), ".txt": ("text/plain", "text", "Plain Text"),
    ".pdf": ("application/pdf", "pdf", "PDF"),
}  # fmt: skip
"""Media type, file type and name by the suffix."""
UNTYPED: Final = ("application/octet-stream", "binary", "Binary")
_PNG: Final = b"\x89PNG\r\n\x1a\n"
_UNREADY: Final = ("original_w", "original_h", "thumb_64", "thumb_360", "thumb_720")


def new_file(workspace: Workspace, base: str, *, name: str, length: int, alt: str) -> Json:
    """Give an address for a file that will come. Raises file_upload_size_restricted."""
    if length > MOST_BYTES:
        raise SlackRefusal("file_upload_size_restricted")
    id, now = workspace.fresh_id("F"), int(workspace.clock())
    media_type, kind, words = TYPES.get(PurePosixPath(name).suffix.lower(), UNTYPED)
    private = f"{base}/files-pri/{workspace.team_id}-{id}"
    called = quote(name, safe="")
    file: Json = {
        "id": id, "created": now, "timestamp": now, "name": name, "title": name, "mimetype": media_type,
        "filetype": kind, "pretty_type": words, "user": workspace.app.bot_user_id, "user_team": workspace.team_id,
        "editable": False, "size": length, "mode": "hosted", "is_external": False, "external_type": "",
        "is_public": False, "public_url_shared": False, "display_as_bot": False, "username": "",
        "url_private": f"{private}/{called}", "url_private_download": f"{private}/download/{called}",
        "permalink": f"{base}/files/{workspace.app.bot_user_id}/{id}/{called}", "channels": [], "groups": [], "ims": [],
        "shares": {}, "has_rich_preview": False, "file_access": "visible",
    }  # fmt: skip
    address = workspace.fresh_id("", 24)
    row = {"file": file, "state": "named", "address": address, "length": length, "alt": alt, "content": ""}
    workspace.files[id] = {**row, "expires": workspace.clock() + ADDRESS_LIFE_S, "ready_at": 0.0}
    _save(workspace, id)
    return workspace.files[id]


def take_bytes(workspace: Workspace, address: str, content: bytes) -> Json:
    """Keep what was sent to an address, which works once. Raises no_such_address (404), wrong_length (400)."""
    row = next((row for row in workspace.files.values() if row["address"] == address), None)
    if row is None or row["state"] != "named" or workspace.clock() > row["expires"]:
        raise SlackRefusal("no_such_address", status=404)
    if len(content) != row["length"]:
        raise SlackRefusal("wrong_length", status=400)
    row |= {"state": "there", "content": base64.b64encode(content).decode()}
    row["ready_at"] = workspace.clock() + workspace.files_ready_s
    if row["file"]["mimetype"].startswith("image/"):
        row["file"] |= _measured(row["file"], content, row["alt"])
    _save(workspace, row["file"]["id"])
    return row


def share(workspace: Workspace, row: Json, channel: Json, message: Json) -> None:
    """Note where a file is shown now."""
    file, kind = row["file"], "private" if channel["is_private"] else "public"
    place: Json = {
        "reply_users": [], "reply_users_count": 0, "reply_count": 0, "ts": message["ts"],
        "channel_name": channel["name"], "team_id": workspace.team_id, "share_user_id": workspace.app.bot_user_id,
    }  # fmt: skip
    if message.get("thread_ts"):
        place["thread_ts"] = message["thread_ts"]
    file["shares"].setdefault(kind, {}).setdefault(channel["id"], []).append(place)
    listing = "ims" if channel.get("is_im") else "groups" if channel["is_private"] else "channels"
    file[listing] = sorted({*file[listing], channel["id"]})
    file["is_public"] = bool(file["channels"])
    row["state"] = "shared"
    _save(workspace, file["id"])


def seen(workspace: Workspace, row: Json) -> Json:
    """The file as files.info shows it: until Slack has looked at it, without type, pictures and shares."""
    file: Json = dict(row["file"])
    if row["state"] == "named" or workspace.clock() < row["ready_at"]:
        file = {key: value for key, value in file.items() if key not in _UNREADY}
        file |= {"mimetype": "", "filetype": "", "pretty_type": "", "shares": {}}
    return file


def bytes_of(row: Json) -> bytes:
    """What was uploaded."""
    return base64.b64decode(row["content"])


def check_pictures(workspace: Workspace, given: Json, *, error: str = "invalid_blocks", at: str = "") -> None:
    """Raise `error` for a `slack_file` in blocks or attachments that Slack would not show as a picture.

    It must be an image that was shared somewhere and that Slack has looked at since.
    """
    places = list(_pictures(given.get("blocks") or [], f"{at}/blocks"))
    for number, attachment in enumerate(given.get("attachments") or ()):
        places += _pictures(attachment.get("blocks") or [], f"{at}/attachments/{number}/blocks")
    if wrong := [place for place, named in places if not _is_shown(workspace, named)]:
        raise SlackRefusal(error, **explained([(place, "invalid slack file") for place in wrong]))


def _pictures(blocks: list[Json], at: str) -> Iterator[tuple[str, Json]]:
    for number, block in enumerate(blocks):
        inside = [("", block), ("/accessory", block.get("accessory") or {})]
        inside += [
            (f"/elements/{n}", one) for n, one in enumerate(block.get("elements") or ()) if isinstance(one, dict)
        ]
        for where, one in inside:
            if one.get("type") == "image" and one.get("slack_file"):
                yield f"{at}/{number}{where}/slack_file", one["slack_file"]


def _is_shown(workspace: Workspace, named: Json) -> bool:
    by_id = workspace.files.get(named.get("id", ""))
    addresses = ("url_private", "permalink")
    by_url = (row for row in workspace.files.values() if named.get("url") in [row["file"][key] for key in addresses])
    row = by_id or next(by_url, None)
    if row is None or row["state"] != "shared":
        return False
    return str(seen(workspace, row)["mimetype"]).startswith("image/")


def _measured(file: Json, content: bytes, alt: str) -> Json:
    """What Slack adds to a picture; the small ones are the picture itself here."""
    out: Json = dict.fromkeys(("thumb_64", "thumb_360", "thumb_720"), file["url_private"])
    if content.startswith(_PNG) and len(content) >= 24:
        out["original_w"], out["original_h"] = struct.unpack(">II", content[16:24])
    return out | ({"alt_txt": alt} if alt else {})


def _save(workspace: Workspace, id: str) -> None:
    workspace.store.put("file", id, workspace.files[id])
    workspace.bump()
