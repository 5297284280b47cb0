"""Pages of the built-in desk: the list of tickets, and one page per ticket. Escaped by Jinja's autoescape.

Whoever came by a personal link may work on a ticket (`bot.desk_forms`); for everybody else the pages are read-only.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Protocol
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query, Request, Response

from automations.domain import DeskAgent, Priority, Ticket, TicketField, TicketStatus
from automations.errors import Rejected
from bot.access import ReadAccess
from bot.case_page import moments
from bot.desk_door import COOKIE, DeskDoor
from bot.desk_forms import FIELD, Form, WorkFor, acting, entering, person_of
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

    def get(self, ticket: str) -> Ticket:
        """The ticket as the port gives it, with the desk's own fields."""

    def agents(self) -> Iterator[DeskAgent]:
        """All people of the desk."""

    def groups(self) -> Iterator[str]:
        """The names of all groups."""

    def required_fields(self) -> Iterator[TicketField]:
        """The desk's own fields."""


@dataclass(frozen=True, slots=True)
class Editing:
    """What it takes to let people work on the pages. `secure`: they reach them by https."""

    door: DeskDoor
    work_for: WorkFor
    secure: bool = False


def desk_pages(
    desk: DeskReader,
    access: ReadAccess,
    team: Callable[[], Team],
    editing: Editing | None = None,
    *,
    framed: bool = False,
) -> APIRouter:
    """`/desk/tickets` and `/desk/tickets/{id}`, for people who may read; to be worked on, with `editing`.

    `team` is asked for each page anew, since a reload changes its name and zone.
    `framed`: the pages stand inside another one, which what is not of the desk must not replace.
    """
    router = APIRouter(prefix="/desk", include_in_schema=False)
    door = editing.door if editing else None

    def may_read(request: Request) -> None:
        """Raises: Problem 401 or 403 for who neither may read nor came by a personal link."""
        if person_of(request, door) is None:
            access.check(request)

    reading = [Depends(may_read)]

    def of_person(request: Request) -> dict[str, Any]:
        """Who works on the page, if anybody, and the frame around every page."""
        email, ours = person_of(request, door), team()
        frame = {"team": ours.name, "zone": ours.zone, "moment": moments(ZoneInfo(ours.zone)), "case_of": _case_of}
        person = _name(desk, email) if email else None
        return {**frame, "framed": framed, "person": person, "may_edit": editing is not None}

    @router.get("/style.css")
    def style() -> Response:
        """The pages' one style sheet."""
        return Response(templates().get_template("style.css").render(), media_type="text/css; charset=utf-8")

    @router.get("", dependencies=reading)
    @router.get("/tickets", dependencies=reading)
    def tickets(
        request: Request,
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
        return shown(template.render(**of_person(request), **filters, rows=rows, total=total, page=page, last=last))

    def show(request: Request, ticket: str, problem: str, typed: Form, status: int) -> Response:
        """The page of a ticket, with a problem in words and what had been typed before it."""
        try:
            found = desk.ticket_page(ticket)
            edit = _choices(desk, ticket) if person_of(request, door) else None
        except Rejected as exc:
            raise Problem(404, "No such ticket", "The desk has no ticket by that number.") from exc
        form = door.form(request.cookies.get(COOKIE, "")) if door and edit else ""
        words = {"page": found, "edit": edit, "form": form, "problem": problem, "typed": typed}
        return shown(templates().get_template("ticket.html").render(**of_person(request), **words), status)

    @router.get("/tickets/{ticket}", dependencies=reading)
    def ticket(request: Request, ticket: str) -> Response:
        """One ticket: who has it, how it stands, everything said about it."""
        return show(request, ticket, "", {}, 200)

    if editing is not None:
        router.include_router(entering(editing.door, secure=editing.secure))
        router.include_router(acting(editing.door, editing.work_for, show))
    return router


def _choices(desk: DeskReader, ticket: str) -> dict[str, Any]:
    """What the form of a ticket offers. Raises: Rejected if there is no such ticket."""
    filled = dict(desk.get(ticket).fields)
    return {
        "statuses": [one.value for one in TicketStatus],
        "priorities": [one.value for one in Priority],
        "agents": [(one.email, one.name) for one in desk.agents() if one.state == "active"],
        "groups": list(desk.groups()),
        "fields": [(f"{FIELD}{one.id}", one, filled.get(one.id, "")) for one in desk.required_fields()],
    }


def _name(desk: DeskReader, email: str) -> str:
    return next((one.name for one in desk.agents() if one.email == email), email)


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
