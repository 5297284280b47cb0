"""What a Web API method is to the workspace: a function, the scopes it needs and the kind of token it takes."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from bot.workspace.errors import SlackRefusal
from bot.workspace.model import Json
from bot.workspace.state import Workspace


@dataclass(frozen=True, slots=True)
class Call:
    """One call: the workspace, the arguments as sent (JSON or form), the server's address without a final slash.

    `websockets` is how many connections the app has, None while Socket Mode is switched off.
    """

    workspace: Workspace
    arguments: Json
    base: str
    websockets: int | None = 0

    def text(self, name: str, default: str = "") -> str:
        """An argument as text, `default` when it is missing or null."""
        value = self.arguments.get(name)
        return default if value is None else str(value)

    def need(self, name: str, error: str = "invalid_arguments") -> str:
        """An argument that must be there. Raises `error`."""
        if not (value := self.text(name)):
            raise SlackRefusal(error, response_metadata={"messages": [f"[ERROR] missing required field: {name}"]})
        return value

    def flag(self, name: str, default: bool = False) -> bool:
        """A boolean; form bodies send `1` and `true`."""
        value = self.arguments.get(name, default)
        return value if isinstance(value, bool) else str(value).lower() in {"1", "true"}

    def number(self, name: str, default: int, most: int) -> int:
        """A positive count, at most `most`. Raises invalid_arguments."""
        value = self.text(name, str(default))
        if not value.isdecimal() or int(value) < 1:
            raise SlackRefusal(
                "invalid_arguments", response_metadata={"messages": [f"[ERROR] must be a positive number: {name}"]}
            )
        return min(int(value), most)

    def need_scope(self, scope: str) -> None:
        """Raise missing_scope unless the app was granted `scope`."""
        granted = self.workspace.app.scopes
        if scope not in granted:
            raise SlackRefusal("missing_scope", needed=scope, provided=",".join(granted))


Run = Callable[[Call], Json]


@dataclass(frozen=True, slots=True)
class Method:
    """A method's function and its conditions. The answer lacks `ok`, which is added on the way out."""

    run: Run
    scopes: tuple[str, ...] = ()
    by: Literal["bot", "app", "anybody"] = "bot"


def page(call: Call, rows: list[Any], default: int, most: int) -> tuple[list[Any], Json]:
    """One page of `rows` and the response_metadata with the next cursor. Raises invalid_cursor."""
    cursor = call.text("cursor")
    digits = cursor.removeprefix("next:")
    if cursor and (digits == cursor or not digits.isdecimal()):
        raise SlackRefusal("invalid_cursor")
    start, limit = int(digits or 0), call.number("limit", default, most)
    end = start + limit
    return rows[start:end], {"next_cursor": f"next:{end}" if end < len(rows) else ""}


def read_from(call: Call) -> Json:
    """The channel named in the call, which the bot must be in. Raises channel_not_found, not_in_channel."""
    channel = call.workspace.channel(call.need("channel", "channel_not_found"))
    if call.workspace.app.bot_user_id not in channel["members"]:
        raise SlackRefusal("channel_not_found" if channel["is_private"] else "not_in_channel")
    return channel
