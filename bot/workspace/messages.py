"""Posting, changing and showing messages, their reactions and the private ones, whoever asks for it."""

import copy

from bot.workspace.errors import SlackRefusal
from bot.workspace.model import Json
from bot.workspace.state import Workspace

SHOWN_REACTIONS_USERS = 50
"""Slack lists at most 50 users of a reaction; `count` keeps the true number."""


def with_block_ids(workspace: Workspace, blocks: list[Json]) -> list[Json]:
    """A copy of the blocks as Slack stores them: each with a block_id, each interactive element with an action_id."""
    stored = copy.deepcopy(blocks)
    for block in stored:
        block.setdefault("block_id", workspace.fresh_id("", 5))
        for element in elements_of(block):
            if element.get("type") not in {"image", "mrkdwn", "plain_text"}:
                element.setdefault("action_id", workspace.fresh_id("", 5))
    return stored


def elements_of(block: Json) -> list[Json]:
    """The elements a person can act on, directly inside one block: actions, an accessory, an input."""
    if block.get("type") in {"actions", "context_actions"}:
        return list(block.get("elements", ()))
    return [block[key] for key in ("accessory", "element") if isinstance(block.get(key), dict)]


def app_message(workspace: Workspace, fields: Json) -> Json:
    """A new message object as Slack writes it for the app's bot.

    `fields` may hold text, blocks, attachments, thread_ts, metadata and client_msg_id.
    """
    app = workspace.app
    profile = {"id": app.bot_id, "app_id": app.app_id, "name": app.name, "deleted": False}
    profile |= {"icons": {}, "updated": 0}
    message: Json = {
        "type": "message", "ts": workspace.ts(), "user": app.bot_user_id, "bot_id": app.bot_id, "app_id": app.app_id,
        "team": workspace.team_id, "bot_profile": {**profile, "team_id": workspace.team_id},
        "text": fields.get("text") or "",
    }  # fmt: skip
    if fields.get("blocks"):
        message["blocks"] = with_block_ids(workspace, fields["blocks"])
    for key in ("attachments", "thread_ts", "metadata", "client_msg_id"):
        if fields.get(key):
            message[key] = fields[key]
    return message


def store(workspace: Workspace, channel: Json, message: Json) -> None:
    """Keep a new message, write it through and tell the app when it listens for messages."""
    workspace.index(channel["id"], message)
    save(workspace, channel["id"], message)
    kind: Json = {"channel_type": "im" if channel.get("is_im") else "channel"}
    if message.get("files"):
        kind["subtype"] = "file_share"
    if message.get("subtype") == "thread_broadcast":
        kind["root"] = shown(workspace, channel["id"], workspace.messages[channel["id"]][message["thread_ts"]])
    workspace.on_event(
        {**shown(workspace, channel["id"], message), "channel": channel["id"], "event_ts": message["ts"], **kind}
    )


def save(workspace: Workspace, channel: str, message: Json) -> None:
    """Write a changed message through and wake the page."""
    workspace.store.put("message", f"{channel}:{message['ts']}", {"channel": channel, "message": message})
    workspace.bump()


def shown(workspace: Workspace, channel: str, message: Json, *, metadata: bool = False) -> Json:
    """The message as Slack's API returns it: thread counts worked out, metadata only on request."""
    out = {key: value for key, value in message.items() if key != "metadata" or metadata}
    if "reactions" in message:
        out["reactions"] = [{**r, "users": r["users"][:SHOWN_REACTIONS_USERS]} for r in message["reactions"]]
    replies = [workspace.messages[channel][ts] for ts in workspace.threads.get((channel, message["ts"]), ())]
    if replies:
        users = list(dict.fromkeys(reply["user"] for reply in replies))
        out |= {
            "thread_ts": message["ts"],
            "reply_count": len(replies),
            "reply_users": users[:5],
            "reply_users_count": len(users),
        }
        out |= {"latest_reply": replies[-1]["ts"], "subscribed": False, "is_locked": False}
    elif message.get("thread_ts") not in {None, message["ts"]}:
        parent = workspace.messages[channel].get(message["thread_ts"])
        out["parent_user_id"] = parent["user"] if parent else None
    return out


