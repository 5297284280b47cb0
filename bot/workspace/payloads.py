"""What the app is sent: events, interactions and slash commands, complete as Slack writes them."""

import re
from typing import Any

from bot.workspace.model import Json
from bot.workspace.state import TEAM_DOMAIN, Workspace

DEPRECATED_PROOF = "demo-verification-token"  # the deprecated token; nothing should look at it


def event_callback(workspace: Workspace, event: Json) -> Json:
    """The Events API envelope around one event. A redelivery repeats the same object, event_id included."""
    app, team = workspace.app, workspace.team_id
    place = _place(workspace, event)
    external = place is not None and workspace.is_external(place)
    user = {
        "enterprise_id": None,
        "team_id": team,
        "user_id": app.bot_user_id,
        "is_bot": True,
        "is_enterprise_install": False,
    }
    return {
        "token": DEPRECATED_PROOF, "team_id": team, "context_team_id": team, "context_enterprise_id": None,
        "api_app_id": app.app_id, "event": event, "type": "event_callback", "event_id": workspace.fresh_id("Ev"),
        "event_time": int(workspace.clock()), "authorizations": [user], "is_ext_shared_channel": external,
        "event_context": workspace.fresh_id("4-", 20),
    }  # fmt: skip


def subscribed(workspace: Workspace, event: Json) -> bool:
    """Whether the app gets this event: it listens for the type, and the bot is in the channel it comes from."""
    name = event["type"]
    if name == "message":
        name = f"message.{'im' if event['channel_type'] == 'im' else 'channels'}"
    if name not in workspace.app.events:
        return False
    channel = _place(workspace, event)
    about_itself = event.get("user") == workspace.app.bot_user_id
    return channel is None or name in _FREE or about_itself or workspace.app.bot_user_id in channel["members"]


_FREE = {"app_home_opened", "channel_archive", "channel_unarchive", "channel_left", "group_left"}
"""Events about channels that come to an app that is not in them, or not any more."""


def _place(workspace: Workspace, event: Json) -> Json | None:
    """The channel an event comes from, None if it comes from none that there is."""
    where = event.get("channel") or event.get("item", {}).get("channel")
    return workspace.channels.get(where) if isinstance(where, str) else None


def _common(workspace: Workspace, kind: str, user: str, trigger: str | None) -> Json:
    person = workspace.users[user]
    out: Json = {
        "type": kind, "user": {"id": user, "username": person["name"], "name": person["name"],
        "team_id": person["team_id"]},
        "api_app_id": workspace.app.app_id, "token": DEPRECATED_PROOF,
        "team": {"id": workspace.team_id, "domain": workspace.seed.team["domain"]}, "enterprise": None,
        "is_enterprise_install": False,
    }  # fmt: skip
    return out | ({"trigger_id": trigger} if trigger else {})


def message_action(
    workspace: Workspace,
    user: str,
    *,
    channel: Json,
    message: Json,
    action: Json,
    state: Json,
    trigger: str,
    response_url: str,
) -> Json:
    """block_actions from a message; an ephemeral one is not sent along, as in Slack."""
    private = message.get("is_ephemeral", False)
    container: Json = {
        "type": "message",
        "message_ts": message["ts"],
        "channel_id": channel["id"],
        "is_ephemeral": private,
    }
    if message.get("thread_ts"):
        container["thread_ts"] = message["thread_ts"]
    name = "directmessage" if channel.get("is_im") else channel["name"]
    out = _common(workspace, "block_actions", user, trigger) | {
        "container": container, "channel": {"id": channel["id"], "name": name}, "state": state,
        "response_url": response_url,
        "actions": [action],
    }  # fmt: skip
    shown = {key: value for key, value in message.items() if key != "metadata"}
    return out if private else {**out, "message": shown}


def message_shortcut(
    workspace: Workspace,
    user: str,
    *,
    callback_id: str,
    channel: Json,
    message: Json,
    trigger: str,
    response_url: str,
) -> Json:
    """message_action: a message shortcut was used on a message, which is sent along without its metadata."""
    name = "directmessage" if channel.get("is_im") else channel["name"]
    common = _common(workspace, "message_action", user, trigger)
    shown = {key: value for key, value in message.items() if key != "metadata"}
    return {key: value for key, value in common.items() if key != "api_app_id"} | {
        "callback_id": callback_id, "action_ts": workspace.ts(), "channel": {"id": channel["id"], "name": name},
        "message_ts": message["ts"], "message": shown, "response_url": response_url,
    }  # fmt: skip


def view_action(workspace: Workspace, user: str, *, view: Json, action: Json, trigger: str) -> Json:
    """block_actions from a modal or the Home tab."""
    container = {"type": "view", "view_id": view["id"]}
    return _common(workspace, "block_actions", user, trigger) | {
        "container": container,
        "view": view,
        "actions": [action],
    }


def view_submission(workspace: Workspace, user: str, view: Json, trigger: str) -> Json:
    """A modal was submitted."""
    return _common(workspace, "view_submission", user, trigger) | {"view": view, "response_urls": []}


def view_closed(workspace: Workspace, user: str, view: Json, *, cleared: bool) -> Json:
    """A modal with notify_on_close was closed."""
    return _common(workspace, "view_closed", user, None) | {"view": view, "is_cleared": cleared}


def slash_command(
    workspace: Workspace, user: str, channel: Json, command: str, text: str, *, trigger: str, response_url: str
) -> Json:
    """The form fields of a slash command."""
    person = workspace.users[user]
    return {
        "token": DEPRECATED_PROOF, "team_id": person["team_id"],
        "team_domain": workspace.seed.team["domain"] or TEAM_DOMAIN,
        "channel_id": channel["id"], "channel_name": "directmessage" if channel.get("is_im") else channel["name"],
        "user_id": user, "user_name": person["name"], "command": command, "text": text,
        "api_app_id": workspace.app.app_id, "is_enterprise_install": "false", "response_url": response_url,
        "trigger_id": trigger,
    }  # fmt: skip


_TOKEN = re.compile(r"<(?:[@#][A-Z][A-Z0-9_]+(?:\|[^<>]*)?|![^<>]+|(?:https?|mailto):[^<>\s]+)>")
_NAME = re.compile(r"(?<![\w<|])([@#])([a-z0-9][\w.-]*)", re.IGNORECASE)


def escaped(workspace: Workspace, text: str, *, labels: bool) -> str:
    """What a person typed as Slack passes it on: `&<>` as entities, `@name` and `#name` as tokens.

    With `labels` a token carries the name (`<@U1|name>`, slash commands with should_escape); messages have bare ones.
    """

    def token(match: re.Match[str]) -> str:
        sign, name = match.groups()
        rows: Any = workspace.users if sign == "@" else workspace.channels
        for stem in (name, name.rstrip(".-")):
            found = next((row for row in rows.values() if row["name"].lower() == stem.lower()), None)
            if found is not None:
                label = f"|{found['name']}" if labels or sign == "#" else ""
                return f"<{sign}{found['id']}{label}>{name[len(stem) :]}"
        return match.group()

    out, last = "", 0
    for kept in _TOKEN.finditer(text):
        out += _NAME.sub(token, _entities(text[last : kept.start()])) + kept.group()
        last = kept.end()
    return out + _NAME.sub(token, _entities(text[last:]))


def _entities(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
