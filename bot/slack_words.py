"""What people wrote in Slack, as plain words: mentions by name, links written out, entities undone; when and where.

Slack escapes `& < >` in what people type and writes mentions and links as tokens in angle brackets
(docs.slack.dev/messaging/formatting-message-text).
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime

_TOKEN = re.compile(r"<([^<>]+)>")
_ENTITIES = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))


def plain_words(text: str, name_of: Callable[[str], str]) -> str:
    """Make the text readable outside of Slack. `name_of` gives the name of a Slack user by id."""
    readable = _TOKEN.sub(lambda match: _written_out(match.group(1), name_of), text)
    for entity, sign in _ENTITIES:
        readable = readable.replace(entity, sign)
    return readable.strip()


def permalink(workspace_url: str, channel: str, ts: str, thread_ts: str = "") -> str | None:
    """The address of a message, made as Slack makes it; None if the workspace's address is not known."""
    if not (workspace_url and channel and ts):
        return None
    there = f"{workspace_url.rstrip('/')}/archives/{channel}/p{ts.replace('.', '')}"
    return f"{there}?thread_ts={thread_ts}&cid={channel}" if thread_ts else there


def moment_of(ts: str) -> datetime:
    """When a message was posted: its `ts` counts seconds. Raises: ValueError for what is none."""
    return datetime.fromtimestamp(float(ts), tz=UTC)


def _written_out(token: str, name_of: Callable[[str], str]) -> str:
    target, _, label = token.partition("|")
    match target[:1]:
        case "@":
            return f"@{label or name_of(target[1:])}"
        case "#":
            return f"#{label or target[1:]}"
        case "!":
            return label or f"@{target[1:].partition('^')[0]}"
        case _:
            return f"{label} ({target})" if label and label != target else target


def is_there(channel: str, wanted: str) -> bool:
    """Whether a message in `channel` is where it was `wanted`.

    Slack answers a post to a person (`U…`, `W…`) with the private channel of the two (`D…`), in which the message
    stands from then on (docs.slack.dev, chat.postMessage).
    """
    return channel == wanted or (wanted.startswith(("U", "W")) and channel.startswith("D"))


def belongs_in(channel: str) -> str:
    """Say above a message in the fallback channel where it belongs. `channel` is ours, from the settings."""
    return f"This belongs in channel {channel}, which does not take messages from Handoff."
