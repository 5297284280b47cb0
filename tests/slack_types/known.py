"""False alarms: where Slack's own types are narrower than what Slack sends or takes, with the reason."""

from fnmatch import fnmatchcase
from typing import Final

from tests.slack_types.node import Complaint

EXTRA = "must NOT have additional properties "

KNOWN: Final[dict[tuple[str, str, str], str]] = {
    (
        "*",
        "*/metadata/event_payload",
        f"{EXTRA}*",
    ): "typed as the payload of one sample; it holds what an app put there",
    ("chat.update", "/message", f"{EXTRA}ts"): "left out of the type; Slack sends it",
    ("conversations.replies", "/messages/*", f"{EXTRA}subtype"): "in the type of history, and the same messages",
    ("reactions.get", "/message", f"{EXTRA}edited"): "in the type of history, and the same messages",
    ("envelope", "", f"{EXTRA}context_team_id"): "documented on the page of the Events API; bolt does not read it",
    ("envelope", "", f"{EXTRA}context_enterprise_id"): "as context_team_id",
    ("envelope", "", f"{EXTRA}event_context"): "as context_team_id",
    (
        "event message*",
        "",
        f"{EXTRA}*",
    ): "app_id, team and bot_profile are typed for some kinds of message, sent for all",
    ("event message_file_share", "/files/*", f"{EXTRA}*"): "the page of the file object has more than the type",
    ("event message_thread_broadcast", "/root", "*"): "typed as the event of the parent; the message itself is sent",
    ("event message_thread_broadcast", "", "* 'client_msg_id' *"): "only what people's own clients post has one",
    ("event subteam_updated", "/subteam", f"{EXTRA}deleted_by"): "documented on the page of the event",
    ("usergroups.list", "/usergroups/*/deleted_by", "must be string string"): "null while the group is in use",
    ("usergroups.users.update", "/usergroup", f"{EXTRA}*"): "deleted_by and user_count are in the type of the list",
    ("users.list", "/members/*", f"{EXTRA}is_stranger"): "in the type of users.info, and the same users",
    ("files.completeUploadExternal", "/files/*", f"{EXTRA}thumb_720"): "typed from a picture too small to have one",
    ("payload Clicked", "", "must have required property 'response_url' response_url"): "a click in a view has none",
    ("payload *", "/enterprise", "must be object object"): "null in a workspace of its own",
    ("payload *", "/user", f"{EXTRA}username"): "in the type of clicks; all interactions send it",
    ("views.*", "/view/close", "must be object object"): "null where the view has no such button",
    ("views.*", "/view/submit", "must be object object"): "null where the view has no such button",
    ("views.*", "/view/previous_view_id", "must be string string"): "null for the first of a stack",
    ("views.*", "/view/state", f"{EXTRA}values"): "typed from a view without inputs",
}
"""(what it is, where, what is said) -> why it is no mistake. In each part `*` stands for anything."""


def unknown(found: list[Complaint]) -> list[Complaint]:
    """What is left of the complaints."""
    return [one for one in found if not any(_meant(key, one) for key in KNOWN)]


def unused(found: list[Complaint]) -> list[tuple[str, str, str]]:
    """Entries that nothing needed: the types have been mended, or the entry never was true."""
    return [key for key in KNOWN if not any(_meant(key, one) for one in found)]


def _meant(key: tuple[str, str, str], one: Complaint) -> bool:
    return all(fnmatchcase(said, part) for part, said in zip(key, (one.at, one.path, one.message), strict=True))
