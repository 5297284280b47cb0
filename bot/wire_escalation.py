"""What crosses to Slack about escalations and comes back: action ids, button values, fields of the forms."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from bot.wire import FIELD_NOTE, FIELD_TICKET, FIELD_TO, FIELD_UNTIL, WireError


class EscalationAct(StrEnum):
    """What people can do to an escalation. The value is the button's action id and the form's callback id."""

    CLAIM = "escalation.claim"
    RELEASE = "escalation.release"
    REASSIGN = "escalation.reassign"
    SNOOZE = "escalation.snooze"
    RESOLVE = "escalation.resolve"
    NOT_NEEDED = "escalation.not_needed"
    TOO_LATE = "escalation.too_late"
    SEND_NOTE = "escalation.send_note"
    SHOW_ALL = "escalation.show_all"
    SHOW_IN_THREAD = "escalation.show_in_thread"
    ESCALATE_TICKET = "escalation.ticket"


ESCALATION_MORE = "escalation.more"
"""The overflow menu that holds the acts for which there is no button."""

ESCALATION_NAMES: dict[EscalationAct, str] = {
    EscalationAct.CLAIM: "Claim",
    EscalationAct.RELEASE: "Release",
    EscalationAct.REASSIGN: "Reassign",
    EscalationAct.SNOOZE: "Snooze",
    EscalationAct.RESOLVE: "Resolve",
    EscalationAct.NOT_NEEDED: "Not needed",
    EscalationAct.TOO_LATE: "Too late",
    EscalationAct.SEND_NOTE: "Send note to customer",
    EscalationAct.SHOW_ALL: "Show all to me",
    EscalationAct.SHOW_IN_THREAD: "Show all in thread",
    EscalationAct.ESCALATE_TICKET: "Escalate",
}
"""One word for one act, everywhere people read it."""

ESCALATION_FORMS: dict[EscalationAct, str] = {
    EscalationAct.REASSIGN: FIELD_TO,
    EscalationAct.SNOOZE: FIELD_UNTIL,
    EscalationAct.RESOLVE: FIELD_NOTE,
    EscalationAct.NOT_NEEDED: FIELD_NOTE,
    EscalationAct.TOO_LATE: FIELD_NOTE,
    EscalationAct.SHOW_IN_THREAD: "",
    EscalationAct.ESCALATE_TICKET: FIELD_TICKET,
}
"""The acts that ask something first, with the field at which an error is shown; empty for one without fields."""

_VALUE = re.compile(r"escalation:([1-9][0-9]{0,17}):([a-z_]{1,20}):([0-9]{0,6})", re.ASCII)


@dataclass(frozen=True, slots=True)
class EscalationButton:
    """What a button, a menu entry or a form about an escalation carries: which one, which act, which page."""

    escalation_id: int
    act: EscalationAct
    page: int = 1

    def encode(self) -> str:
        """`escalation:42:claim:1`, for a button's value, an option's value or a form's private metadata."""
        return f"escalation:{self.escalation_id}:{self.act.removeprefix('escalation.')}:{self.page}"

    @classmethod
    def decode(cls, value: str) -> Self:
        """Read it back. Raises: WireError for anything `encode` does not write."""
        if (match := _VALUE.fullmatch(value)) is None:
            raise WireError("This button was made by another version of Handoff. Nothing was changed.")
        try:
            act = EscalationAct(f"escalation.{match.group(2)}")
        except ValueError as exc:
            raise WireError("This button asks for something that Handoff does not do. Nothing was changed.") from exc
        return cls(int(match.group(1)), act, int(match.group(3) or 1))
