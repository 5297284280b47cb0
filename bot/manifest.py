"""The Slack app's manifest, made from what the code registers: no scope, event or command that nothing uses.

Every scope carries its reason, which `handoff manifest` prints as a comment. `METHODS` and `EVENT_SCOPES` are the two
tables that know what Slack asks for what (docs.slack.dev/reference); a test holds them against the gateway and the
listeners, and another holds `manifest.yml` against this module.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from bot.grammar import SupportVerb
from bot.listeners import COMMANDS, EVENTS
from bot.wire import Shortcut

IN_CHANNELS = "see whether the bot, or who leaves and must not see the card, is in a channel ({} ones)"

METHODS: Mapping[str, Mapping[str, str]] = {
    "auth.test": {},
    "blocks.validate": {},
    "chat.getPermalink": {},
    "chat.postEphemeral": {"chat:write": "post and edit case messages, answer privately"},
    "chat.postMessage": {"chat:write": "post and edit case messages, answer privately"},
    "chat.update": {"chat:write": "post and edit case messages, answer privately"},
    "conversations.info": {
        "channels:read": IN_CHANNELS.format("public"),
        "groups:read": IN_CHANNELS.format("private"),
    },
    "conversations.history": {
        "channels:history": "find a message of our own before posting it again (public channels)",
        "groups:history": "find a message of our own before posting it again (private channels)",
        "im:history": "find a private message of our own before sending it again",
        "metadata.message:read": "recognise a message of our own by its metadata",
    },
    "conversations.members": {
        "channels:read": IN_CHANNELS.format("public"),
        "groups:read": IN_CHANNELS.format("private"),
    },
    "conversations.open": {"im:write": "find a private message of our own before sending it again"},
    "conversations.replies": {
        "channels:history": "find a message of our own before posting it again (public channels)",
        "groups:history": "find a message of our own before posting it again (private channels)",
        "metadata.message:read": "recognise a message of our own by its metadata",
    },
    "files.completeUploadExternal": {"files:write": "put a report's figures and the list of a sync into a thread"},
    "files.getUploadURLExternal": {"files:write": "put a report's figures and the list of a sync into a thread"},
    "files.info": {"files:read": "find a file of our own before showing it again, and see when Slack can show it"},
    "usergroups.users.list": {"usergroups:read": "give roles by user group"},
    "users.info": {
        "users:read": "tell members from guests and other organizations",
        "users:read.email": "join Slack users to colleagues by e-mail",
    },
    "users.lookupByEmail": {"users:read.email": "join Slack users to colleagues by e-mail"},
    "views.open": {},
    "views.publish": {},
    "views.push": {},
    "views.update": {},
}
"""Web API method -> the bot scopes it needs, each with what we use it for."""

ON_REQUEST: Mapping[str, Mapping[str, str]] = {
    "usergroups.users.update": {"usergroups:write": "put people into user groups and take them out, once confirmed"},
}
"""The same for methods that are called only where the settings say so (`access.slack_usergroups_write`)."""

EVENT_SCOPES: Mapping[str, Mapping[str, str]] = {
    "app_home_opened": {},
    "app_mention": {"app_mentions:read": "answer with help when mentioned"},
    "reaction_added": {"reactions:read": "claim by a reaction, offer forms"},
    "reaction_removed": {"reactions:read": "claim by a reaction, offer forms"},
}
"""Bot event -> the bot scopes it needs."""

COMMAND_TEXTS: Mapping[str, tuple[str, str]] = {
    "": ("Cases, duty, absences, pauses, status and help", " | ".join(SupportVerb)),
    "-provision": ("Give somebody access to the desk", "@person or e-mail, role, groups; alone it opens a form"),
    "-offboard": ("Take somebody's access away", "@person or e-mail, to @successor; alone it opens a form"),
    "-reconcile": ("Compare who is in the desk with who works here", "alone it starts one; status shows the newest"),
    "-customers": (
        "Customers: what a sync would change, and conflicts",
        "sync | list | show ACCOUNT | conflicts | rejected | rollback last or ACCOUNT | help",
    ),
    "-report": ("The queue report", "period, filters, me | here | channel; alone it opens a form"),
    "-stuck": ("Work that could not be done and waits for somebody", "alone; or the number of a page"),
    "-undo": ("Take back what an automation did", "RUN-7 | failure-tickets source NAME since 2h | triage since 2h"),
}
"""What follows the prefix in a command's name -> description and usage hint, as people see them while typing."""


