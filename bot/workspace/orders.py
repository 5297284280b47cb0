"""Orders to the workspace itself: faults, a reset."""

from bot.workspace.errors import ActRefused
from bot.workspace.faults import RETRY_DELAYS_S
from bot.workspace.model import Json
from bot.workspace.runtime import Runtime

DISCONNECTS = frozenset({"warning", "refresh_requested", "link_disabled"})


async def faults(runtime: Runtime, body: Json, base: str) -> Json:
    """Order faults; several keys may stand in one order. Raises ActRefused for a key nobody knows.

    `{"method", "kind", "times", …}` · `{"deliver": "duplicate" | "reorder", "times", "copies"}` · `{"disconnect": reason}` ·
    `{"retry_delays": [s, …]}` · `{"ack_seconds": s}` · `{"archive" | "unarchive": channel}` · `{"kick" | "invite": channel}` ·
    `{"revoke_token": true}` · `{"deactivate": user}` · `{"clear": true}`
    """
    ordered = runtime.faults
    match body:
        case {"method": _}:
            ordered.order_call(body)
        case {"deliver": _}:
            ordered.order_delivery(body)
        case {"disconnect": reason} if reason in DISCONNECTS:
            return {"ok": True, "told": await runtime.sockets.disconnect(reason)}
        case {"retry_delays": list(delays)}:
            ordered.retry_delays_s = tuple(float(delay) for delay in delays)
        case {"ack_seconds": int() | float() as seconds}:
            ordered.ack_s = float(seconds)
        case {"archive": channel}:
            _archive(runtime, str(channel), archived=True)
        case {"unarchive": channel}:
            _archive(runtime, str(channel), archived=False)
        case {"kick": channel}:
            _bot_membership(runtime, str(channel), member=False)
        case {"invite": channel}:
            _bot_membership(runtime, str(channel), member=True)
        case {"revoke_token": bool(revoked)}:
            ordered.revoked = revoked
        case {"deactivate": user} if user in runtime.workspace.users:
            runtime.workspace.users[user]["deleted"] = True
            runtime.workspace.store.put("user", user, runtime.workspace.users[user])
            runtime.workspace.bump()
        case {"clear": True}:
            ordered.clear()
        case _:
            raise ActRefused("invalid_fault", given=body)
    return {"ok": True, "retry_delays": list(ordered.retry_delays_s), "usual_retry_delays": list(RETRY_DELAYS_S)}


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


async def reset(runtime: Runtime, body: Json, base: str) -> Json:
    """Back to the seeded team: no messages, views, faults or recorded calls. Connections stay."""
    runtime.faults.clear()
    runtime.calls.clear()
    runtime.workspace.reset()
    return {"ok": True}
