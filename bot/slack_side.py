"""The Slack half of the bot: who we are there, the listeners, the connections. Comes up when Slack does.

The bot takes failures in while Slack is away, so a Slack that does not answer at start is no reason not to start. A
token that Slack refuses is: no retry will mend it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from threading import Lock
from typing import Annotated

import structlog
from fastapi import APIRouter, Depends, Request, Response
from slack_bolt import App, BoltRequest
from slack_bolt.request.internals import parse_body

from automations.errors import AdapterError, ConfigError
from automations.ports import HelpDesk
from bot.gateway import SlackGateway
from bot.guard import check, joined
from bot.http import raw_body
from bot.listeners import BotIdentity, Deps, make_bolt, register
from bot.listeners.after import After
from bot.listeners.exchange import Wrong, nothing_known
from bot.listeners.home import Homes
from bot.live import Live
from bot.openapi import SLACK_BODY, refusals
from bot.permissions import Permissions
from bot.problems import Problem
from bot.slack_errors import AppDisabled
from bot.socket_mode import SocketMode
from storage.engine import Database

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class SlackKeys:
    """What opens Slack. `app_token` for Socket Mode, `signing_secret` for HTTP; the other is None."""

    base_url: str
    bot_token: str = field(repr=False)
    app_token: str | None = field(default=None, repr=False)
    signing_secret: str | None = field(default=None, repr=False)


class SlackSide:
    """Connects listeners to Slack. `problem` says in words what is missing, empty while it works."""

    def __init__(
        self,
        database: Database,
        live: Live,
        gateway: SlackGateway,
        keys: SlackKeys,
        desk: HelpDesk | None = None,
        wrong: Wrong = nothing_known,
    ) -> None:
        """`wrong` says what is wrong now, for `/support status`."""
        self._database = database
        self._live = live
        self._gateway = gateway
        self._keys = keys
        self._desk = desk
        self._wrong = wrong
        self._lock = Lock()
        self._closed = False
        self._app: App | None = None
        self._socket: SocketMode | None = None
        self._closing: list[Callable[[], None]] = []
        self._deps: Callable[[], Deps] | None = None
        self._homes = Homes()
        self._reached = "Slack has not been reached yet"

    @property
    def problem(self) -> str:
        """What is missing, in words; empty while everything is there."""
        if self._app is None:
            return self._reached
        return self._gateway.disabled or (self._socket.problem if self._socket is not None else "")

    def connect(self) -> None:
        """Bring up what can be brought up now.

        Raises: ConfigError if Slack refuses a token: no retry will mend that.
        """
        with self._lock:
            if self._closed:
                return
            if self._app is None:
                self._introduce()
            if self._socket is not None:
                self._socket.keep()
                if self._socket.refused:
                    raise ConfigError(f"{self._socket.problem}.")

    def keep(self) -> None:
        """Bring up what is missing; called on a schedule. What Slack refuses shows in `problem`."""
        try:
            self.connect()
        except ConfigError as exc:
            if str(exc) != self._reached:
                log.warning("slack.refuses_us", error=str(exc))
            self._reached = str(exc)

    def close(self) -> None:
        """Stop listening, finish the answers under way. Nothing is connected after that."""
        self._closed = True
        with self._lock:
            if self._socket is not None:
                self._socket.stop()
            for close in self._closing:
                close()

    def _introduce(self) -> None:
        try:
            us = self._gateway.auth_test()
        except AppDisabled as exc:
            raise ConfigError(f"Slack refuses the bot token: {exc} Check HANDOFF_SLACK__BOT_TOKEN.") from exc
        except AdapterError as exc:
            self._reached = str(exc)
            log.warning("slack.not_reached", error=str(exc))
            return
        terms = self._live.terms
        permissions = Permissions(terms.roles, terms.context.roster, self._gateway, us.team_id)
        after = After(self._gateway)
        identity = BotIdentity(us.team_id, us.user_id, us.bot_id, self._keys.bot_token)
        app = make_bolt(self._keys.base_url, lambda: identity)
        self._deps = partial(self._present, permissions, after, us.url)
        register(app, self._deps)
        self._closing = [permissions.close, after.close]
        if self._keys.app_token is not None:
            self._socket = SocketMode(app, self._keys.app_token, self._keys.base_url)
        self._app = app

    def follow_homes(self) -> None:
        """Show what changed to those who have opened their Home tab; called on a schedule."""
        if (deps := self._deps) is not None and not self._closed:
            self._homes.follow(deps(), self._gateway.publish_home)

    def _present(self, permissions: Permissions, after: After, workspace_url: str) -> Deps:
        """What listeners share, under the terms in force."""
        terms = self._live.terms
        now = permissions.under(roles=terms.roles, roster=terms.context.roster)
        settings = terms.settings
        return Deps(
            database=self._database,
            ctx=terms.context,
            permissions=now,
            look=terms.look,
            after=after,
            report=terms.report,
            triage=terms.triage,
            escalation=terms.escalation,
            workspace_url=workspace_url,
            desk=self._desk,
            access=terms.access,
            access_place=settings.access.channel if settings.access else "",
            customers=terms.customers,
            customers_place=settings.customers.channel if settings.customers else "",
            report_place=settings.report.channel,
            channels=settings.channels,
            wrong=self._wrong,
        )

    def router(self, now_s: Callable[[], float]) -> APIRouter:
        """`POST /slack/events`: signed requests of Slack, for the HTTP transport."""
        router = APIRouter(tags=["slack"])
        secret = self._keys.signing_secret or ""

        @router.post("/slack/events", responses=refusals(400, 401, 408, 413, 503), openapi_extra=SLACK_BODY)
        def slack_events(request: Request, body: Annotated[bytes, Depends(raw_body)]) -> Response:
            """Take an event, a click, a form or a command. Unsigned ones are refused before anything is read."""
            refusal = check(secret, joined(request.headers.items()), body, now_s=now_s())
            if refusal is not None:
                log.warning("slack.refused", why=refusal.reason)
                detail = "This request does not bear a valid Slack signature."
                raise Problem(401, "Not signed by Slack", detail, why=refusal.reason)
            if self._app is None:
                raise Problem(503, "Not ready", "The bot has not reached Slack yet.", retry_after_s=5)
            return self._dispatch(self._app, request, body)

        return router

    def _dispatch(self, app: App, request: Request, body: bytes) -> Response:
        headers = joined(request.headers.items())
        try:
            text = body.decode("utf-8")
            media_type = headers.get("content-type", "").partition(";")[0]
            readable = isinstance(parse_body(text, media_type), dict)
        except (ValueError, RecursionError):  # not UTF-8, not JSON
            readable = False
        if not readable:
            raise Problem(400, "Not an interaction", "The body is neither an event nor a click, form or command.")
        try:
            asked = BoltRequest(body=text, query=request.url.query, headers={**headers})
        except (AttributeError, KeyError, TypeError) as exc:  # such as a team that is a number: Bolt reads it at once
            raise Problem(400, "Not an interaction", "A part of the body is not of the type that Slack sends.") from exc
        answer = app.dispatch(asked)
        given = {name: ", ".join(values) for name, values in answer.headers.items()}
        return Response(answer.body, answer.status, given)
