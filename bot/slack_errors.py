"""What Slack's error words mean for us, for the methods we call. The words are from Slack's own method pages.

target     this channel, person or message will not take it: somewhere else, or a person has to act
app        Slack refuses the app itself: nothing can be sent until an admin acts
transient  not done, worth another try
unclear    perhaps done: look before repeating
gone       the message to change or answer is not there any more: post anew
file       Slack has no such file, or nothing of it: send it anew
Anything else (`invalid_blocks` and the like) is our own fault and not repeated.
"""

from http.client import HTTPException
from socket import gaierror
from ssl import SSLError
from typing import Final, Literal
from urllib.error import URLError

from slack_sdk.errors import SlackApiError

from automations.errors import AdapterError, OutcomeUnknown, Rejected, Unavailable

SYSTEM: Final = "slack"

Meaning = Literal["target", "app", "transient", "unclear", "gone", "file"]

MEANINGS: Final[dict[str, Meaning]] = {
    **dict.fromkeys(
        (
            "channel_not_found",
            "is_archived",
            "not_in_channel",
            "restricted_action",
            "restricted_action_non_threadable_channel",
            "restricted_action_read_only_channel",
            "restricted_action_thread_locked",
            "restricted_action_thread_only_channel",
            "cant_dm_bot",
            "cannot_dm_bot",
            "user_not_found",
            "users_not_found",
            "user_not_in_channel",
            "user_not_visible",
            "messages_tab_disabled",
        ),
        "target",
    ),
    **dict.fromkeys(
        (
            "token_revoked",
            "token_expired",
            "account_inactive",
            "invalid_auth",
            "not_authed",
            "missing_scope",
            "team_access_not_granted",
            "no_permission",
            "org_login_required",
            "ekm_access_denied",
            "enterprise_is_restricted",
            "access_denied",
            "two_factor_setup_required",
            "not_allowed_token_type",
        ),
        "app",
    ),
    **dict.fromkeys(
        (
            "ratelimited",
            "rate_limited",
            "message_limit_exceeded",
            "service_unavailable",
            "request_timeout",
            "team_added_to_org",
        ),
        "transient",
    ),
    **dict.fromkeys(
        ("internal_error", "fatal_error", "duplicate_message_not_found", "duplicate_channel_not_found"), "unclear"
    ),
    **dict.fromkeys(
        (
            "message_not_found",
            "edit_window_closed",
            "cant_update_message",
            "thread_not_found",
            "cannot_reply_to_message",
        ),
        "gone",
    ),
    "file_not_found": "file",
}


LATE_S: Final = 20.0
"""How long after our time-out a call that Slack did take may still show up."""


class TargetGone(Rejected):
    """The channel or person will not take it; another place may."""


class AppDisabled(Rejected):
    """Slack refuses the app itself until an admin acts."""


class MessageGone(Rejected):
    """The message to change or to answer is not there any more, or must not be changed."""


class FileGone(Rejected):
    """Slack has no such file: its address was never used, or not in time."""


def from_reply(error: SlackApiError, *, doing: str, repeatable: bool) -> AdapterError:
    """An answer that says no, as an error of ours.

    `doing` says what was tried, for a person; `repeatable` is True where a repeat does no harm, so that an unclear
    outcome is simply tried again.
    """
    reply = error.response
    status: int = reply.status_code
    code = str(reply["error"]) if isinstance(reply.data, dict) and reply.get("error") else ""
    if status == 429:
        wait_s = retry_after_s(reply.headers)
        return Unavailable(f"Slack asked to wait {wait_s:g} s ({doing})", system=SYSTEM, retry_after_s=wait_s)
    meaning = MEANINGS.get(code)
    if meaning is None and (status >= 500 or not _is_word(code)):
        meaning = "unclear"
    words = f"Slack answered {code if _is_word(code) else status} ({doing})"
    match meaning:
        case "target":
            return TargetGone(words, system=SYSTEM, code=code)
        case "app":
            return AppDisabled(words, system=SYSTEM, code=code)
        case "gone":
            return MessageGone(words, system=SYSTEM, code=code)
        case "file":
            return FileGone(words, system=SYSTEM, code=code)
        case "transient":
            return Unavailable(words, system=SYSTEM, retry_after_s=retry_after_s(reply.headers, default=None))
        case "unclear":
            return Unavailable(words, system=SYSTEM) if repeatable else OutcomeUnknown(words, system=SYSTEM)
        case _:
            return Rejected(words, system=SYSTEM, code=code)


def from_transport(error: OSError | HTTPException | ValueError, *, doing: str, repeatable: bool) -> AdapterError:
    """No answer, or an unreadable one, as an error of ours: `Unavailable` only if the request cannot have arrived."""
    cause = error.reason if isinstance(error, URLError) else error
    words = f"Slack did not answer: {type(cause).__name__} ({doing})"
    never_sent = isinstance(error, URLError) and isinstance(cause, ConnectionRefusedError | gaierror | SSLError)
    if repeatable or never_sent:
        return Unavailable(words, system=SYSTEM)
    return OutcomeUnknown(words, system=SYSTEM, settle_s=LATE_S if isinstance(cause, TimeoutError) else None)


def _is_word(code: str) -> bool:
    """Slack's own codes are single lower-case words; a proxy's error page is not."""
    return code.replace("_", "").isalnum() and code == code.lower()


def retry_after_s(headers: dict[str, str], *, default: float | None = 1.0) -> float | None:
    """Seconds Slack asked for. Always whole seconds there, but a proxy in between may send nothing or nonsense."""
    for name, value in headers.items():
        if name.lower() == "retry-after":
            try:
                return max(float(value), 0.0)
            except ValueError:
                return default
    return default
