"""The tickets behind a number of a report that was made: the 37 behind “37 open”."""

from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from automations.errors import NotFound
from automations.weekly_report.card_types import TicketLine, TicketList, report_ref
from automations.weekly_report.members import unpack_some
from automations.weekly_report.result import Member, NumberName
from storage.models import MirrorTicket, Report

PER_PAGE: Final = 20
"""Tickets on a page."""


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
    page = max(page, 1)
    found = unpack_some(report.members, number, (page - 1) * PER_PAGE, page * PER_PAGE)
    if found is None:
        raise NotFound(f"{report_ref(report_id)} has no number “{number}”.")
    shown, count = found
    pages = max(1, -(-count // PER_PAGE))
    if page > pages:
        return tickets_behind(session, report_id, number, pages)
    return TicketList(report_id, number, _lines(session, report.system, shown), count, page, pages)


def _lines(session: Session, system: str, several: tuple[Member, ...]) -> tuple[TicketLine, ...]:
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
