"""The demo's help desk as a place of its own: its pages answer while the bot is down, but not while it is switched off.

They are the built-in desk's pages over the same database, served by the workspace, so that the story bar can show them
beside the chat; the acting person is let in by a personal link of theirs.
"""

from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode

from fastapi import FastAPI
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from automations.desks import Customer, CustomerChange
from automations.domain import TicketChange
from automations.errors import NotFound, Unavailable
from bot.access import ReadAccess
from bot.builtin_desk import desk_editing, open_builtin
from bot.demo_history import customer_opens
from bot.desk import open_customers
from bot.desk_door import COOKIE
from bot.html import page, templates
from bot.pages import desk_pages
from bot.parts import SystemClock, database_url, make_senders
from bot.problems import Problem, install
from bot.settings import Settings
from bot.workspace.desk_switch import desk_is_on
from storage.engine import Database

_ALONE, _BESIDE = "frame-ancestors 'none'", "frame-ancestors 'self'"
OFF = Problem(503, "The desk is switched off", "Nothing was read, nothing was changed. The story switches it on again.")


class DemoDesk:
    """The built-in desk of the demo's data folder. `case_address` is where the bot shows cases."""

    def __init__(self, settings: Settings, folder: Path, case_address: str) -> None:
        self._database = Database(database_url(settings))
        self._settings = settings
        self._folder = folder
        self._cases = case_address
        self._clock = clock = SystemClock()
        self._desk = open_builtin(settings, self._database, clock)
        self._customers = open_customers(settings, self._database, clock)
        self._editing = desk_editing(settings, self._database, clock)

    def close(self) -> None:
        """Give the database back."""
        self._database.close()

    def routes(self) -> list[BaseRoute]:
        """The desk's pages, the way in for the acting person, and the way on to the bot's page of a case."""
        app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False)
        install(app, lambda _problem, _request: None)
        access = ReadAccess(None, make_senders(self._settings))
        app.include_router(desk_pages(self._desk, access, lambda: self._settings.team, self._editing, framed=True))
        beside = _Beside(app, self._folder)
        return [
            Route("/desk", beside),
            Route("/desk/{rest:path}", beside),
            Route("/_desk/enter", self._enter, methods=["GET"]),
            Route("/v1/cases/{case}", self._case, methods=["GET"]),
        ]

    def change(self, user: str, ticket: str, change: TicketChange) -> None:
        """Let a person change a ticket in the desk. Raises: NotFound, Unavailable, Rejected."""
        if not desk_is_on(self._folder):
            raise Unavailable("The desk is switched off, so nobody works there.", system=self._desk.system)
        email = self._email(user)
        self._editing.work_for(email, ticket).change(ticket, change, by=email)

    def customer_opens(self, subject: str, words: str, customer: str, tier: str, since: timedelta) -> str:
        """Let a customer open a ticket, as if so long ago. The ticket."""
        now = self._clock.now()
        return customer_opens(self._database, subject, words, customer=customer, tier=tier, at=now - since, until=now)

    def customer_writes(self, ticket: str, words: str) -> None:
        """Let the customer of a ticket write on it. Raises: Rejected."""
        self._editing.work_for("customer@demo.example", ticket).customer_replies(ticket, words)

    def tier(self, account: str) -> str:
        """The tier of a customer in the desk. Raises: NotFound."""
        return self._account(account).tier

    def give_tier(self, account: str, tier: str) -> None:
        """Let somebody in the desk give a customer another tier by hand. Raises: NotFound."""
        self._customers.update_customer(self._account(account).id, CustomerChange(tier=tier))

    def queue(self, ticket: str) -> str:
        """The group that a ticket is in. Raises: Rejected if there is no such ticket."""
        return self._desk.get(ticket).group or ""

    def text(self, ticket: str) -> str:
        """Everything a person can read on a ticket's page. Raises: Rejected if there is no such ticket."""
        found = self._desk.ticket_page(ticket)
        return "\n".join((found.row.subject, *(message.body for message in found.messages)))

    def tickets(self, words: str) -> list[str]:
        """The tickets whose subject holds these words, newest change first, at most a page of them."""
        rows, _ = self._desk.list_tickets(words=words)
        return [str(row.id) for row in rows]

    def _account(self, account: str) -> Customer:
        found = self._customers.find_customer(reference=account)
        if found is None:
            raise NotFound(f"{account} is no customer of the demo's desk.")
        return found

    def _enter(self, request: Request) -> Response:
        """Let the acting person in; who is nobody of the desk is shown the pages read-only."""
        to = request.query_params.get("to", "/desk/tickets")
        try:
            email = self._email(request.query_params.get("user", ""))
        except NotFound:
            answer = RedirectResponse(to if to.startswith("/desk/") else "/desk/tickets", 303)
            answer.delete_cookie(COOKIE, path="/desk")
            return answer
        query = urlencode({"token": self._editing.door.link(email), "to": to})
        return RedirectResponse(f"/desk/enter?{query}", 303)

    def _case(self, request: Request) -> Response:
        return RedirectResponse(f"{self._cases}/v1/cases/{request.path_params['case']}", 303)

    def _email(self, user: str) -> str:
        person = next((one for one in self._settings.people if one.slack == user), None)
        if person is None:
            raise NotFound(f"{user} is nobody of the sample team's desk.")
        return person.desk or person.email


class _Beside:
    """The pages, to be framed by the workspace's own page and by nothing else; away while the desk is switched off."""

    def __init__(self, app: ASGIApp, folder: Path) -> None:
        self._app = app
        self._folder = folder

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def framed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                policy = headers.get("content-security-policy", "")
                headers["content-security-policy"] = policy.replace(_ALONE, _BESIDE)
            await send(message)

        off = not desk_is_on(self._folder) and not scope["path"].endswith(".css")
        shown = page(templates().get_template("problem.html").render(problem=OFF), OFF.status) if off else self._app
        await shown(scope, receive, framed)
