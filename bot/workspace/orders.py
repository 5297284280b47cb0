"""Orders to the workspace itself: faults, a reset."""

from bot.workspace import admin
from bot.workspace.model import Json
from bot.workspace.runtime import Runtime

DISCONNECTS = frozenset({"warning", "refresh_requested", "link_disabled"})


async def faults(runtime: Runtime, body: Json, _base: str) -> Json:
    """Order one fault. Raises ActRefused for an order nobody understands.

    On Web API calls: `{"method", "kind", "times", "retry_after", "error", "seconds", "channel"}`, method `*` for any;
    without `channel` wherever it goes. `{"forgive": channel}` takes back what was ordered for one channel.
    On deliveries: `{"deliver": "duplicate" | "reorder", "times", "copies"}`, `{"retry_delays": [seconds, …]}`,
    `{"ack_seconds"}`, `{"disconnect": reason}`.
    On the workspace: what `admin.change` does. `{"files_ready_after": seconds}`, `{"post_burst": posts}` (0: as fast as
    the app likes); and `{"clear": true}`, which takes back all but what was done to the workspace.
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
            ordered.socket_mode = reason != "link_disabled"  # an administrator has switched Socket Mode off
            return {"ok": True, "told": await runtime.sockets.disconnect(reason)}
        case {"retry_delays": list(delays)}:
            ordered.retry_delays_s = tuple(float(delay) for delay in delays)
        case {"ack_seconds": int() | float() as seconds}:
            ordered.ack_s = float(seconds)
        case {"post_burst": int(posts)}:
            runtime.workspace.pace.burst = posts
        case {"files_ready_after": int() | float() as seconds}:
            runtime.workspace.files_ready_s = float(seconds)
        case {"clear": True}:
            ordered.clear()
            runtime.workspace.files_ready_s = 0.0
        case _:
            admin.change(runtime, body)
    return {"ok": True}


async def reset(runtime: Runtime, _body: Json, _base: str) -> Json:
    """Back to the seeded team: no messages, views, faults or recorded calls. Connections stay."""
    runtime.faults.clear()
    runtime.workspace.files_ready_s = 0.0
    runtime.calls.clear()
    runtime.workspace.reset()
    return {"ok": True}
