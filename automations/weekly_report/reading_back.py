"""The tickets behind a number of a report that was made: the 37 behind “37 open”."""

from typing import Final, get_args

from sqlalchemy import select
from sqlalchemy.orm import Session

from automations.errors import NotFound
from automations.weekly_report.card_types import TicketLine, TicketList, report_ref
from automations.weekly_report.members import unpack
from automations.weekly_report.result import Member, NumberName, TimeName
from storage.models import MirrorTicket, Report

PER_PAGE: Final = 20
"""Tickets on a page."""
_TIMES: Final = frozenset(get_args(TimeName))


def tickets_behind(session: Session, report_id: int, number: NumberName, page: int) -> TicketList:
    """One page of the tickets that a number was counted from, as they were judged then; a page too far is the last.

    Longest time first, else oldest first. A ticket that the mirror does not have any more is told by its id.
    Raises: NotFound if no such report was made, or it has no such number.
    """
    report = session.get(Report, report_id)
    if report is None or report.state != "made":
        raise NotFound(
            f"There is no {report_ref(report_id)} that was made. `handoff report list` shows those there are."
        )
    members = unpack(report.members)
    if number not in members:
        raise NotFound(f"{report_ref(report_id)} has no number “{number}”.")
    several = sorted(members[number], key=_longest if number in _TIMES else _oldest)
    pages = max(1, -(-len(several) // PER_PAGE))
    page = min(max(page, 1), pages)
    shown = several[(page - 1) * PER_PAGE : page * PER_PAGE]
    return TicketList(report_id, number, _lines(session, report.system, shown), len(several), page, pages)


def _longest(one: Member) -> tuple[float, str]:
    return -(one.value or 0), one.ticket


def _oldest(one: Member) -> tuple[float, str]:
    return one.at.timestamp(), one.ticket


def _lines(session: Session, system: str, several: list[Member]) -> tuple[TicketLine, ...]:
    asked = select(MirrorTicket.ticket_id, MirrorTicket.subject, MirrorTicket.url).where(
        MirrorTicket.system == system, MirrorTicket.ticket_id.in_([one.ticket for one in several])
    )
    known = {row.ticket_id: row for row in session.execute(asked)}
    return tuple(
        TicketLine(
            title=f"#{one.ticket} {row.subject}" if (row := known.get(one.ticket)) else f"#{one.ticket}",
            url=row.url if row else "",
            status=one.judged.status,
            group=one.judged.group,
            priority=one.judged.priority,
            value=one.value,
        )
        for one in several
    )
