"""The mark by which a message of ours is found again: metadata with our key and version, and nothing else."""

from collections.abc import Mapping
from typing import Any, Final

EVENT_TYPE: Final = "handoff_notification"


def metadata_of(key: str, version: int) -> dict[str, Any]:
    """The metadata of a message of ours."""
    return {"event_type": EVENT_TYPE, "event_payload": {"key": key, "version": version}}


def version_of(message: Mapping[str, Any], key: str, bot_id: str) -> int | None:
    """The version of ours that a message was posted with; None if it is not ours or not of this key.

    Anybody may write metadata like ours, so the sender counts too.
    """
    metadata = message.get("metadata") or {}
    payload = metadata.get("event_payload") or {}
    if metadata.get("event_type") != EVENT_TYPE or payload.get("key") != key or message.get("bot_id") != bot_id:
        return None
    return int(payload.get("version", 0))
