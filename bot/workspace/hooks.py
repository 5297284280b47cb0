"""response_url: what an app may say back after a command or a click, without being in the channel."""

from typing import Any

from bot.workspace import messages
from bot.workspace.blocks import check_message
from bot.workspace.errors import SlackRefusal
from bot.workspace.files import check_pictures
from bot.workspace.model import Json
from bot.workspace.state import Workspace

USES = 5
LIFE_S = 30 * 60.0
"""Five uses in thirty minutes. Source: docs.slack.dev, handling user interaction."""


def new_hook(workspace: Workspace, base: str, kind: str, user: str, channel: str, source: Json | None) -> str:
    """A fresh response_url; `kind` is `commands` or `actions`, `source` the message that was acted on."""
    id = workspace.fresh_id("", 24)
    hook: Json = {
        "user": user,
        "channel": channel,
        "uses": 0,
        "expires": workspace.clock() + LIFE_S,
        "ts": None,
        "private": False,
    }
    if source is not None:
        hook |= {"ts": source["ts"], "private": source.get("is_ephemeral", False)}
    workspace.hooks[id] = hook
    workspace.store.put("hook", id, hook)
    return f"{base}/{kind}/{workspace.team_id}/{id}"


def use(workspace: Workspace, id: str, body: Json) -> None:
    """Say `body` through a response_url. Raises expired_url, used_url (404) and what chat.postMessage would answer."""
    hook = workspace.hooks.get(id)
    if hook is None or workspace.clock() > hook["expires"]:
        raise SlackRefusal("expired_url", status=404)
    if hook["uses"] >= USES:
        raise SlackRefusal("used_url", status=404)
    answer(workspace, hook, body)
    hook["uses"] += 1
    workspace.store.put("hook", id, hook)


def answer(workspace: Workspace, hook: Json, body: Json) -> None:
    """Replace, delete or add a message as an answer says. Raises SlackRefusal for content that Slack refuses."""
    if body.get("delete_original"):
        _delete_original(workspace, hook)
        return
    given = {key: body[key] for key in ("text", "blocks", "attachments", "metadata") if body.get(key)}
    if not str(given.get("text", "")).strip() and "blocks" not in given and "attachments" not in given:
        raise SlackRefusal("no_text")
    check_message(given.get("blocks"), given.get("attachments"))
    check_pictures(workspace, given)
    if body.get("replace_original") and hook["ts"] is not None:
        _replace_original(workspace, hook, given)
        return
    channel = workspace.channel(hook["channel"])
    if thread_ts := body.get("thread_ts"):
        given["thread_ts"] = thread_ts
    if body.get("response_type") == "in_channel":
        messages.store(workspace, channel, messages.app_message(workspace, given))
    else:
        messages.whisper(workspace, channel["id"], hook["user"], given)


def _replace_original(workspace: Workspace, hook: Json, given: Json) -> None:
    changes: dict[str, Any] = {"text": "", "blocks": None, "attachments": None, **given}
    if not hook["private"]:
        messages.edit(workspace, hook["channel"], workspace.message(hook["channel"], hook["ts"]), changes)
        return
    if hook["ts"] not in workspace.ephemerals:
        raise SlackRefusal("message_not_found")
    row = workspace.ephemerals[hook["ts"]]
    fresh = messages.app_message(workspace, {**given, "thread_ts": row["message"].get("thread_ts")})
    row["message"] = {**fresh, "ts": hook["ts"], "is_ephemeral": True}
    workspace.store.put("ephemeral", hook["ts"], row)
    workspace.bump()


def _delete_original(workspace: Workspace, hook: Json) -> None:
    if not hook["private"]:
        messages.delete(workspace, hook["channel"], workspace.message(hook["channel"], str(hook["ts"])))
    elif workspace.ephemerals.pop(hook["ts"], None) is not None:
        workspace.store.remove("ephemeral", hook["ts"])
        workspace.bump()
