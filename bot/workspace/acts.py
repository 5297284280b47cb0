"""What people do outside messages' buttons and modals: commands, reactions, messages, the Home tab."""

from typing import Literal

from bot.workspace import hooks, messages, modals, payloads
from bot.workspace.api.reactions import emoji_name
from bot.workspace.delivery import Reply
from bot.workspace.errors import ActRefused, SlackRefusal
from bot.workspace.model import Json
from bot.workspace.runtime import Runtime
from bot.workspace.state import Workspace


def person(workspace: Workspace, body: Json) -> str:
    """The acting person's id. Raises ActRefused."""
    user = body.get("user")
    if user not in workspace.users or workspace.users[user]["deleted"]:
        raise ActRefused("user_not_found", status=404)
    return str(user)


def place(workspace: Workspace, body: Json, user: str) -> Json:
    """The channel an act happens in, which the person must be a member of. Raises ActRefused."""
    channel = workspace.channels.get(body.get("channel", ""))
    if channel is None:
        raise ActRefused("channel_not_found", status=404)
    if user not in channel["members"]:
        raise ActRefused("not_in_channel", status=403)
    return channel


def told(workspace: Workspace, what: str, reply: Reply) -> Json:
    """The control API's answer to an act, and the mark people see when the app did not acknowledge it."""
    if not reply.acked:
        workspace.notice(
            f"{what} failed with the error dispatch_failed: the app did not answer ({reply.reason})", "error"
        )
    status = "delivered" if reply.acked else "dispatch_failed"
    return {"ok": True, "acked": reply.acked, "status": status, "reason": reply.reason, "body": reply.body}


async def command(runtime: Runtime, body: Json, base: str) -> Json:
    """A slash command. What the app puts into its acknowledgement is shown to the person alone, or in the channel."""
    workspace = runtime.workspace
    user = person(workspace, body)
    channel = place(workspace, body, user)
    name = str(body.get("command", ""))
    installed = next((row for row in workspace.app.commands if row.command == name), None)
    if installed is None:
        raise ActRefused("unknown_command", status=404, command=name)
    if channel["is_archived"]:
        raise ActRefused("is_archived")
    text = str(body.get("text", "")).strip()
    if installed.should_escape:
        text = payloads.escaped(workspace, text, labels=True)
    trigger = modals.new_trigger(workspace, user)
    url = hooks.new_hook(workspace, base, "commands", user, channel["id"], None)
    fields = payloads.slash_command(workspace, user, channel, name, text, trigger=trigger, response_url=url)
    reply = await runtime.delivery.ask("slash_commands", fields)
    if reply.body:
        try:
            hooks.answer(workspace, workspace.hooks[url.rpartition("/")[2]], reply.body)
        except SlackRefusal as refusal:
            workspace.notice(f"{name} answered with something Slack refuses: {refusal.error}", "error")
    return told(workspace, name, reply)


async def react(runtime: Runtime, body: Json, _base: str) -> Json:
    """Add a reaction, or take it back with `remove`."""
    workspace = runtime.workspace
    user = person(workspace, body)
    channel = place(workspace, body, user)
    if channel["is_archived"]:
        raise ActRefused("is_archived")
    name = emoji_name(str(body.get("name", "")))
    messages.react(workspace, channel["id"], str(body.get("ts", "")), user, name, remove=bool(body.get("remove")))
    return {"ok": True, "acked": True, "status": "done", "body": None}


