"""What an earlier call without an answer left in Slack. An answer that is not certain is no answer."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from automations.errors import AdapterError, Unavailable
from bot.gateway import SlackGateway
from bot.slack_errors import SYSTEM, FileGone, MessageGone
from bot.slack_files import SlackFiles
from bot.slack_types import Posted

SETTLE: Final = timedelta(seconds=2)
"""How long after a call left we look for what it did: a request on its way when we died may still arrive."""

FILE_SETTLE: Final = timedelta(seconds=5)
"""The same for a file: Slack still works on it after it has answered."""

Place = tuple[str, str | None]
"""A channel and, for a line, the `ts` of its thread."""


def settled(since: datetime, now: datetime, *, settle: timedelta = SETTLE) -> None:
    """Let some time pass since the call left, before anybody looks. Raises: Unavailable, with the rest of the wait."""
    early_s = (since + settle - now).total_seconds()
    if early_s > 0:
        raise Unavailable("an earlier call may still arrive", system=SYSTEM, retry_after_s=early_s)


def look_back(
    gateway: SlackGateway, key: str, places: Iterable[Place], *, since: datetime, now: datetime
) -> Posted | None:
    """The message of this notification that calls since then left in one of these places.

    Raises: Unavailable.
    """
    settled(since, now)
    for channel, thread_ts in places:
        try:
            found = gateway.look_back(channel, key, since=since, thread_ts=thread_ts)
        except Unavailable:
            raise
        except MessageGone:  # no thread, so nothing in it
            continue
        except AdapterError as exc:
            raise Unavailable(f"cannot see whether it was posted: {exc}", system=SYSTEM) from exc
        if found is not None:
            return found
    return None


def is_shown(files: SlackFiles, file_id: str, place: tuple[str, str], *, since: datetime, now: datetime) -> bool:
    """Whether a call since then has shown the file in this thread. Slack's own list of places may lag, so both count.

    Raises: Unavailable.
    """
    settled(since, now, settle=FILE_SETTLE)
    channel, thread_ts = place
    try:
        if channel in files.seen(file_id).channels:
            return True
        return files.shown_in(file_id, channel=channel, thread_ts=thread_ts, since=since)
    except (FileGone, MessageGone):  # no such file, or no thread that it could be in
        return False
    except Unavailable:
        raise
    except AdapterError as exc:
        raise Unavailable(f"cannot see whether the file is shown: {exc}", system=SYSTEM) from exc
