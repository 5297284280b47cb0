"""auth, api, apps, bots, team: who the app is, where it is, and how it connects."""

import secrets

from bot.workspace.api.method import Call, Method
from bot.workspace.errors import SlackRefusal
from bot.workspace.model import Json

MAX_CONNECTIONS = 10
"""Socket Mode connections one app may hold. Source: docs.slack.dev, using Socket Mode."""
TICKET_LIFE_S = 30.0


def api_test(call: Call) -> Json:
    """Echo the arguments; `error` asks for that error."""
    if error := call.text("error"):
        raise SlackRefusal(error, args=call.arguments)
    return {"args": call.arguments}


def auth_test(call: Call) -> Json:
    """Who the token belongs to."""
    app, team = call.workspace.app, call.workspace.seed.team
    bot = call.workspace.users[app.bot_user_id]["name"]
    identity = {"user": bot, "user_id": app.bot_user_id, "bot_id": app.bot_id, "app_id": app.app_id}
    return {
        "url": f"{call.base}/",
        "team": team["name"],
        "team_id": team["id"],
        **identity,
        "is_enterprise_install": False,
    }


def connections_open(call: Call) -> Json:
    """A WebSocket address that works once. Raises too_many_websockets, socket_mode_not_enabled."""
    workspace = call.workspace
    if workspace.app.request_url is not None or call.websockets is None:
        raise SlackRefusal("socket_mode_not_enabled")
    if call.websockets >= MAX_CONNECTIONS:
        raise SlackRefusal("too_many_websockets")
    ticket = secrets.token_urlsafe(24)
    workspace.tickets[ticket] = workspace.clock() + TICKET_LIFE_S
    address = call.base.replace("http", "ws", 1)
    return {"url": f"{address}/link/?ticket={ticket}&app_id={workspace.app.app_id}"}


def bots_info(call: Call) -> Json:
    """The app's bot. Raises bot_not_found."""
    app = call.workspace.app
    if call.text("bot", app.bot_id) != app.bot_id:
        raise SlackRefusal("bot_not_found")
    bot = {
        "id": app.bot_id,
        "deleted": False,
        "name": app.name,
        "updated": 0,
        "app_id": app.app_id,
        "user_id": app.bot_user_id,
    }
    return {"bot": {**bot, "icons": {}}}


def team_info(call: Call) -> Json:
    """The workspace."""
    return {"team": call.workspace.seed.team}


METHODS = {
    "api.test": Method(api_test, by="anybody"),
    "auth.test": Method(auth_test),
    "apps.connections.open": Method(connections_open, by="app"),
    "bots.info": Method(bots_info, ("users:read",)),
    "team.info": Method(team_info, ("team:read",)),
}