async def message(runtime: Runtime, body: Json, _base: str) -> Json:
    """Say something in a channel or a thread."""
    workspace = runtime.workspace
    user = person(workspace, body)
    channel = place(workspace, body, user)
    if channel["is_archived"]:
        raise ActRefused("is_archived")
    typed = str(body.get("text", "")).strip()
    if not typed:
        raise ActRefused("no_text")
    text = payloads.escaped(workspace, typed, labels=False)
    out: Json = {
        "type": "message",
        "user": user,
        "ts": workspace.ts(),
        "text": text,
        "team": workspace.users[user]["team_id"],
    }
    if thread_ts := body.get("thread_ts"):
        workspace.message(channel["id"], thread_ts)
        out["thread_ts"] = thread_ts
    messages.store(workspace, channel, {**out, "client_msg_id": workspace.fresh_id("", 16).lower()})
    if f"<@{workspace.app.bot_user_id}>" in text:
        workspace.on_event({**out, "type": "app_mention", "channel": channel["id"], "event_ts": out["ts"]})
    return {"ok": True, "acked": True, "status": "done", "body": None, "ts": out["ts"]}


def _own(workspace: Workspace, body: Json, error: str) -> tuple[Json, Json]:
    """The channel, and the message in it that is the person's own, or anybody's for an administrator."""
    user = person(workspace, body)
    channel = place(workspace, body, user)
    found = workspace.message(channel["id"], str(body.get("ts", "")))
    if found["user"] != user and not workspace.users[user]["is_admin"]:
        raise ActRefused(error, status=403)
    return channel, found


def _changed(workspace: Workspace, channel: Json, subtype: str, **more: Json | str) -> None:
    event = {"type": "message", "subtype": subtype, "hidden": True, "channel": channel["id"], "channel_type": "channel"}
    ts = workspace.ts()
    workspace.on_event({**event, **more, "ts": ts, "event_ts": ts})


async def edit(runtime: Runtime, body: Json, _base: str) -> Json:
    """Write one's own message anew. Nobody can do that to a message of the app."""
    workspace = runtime.workspace
    channel, found = _own(workspace, body, "cant_update_message")
    typed = str(body.get("text", "")).strip()
    if found["user"] != body["user"]:
        raise ActRefused("cant_update_message", status=403)
    if not typed:
        raise ActRefused("no_text")
    before = messages.alone(found)
    messages.edit(workspace, channel["id"], found, {"text": payloads.escaped(workspace, typed, labels=False)})
    _changed(workspace, channel, "message_changed", message=messages.alone(found), previous_message=before)
    return {"ok": True, "acked": True, "status": "done", "body": None}


async def delete(runtime: Runtime, body: Json, _base: str) -> Json:
    """Delete one's own message; an administrator may delete any, the app's too."""
    workspace = runtime.workspace
    channel, found = _own(workspace, body, "cant_delete_message")
    before = messages.alone(found)
    messages.delete(workspace, channel["id"], found)
    _changed(workspace, channel, "message_deleted", previous_message=before, deleted_ts=before["ts"])
    return {"ok": True, "acked": True, "status": "done", "body": None}


async def home(runtime: Runtime, body: Json, _base: str) -> Json:
    """Open the app's Home tab."""
    workspace = runtime.workspace
    user = person(workspace, body)
    event: Json = {"type": "app_home_opened", "user": user, "channel": workspace.direct(user)["id"], "tab": "home"}
    if user in workspace.homes:
        event["view"] = workspace.homes[user]
    workspace.on_event({**event, "event_ts": workspace.ts()})
    return {"ok": True, "acked": True, "status": "done", "body": None}


async def membership(runtime: Runtime, body: Json, _base: str) -> Json:
    """Join a public channel, or leave it with `leave`."""
    workspace = runtime.workspace
    user, channel = person(workspace, body), workspace.channel(str(body.get("channel", "")))
    leave = bool(body.get("leave"))
    if (user in channel["members"]) != leave:
        return {"ok": True, "acked": True, "status": "unchanged", "body": None}
    (channel["members"].remove if leave else channel["members"].append)(user)
    workspace.save_channel(channel)
    kind: Literal["member_left_channel", "member_joined_channel"] = (
        "member_left_channel" if leave else "member_joined_channel"
    )
    event = {"type": kind, "user": user, "channel": channel["id"], "channel_type": "C", "team": workspace.team_id}
    workspace.on_event({**event, "event_ts": workspace.ts()})
    return {"ok": True, "acked": True, "status": "done", "body": None}
