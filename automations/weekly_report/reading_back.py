"""The tickets behind a number of a report that was made: the 37 behind “37 open”."""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from automations.customers.known import Whose, whose_each
from automations.customers.telling import asked_of
from automations.customers.words import conflict_words, tier_words, unclear_words
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
    known = _tickets(session, report.system, shown)
    asked = {name: asked_of(row.customer_id, row.requester, row.opened_by) for name, row in known.items()}
    whose = whose_each(session, asked)
    clear = next((one.standing for one in whose.values() if one.standing is not None), None)
    return TicketList(
        report_id,
        number,
        _lines(known, whose, shown),
        count,
        page,
        pages,
        customers_by=clear.source if clear is not None else "",
        customers_as_of=clear.as_of if clear is not None else None,
    )


def _tickets(session: Session, system: str, several: tuple[Member, ...]) -> dict[str, Row[*tuple[Any, ...]]]:
    columns = (
        MirrorTicket.ticket_id,
        MirrorTicket.subject,
        MirrorTicket.url,
        MirrorTicket.customer_id,
        MirrorTicket.requester,
        MirrorTicket.opened_by,
    )
    asked = select(*columns).where(
        MirrorTicket.system == system, MirrorTicket.ticket_id.in_([one.ticket for one in several])
    )
    return {row.ticket_id: row for row in session.execute(asked)}


def _lines(
    known: Mapping[str, Row[*tuple[Any, ...]]], whose: Mapping[str, Whose], several: tuple[Member, ...]
) -> tuple[TicketLine, ...]:
    return tuple(
        TicketLine(
            title=f"#{one.ticket} {row.subject}" if (row := known.get(one.ticket)) else f"#{one.ticket}",
            url=row.url if row else "",
            status=one.judged.status,
            group=one.judged.group,
            priority=one.judged.priority,
            value=one.value,
            customer=_customer(whose[one.ticket]) if one.ticket in whose else "",
        )
        for one in several
    )


def _customer(whose: Whose) -> str:
    """Name, tier and status, without the age, which is the same for all."""
    if (known := whose.standing) is None:
        return unclear_words(whose)
    told = f"{known.name}: {tier_words(known)}, {known.status}"
    return "; ".join([told, *conflict_words(known.open_conflicts)])
