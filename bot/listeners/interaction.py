"""What Slack sent, read once into one frozen value. Everything in it is untrusted; what is missing is empty.

`key` recognises a second delivery (slack.dev: events are delivered at least once). Events carry an id; a click, a
command or a form does not, so the key is made of what Slack never repeats: its trigger, or person, place and time.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from bot.wire import without_skin_tone

Kind = Literal["action", "form", "command", "event", "shortcut"]
Json = Mapping[str, Any]

MOST_TEXT = 3_000
"""Characters: the most that Slack lets a person type into a form's field, and that a button's form may carry."""
MOST_MESSAGE = 40_000
"""Characters of a message, as Slack cuts it. Taken whole, since a secret that is cut in two is not known for one."""

MOST_OPTIONS = 100
"""Options that one menu can have."""

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Item:
    """The message a shortcut was used on. `text` is as Slack writes it and stays out of the inbox's record.

    `thread_ts` is empty for a message of the channel itself, `user` for one of an app; `place` is the channel's name.
    """

    text: str
    user: str
    ts: str
    thread_ts: str
    place: str


@dataclass(frozen=True, slots=True)
class Interaction:
    """One thing a person did in Slack.

    `name` is the action id, the form's callback id, `command`, or the event's type. `value` is what the button, option
    or form carries, or the text after the command. `fields` are the form's answers by block id. `emoji` and `item_ts`
    belong to reactions: the emoji without skin tone, and the message it is on; `item` belongs to message shortcuts.
    `private`: the click was in a message that only this person sees.
    `view_type` (modal, home), `view_id` and what the view carries (`view_value`) belong to clicks inside a view.
    """

    kind: Kind
    name: str
    key: str
    user: str
    team: str
    value: str = ""
    channel: str = ""
    trigger_id: str = ""
    response_url: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    emoji: str = ""
    item_ts: str = ""
    item: "Item | None" = None
    private: bool = False
    view_type: str = ""
    view_id: str = ""
    view_value: str = ""

    def record(self) -> dict[str, Any]:
        """What the inbox keeps, before redaction: no trigger and no response URL, which are keys to act with."""
        kept = {"name": self.name, "value": self.value, "channel": self.channel, "fields": dict(self.fields)}
        return kept | ({"emoji": self.emoji, "item_ts": self.item_ts} if self.item_ts else {})


def read_action(body: Json) -> Interaction:
    """Read a block_actions payload: one press of a button or one choice of a menu."""
    action = _first(body.get("actions"))
    container = _map(body, "container")
    place = _text(container, "message_ts") or _text(container, "view_id")
    user, team = _who(body)
    option = _map(action, "selected_option")
    view = _map(body, "view")
    return Interaction(
        kind="action",
        name=_text(action, "action_id"),
        key=_key("action", team, user, place, _text(action, "action_id"), _text(action, "action_ts")),
        user=user,
        team=team,
        value=_text(option, "value") or _text(action, "value"),
        channel=_text(_map(body, "channel"), "id") or _text(container, "channel_id"),
        trigger_id=_text(body, "trigger_id"),
        response_url=_text(body, "response_url"),
        private=container.get("is_ephemeral") is True,
        view_type=_text(view, "type"),
        view_id=_text(view, "id"),
        view_value=_text(view, "private_metadata"),
    )


def read_form(body: Json) -> Interaction:
    """Read a view_submission payload. The same form may be sent again after an error, so its trigger counts."""
    view = _map(body, "view")
    user, team = _who(body)
    fields = _fields(_map(_map(view, "state"), "values"))
    sent = _text(body, "trigger_id") or repr(sorted(fields.items()))
    return Interaction(
        kind="form",
        name=_text(view, "callback_id"),
        key=_key("form", team, user, _text(view, "id"), _text(view, "hash"), sent),
        user=user,
        team=team,
        value=_text(view, "private_metadata"),
        fields=fields,
    )


def read_command(body: Json) -> Interaction:
    """Read a slash command."""
    user, team = _text(body, "user_id"), _text(body, "team_id")
    return Interaction(
        kind="command",
        name="command",
        key=_key("command", team, user, _text(body, "trigger_id")),
        user=user,
        team=team,
        value=_text(body, "text", MOST_MESSAGE),
        channel=_text(body, "channel_id"),
        trigger_id=_text(body, "trigger_id"),
        response_url=_text(body, "response_url"),
    )


def read_shortcut(body: Json) -> Interaction:
    """Read a message_action payload: an entry of a message's menu."""
    message, channel = _map(body, "message"), _map(body, "channel")
    user, team = _who(body)
    ts, name = _text(body, "message_ts") or _text(message, "ts"), _text(body, "callback_id")
    thread = _text(message, "thread_ts")
    return Interaction(
        kind="shortcut",
        name=name,
        key=_key("shortcut", team, user, _text(channel, "id"), ts, name, _text(body, "action_ts")),
        user=user,
        team=team,
        channel=_text(channel, "id"),
        trigger_id=_text(body, "trigger_id"),
        response_url=_text(body, "response_url"),
        item_ts=ts,
        item=Item(
            text=_text(message, "text", MOST_MESSAGE),
            user=_text(message, "user"),
            ts=ts,
            thread_ts="" if thread == ts else thread,
            place=_text(channel, "name"),
        ),
    )


