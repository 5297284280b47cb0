"""Every door of the HTTP port with a good request for each: who signs, how, and what it would do if it were let in."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, Self
from urllib.parse import urlencode

from httpx import Response
from sqlalchemy import select
from standardwebhooks.webhooks import Webhook

from automations.access.context import AccessContext
from automations.domain import Role
from bot.gateway import SlackGateway
from bot.ingest import Senders
from bot.live import Live
from bot.slack_side import SlackKeys, SlackSide
from bot.views.texts import Look
from storage.engine import Database
from storage.models import Base
from tests.automations.failure_tickets.world import World
from tests.bot.http_world import HttpWorld, an_event
from tests.bot.listeners.people import click, command, envelope
from tests.bot.live_terms import terms_of
from tests.bot.slack_room import gateway_in
from tests.bot.workspace.room import Room

Headers = list[tuple[str, str]]

SLACK_SECRET: Final = "a-signing-secret-of-the-doors"
HOOK_SECRET: Final = "whsec_" + base64.b64encode(b"hook-secret-of-the-doors").decode()
SENTRY_SECRET: Final = "sentry-secret-of-the-doors"
TOKEN: Final = "a-token-of-the-doors"
MARK: Final = "zq-only-in-bodies"
"""Stands in every body, and must stand in no line of the log and no row."""
FORM, JSON = "application/x-www-form-urlencoded", "application/json"
ROLES = {Role.AGENT: ("S_AGENTS",), Role.LEAD: ("S_LEADS",), Role.ADMIN: ("S_ADMINS",)}


def by_slack(body: bytes, at: float, secret: str = SLACK_SECRET) -> Headers:
    """Slack's headers. Source: docs.slack.dev, verifying requests from Slack."""
    stamp = str(int(at))
    digest = hmac.new(secret.encode(), b"v0:" + stamp.encode() + b":" + body, hashlib.sha256).hexdigest()
    return [("x-slack-request-timestamp", stamp), ("x-slack-signature", f"v0={digest}")]


def by_hook(body: bytes, at: float, secret: str = HOOK_SECRET) -> Headers:
    """The headers of Standard Webhooks."""
    moment = datetime.fromtimestamp(int(at), UTC)
    signature = Webhook(secret).sign("msg_1", moment, body.decode())
    return [("webhook-id", "msg_1"), ("webhook-timestamp", str(int(at))), ("webhook-signature", signature)]


def by_sentry(body: bytes, _at: float, secret: str = SENTRY_SECRET) -> Headers:
    """Sentry's header."""
    return [("sentry-hook-signature", hmac.new(secret.encode(), body, hashlib.sha256).hexdigest())]


def by_token(_body: bytes, _at: float, secret: str = TOKEN) -> Headers:
    """A bearer token, which signs nothing."""
    return [("authorization", f"Bearer {secret}")]


@dataclass(frozen=True)
class Door:
    """One way in. `proof` names the header that proves who sends, `stamp` that of its time, if it has one."""

    path: str
    kind: str
    sign: Callable[..., Headers]
    body: Callable[[], bytes]
    proof: str
    stamp: str = ""
    other_secrets: tuple[str, str] = ("another-secret-altogether", SLACK_SECRET.upper())

    def headers(self, body: bytes, at: float, **secret: str) -> Headers:
        """Good headers for this body."""
        return [("content-type", self.kind), *self.sign(body, at, **secret)]


def _interaction() -> bytes:
    return urlencode({"payload": json.dumps(click("U_AGENT1", "case.claim", "case:1:claim") | {"x": MARK})}).encode()


def _typed() -> bytes:
    return urlencode(command("U_AGENT1", f"new {MARK}")).encode()


def _told() -> bytes:
    event = {"type": "app_mention", "user": "U_AGENT1", "channel": "C_FAILURES", "text": MARK}
    return json.dumps(envelope(event)).encode()


def _failure() -> bytes:
    return json.dumps(an_event(details=MARK)).encode()


def _sentry() -> bytes:
    event = {"event_id": "0123456789abcdef", "title": MARK, "tags": [["handoff_reason", "retries_exhausted"]]}
    return json.dumps({"action": "triggered", "data": {"event": event, "triggered_rule": "x"}}).encode()


