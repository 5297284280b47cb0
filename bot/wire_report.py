"""What crosses to Slack about reports and comes back: action ids, button values, the form's fields."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Self, cast, get_args

from automations.weekly_report.result import CountName, NumberName, TimeName
from bot.wire import WireError


class ReportAct(StrEnum):
    """What people can do to a report. The value is the button's action id."""

    RERUN = "report.rerun"
    PERIOD = "report.period"
    DATA_SHEET = "report.data_sheet"
    TICKETS = "report.tickets"
    RETRY = "report.retry"


class ReportForm(StrEnum):
    """Callback ids of the forms and pages of reports."""

    ASK = "report.ask"
    SHEET = "report.sheet"
    LIST = "report.list"


REPORT_ACT_NAMES: dict[ReportAct, str] = {
    ReportAct.RERUN: "Rerun",
    ReportAct.PERIOD: "Other period",
    ReportAct.DATA_SHEET: "Data sheet",
    ReportAct.TICKETS: "Show tickets",
    ReportAct.RETRY: "Retry",
}
"""One word for one act, everywhere people read it."""

FIELD_SPAN = "span"
FIELD_FROM = "from"
FIELD_TO_DAY = "to_day"
FIELD_FILTERS = "filters"
FIELD_PLACE = "place"
"""Inputs of the form: each is both the block id and the action id of its input."""

NUMBERS: frozenset[str] = frozenset((*get_args(CountName), *get_args(TimeName)))

_VALUE = re.compile(r"report:([1-9][0-9]{0,17}):([a-z_]{1,20}):([a-z_]{0,20}):([0-9]{0,6})", re.ASCII)


@dataclass(frozen=True, slots=True)
class ReportButton:
    """What a button or a page about a report carries: which report, which act, which number's tickets, which page."""

    report_id: int
    act: ReportAct
    number: NumberName | None = None
    page: int = 1

    def encode(self) -> str:
        """`report:7:tickets:backlog_end:2`, for a button's value or a view's private metadata."""
        return f"report:{self.report_id}:{self.act.removeprefix('report.')}:{self.number or ''}:{self.page}"

    @classmethod
    def decode(cls, value: str) -> Self:
        """Read it back. Raises: WireError for anything `encode` does not write."""
        if (match := _VALUE.fullmatch(value)) is None or (match.group(3) and match.group(3) not in NUMBERS):
            raise WireError("This button was made by another version of Handoff. Nothing was changed.")
        try:
            act = ReportAct(f"report.{match.group(2)}")
        except ValueError as exc:
            raise WireError("This button asks for something that Handoff does not do. Nothing was changed.") from exc
        number = cast("NumberName", match.group(3)) if match.group(3) else None
        return cls(int(match.group(1)), act, number, int(match.group(4) or 1))