def alone(message: Json) -> Json:
    """The message as methods return it that say nothing of its thread, without metadata."""
    return {key: value for key, value in message.items() if key != "metadata"}


def top_level(workspace: Workspace, channel: str) -> list[Json]:
    """The channel's messages outside threads (and replies sent to the channel too), oldest first."""
    messages = workspace.messages.get(channel, {}).values()
    return [m for m in messages if m.get("thread_ts") in {None, m["ts"]} or m.get("subtype") == "thread_broadcast"]


def edit(workspace: Workspace, channel: str, message: Json, changes: Json) -> None:
    """Change a message in place. Keys set to None are removed; blocks are stored with ids as in a new message."""
    for key, value in changes.items():
        if value in (None, []):
            message.pop(key, None)
        else:
            message[key] = with_block_ids(workspace, value) if key == "blocks" else value
    message.setdefault("text", "")
    message["edited"] = {"user": message["user"], "ts": workspace.ts()}
    save(workspace, channel, message)


def delete(workspace: Workspace, channel: str, message: Json) -> None:
    """Remove a message; a thread's parent stays behind as a tombstone, as in Slack."""
    ts = message["ts"]
    if workspace.threads.get((channel, ts)):
        for key in ("blocks", "attachments", "metadata", "reactions", "bot_id", "bot_profile", "app_id"):
            message.pop(key, None)
        message |= {"subtype": "tombstone", "text": "This message was deleted.", "user": "USLACKBOT", "hidden": True}
        save(workspace, channel, message)
        return
    del workspace.messages[channel][ts]
    parent = message.get("thread_ts")
    if parent is not None and parent != ts:
        workspace.threads[channel, parent].remove(ts)
    workspace.store.remove("message", f"{channel}:{ts}")
    workspace.bump()


def react(workspace: Workspace, channel: str, ts: str, user: str, name: str, *, remove: bool) -> None:
    """Add or take back one person's reaction. Raises message_not_found, already_reacted, no_reaction."""
    message = workspace.message(channel, ts)
    reactions: list[Json] = message.setdefault("reactions", [])
    found = next((r for r in reactions if r["name"] == name), None)
    reacted = found is not None and user in found["users"]
    if reacted != remove:
        raise SlackRefusal("no_reaction" if remove else "already_reacted")
    if found is None:
        found = {"name": name, "users": [], "count": 0}
        reactions.append(found)
    (found["users"].remove if remove else found["users"].append)(user)
    found["count"] = len(found["users"])
    message["reactions"] = [r for r in reactions if r["count"]]
    if not message["reactions"]:
        del message["reactions"]
    save(workspace, channel, message)
    event = {"type": "reaction_removed" if remove else "reaction_added", "user": user, "reaction": name}
    item = {"type": "message", "channel": channel, "ts": ts}
    workspace.on_event({**event, "item": item, "item_user": message["user"], "event_ts": workspace.ts()})


def whisper(workspace: Workspace, channel: str, user: str, fields: Json) -> Json:
    """Show a message to one person alone and keep it until the workspace is reset."""
    message = {**app_message(workspace, fields), "is_ephemeral": True}
    workspace.ephemerals[message["ts"]] = {"user": user, "channel": channel, "message": message}
    workspace.store.put("ephemeral", message["ts"], workspace.ephemerals[message["ts"]])
    workspace.bump()
    return message


def whispers(workspace: Workspace, user: str, channel: str | None = None) -> list[Json]:
    """The private messages of one person, oldest first, each `{user, channel, message}`."""
    rows = sorted(workspace.ephemerals.values(), key=lambda row: str(row["message"]["ts"]))
    return [row for row in rows if row["user"] == user and channel in {None, row["channel"]}]


def permalink(base: str, channel: str, message: Json) -> str:
    """A link to the message that opens in the local page; `base` is the server's address without a final slash."""
    link = f"{base}/archives/{channel}/p{message['ts'].replace('.', '')}"
    parent = message.get("thread_ts")
    return link if parent in {None, message["ts"]} else f"{link}?thread_ts={parent}&cid={channel}"