def _alert() -> bytes:
    alert = {"status": "firing", "labels": {"alertname": MARK}, "startsAt": "2026-11-21T02:14:00Z"}
    whole = {"version": "4", "groupKey": "g", "status": "firing", "receiver": "r", "alerts": [alert]}
    return json.dumps(whole).encode()


_SLACK: dict[str, Any] = {
    "path": "/slack/events",
    "sign": by_slack,
    "proof": "x-slack-signature",
    "stamp": "x-slack-request-timestamp",
}
_OTHER_HOOKS = (
    "whsec_" + base64.b64encode(b"another-hook-secret-here").decode(),
    "whsec_" + base64.b64encode(b"\x00" * 24).decode(),
)
DOORS: Final = {
    "slack click": Door(kind=FORM, body=_interaction, **_SLACK),
    "slack command": Door(kind=FORM, body=_typed, **_SLACK),
    "slack event": Door(kind=JSON, body=_told, **_SLACK),
    "failures by signature": Door(
        "/v1/failures", JSON, by_hook, _failure, "webhook-signature", "webhook-timestamp", _OTHER_HOOKS
    ),
    "failures by token": Door("/v1/failures", JSON, by_token, _failure, "authorization"),
    "sentry": Door("/v1/failures/sentry", JSON, by_sentry, _sentry, "sentry-hook-signature"),
    "alertmanager": Door("/v1/failures/alertmanager", JSON, by_token, _alert, "authorization"),
}
SIGNED: Final = tuple(name for name, door in DOORS.items() if door.sign is not by_token)


@dataclass
class Doors:
    """One bot's port with Slack over HTTP, one open case, and the clock of its signature check."""

    port: HttpWorld
    side: SlackSide
    gateway: SlackGateway
    seconds: list[float] = field(default_factory=list)

    @classmethod
    def on(
        cls, world: World, room: Room, gateway: SlackGateway | None = None, access: AccessContext | None = None
    ) -> Self:
        """A bot over this database. Several on one are replicas, another one afterwards is a restart."""
        gateway, seconds = gateway or gateway_in(room), [datetime.now(UTC).timestamp()]
        keys = SlackKeys(room.server.base_url, "xoxb-demo-handoff", signing_secret=SLACK_SECRET)
        terms = terms_of(world.ctx, Look(zone="Europe/Oslo"), ROLES, access=access)
        side = SlackSide(world.database, Live(terms), gateway, keys)
        senders = Senders(f"*={TOKEN}", f"*={HOOK_SECRET}", f"*={SENTRY_SECRET}")
        port = HttpWorld(world, senders=senders, routers=[side.router(lambda: seconds[0])])
        side.connect()
        return cls(port, side, gateway, seconds)

    @property
    def now(self) -> float:
        """The time at this bot, in seconds."""
        return self.seconds[0]

    def send(self, path: str, body: bytes, headers: Sequence[tuple[str, str]]) -> Response:
        """Post bytes as they are; headers may come twice and hold anything."""
        raw = [(name.encode("latin-1"), value.encode("utf-8", "surrogatepass")) for name, value in headers]
        return self.port.client.post(path, content=body, headers=raw)

    def knock(self, door: Door, body: bytes | None = None) -> Response:
        """Send what the door is made for."""
        body = door.body() if body is None else body
        return self.send(door.path, body, door.headers(body, self.now))

    def interact(self, payload: Mapping[str, Any]) -> Response:
        """What somebody did in Slack: a click or a form."""
        body = urlencode({"payload": json.dumps(payload)}).encode()
        return self.send("/slack/events", body, [("content-type", FORM), *by_slack(body, self.now)])

    def turned_away(self) -> int:
        """How many refusals are written down, after all counts were."""
        self.port.doors.settle(all_of_them=True)
        return sum(int((row.after or {})["times"]) for row in self.port.world.audited("door.refused"))


@contextmanager
def opened(world: World, room: Room, bots: int = 1) -> Iterator[list[Doors]]:
    """Bots side by side over one database."""
    made = [Doors.on(world, room) for _ in range(bots)]
    try:
        yield made
    finally:
        for one in made:
            one.side.close()


def rows(database: Database, *without: str) -> dict[str, list[str]]:
    """Every row there is, by table, but for those tables."""
    with database.read() as session:
        return {
            name: sorted(str(row) for row in session.execute(select(table)))
            for name, table in Base.metadata.tables.items()
            if name not in without
        }
