"""Read-only pages of the built-in desk: the list of tickets, and one page per ticket. Escaped by Jinja's autoescape."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Annotated, Protocol
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Path, Query, Response
from jinja2 import Environment, PackageLoader, StrictUndefined

from automations.domain import TicketStatus
from automations.errors import Rejected
from bot.access import ReadAccess
from bot.ingest import Problem
from bot.settings import Team

PER_PAGE = 50
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}


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
    pages = Environment(
        loader=PackageLoader("bot", "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    pages.filters["moment"] = _moment(ZoneInfo(team.zone))
    pages.globals["team"] = team.name

    @router.get("/style.css")
    def style() -> Response:
        """The pages' one style sheet."""
        return Response(pages.get_template("style.css").render(), media_type="text/css; charset=utf-8")

    @router.get("", dependencies=reading)
    @router.get("/tickets", dependencies=reading)
    def tickets(
        status: Annotated[TicketStatus | None, Query()] = None,
        q: Annotated[str, Query(max_length=200)] = "",
        page: Annotated[int, Query(ge=1, le=100_000)] = 1,
    ) -> Response:
        """The list, by status and words of the subject."""
        rows, total = desk.list_tickets(status=status, words=q, page=page, per_page=PER_PAGE)
        last = max(1, -(-total // PER_PAGE))
        shown = {"rows": rows, "total": total, "status": status, "statuses": list(TicketStatus), "q": q}
        return _page(pages.get_template("tickets.html").render(**shown, page=page, last=last))

    @router.get("/tickets/{ticket}", dependencies=reading)
    def ticket(ticket: Annotated[str, Path(max_length=20)]) -> Response:
        """One ticket: who has it, how it stands, everything said about it."""
        try:
            found = desk.ticket_page(ticket)
        except Rejected as exc:
            raise Problem(404, "No such ticket", str(exc)) from exc
        return _page(pages.get_template("ticket.html").render(page=found))

    return router


def _page(html: str) -> Response:
    return Response(html, media_type="text/html; charset=utf-8", headers=HEADERS)


def _moment(zone: ZoneInfo) -> Callable[[datetime], str]:
    def shown(at: datetime) -> str:
        return at.astimezone(zone).strftime("%Y-%m-%d %H:%M")

    return shown
