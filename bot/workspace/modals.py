"""Modals, one stack per person, and the Home tab."""

from typing import Any

from bot.workspace.blocks import check_view, parsed
from bot.workspace.errors import SlackRefusal
from bot.workspace.files import check_pictures
from bot.workspace.messages import with_block_ids
from bot.workspace.model import Json
from bot.workspace.state import Workspace
from bot.workspace.values import state_of

STACK_LIMIT = 3
TRIGGER_LIFE_S = 3.0
"""A trigger_id is good for three seconds and one use. Source: docs.slack.dev, interactivity."""


def new_trigger(workspace: Workspace, user: str) -> str:
    """A trigger_id that lets the app open one modal for `user` soon."""
    now = workspace.clock()
    for id in [id for id, row in workspace.triggers.items() if now - row["at"] > 60]:
        del workspace.triggers[id]
    id = f"{int(now * 1000)}.{workspace.team_id}.{workspace.fresh_id('', 32).lower()}"
    workspace.triggers[id] = {"user": user, "at": now, "used": False}
    return id


def use_trigger(workspace: Workspace, id: Any) -> str:
    """The user a trigger_id stands for. Raises invalid_trigger_id, expired_trigger_id, exchanged_trigger_id."""
    trigger = workspace.triggers.get(str(id))
    if trigger is None:
        raise SlackRefusal("invalid_trigger_id")
    if workspace.clock() - trigger["at"] > TRIGGER_LIFE_S:
        raise SlackRefusal("expired_trigger_id")
    if trigger["used"]:
        raise SlackRefusal("exchanged_trigger_id")
    trigger["used"] = True
    return str(trigger["user"])


def parse_view(workspace: Workspace, view: Any, kind: str) -> Json:
    """A checked view argument. Raises invalid_arguments."""
    view = parsed(view, "invalid_arguments")
    check_view(view, kind)
    check_pictures(workspace, view, error="invalid_arguments", at="/view")
    return dict(view)


def _built(workspace: Workspace, view: Json, identity: Json, kept: Json) -> Json:
    blocks = with_block_ids(workspace, view["blocks"])
    app = workspace.app
    out = {
        "team_id": workspace.team_id, "type": view["type"], "blocks": blocks,
        "private_metadata": view.get("private_metadata", ""),
        "callback_id": view.get("callback_id", ""), "state": state_of(blocks, kept), "hash": _hash(workspace),
        "title": view.get("title") or {"type": "plain_text", "text": "View Title", "emoji": True},
        "clear_on_close": view.get("clear_on_close", False), "notify_on_close": view.get("notify_on_close", False),
        "close": view.get("close"), "submit": view.get("submit"), "external_id": view.get("external_id", ""),
        "app_id": app.app_id, "app_installed_team_id": workspace.team_id, "bot_id": app.bot_id,
    }  # fmt: skip
    return {**out, **identity}


def _hash(workspace: Workspace) -> str:
    return f"{int(workspace.clock())}.{workspace.fresh_id('', 8).lower()}"


def save(workspace: Workspace, user: str) -> None:
    """Write a person's stack through and wake the page."""
    workspace.store.put("modals", user, {"views": workspace.modals.get(user, [])})
    workspace.bump()


def find(workspace: Workspace, view_id: str) -> tuple[str, int, Json]:
    """(user, place in the stack, view). Raises not_found."""
    for user, stack in workspace.modals.items():
        for place, view in enumerate(stack):
            if view["id"] == view_id or (view["external_id"] and view["external_id"] == view_id):
                return user, place, view
    raise SlackRefusal("not_found")


def show(workspace: Workspace, user: str, view: Json, *, on_top: bool) -> Json:
    """Open a modal for a person: alone, or pushed on the stack. Raises push_limit_reached, duplicate_external_id."""
    stack = workspace.modals.get(user, []) if on_top else []
    if len(stack) >= STACK_LIMIT:
        raise SlackRefusal("push_limit_reached")
    external = view.get("external_id")
    if external and any(v["external_id"] == external for views in workspace.modals.values() for v in views):
        raise SlackRefusal("duplicate_external_id")
    id = workspace.fresh_id("V")
    below = {"root_view_id": stack[0]["root_view_id"], "previous_view_id": stack[-1]["id"]} if stack else None
    built = _built(workspace, view, {"id": id, **(below or {"root_view_id": id, "previous_view_id": None})}, {})
    workspace.modals[user] = [*stack, built]
    save(workspace, user)
    return built


def replace(workspace: Workspace, view_id: str, view: Json, hash: str | None) -> Json:
    """Change an open modal in place; inputs with the same ids keep their values. Raises not_found, hash_conflict."""
    user, place, before = find(workspace, view_id)
    if hash is not None and hash != before["hash"]:
        raise SlackRefusal("hash_conflict")
    identity = {key: before[key] for key in ("id", "root_view_id", "previous_view_id")}
    built = _built(workspace, view, identity, before["state"]["values"])
    workspace.modals[user][place] = built
    save(workspace, user)
    return built


def drop(workspace: Workspace, user: str, count: int | None = None) -> list[Json]:
    """Close the topmost `count` modals, or all of them; returns them, topmost first."""
    stack = workspace.modals.get(user, [])
    keep = 0 if count is None else len(stack) - count
    workspace.modals[user] = stack[:keep]
    save(workspace, user)
    return stack[keep:][::-1]


def publish(workspace: Workspace, user: str, view: Json, hash: str | None) -> Json:
    """Set a person's Home tab. Raises user_not_found, hash_conflict."""
    workspace.user(user)
    before = workspace.homes.get(user)
    if hash is not None and before is not None and hash != before["hash"]:
        raise SlackRefusal("hash_conflict")
    id = before["id"] if before else workspace.fresh_id("V")
    kept = before["state"]["values"] if before else {}
    built = _built(workspace, view, {"id": id, "root_view_id": id, "previous_view_id": None}, kept)
    workspace.homes[user] = built
    workspace.store.put("home", user, built)
    workspace.bump()
    return built


def bare(view: Json) -> Json:
    """The view as the app gets it: without the complaints the page shows."""
    return {key: value for key, value in view.items() if key != "errors"}


def keep(workspace: Workspace, user: str, view: Json) -> None:
    """Write a view whose state a person changed through, be it a modal or the Home tab."""
    if view["type"] == "home":
        workspace.store.put("home", user, view)
        workspace.bump()
    else:
        save(workspace, user)
