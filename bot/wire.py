"""Every string that crosses to Slack and comes back: action ids and button values. Commands are in `bot.grammar`.

What comes back is untrusted. It decodes to a small frozen value, or raises `WireError` with words for the
person; it never crashes. Values are opaque ids (at most 75 characters, the lower of Slack's published limits for
an option), so a person's right and the case's state are always looked up anew.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from automations.errors import HandoffError


class WireError(HandoffError):
    """A button, menu or form that this version does not know: made by another version, or by hand."""


class CaseAct(StrEnum):
    """What people can do to a case. The value is the button's action id and the form's callback id."""

    CLAIM = "case.claim"
    RELEASE = "case.release"
    REASSIGN = "case.reassign"
    ESCALATE = "case.escalate"
    RESOLVE = "case.resolve"
    REOPEN = "case.reopen"
    NOT_NEEDED = "case.not_needed"
    SNOOZE = "case.snooze"
    TICKET_FOUND = "case.ticket_found"
    TICKET_ABSENT = "case.ticket_absent"
    UNDO = "case.undo"


CASE_MORE = "case.more"
"""The overflow menu that holds the acts for which there is no button."""

ACT_NAMES: dict[CaseAct, str] = {
    CaseAct.CLAIM: "Claim",
    CaseAct.RELEASE: "Release",
    CaseAct.REASSIGN: "Reassign",
    CaseAct.ESCALATE: "Escalate",
    CaseAct.RESOLVE: "Resolve",
    CaseAct.REOPEN: "Reopen",
    CaseAct.NOT_NEEDED: "Not needed",
    CaseAct.SNOOZE: "Snooze",
    CaseAct.TICKET_FOUND: "Ticket is there",
    CaseAct.TICKET_ABSENT: "Make the ticket",
    CaseAct.UNDO: "Undo",
}
"""One word for one act, everywhere people read it."""

FIELD_TO = "to"
FIELD_REASON = "reason"
FIELD_NOTE = "note"
FIELD_END = "end"
FIELD_UNTIL = "until"
FIELD_SUMMARY = "summary"
FIELD_DETAILS = "details"
FIELD_CUSTOMER = "customer"
FIELD_ORIGIN = "origin"
FIELD_PRIORITY = "priority"
FIELD_CASE = "case"
FIELD_TICKET = "ticket"
"""Inputs of the forms: each is both the block id and the action id of its input."""


class GroupAct(StrEnum):
    """What people can do to a group of cases. The value is the button's action id and the form's callback id."""

    CLAIM_ALL = "group_cases.claim_all"
    RESOLVE_ALL = "group_cases.resolve_all"
    SHOW = "group_cases.show"
    PAGE = "group_cases.page"
    BACK = "group_cases.back"
    UNDO = "group_cases.undo"


GROUP_ACT_NAMES: dict[GroupAct, str] = {
    GroupAct.CLAIM_ALL: "Claim all",
    GroupAct.RESOLVE_ALL: "Resolve all",
    GroupAct.SHOW: "Show cases",
    GroupAct.PAGE: "Next page",
    GroupAct.BACK: "Page before",
    GroupAct.UNDO: "Undo",
}


class Shortcut(StrEnum):
    """The entries in a message's menu. The value is the shortcut's callback id and that of the form it opens."""

    CREATE_CASE = "message.create_case"
    ADD_NOTE = "message.add_note"
    ESCALATE = "message.escalate"


DESK_FIELD = "desk:"
"""What the name of an input begins with that asks for a field of the desk's own; its id follows."""

_UNDO_VALUE = re.compile(r"undo:([1-9][0-9]{0,17})", re.ASCII)
_CASE_VALUE = re.compile(r"case:([1-9][0-9]{0,17}):([a-z_]{1,20})", re.ASCII)


@dataclass(frozen=True, slots=True)
class CaseButton:
    """What a button, a menu entry or a form about a case carries: which case, which act."""

    case_id: int
    act: CaseAct

    def encode(self) -> str:
        """`case:42:claim`, for a button's value, an option's value or a form's private metadata."""
        return f"case:{self.case_id}:{self.act.removeprefix('case.')}"

    @classmethod
    def decode(cls, value: str) -> Self:
        """Read it back. Raises: WireError for anything `encode` does not write."""
        if (match := _CASE_VALUE.fullmatch(value)) is None:
            raise WireError("This button was made by another version of Handoff. Nothing was changed.")
        try:
            act = CaseAct(f"case.{match.group(2)}")
        except ValueError as exc:
            raise WireError("This button asks for something that Handoff does not do. Nothing was changed.") from exc
        return cls(int(match.group(1)), act)


@dataclass(frozen=True, slots=True)
class UndoButton:
    """What an Undo button carries: the number of the offer, which says whose it is, of what, and until when."""

    offer_id: int

    def encode(self) -> str:
        """`undo:17`."""
        return f"undo:{self.offer_id}"

    @classmethod
    def decode(cls, value: str) -> Self:
        """Read it back. Raises: WireError for anything `encode` does not write."""
        if (match := _UNDO_VALUE.fullmatch(value)) is None:
            raise WireError("This button was made by another version of Handoff. Nothing was changed.")
        return cls(int(match.group(1)))


_GROUP_VALUE = re.compile(r"group:([1-9][0-9]{0,17}):([a-z_]{1,20}):([0-9]{0,18})", re.ASCII)


@dataclass(frozen=True, slots=True)
class GroupButton:
    """What a button, a list or a form about a group of cases carries.

    `number` is the page to show, or the row of the act on many that may be taken back; 0 for neither.
    """

    group_id: int
    act: GroupAct
    number: int = 0

    def encode(self) -> str:
        """`group:3:page:2`, for a button's value or a view's private metadata."""
        return f"group:{self.group_id}:{self.act.removeprefix('group_cases.')}:{self.number}"

    @classmethod
    def decode(cls, value: str) -> Self:
        """Read it back. Raises: WireError for anything `encode` does not write."""
        if (match := _GROUP_VALUE.fullmatch(value)) is None:
            raise WireError("This button was made by another version of Handoff. Nothing was changed.")
        try:
            act = GroupAct(f"group_cases.{match.group(2)}")
        except ValueError as exc:
            raise WireError("This button asks for something that Handoff does not do. Nothing was changed.") from exc
        return cls(int(match.group(1)), act, int(match.group(3) or 0))


_MESSAGE = re.compile(r"msg:([A-Z0-9_]{1,24}):([0-9]{1,11}\.[0-9]{1,8})?:([0-9]{1,11}\.[0-9]{1,8})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class MessageRef:
    """What a form about a message carries: the message, or only the channel where somebody typed a command.

    `thread_ts` is the thread a reply stands in. Empty texts stand for what there is not.
    """

    channel: str
    ts: str = ""
    thread_ts: str = ""

    def encode(self) -> str:
        """`msg:C1:1795227240.000100:`, for a form's private metadata."""
        return f"msg:{self.channel}:{self.ts}:{self.thread_ts}"

    @classmethod
    def decode(cls, value: str) -> Self:
        """Read it back. Raises: WireError for anything `encode` does not write."""
        if (match := _MESSAGE.fullmatch(value)) is None:
            raise WireError("This form was made by another version of Handoff. Nothing was changed.")
        return cls(match.group(1), match.group(2) or "", match.group(3) or "")


def without_skin_tone(emoji: str) -> str:
    """Give the emoji's name alone: `thumbsup` for `thumbsup::skin-tone-2`."""
    return emoji.partition("::")[0].strip(":")
