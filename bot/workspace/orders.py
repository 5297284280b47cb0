"""Orders to the workspace itself: faults, a reset."""

from bot.workspace.errors import ActRefused
from bot.workspace.model import Json
from bot.workspace.runtime import Runtime

DISCONNECTS = frozenset({"warning", "refresh_requested", "link_disabled"})


async def faults(runtime: Runtime, body: Json, _base: str) -> Json:
    """Order one fault. Raises ActRefused for an order nobody understands.

    On Web API calls: `{"method", "kind", "times", "retry_after", "error", "seconds", "channel"}`, method `*` for any;
    without `channel` wherever it goes. `{"forgive": channel}` takes back what was ordered for one channel.
    On deliveries: `{"deliver": "duplicate" | "reorder", "times", "copies"}`, `{"retry_delays": [seconds, …]}`,
    `{"ack_seconds"}`, `{"disconnect": reason}`.
    On the workspace: `{"archive" | "unarchive" | "kick" | "invite": channel}`, `{"deactivate": user}`.
    `{"revoke_token": true}`, `{"files_ready_after": seconds}`; and `{"clear": true}`, which takes back all but what was
    done to the workspace.
    """
    ordered = runtime.faults
    match body:
        case {"method": _}:
            ordered.order_call(body)
        case {"forgive": str(channel)}:
            ordered.forgive(channel)
        case {"deliver": _}:
            ordered.order_delivery(body)
        case {"disconnect": reason} if reason in DISCONNECTS:
            return {"ok": True, "told": await runtime.sockets.disconnect(reason)}
        case {"retry_delays": list(delays)}:
            ordered.retry_delays_s = tuple(float(delay) for delay in delays)
        case {"ack_seconds": int() | float() as seconds}:
            ordered.ack_s = float(seconds)
        case {"revoke_token": bool(revoked)}:
            ordered.revoked = revoked
        case {"files_ready_after": int() | float() as seconds}:
            runtime.workspace.files_ready_s = float(seconds)
        case {"clear": True}:
            ordered.clear()
            runtime.workspace.files_ready_s = 0.0
        case _:
            _change(runtime, body)
    return {"ok": True}


def _change(runtime: Runtime, body: Json) -> None:
    """What an administrator may do to the app's surroundings."""
    match body:
        case {"archive": str(channel)}:
            _archive(runtime, channel, archived=True)
        case {"unarchive": str(channel)}:
            _archive(runtime, channel, archived=False)
        case {"kick": str(channel)}:
            _bot_membership(runtime, channel, member=False)
        case {"invite": str(channel)}:
            _bot_membership(runtime, channel, member=True)
        case {"deactivate": str(user)}:
            runtime.workspace.deactivate(user)
        case _:
            raise ActRefused("invalid_fault", given=body)


def _archive(runtime: Runtime, id: str, *, archived: bool) -> None:
    workspace = runtime.workspace
    channel = workspace.channel(id)
    channel["is_archived"] = archived
    workspace.save_channel(channel)
    kind = "channel_archive" if archived else "channel_unarchive"
    workspace.on_event(
        {"type": kind, "channel": channel["id"], "user": "U_ADMIN", "is_moved": 0, "event_ts": workspace.ts()}
    )


def _bot_membership(runtime: Runtime, id: str, *, member: bool) -> None:
    workspace = runtime.workspace
    channel, bot = workspace.channel(id), workspace.app.bot_user_id
    if (bot in channel["members"]) == member:
        return
    (channel["members"].append if member else channel["members"].remove)(bot)
    workspace.save_channel(channel)
    if member:
        event = {
            "type": "member_joined_channel",
            "user": bot,
            "channel_type": "C",
            "team": workspace.team_id,
            "inviter": "U_ADMIN",
        }
    else:
        event = {"type": "channel_left", "actor_id": "U_ADMIN"}
    workspace.on_event({**event, "channel": channel["id"], "event_ts": workspace.ts()})


async def reset(runtime: Runtime, _body: Json, _base: str) -> Json:
    """Back to the seeded team: no messages, views, faults or recorded calls. Connections stay."""
    runtime.faults.clear()
    runtime.workspace.files_ready_s = 0.0
    runtime.calls.clear()
    runtime.workspace.reset()
    return {"ok": True}
