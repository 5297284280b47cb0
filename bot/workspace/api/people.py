"""users.*, usergroups.*: who is there."""

from bot.workspace.api.method import Call, Method, page
from bot.workspace.errors import SlackRefusal
from bot.workspace.model import Json


def shown(call: Call, user: Json) -> Json:
    """A user object as the API returns it: the e-mail only with users:read.email, never that of a stranger."""
    told = "users:read.email" in call.workspace.app.scopes and not user.get("is_stranger")
    hidden = {"fields"} if told else {"fields", "email"}
    profile = {key: value for key, value in user["profile"].items() if key not in hidden}
    return {key: value for key, value in user.items() if key != "locale"} | {"profile": profile}


def list_users(call: Call) -> Json:
    """Everybody, the deactivated and the bots included. Without `limit` Slack gives everything."""
    some, metadata = page(call, [shown(call, user) for user in call.workspace.users.values()], 1000, 1000)
    return {"members": some, "cache_ts": int(call.workspace.clock()), "response_metadata": metadata}


def info(call: Call) -> Json:
    """One user."""
    return {"user": shown(call, call.workspace.user(call.need("user", "user_not_found")))}


def lookup_by_email(call: Call) -> Json:
    """The user with an e-mail address. Raises users_not_found."""
    wanted = call.need("email", "users_not_found").casefold()
    for user in call.workspace.users.values():
        if (
            user["profile"].get("email", "").casefold() == wanted
            and not user["deleted"]
            and not user.get("is_stranger")
        ):
            return {"user": shown(call, user)}
    raise SlackRefusal("users_not_found")


def list_groups(call: Call) -> Json:
    """User groups; their members only with include_users."""
    hidden = set() if call.flag("include_users") else {"users"}
    groups = [g for g in call.workspace.usergroups.values() if call.flag("include_disabled") or not g["date_delete"]]
    return {"usergroups": [{key: value for key, value in group.items() if key not in hidden} for group in groups]}


def group_members(call: Call) -> Json:
    """The ids of a group's members, deactivated users among them. Raises no_such_subteam."""
    return {"users": _group(call)["users"]}


def set_members(call: Call) -> Json:
    """Let a group consist of these users. Raises no_such_subteam, no_users_provided, invalid_users."""
    group = _group(call)
    users = [user for user in call.need("users", "no_users_provided").split(",") if user]
    if any(user not in call.workspace.users for user in users):
        raise SlackRefusal("invalid_users")
    call.workspace.set_group(group["id"], users, by=call.workspace.app.bot_user_id)
    return {"usergroup": group}


def _group(call: Call) -> Json:
    group = call.workspace.usergroups.get(call.need("usergroup", "no_such_subteam"))
    if group is None or (group["date_delete"] and not call.flag("include_disabled")):
        raise SlackRefusal("no_such_subteam")
    return group


METHODS = {
    "users.list": Method(list_users, ("users:read",)),
    "users.info": Method(info, ("users:read",)),
    "users.lookupByEmail": Method(lookup_by_email, ("users:read.email",)),
    "usergroups.list": Method(list_groups, ("usergroups:read",)),
    "usergroups.users.list": Method(group_members, ("usergroups:read",)),
    "usergroups.users.update": Method(set_members, ("usergroups:write",)),
}
