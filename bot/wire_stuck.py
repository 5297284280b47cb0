"""Strings about stuck work that cross to Slack and come back: buttons for one item, and for all that have one cause."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Self

from bot.wire import WireError


class StuckAct(StrEnum):
    """What people can do to stuck work. The value is the button's action id, and the form's callback id."""

    RETRY = "stuck.retry"
    EDIT = "stuck.edit"
    DISCARD = "stuck.discard"
    SHOW = "stuck.show"
    RETRY_ALL = "stuck.retry_all"
    DISCARD_ALL = "stuck.discard_all"
    SHOW_ALL = "stuck.show_all"


OF_MANY: Final = frozenset({StuckAct.RETRY_ALL, StuckAct.DISCARD_ALL, StuckAct.SHOW_ALL})
"""Acts on all items that have one cause; the others are on one item."""
STUCK_FORMS: Final = (StuckAct.EDIT, StuckAct.DISCARD, StuckAct.DISCARD_ALL)

STUCK_NAMES: Final[dict[StuckAct, str]] = {
    StuckAct.RETRY: "Retry",
    StuckAct.EDIT: "Edit and retry",
    StuckAct.DISCARD: "Discard",
    StuckAct.SHOW: "What was tried",
    StuckAct.RETRY_ALL: "Retry all",
    StuckAct.DISCARD_ALL: "Discard all",
    StuckAct.SHOW_ALL: "Show each",
}
"""One word for one act, everywhere people read it."""

FIELD_NEW: Final = "new_value"
"""The input of Edit and retry."""

_ONE = re.compile(r"stuck:([1-9][0-9]{0,17}):(retry|edit|discard|show)", re.ASCII)
_MANY = re.compile(r"stuckall:([0-9a-f]{16}):([1-9][0-9]{0,17}):(retry_all|discard_all|show_all)", re.ASCII)
_OTHERS: Final = "This button was made by another version of Handoff. Nothing was changed."


@dataclass(frozen=True, slots=True)
class StuckButton:
    """What a button or the form about stuck work carries: which item of the failure queue, which act."""

    item_id: int
    act: StuckAct

    def encode(self) -> str:
        """`stuck:12:retry`."""
        return f"stuck:{self.item_id}:{self.act.removeprefix('stuck.')}"

    @classmethod
    def decode(cls, value: str) -> Self:
        """Read it back. Raises: WireError for anything `encode` does not write."""
        if (match := _ONE.fullmatch(value)) is None:
            raise WireError(_OTHERS)
        return cls(int(match.group(1)), StuckAct(f"stuck.{match.group(2)}"))


@dataclass(frozen=True, slots=True)
class CauseButton:
    """What a button or form about one cause carries: the cause, the newest item that the reader saw, which act."""

    cause: str
    upto: int
    act: StuckAct

    def encode(self) -> str:
        """`stuckall:0123456789abcdef:12:retry_all`."""
        return f"stuckall:{self.cause}:{self.upto}:{self.act.removeprefix('stuck.')}"

    @classmethod
    def decode(cls, value: str) -> Self:
        """Read it back. Raises: WireError for anything `encode` does not write."""
        if (match := _MANY.fullmatch(value)) is None:
            raise WireError(_OTHERS)
        return cls(match.group(1), int(match.group(2)), StuckAct(f"stuck.{match.group(3)}"))
