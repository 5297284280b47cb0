"""What messages and pages about a report are made of: plain data, for the views."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from automations.weekly_report.definitions import Definition
from automations.weekly_report.request import Request
from automations.weekly_report.result import NumberName, Result


@dataclass(frozen=True, slots=True)
class Comparison:
    """The period before, or in words why it does not compare (`why_not`; then `result` is None)."""

    result: Result | None
    why_not: str = ""


@dataclass(frozen=True, slots=True)
class Changed:
    """What counts otherwise than it did in the report that was run again: mostly a ticket, else what is no ticket.

    `words`: in which number and how.
    """

    title: str
    url: str
    words: str


@dataclass(frozen=True, slots=True)
class ReportCard:
    """One report as people see it.

    `title` names what it is and its period. `by` is the name of who asked, empty for the schedule; `picture` the file's
    id once Slack has it; `refused`: Slack took no picture. `since`: the desk's past is known only from then on.

    For a report that counts another one again, `again` is the other's number and `changes` the tickets that count
    otherwise now (the first of them; `change_count` in all).
    """

    id: int
    state: Literal["asked", "made", "failed"]
    request: Request
    title: str
    desk: str
    by: str
    owner: str
    result: Result | None
    before: Comparison
    definitions: tuple[Definition, ...]
    hash: str
    made_at: datetime | None
    data_at: datetime | None
    since: datetime | None
    error: str = ""
    picture: str | None = None
    refused: bool = False
    again: int | None = None
    changes: tuple[Changed, ...] = ()
    change_count: int = 0


@dataclass(frozen=True, slots=True)
class TicketLine:
    """A ticket behind a number. `value` is the seconds of a time. `title` is the desk's number and the subject.

    `customer` is its customer's name, tier and status as they are kept now, or why it is not clear whose it is; empty
    where no customers are kept.
    """

    title: str
    url: str
    status: str
    group: str
    priority: str
    value: float | None
    customer: str = ""


@dataclass(frozen=True, slots=True)
class TicketList:
    """One page of the tickets behind a number, longest time or oldest first. `page` counts from 1.

    `customers_by` names the source of what is said of customers whose data is the oldest, `customers_as_of` how old it
    is; None where nothing is said.
    """

    report: int
    number: NumberName
    lines: tuple[TicketLine, ...]
    count: int
    page: int
    pages: int
    customers_by: str = ""
    customers_as_of: datetime | None = None


def report_ref(number: int) -> str:
    """The name people use for a report: `REPORT-7`."""
    return f"REPORT-{number}"
