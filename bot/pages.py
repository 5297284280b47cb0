"""Read-only pages of the built-in desk: the list of tickets, and one page per ticket. Escaped by Jinja's autoescape."""

import re
from collections.abc import Sequence
from typing import Annotated, Protocol
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query, Response

from automations.domain import TicketStatus
from automations.errors import Rejected
from bot.access import ReadAccess
from bot.case_page import moments
from bot.html import page as shown
from bot.html import templates
from bot.problems import Problem
from bot.settings import Team

PER_PAGE = 50
_CASE = re.compile(r"\[(CASE-[0-9]+)\] ")


class DeskReader(Protocol):
    """What the pages read. The built-in desk is one."""

    def list_tickets(
        self, *, status: TicketStatus | None = None, words: str = "", page: int = 1, per_page: int = PER_PAGE
    ) -> tuple[Sequence[object], int]:
        """One page of tickets, newest change first, and how many there are in all."""

    def ticket_page(self, ticket: str) -> object:
        """One ticket with its messages. Raises Rejected if there is none."""


def desk_pages(desk: DeskReader, access: ReadAccess, team: Team) -> APIRouter:
    """`/desk/tickets` and `/desk/tickets/{id}`, for people who may read."""
    router = APIRouter(prefix="/desk", include_in_schema=False)
    reading = [Depends(access.check)]
    frame = {"team": team.name, "zone": team.zone, "moment": moments(ZoneInfo(team.zone)), "case_of": _case_of}

    @router.get("/style.css")
    def style() -> Response:
        """The pages' one style sheet."""
        return Response(templates().get_template("style.css").render(), media_type="text/css; charset=utf-8")

    @router.get("", dependencies=reading)
    @router.get("/tickets", dependencies=reading)
    def tickets(
        status: str = "",
        q: Annotated[str, Query(max_length=200)] = "",
        page: Annotated[int, Query(ge=1, le=100_000)] = 1,
    ) -> Response:
        """The list, by status and words of the subject. A page after the last one shows the last one."""
        wanted, words = _status(status), q.replace("\x00", "").strip()
        rows, total = desk.list_tickets(status=wanted, words=words, page=page, per_page=PER_PAGE)
        last = max(1, -(-total // PER_PAGE))
        if page > last:
            page = last
            rows, total = desk.list_tickets(status=wanted, words=words, page=page, per_page=PER_PAGE)
        filters = {"status": wanted, "statuses": list(TicketStatus), "q": words}
        template = templates().get_template("tickets.html")
        return shown(template.render(**frame, **filters, rows=rows, total=total, page=page, last=last))

    @router.get("/tickets/{ticket}", dependencies=reading)
    def ticket(ticket: str) -> Response:
        """One ticket: who has it, how it stands, everything said about it."""
        try:
            found = desk.ticket_page(ticket)
        except Rejected as exc:
            raise Problem(404, "No such ticket", "The desk has no ticket by that number.") from exc
        return shown(templates().get_template("ticket.html").render(**frame, page=found))

    return router


def _status(text: str) -> TicketStatus | None:
    """The status asked for; the form sends an empty one for any. Raises: Problem 422 for a word that is none."""
    try:
        return TicketStatus(text) if text else None
    except ValueError as exc:
        raise Problem(422, "Not a status", f"A status is one of {', '.join(TicketStatus)}.") from exc


def _case_of(key: str | None, subject: str) -> str | None:
    """The case a ticket was opened for, as its subject says; None for a ticket that is not ours."""
    named = _CASE.match(subject) if (key or "").startswith("handoff-") else None
    return named[1] if named else None