def read_event(body: Json) -> Interaction:
    """Read an Events API payload."""
    event = _map(body, "event")
    item = _map(event, "item")
    return Interaction(
        kind="event",
        name=_text(event, "type"),
        key=_key("event", _text(body, "event_id")),
        user=_text(event, "user"),
        team=_text(event, "user_team") or _text(body, "team_id"),
        value=_text(event, "tab"),
        channel=_text(item, "channel") or _text(event, "channel"),
        emoji=without_skin_tone(_text(event, "reaction")),
        item_ts=_text(item, "ts"),
    )


def _who(body: Json) -> tuple[str, str]:
    user = _map(body, "user")
    return _text(user, "id"), _text(user, "team_id") or _text(_map(body, "team"), "id")


def _fields(values: Json) -> dict[str, str]:
    """Flatten a form's state: block id -> typed text, the id of the person, the day, or the value of the option.

    Of a menu of several each value ends with a new line, which nobody can type into a value.
    """
    answers: dict[str, str] = {}
    for block_id in values:
        for element in _map(values, block_id).values():
            if isinstance(element, Mapping):
                option = _text(_map(element, "selected_option"), "value")
                several = "".join(f"{_text(one, 'value')}\n" for one in _all(element.get("selected_options")))
                said = (_text(element, name) for name in ("value", "selected_user", "selected_date"))
                answers[block_id] = next(filter(None, said), "") or option or several
    return answers


def _key(kind: str, *parts: str) -> str:
    """Join what recognises a delivery, at most 255 characters."""
    joined = "/".join((kind, *parts))
    return joined if len(joined) <= 200 else f"{kind}/sha256/{hashlib.sha256(joined.encode()).hexdigest()}"


def _map(mapping: Json, key: str) -> Json:
    value = mapping.get(key)
    return value if isinstance(value, Mapping) else {}


def _first(value: object) -> Json:
    return value[0] if isinstance(value, list) and value and isinstance(value[0], Mapping) else {}


def _all(value: object) -> list[Json]:
    return [one for one in value[:MOST_OPTIONS] if isinstance(one, Mapping)] if isinstance(value, list) else []


def _text(mapping: Json, key: str, most: int = MOST_TEXT) -> str:
    """Read a text. Databases refuse NUL and lone surrogates, so each shows as a mark that something was there."""
    value = mapping.get(key)
    return _UNSTORABLE.sub("\ufffd", value[:most]) if isinstance(value, str) else ""
