"""The strings of runs and findings that cross to Slack and come back: action ids and button values.

As in `bot.wire`: what comes back is untrusted, decodes to a small frozen value or raises `WireError`, and gives nobody
a right. A digest in a value says which plan a person looked at; whether it still holds is decided anew.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from bot.wire import WireError

FIELD_PERSON = "person"
FIELD_EMAIL = "email"
FIELD_NAME = "name"
FIELD_ROLE = "role"
FIELD_GROUPS = "groups"
FIELD_SUCCESSOR = "successor"
FIELD_ROTATION = "rotation"
"""Inputs of the forms: each is both the block id and the action id of its input."""

_OTHER_VERSION = "This button was made by another version of Handoff. Nothing was changed."
_UNKNOWN = "This button asks for something that Handoff does not do. Nothing was changed."


class RunAct(StrEnum):
    """What people can do to a run. The value is the button's action id, and the form's callback id."""

    CONFIRM = "plan.confirm"
    CANCEL = "plan.cancel"
    DETAILS = "plan.details"
    DETAILS_BACK = "plan.details_back"
    SUSPEND_NOW = "plan.suspend_now"
    RETRY = "step.retry"
    DONE_BY_HAND = "step.done_by_hand"
    INVITE_AGAIN = "invitation.resend"
    UNDO = "run.undo"
    REVIEW = "run.review"
    ON_DUTY = "run.on_duty"


RUN_ACT_NAMES: dict[RunAct, str] = {
    RunAct.CONFIRM: "Confirm",
    RunAct.CANCEL: "Cancel",
    RunAct.DETAILS: "Details",
    RunAct.DETAILS_BACK: "Page before",
    RunAct.SUSPEND_NOW: "Suspend now",
    RunAct.RETRY: "Retry",
    RunAct.DONE_BY_HAND: "Done by hand",
    RunAct.INVITE_AGAIN: "Send again",
    RunAct.UNDO: "Undo",
    RunAct.REVIEW: "Reviewed",
    RunAct.ON_DUTY: "Put on duty",
}
"""One word for one act, everywhere people read it."""


class FindingAct(StrEnum):
    """What people can do to a finding or the list of them. The value is the action id, and the form's callback id."""

    CONFIRM = "finding.confirm"
    KEEP = "finding.keep"
    PASS_TO = "finding.pass_to"  # noqa: S105 - an action id, no secret
    CONFIRM_ALL = "finding.confirm_all"
    DETAILS = "finding.details"
    PAGE = "finding.page"
    PAGE_BACK = "finding.page_back"


FINDING_ACT_NAMES: dict[FindingAct, str] = {
    FindingAct.CONFIRM: "Confirm",
    FindingAct.KEEP: "Keep",
    FindingAct.PASS_TO: "Pass to…",
    FindingAct.CONFIRM_ALL: "Confirm all",
    FindingAct.DETAILS: "Details",
    FindingAct.PAGE: "Next page",
    FindingAct.PAGE_BACK: "Page before",
}


class AccessForm(StrEnum):
    """Forms that a bare command opens: the value is the callback id."""

    PROVISION = "access.provision"
    OFFBOARD = "access.offboard"


_RUN = re.compile(r"run:([1-9][0-9]{0,17}):([a-z_.]{1,24}):([0-9a-f]{0,16}):([0-9]{0,4})", re.ASCII)
_FINDING = re.compile(r"finding:([0-9]{1,18}):([a-z_]{1,16}):([0-9a-f]{0,16}):([0-9]{0,18}):([a-z_]{0,24})", re.ASCII)


@dataclass(frozen=True, slots=True)
class RunButton:
    """What a button or form about a run carries. `step` is the number of the step it is about, 0 for the whole run.

    For Details and its Page before, `step` is the page to show; 0 is the first one.
    """

    run_id: int
    act: RunAct
    digest: str = ""
    step: int = 0

    def encode(self) -> str:
        """`run:7:plan.confirm:0123456789abcdef:0`."""
        return f"run:{self.run_id}:{self.act}:{self.digest}:{self.step}"

    @classmethod
    def decode(cls, value: str) -> Self:
        """Read it back. Raises: WireError for anything `encode` does not write."""
        if (match := _RUN.fullmatch(value)) is None:
            raise WireError(_OTHER_VERSION)
        try:
            act = RunAct(match.group(2))
        except ValueError as exc:
            raise WireError(_UNKNOWN) from exc
        return cls(int(match.group(1)), act, match.group(3), int(match.group(4) or 0))


@dataclass(frozen=True, slots=True)
class FindingButton:
    """What a button or form about a finding carries.

    `finding_id` is 0 for the list as a whole; `run_id` is the reconciliation whose list it is, `kind` the kind of
    finding that Confirm all is about. For a page, `finding_id` is the page.
    """

    finding_id: int
    act: FindingAct
    digest: str = ""
    run_id: int = 0
    kind: str = ""

    def encode(self) -> str:
        """`finding:31:confirm:0123456789abcdef:7:orphaned`."""
        verb = self.act.removeprefix("finding.")
        return f"finding:{self.finding_id}:{verb}:{self.digest}:{self.run_id}:{self.kind}"

    @classmethod
    def decode(cls, value: str) -> Self:
        """Read it back. Raises: WireError for anything `encode` does not write."""
        if (match := _FINDING.fullmatch(value)) is None:
            raise WireError(_OTHER_VERSION)
        try:
            act = FindingAct(f"finding.{match.group(2)}")
        except ValueError as exc:
            raise WireError(_UNKNOWN) from exc
        return cls(int(match.group(1)), act, match.group(3), int(match.group(4) or 0), match.group(5))
