"""What the browser page shows one person, as one JSON object."""

from bot.workspace.messages import shown, top_level, whispers
from bot.workspace.model import Json
from bot.workspace.state import Workspace

NEWEST = 150
"""How many top-level messages of a channel the page gets."""


def page_state(workspace: Workspace, user: str, channel: str | None, thread_ts: str | None, *, home: bool) -> Json:
    """Everything the acting person sees. Looking at a channel marks it read."""
    if channel is not None and channel in workspace.channels:
        _mark_read(workspace, user, channel)
    seen = workspace.channels.get(channel or "")
    if seen is not None and not _visible(workspace, user, seen):
        seen = None
    return {
        "rev": workspace.rev,
        "team": {"id": workspace.team_id, "name": workspace.seed.team["name"]},
        "app": {"name": workspace.app.name, "bot_user_id": workspace.app.bot_user_id},
        "me": workspace.users[user],
        "users": list(workspace.users.values()),
        "usergroups": [
            {key: group[key] for key in ("id", "handle", "name")} for group in workspace.usergroups.values()
        ],
        "channels": [
            _row(workspace, user, row) for row in workspace.channels.values() if _visible(workspace, user, row)
        ],
        "channel": _open(workspace, user, seen) if seen is not None else None,
        "thread": _thread(workspace, user, seen["id"], thread_ts) if seen is not None and thread_ts else None,
        "views": workspace.modals.get(user, []),
        "home": workspace.homes.get(user) if home else None,
        "commands": [
            {"command": c.command, "description": c.description, "usage_hint": c.usage_hint}
            for c in workspace.app.commands
        ],
        "shortcuts": [{"name": s.name, "callback_id": s.callback_id} for s in workspace.app.shortcuts],
        "notices": list(workspace.notices),
        "story": workspace.story,
    }


def _visible(workspace: Workspace, user: str, channel: Json) -> bool:
    if channel.get("is_im"):
        return user in channel["members"] and bool(
            workspace.messages.get(channel["id"]) or whispers(workspace, user, channel["id"])
        )
    outside = workspace.users[user].get("is_stranger") or workspace.users[user].get("is_restricted")
    return user in channel["members"] or not (channel["is_private"] or outside)


def _mark_read(workspace: Workspace, user: str, channel: str) -> None:
    newest = max(workspace.messages.get(channel, {"": {}}), default="")
    key = f"{user}:{channel}"
    if workspace.marks.get(key, {}).get("ts") != newest:
        workspace.marks[key] = {"ts": newest}
        workspace.store.put("mark", key, workspace.marks[key])


def _row(workspace: Workspace, user: str, channel: Json) -> Json:
    mark = workspace.marks.get(f"{user}:{channel['id']}", {}).get("ts", "")
    fresh: list[Json] = []
    for message in reversed(workspace.messages.get(channel["id"], {}).values()):
        if message["ts"] <= mark:
            break
        if message["user"] != user:
            fresh.append(message)
    return {
        "id": channel["id"],
        "name": _name(workspace, channel),
        "topic": channel["topic"]["value"],
        "is_member": user in channel["members"],
        "is_archived": channel["is_archived"],
        "is_im": channel.get("is_im", False),
        "unread": sum(message.get("thread_ts") in {None, message["ts"]} for message in fresh),
        "mentions": sum(_names(user, message) for message in fresh),
    }


def _name(workspace: Workspace, channel: Json) -> str:
    """What people call a channel; a private talk is called after the app."""
    return str(workspace.app.name if channel.get("is_im") else channel["name"])


def _names(user: str, message: Json) -> bool:
    """Whether a message mentions the person, in its text or in any block."""
    return f"<@{user}>" in message["text"] or f"<@{user}>" in str(message.get("blocks", ""))


def _private(workspace: Workspace, user: str, channel: str, thread_ts: str | None) -> list[Json]:
    return [
        row["message"] for row in whispers(workspace, user, channel) if row["message"].get("thread_ts") == thread_ts
    ]


def _open(workspace: Workspace, user: str, channel: Json) -> Json:
    newest = [shown(workspace, channel["id"], message) for message in top_level(workspace, channel["id"])[-NEWEST:]]
    merged = sorted([*newest, *_private(workspace, user, channel["id"], None)], key=lambda message: str(message["ts"]))
    about = {"id": channel["id"], "name": _name(workspace, channel), "topic": channel["topic"]["value"]}
    return {**about, "messages": merged}


def _thread(workspace: Workspace, user: str, channel: str, ts: str) -> Json | None:
    parent = workspace.messages[channel].get(ts)
    if parent is None:
        return None
    below = [
        shown(workspace, channel, workspace.messages[channel][reply])
        for reply in workspace.threads.get((channel, ts), ())
    ]
    merged = sorted([*below, *_private(workspace, user, channel, ts)], key=lambda message: str(message["ts"]))
    return {"parent": shown(workspace, channel, parent), "replies": merged}
