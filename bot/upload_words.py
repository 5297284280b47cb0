"""Why a file is not in Slack, in words for the people in the channel. The codes are those of Slack's method pages."""

from typing import Final

from automations.errors import Rejected
from bot.slack_errors import MessageGone, TargetGone

WHY: Final = {
    "missing_scope": "Handoff's Slack app lacks the scope files:write; an admin can install it again by its manifest",
    "file_uploads_disabled": "this workspace takes no files",
    "file_uploads_except_images_disabled": "this workspace takes no files but images",
    "file_upload_size_restricted": "it is larger than this workspace allows",
    "blocked_file_type": "this workspace does not take files of this type",
    "storage_limit_reached": "this workspace has no room for files left",
    "posting_to_channel_denied": "Handoff may not post files in this channel",
    "file_deleted": "somebody deleted it in Slack",
    "413": "it is too large for Slack",
    "415": "Slack does not take files of this type",
}


def why(error: Rejected) -> str:
    """Half a sentence, without a stop."""
    if (known := WHY.get(error.code)) is not None:
        return known
    if isinstance(error, MessageGone):
        return "the message it belongs to is not there any more"
    if isinstance(error, TargetGone):
        return f"this channel does not take it ({error.code})"
    return f"Slack refuses it ({error.code or error})"


def refused_line(title: str, name: str, words: str) -> str:
    """The line in the thread that stands where the file would be."""
    return f"Without the file {name} ({title}): {words}. The message above is complete without it; nothing was changed."