SHORTCUT_TEXTS: Mapping[Shortcut, tuple[str, str]] = {
    Shortcut.CREATE_CASE: ("Create case", "Open a case with this message"),
    Shortcut.ADD_NOTE: ("Add as internal note", "Add to case as internal note"),
    Shortcut.ESCALATE: ("Escalate", "Bring this before a lead"),
}
"""Entries of a message's menu -> name, which Slack cuts off after 24 characters, and description."""


def scopes(*, usergroups_write: bool = False) -> dict[str, str]:
    """Give every bot scope that is used, in order, with its reason. Raises KeyError for an event without a row."""
    needed = {"commands": f"slash commands ({len(COMMANDS)}) and message shortcuts ({len(SHORTCUT_TEXTS)})"}
    asked = ON_REQUEST.values() if usergroups_write else ()
    for table in (*METHODS.values(), *asked, *(EVENT_SCOPES[event] for event in EVENTS)):
        needed |= table
    return dict(sorted(needed.items()))


def manifest(
    *, prefix: str = "support", request_url: str | None = None, usergroups_write: bool = False
) -> dict[str, Any]:
    """Build the manifest. With `request_url` Slack calls that address over HTTP, else the app uses Socket Mode."""
    at = {"request_url": request_url} if request_url else {}
    return {
        "_metadata": {"major_version": 1, "minor_version": 1},
        "display_information": {
            "name": "Handoff",
            "description": "Turns application failures into owned, traceable tickets.",
            "background_color": "#1d3557",
        },
        "features": {
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": True,
            },
            "bot_user": {"display_name": "Handoff", "always_online": True},
            "shortcuts": [
                {"name": name, "type": "message", "callback_id": str(entry), "description": description}
                for entry, (name, description) in SHORTCUT_TEXTS.items()
            ],
            "slash_commands": [_command(f"/{prefix}{suffix}", suffix, request_url) for suffix in COMMANDS],
        },
        "oauth_config": {"scopes": {"bot": list(scopes(usergroups_write=usergroups_write))}},
        "settings": {
            "event_subscriptions": {**at, "bot_events": sorted(EVENTS)},
            "interactivity": {"is_enabled": True, **at},
            "org_deploy_enabled": False,
            "socket_mode_enabled": request_url is None,
            "token_rotation_enabled": False,
        },
    }


def as_yaml(made: Mapping[str, Any]) -> str:
    """Write a manifest as YAML, with the reason beside each scope."""
    head = "# The Slack app of Handoff, as `handoff manifest` writes it. Create it at https://api.slack.com/apps\n"
    return head + "\n".join(_lines(made, 0)) + "\n"


def _command(name: str, suffix: str, request_url: str | None) -> dict[str, Any]:
    description, hint = COMMAND_TEXTS[suffix]
    made = {"command": name, "description": description, "usage_hint": hint, "should_escape": True}
    return made | ({"url": request_url} if request_url else {})


def _lines(value: Mapping[str, Any], depth: int) -> Iterator[str]:
    pad, reasons = "  " * depth, scopes(usergroups_write=True)
    for key, inner in value.items():
        if isinstance(inner, Mapping):
            yield f"{pad}{key}:"
            yield from _lines(inner, depth + 1)
        elif isinstance(inner, list):
            yield f"{pad}{key}:"
            for item in inner:
                if isinstance(item, Mapping):
                    first, *rest = _lines(item, depth + 2)
                    yield f"{pad}  - {first.lstrip()}"
                    yield from rest
                else:
                    yield f"{pad}  - {_scalar(item)}" + (f"  # {reasons[item]}" if item in reasons else "")
        else:
            yield f"{pad}{key}: {_scalar(inner)}"


def _scalar(value: object) -> str:
    """JSON's scalars are YAML's; plain words stay without quotes."""
    if isinstance(value, str) and value.replace("_", "").replace(":", "").replace(".", "").isalnum():
        return value
    return json.dumps(value, ensure_ascii=False)
