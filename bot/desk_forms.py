"""The editing half of the built-in desk's pages: a personal link, and what its person may do to a ticket.

Without a person the pages stay read-only. A form is taken only with its person's cookie and the mark that the page put
into it, so that no other site can send one.
"""

import re
from collections.abc import Callable, Mapping
from typing import Annotated, Final, Protocol
from urllib.parse import parse_qs

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import RedirectResponse

from automations.domain import Priority, TicketChange, TicketStatus
from automations.errors import OutcomeUnknown, Rejected, Unavailable
from bot.desk_door import COOKIE, OPEN_FOR, DeskDoor
from bot.html import HEADERS
from bot.http import raw_body
from bot.problems import Problem

HOW: Final = "`handoff people desk-link EMAIL` prints a personal link, good for 12 hours."
FIELD: Final = "field."
"""What the names of the desk's own fields begin with in a form."""
_WITHIN_DESK = re.compile(r"/desk(/tickets(/[0-9]{1,18})?)?")
Form = Mapping[str, str]


class PeopleWork(Protocol):
    """What people do in the desk; each raises Rejected, in words, for what the desk does not let happen."""

    def change(self, ticket: str, change: TicketChange, *, by: str) -> None:
        """Change a ticket's fields."""

    def note(self, ticket: str, text: str, *, by: str) -> None:
        """Add an internal note."""

    def reply(self, ticket: str, text: str, *, by: str) -> None:
        """Answer the customer."""

    def customer_replies(self, ticket: str, text: str) -> None:
        """Take in what the customer wrote."""

    def merge(self, ticket: str, into: str, *, by: str) -> None:
        """Close a ticket as a part of another one."""

    def delete(self, ticket: str, *, by: str) -> None:
        """Take a ticket away."""


WorkFor = Callable[[str, str], PeopleWork]
"""Gives the work of one person (an e-mail address) on one ticket, whose acts are written down in the audit log."""


def person_of(request: Request, door: DeskDoor | None) -> str | None:
    """Who works on this page, by their cookie; None without one."""
    return door.person(request.cookies.get(COOKIE, "")) if door is not None else None


def entering(door: DeskDoor, *, secure: bool) -> APIRouter:
    """`/desk/enter`: a personal link becomes a cookie. `secure`: people reach the pages by https."""
    router = APIRouter(include_in_schema=False)

    @router.get("/enter")
    def enter(token: Annotated[str, Query(max_length=1000)] = "", to: str = "/desk/tickets") -> Response:
        """Open the pages for the person of the link, and go on to a page of the desk."""
        cookie = door.cookie(token)
        if cookie is None:
            raise Problem(403, "This link is not good any more", f"Ask for a new one: {HOW}")
        answer = RedirectResponse(to if _WITHIN_DESK.fullmatch(to) else "/desk/tickets", 303, HEADERS)
        age = int(OPEN_FOR.total_seconds())
        answer.set_cookie(COOKIE, cookie, age, path="/desk", httponly=True, samesite="lax", secure=secure)
        return answer

    return router


def acting(door: DeskDoor, work_for: WorkFor, show: Callable[[Request, str, str, Form, int], Response]) -> APIRouter:
    """`POST /desk/tickets/{id}`. `show` gives the ticket's page with a problem in words and what had been typed."""
    router = APIRouter(include_in_schema=False)

    @router.post("/tickets/{ticket}")
    def act(request: Request, ticket: str, body: Annotated[bytes, Depends(raw_body)]) -> Response:
        """One act of a person on a ticket, then its page again."""
        cookie = request.cookies.get(COOKIE, "")
        person = door.person(cookie)
        if person is None:
            raise Problem(403, "These pages are read-only", f"Nothing was changed. {HOW}")
        form = _form(body)
        if not door.is_form(cookie, form.get("form", "")):
            raise Problem(403, "This form is too old", "Nothing was changed. Open the ticket again and repeat it.")
        try:
            _do(work_for(person, ticket), ticket, form, person)
        except Rejected as exc:
            return show(request, ticket, f"{_sentence(str(exc))} Nothing was changed.", form, 422)
        except (Unavailable, OutcomeUnknown) as exc:
            raise Problem(503, "Not now", _sentence(str(exc)), retry_after_s=5) from exc
        gone = form.get("act") == "delete"
        return RedirectResponse("/desk/tickets" if gone else f"/desk/tickets/{ticket}", 303, HEADERS)

    return router


def _do(work: PeopleWork, ticket: str, form: Form, person: str) -> None:
    """Raises: Rejected; Problem 422 for an act there is not."""
    said = form.get("text", "")
    match form.get("act"):
        case "change":
            work.change(ticket, _change(form), by=person)
        case "note":
            work.note(ticket, said, by=person)
        case "reply":
            work.reply(ticket, said, by=person)
        case "customer":
            work.customer_replies(ticket, said)
        case "merge":
            work.merge(ticket, form.get("into", "").strip().removeprefix("#"), by=person)
        case "delete":
            work.delete(ticket, by=person)
        case _:
            raise Problem(422, "Not an act", "Nothing was changed. Open the ticket again and repeat it.")


def _change(form: Form) -> TicketChange:
    """What the person changed: a field that stands as the page had shown it is left alone.

    Raises: Problem 422 for a status or priority that is none.
    """
    changed = {name: form[name] for name in form if f"was.{name}" in form and form[name] != form[f"was.{name}"]}
    try:
        status = TicketStatus(changed["status"]) if "status" in changed else None
        priority = Priority(changed["priority"]) if "priority" in changed else None
    except ValueError as exc:
        raise Problem(422, "Not a change", f"Nothing was changed: {exc}.") from exc
    own = tuple((name.removeprefix(FIELD), value.strip()) for name, value in changed.items() if name.startswith(FIELD))
    return TicketChange(status, priority, changed.get("assignee"), changed.get("group"), fields=own)


def _form(body: bytes) -> dict[str, str]:
    """A form as browsers send it; NUL, which databases refuse, shows as a mark. Raises: Problem 400."""
    try:
        found = parse_qs(body.decode("utf-8"), keep_blank_values=True, max_num_fields=100, errors="strict")
    except ValueError as exc:
        raise Problem(400, "Not a form", "Nothing was changed.") from exc
    return {name: values[-1].replace("\r\n", "\n").replace("\x00", "\ufffd") for name, values in found.items()}


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}{'' if words.endswith('.') else '.'}"
