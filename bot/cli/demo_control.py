"""What the demo adds to the workspace's control API: its story, and the switches that only a demo may have.

`GET /_control/story` · `POST /_control/story/next {wait?}` · `POST /_control/story/skip` ·
`POST /_control/demo/kill` (the bot, with SIGKILL) · `/_control/demo/start` · `/_control/demo/desk {on}` ·
`/_control/demo/work {user, ticket, status?, priority?, assignee?}` (in the desk) · `/_control/demo/ticket {ticket}` ·
`/_control/demo/customer {words, ticket | subject, customer, tier, minutes?}` (writes on a ticket, or opens one) ·
`/_control/demo/sell {account, plan}` (in the sales team's list) ·
`/_control/demo/account {account, tier?}` (in the desk) ·
`/_control/demo/tickets {words}` · `/_control/demo/audit {tamper?}` · `/_control/demo/search {words}` (in all
that was kept).
"""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from automations.domain import Priority, TicketChange, TicketStatus
from automations.errors import HandoffError
from bot.cli import demo_records
from bot.cli.demo_crm import sell
from bot.cli.demo_desk import DemoDesk
from bot.cli.demo_process import BotProcess
from bot.cli.demo_story.stage import Stage
from bot.cli.demo_story.story import Story
from bot.workspace.desk_switch import switch_desk

Json = dict[str, Any]
Act = Callable[[Json], Json]


class DemoControl:
    """The demo's own orders. `stage` makes what a scene acts with."""

    def __init__(self, folder: Path, bot: BotProcess, desk: DemoDesk, story: Story, stage: Stage) -> None:
        self._folder = folder
        self._bot = bot
        self._in_desk = desk
        self._story = story
        self._stage = stage

    def routes(self) -> list[BaseRoute]:
        """The routes, for `WorkspaceServer.offer`."""
        acts: dict[str, Act] = {
            "story/next": self._next,
            "story/skip": self._skip,
            "demo/kill": self._kill,
            "demo/start": self._start,
            "demo/desk": self._desk,
            "demo/work": self._work,
            "demo/customer": self._customer,
            "demo/sell": self._sell,
            "demo/account": self._account,
            "demo/ticket": self._ticket,
            "demo/tickets": self._tickets,
            "demo/audit": self._audit,
            "demo/search": self._search,
        }
        posts = [Route(f"/_control/{name}", _posted(act), methods=["POST"]) for name, act in acts.items()]
        return [Route("/_control/story", self._read, methods=["GET"]), *posts]

    def _read(self, _request: Request) -> Response:
        return JSONResponse({"ok": True, "story": self._story.state()})

    def _next(self, body: Json) -> Json:
        """Play the next scene; with `wait`, answer when it has been played."""
        if not self._story.next(self._stage):
            return {"ok": False, "error": "nothing_to_play", "story": self._story.state()}
        return {"ok": True, "story": self._story.wait() if body.get("wait") else self._story.state()}

    def _skip(self, _body: Json) -> Json:
        if not self._story.skip():
            return {"ok": False, "error": "nothing_to_skip", "story": self._story.state()}
        return {"ok": True, "story": self._story.state()}

    def _kill(self, _body: Json) -> Json:
        return {"ok": True, "pid": self._bot.kill()}

    def _start(self, _body: Json) -> Json:
        self._bot.start()
        return {"ok": True, "address": self._bot.address}

    def _desk(self, body: Json) -> Json:
        on = bool(body.get("on"))
        switch_desk(self._folder, on=on)
        return {"ok": True, "on": on}

    def _work(self, body: Json) -> Json:
        status, priority, assignee = (body.get(name) for name in ("status", "priority", "assignee"))
        change = TicketChange(
            TicketStatus(status) if status else None,
            Priority(priority) if priority else None,
            None if assignee is None else str(assignee),
        )
        self._in_desk.change(str(body.get("user", "")), str(body.get("ticket", "")), change)
        return {"ok": True}

    def _customer(self, body: Json) -> Json:
        """Let a customer write on a ticket, or open one, as if `minutes` ago."""
        words, ticket = str(body.get("words", "")), str(body.get("ticket", ""))
        if ticket:
            self._in_desk.customer_writes(ticket, words)
            return {"ok": True, "ticket": ticket}
        subject, name, tier = (str(body.get(key, "")) for key in ("subject", "customer", "tier"))
        since = timedelta(minutes=float(body.get("minutes", 0)))
        return {"ok": True, "ticket": self._in_desk.customer_opens(subject, words, name, tier, since)}

    def _sell(self, body: Json) -> Json:
        """Let a customer have another plan in the list of the sales team; the one before."""
        return {"ok": True, "before": sell(self._folder, str(body.get("account", "")), str(body.get("plan", "")))}

    def _account(self, body: Json) -> Json:
        """A customer's tier in the desk, once somebody there has given them another one if `tier` is set."""
        account = str(body.get("account", ""))
        if tier := str(body.get("tier", "")):
            self._in_desk.give_tier(account, tier)
        return {"ok": True, "tier": self._in_desk.tier(account)}

    def _ticket(self, body: Json) -> Json:
        ticket = str(body.get("ticket", ""))
        return {"ok": True, "text": self._in_desk.text(ticket), "queue": self._in_desk.queue(ticket)}

    def _tickets(self, body: Json) -> Json:
        return {"ok": True, "tickets": self._in_desk.tickets(str(body.get("words", "")))}

    def _audit(self, body: Json) -> Json:
        return {"ok": True, **demo_records.verify(self._folder, tamper=bool(body.get("tamper")))}

    def _search(self, body: Json) -> Json:
        return {"ok": True, "files": demo_records.kept(self._folder, str(body.get("words", "")))}


def _posted(act: Act) -> Callable[[Request], Any]:
    async def endpoint(request: Request) -> Response:
        try:
            body = json.loads(await request.body() or b"{}")
        except ValueError:
            body = None
        if not isinstance(body, dict):
            return JSONResponse({"ok": False, "error": "invalid_json"}, 400)
        try:
            said = await run_in_threadpool(act, body)
        except (HandoffError, ValueError) as exc:
            return JSONResponse({"ok": False, "error": str(exc)}, 409)
        return JSONResponse(said, 200 if said["ok"] else 409)

    return endpoint
