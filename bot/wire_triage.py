"""What crosses to Slack about triage and comes back: action ids, button values, fields of the forms."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from bot.wire import WireError


class TriageAct(StrEnum):
    """What people can do to a decision. The value is the button's action id and the form's callback id."""

    APPLY = "triage.apply"
    CHANGE = "triage.change"
    LEAVE = "triage.leave"
    UNDO = "triage.undo"
    WHY = "triage.why"
    RETRY = "triage.retry"


TRIAGE_NAMES: dict[TriageAct, str] = {
    TriageAct.APPLY: "Apply",
    TriageAct.CHANGE: "Change",
    TriageAct.LEAVE: "Leave as it is",
    TriageAct.UNDO: "Undo",
    TriageAct.WHY: "Why",
    TriageAct.RETRY: "Retry",
}
"""One word for one act, everywhere people read it."""

FIELD_INTENT = "intent"
FIELD_QUEUE = "queue"
FIELD_PRIORITY = "triage_priority"
"""Fields of the form of Change."""
NO_INTENT = "-"
"""The value of "None of these": Slack takes no empty one."""

_VALUE = re.compile(r"triage:([1-9][0-9]{0,17}):([a-z_]{1,20})", re.ASCII)


@dataclass(frozen=True, slots=True)
class TriageButton:
    """What a button or a form about a decision carries: which decision, which act."""

    decision_id: int
    act: TriageAct

    def encode(self) -> str:
        """`triage:42:apply`, for a button's value or a form's private metadata."""
        return f"triage:{self.decision_id}:{self.act.removeprefix('triage.')}"

    @classmethod
    def decode(cls, value: str) -> Self:
        """Read it back. Raises: WireError for anything `encode` does not write."""
        if (match := _VALUE.fullmatch(value)) is None:
            raise WireError("This button was made by another version of Handoff. Nothing was changed.")
        try:
            act = TriageAct(f"triage.{match.group(2)}")
        except ValueError as exc:
            raise WireError("This button asks for something that Handoff does not do. Nothing was changed.") from exc
        return cls(int(match.group(1)), act)
