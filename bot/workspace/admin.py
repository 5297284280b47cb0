"""What an administrator may do to the app's surroundings: channels, people, groups, the installation itself."""

from bot.workspace.errors import ActRefused
from bot.workspace.model import Json
from bot.workspace.runtime import Runtime
from bot.workspace.state import Workspace

ADMIN = "U_ADMIN"


def change(runtime: Runtime, order: Json) -> None:
    """Do one of these, and send the event that Slack sends.

    `{"archive" | "unarchive" | "delete" | "make_private" | "kick" | "invite": channel}`, `{"deactivate": user}`,
    `{"group": id, "users": [user, …]}`, `{"disable_group": id}`, `{"revoke_token": bool}`, `{"uninstall": bool}`.
    Raises: ActRefused for an order nobody understands, SlackRefusal for a channel, user or group that is not there.
    """
    workspace = runtime.workspace
    match order:
        case {"archive": str(channel)}:
            _archive(workspace, channel, archived=True)
        case {"unarchive": str(channel)}:
            _archive(workspace, channel, archived=False)
        case {"delete": str(channel)}:
            _delete(workspace, channel)
        case {"make_private": str(channel)}:
            _make_private(workspace, channel)
        case {"kick": str(channel)}:
            _bot_membership(workspace, channel, member=False)
        case {"invite": str(channel)}:
            _bot_membership(workspace, channel, member=True)
        case {"deactivate": str(user)}:
            workspace.deactivate(user)
            event = {"type": "user_change", "user": workspace.users[user], "cache_ts": int(workspace.clock())}
            workspace.on_event({**event, "event_ts": workspace.ts()})
        case {"group": str(group), "users": list(users)}:
            workspace.set_group(group, [str(user) for user in users], by=ADMIN)
        case {"disable_group": str(group)}:
            workspace.disable_group(group, by=ADMIN)
        case {"revoke_token": bool(revoked)}:
            _refuse_app(runtime, "token_revoked" if revoked else None)
        case {"uninstall": bool(gone)}:
            _refuse_app(runtime, "account_inactive" if gone else None)
        case _:
            raise ActRefused("invalid_fault", given=order)


def _event(workspace: Workspace, kind: str, channel: Json, **more: object) -> None:
    """An event about a channel; private ones are called groups. Source: docs.slack.dev/reference/events."""
    noun = "group" if channel["is_private"] else "channel"
    workspace.on_event({"type": f"{noun}_{kind}", "channel": channel["id"], **more})


def _archive(workspace: Workspace, id: str, *, archived: bool) -> None:
    channel = workspace.channel(id)
    channel["is_archived"] = archived
    workspace.save_channel(channel)
    moved = {"is_moved": 0} if archived else {}
    _event(workspace, "archive" if archived else "unarchive", channel, user=ADMIN, **moved, event_ts=workspace.ts())


def _delete(workspace: Workspace, id: str) -> None:
    channel = workspace.channel(id)
    workspace.forget_channel(channel)
    by: Json = {"actor_id": ADMIN, "date_deleted": int(workspace.clock()), "event_ts": workspace.ts()}
    _event(workspace, "deleted", channel, **(by if channel["is_private"] else {}))


def _make_private(workspace: Workspace, id: str) -> None:
    channel = workspace.channel(id)
    channel["is_private"] = True
    workspace.save_channel(channel)


def _bot_membership(workspace: Workspace, id: str, *, member: bool) -> None:
    channel, bot = workspace.channel(id), workspace.app.bot_user_id
    if (bot in channel["members"]) == member:
        return
    (channel["members"].append if member else channel["members"].remove)(bot)
    workspace.save_channel(channel)
    if not member:
        _event(workspace, "left", channel, actor_id=ADMIN, event_ts=workspace.ts())
        return
    event = {"type": "member_joined_channel", "user": bot, "channel": channel["id"], "team": workspace.team_id}
    kind = "G" if channel["is_private"] else "C"
    workspace.on_event({**event, "channel_type": kind, "inviter": ADMIN, "event_ts": workspace.ts()})


def _refuse_app(runtime: Runtime, error: str | None) -> None:
    """Refuse every call of the app with `error`, or take it back."""
    runtime.faults.app_refused = error
    if error is None:
        return
    workspace = runtime.workspace
    if error == "account_inactive":
        workspace.on_event({"type": "app_uninstalled"})
    tokens = {"oauth": [], "bot": [workspace.app.bot_user_id]}
    workspace.on_event({"type": "tokens_revoked", "tokens": tokens})
