"""conversations.*: channels, their members and what was said in them."""

from bot.workspace import messages
from bot.workspace.api.method import Call, Method, page
from bot.workspace.errors import SlackRefusal
from bot.workspace.model import Json


def _kind(channel: Json) -> str:
    if channel.get("is_im"):
        return "im"
    return "groups" if channel["is_private"] else "channels"


def _reachable(call: Call, verb: str) -> Json:
    """The channel named in the call, readable with `<kind>:<verb>`. Raises channel_not_found, missing_scope."""
    channel = call.workspace.channel(call.need("channel", "channel_not_found"))
    if channel["is_private"] and call.workspace.app.bot_user_id not in channel["members"]:
        raise SlackRefusal("channel_not_found")
    call.need_scope(f"{_kind(channel)}:{verb}")
    return channel


def shown(call: Call, channel: Json) -> Json:
    """A channel object as the API returns it: without the members, with `is_member`."""
    out = {key: value for key, value in channel.items() if key != "members"}
    if channel.get("is_im"):  # a talk has neither a name nor a topic
        return {key: out[key] for key in ("id", "created", "is_archived", "is_im", "user")} | {"is_org_shared": False}
    external = call.workspace.is_external(channel)
    return {
        **out,
        "is_shared": external,
        "is_ext_shared": external,
        "is_member": call.workspace.app.bot_user_id in channel["members"],
        "num_members": len(channel["members"]),
    }


def _uncounted(call: Call, channel: Json) -> Json:
    return {key: value for key, value in shown(call, channel).items() if key != "num_members"}


def list_all(call: Call) -> Json:
    """The channels of the asked `types` the bot can see, a page at a time."""
    names = {"public_channel": "channels", "private_channel": "groups", "im": "im", "mpim": "mpim"}
    wanted = [kind.strip() for kind in call.text("types", "public_channel").split(",")]
    for kind in wanted:
        if kind not in names:
            raise SlackRefusal("invalid_types")
        call.need_scope(f"{names[kind]}:read")
    kinds = {names[kind] for kind in wanted}
    bot = call.workspace.app.bot_user_id
    rows = [
        c
        for c in call.workspace.channels.values()
        if _kind(c) in kinds and (not c["is_private"] or bot in c["members"])
    ]
    if call.flag("exclude_archived"):
        rows = [c for c in rows if not c["is_archived"]]
    some, metadata = page(call, [shown(call, c) for c in rows], 100, 1000)
    return {"channels": some, "response_metadata": metadata}


def info(call: Call) -> Json:
    """One channel."""
    return {"channel": shown(call, _reachable(call, "read"))}


def members(call: Call) -> Json:
    """The ids of a channel's members."""
    some, metadata = page(call, _reachable(call, "read")["members"], 100, 1000)
    return {"members": some, "response_metadata": metadata}


def join(call: Call) -> Json:
    """Make the bot a member of a public channel."""
    channel = call.workspace.channel(call.need("channel", "channel_not_found"))
    bot = call.workspace.app.bot_user_id
    if channel["is_private"]:
        raise SlackRefusal("method_not_supported_for_channel_type")
    if channel["is_archived"]:
        raise SlackRefusal("is_archived")
    if bot in channel["members"]:
        return {"channel": _uncounted(call, channel), "warning": "already_in_channel"}
    channel["members"].append(bot)
    call.workspace.save_channel(channel)
    event = {"type": "member_joined_channel", "user": bot, "channel": channel["id"], "channel_type": "C"}
    call.workspace.on_event({**event, "team": call.workspace.team_id, "event_ts": call.workspace.ts()})
    return {"channel": _uncounted(call, channel)}


def _window(call: Call, rows: list[Json]) -> list[Json]:
    """Messages between `oldest` and `latest`; the ends count only when `inclusive`."""
    oldest, latest = call.text("oldest", "0"), call.text("latest")
    try:
        first, last = _micros(oldest), _micros(latest) if latest else None
    except ValueError:
        raise SlackRefusal("invalid_ts_oldest") from None
    reach = 0 if call.flag("inclusive") else 1
    return [m for m in rows if _micros(m["ts"]) >= first + reach and (last is None or _micros(m["ts"]) <= last - reach)]


def _micros(ts: str) -> int:
    """A timestamp as whole microseconds: a float would lose digits."""
    seconds, _, fraction = ts.partition(".")
    return int(seconds) * 1_000_000 + int((fraction or "0").ljust(6, "0")[:6])


def _readable(call: Call) -> Json:
    channel = _reachable(call, "history")
    if call.workspace.app.bot_user_id not in channel["members"]:
        raise SlackRefusal("not_in_channel")
    return channel


def history(call: Call) -> Json:
    """Top-level messages, newest first."""
    channel = _readable(call)
    rows = _window(call, messages.top_level(call.workspace, channel["id"]))[::-1]
    some, metadata = page(call, rows, 100, 999)
    full = call.flag("include_all_metadata")
    out = [messages.shown(call.workspace, channel["id"], message, metadata=full) for message in some]
    more = bool(metadata["next_cursor"])
    answer: Json = {"messages": out, "has_more": more, "pin_count": 0}
    return answer | ({"response_metadata": metadata} if more else {})


def replies(call: Call) -> Json:
    """A thread: its parent first, then the replies, oldest first."""
    channel = _readable(call)
    try:
        parent = call.workspace.message(channel["id"], call.need("ts", "thread_not_found"))
    except SlackRefusal:
        raise SlackRefusal("thread_not_found") from None
    below = [
        call.workspace.messages[channel["id"]][ts]
        for ts in call.workspace.threads.get((channel["id"], parent["ts"]), ())
    ]
    some, metadata = page(call, [parent, *_window(call, below)], 1000, 1000)
    full = call.flag("include_all_metadata")
    out = [messages.shown(call.workspace, channel["id"], message, metadata=full) for message in some]
    more = bool(metadata["next_cursor"])
    return {"messages": out, "has_more": more} | ({"response_metadata": metadata} if more else {})


def open_direct(call: Call) -> Json:
    """The direct-message channel with one person."""
    users = [user for user in call.need("users", "users_list_not_supplied").split(",") if user]
    if len(users) > 1:  # a group conversation; no feature opens one
        raise SlackRefusal("method_not_supported_for_channel_type")
    existed = "D" + users[0][1:] in call.workspace.channels
    channel = call.workspace.direct(users[0])
    out = shown(call, channel) if call.flag("return_im") else {"id": channel["id"]}
    return {"channel": out} | ({"no_op": True, "already_open": True} if existed else {})


METHODS = {
    "conversations.list": Method(list_all),
    "conversations.info": Method(info),
    "conversations.members": Method(members),
    "conversations.join": Method(join, ("channels:join",)),
    "conversations.history": Method(history),
    "conversations.replies": Method(replies),
    "conversations.open": Method(open_direct, ("im:write",)),
}
