"""Slack over HTTP, from the signature to the effect: forgeries leave no trace of their body, replays have no effect."""

import io
import json
import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlencode

import pytest
from httpx import Response

from automations.domain import Role
from automations.redact import Redactor
from bot import logs
from bot.gateway import SlackGateway
from bot.live import Live
from bot.slack_side import SlackKeys, SlackSide
from bot.views.texts import Look
from bot.workspace.signed import sign
from storage.engine import Database
from tests.automations.failure_tickets.world import World
from tests.bot.http_world import HttpWorld, problem
from tests.bot.listeners.people import click, command
from tests.bot.live_terms import terms_of
from tests.bot.slack_room import gateway_in, slack_room
from tests.bot.workspace.room import Room
from tests.support import FakeClock, RecordingJobs

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
SECRET = "demo-signing-secret"
LOOK = Look(zone="Europe/Oslo")
ROLES = {Role.AGENT: ("S_AGENTS",), Role.LEAD: ("S_LEADS",), Role.ADMIN: ("S_ADMINS",)}


@pytest.fixture(scope="module")
def room() -> Iterator[Room]:
    with slack_room() as made:
        yield made


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """Everything that is logged, at the lowest level, as it would be written."""
    root, written = logging.getLogger(), io.StringIO()
    before = root.handlers[:], root.level
    logs.configure(Redactor(), as_json=True, level=logging.DEBUG, stream=written)
    yield written
    root.handlers[:], root.level = before
    logging.captureWarnings(capture=False)


@dataclass
class SlackPort:
    """The HTTP port with Slack's entry, and one open case."""

    port: HttpWorld
    side: SlackSide

    def send(self, body: str, *, age_s: float = 0, secret: str = SECRET, **changed: str) -> Response:
        timestamp = str(int(time.time() - age_s))
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "X-Slack-Request-Timestamp": timestamp,
            "X-Slack-Signature": sign(secret, timestamp, body),
            **{name.replace("_", "-"): value for name, value in changed.items()},
        }
        return self.port.client.post("/slack/events", content=body.encode(), headers=headers)


@pytest.fixture
def slack(room: Room, database: Database, clock: FakeClock, jobs: RecordingJobs) -> Iterator[SlackPort]:
    world = World.on(database, clock, jobs)
    world.open()
    gateway = gateway_in(room)
    keys = SlackKeys(room.server.base_url, "xoxb-demo-handoff", signing_secret=SECRET)
    side = SlackSide(database, Live(terms_of(world.ctx, LOOK, ROLES)), gateway, keys)
    port = HttpWorld(world, routers=[side.router(time.time)])
    side.connect()
    yield SlackPort(port, side)
    side.close()


CLICK = urlencode({"payload": json.dumps(click("U_AGENT1", "case.claim", "case:1:claim"))})
MARK = "a-word-that-only-the-body-holds"


def test_a_signed_click_claims_and_its_replays_have_no_effect(slack: SlackPort) -> None:
    answers = [slack.send(CLICK).status_code for _ in range(3)]
    assert answers == [200, 200, 200]
    assert slack.port.world.case(1).claimed_by == "anna@team.example"
    assert len(slack.port.world.audited("case.claimed")) == 1


def test_a_command_is_answered_and_the_address_confirmed(slack: SlackPort) -> None:
    assert slack.send(urlencode(command("U_AGENT1", "status"))).status_code == 200
    asked = json.dumps({"type": "url_verification", "challenge": "c1"})
    answer = slack.send(asked, Content_Type="application/json")
    assert (answer.status_code, answer.json()) == (200, {"challenge": "c1"})


@pytest.mark.parametrize(
    "forged",
    [
        {"secret": "another"},
        {"age_s": 301},
        {"age_s": -400},
        {"X_Slack_Signature": ""},
        {"X_Slack_Signature": "v0=" + "0" * 64},
        {"X_Slack_Request_Timestamp": "now"},
    ],
    ids=str,
)
def test_a_forged_or_stale_request_is_401_and_its_body_is_in_no_log(
    slack: SlackPort, lines: io.StringIO, forged: dict[str, str]
) -> None:
    body = urlencode({"payload": json.dumps({**click("U_AGENT1", "case.claim", "case:1:claim"), "note": MARK})})
    problem(slack.send(body, **forged), 401)  # type: ignore[arg-type]  # the parameters' own types
    written = lines.getvalue()
    assert written.count("slack.refused") == 1
    assert MARK not in written
    assert "claim" not in written
    assert slack.port.world.case(1).claimed_by is None
    assert slack.port.metrics.refused.labels(why="Not signed by Slack")._value.get() == 1


def test_two_signatures_are_refused_even_if_one_is_right(slack: SlackPort) -> None:
    stamp = str(int(time.time()))
    good = sign(SECRET, stamp, CLICK)
    headers = [
        ("Content-Type", "application/x-www-form-urlencoded"), ("X-Slack-Request-Timestamp", stamp),
        ("X-Slack-Signature", "v0=" + "0" * 64), ("X-Slack-Signature", good),
    ]  # fmt: skip
    answer = slack.port.client.post("/slack/events", content=CLICK.encode(), headers=headers)
    problem(answer, 401)


def test_what_is_signed_but_not_text_is_400(slack: SlackPort) -> None:
    import hashlib
    import hmac

    stamp, body = str(int(time.time())), b"payload=\xff"
    digest = hmac.new(SECRET.encode(), f"v0:{stamp}:".encode() + body, hashlib.sha256).hexdigest()
    headers = {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={digest}"}
    problem(slack.port.client.post("/slack/events", content=body, headers=headers), 400)


@pytest.mark.parametrize(
    "body", ["", "payload=", "payload=%7B", "payload=[]", "payload=null", "x=1", "{", "[1]", "null"]
)
@pytest.mark.parametrize("kind", ["application/json", "application/x-www-form-urlencoded"])
def test_what_is_signed_but_nothing_we_know_is_no_fault_of_ours(slack: SlackPort, body: str, kind: str) -> None:
    assert slack.send(body, Content_Type=kind).status_code < 500


@pytest.mark.parametrize("part", ["team", "user", "channel", "enterprise", "view"])
@pytest.mark.parametrize("value", [1, True, 2.5])
def test_what_is_signed_and_has_a_part_of_a_wrong_type_is_400(slack: SlackPort, part: str, value: object) -> None:
    payload = {"type": "block_actions", "user": {"id": "U_AGENT1"}, "actions": [{"action_id": "a"}], part: value}
    answer = slack.send(urlencode({"payload": json.dumps(payload)}))
    assert answer.status_code in (200, 400, 404), answer.text


def test_a_click_that_cannot_be_kept_is_not_acknowledged(slack: SlackPort, monkeypatch: pytest.MonkeyPatch) -> None:
    from sqlalchemy.exc import OperationalError

    def full(_self: Database, **_how: object) -> None:
        raise OperationalError("insert", {}, Exception("disk full"))

    with monkeypatch.context() as patch:
        patch.setattr(Database, "begin", full)
        assert slack.send(CLICK).status_code >= 500
    assert slack.send(CLICK).status_code == 200
    assert slack.port.world.case(1).claimed_by == "anna@team.example"


def test_before_slack_was_reached_it_is_asked_to_come_again(database: Database, clock: FakeClock) -> None:
    world = World.on(database, clock, RecordingJobs())
    keys = SlackKeys("http://127.0.0.1:9/api/", "xoxb-x", signing_secret=SECRET)
    gateway = SlackGateway("xoxb-x", base_url=keys.base_url, timeout_s=1)
    side = SlackSide(database, Live(terms_of(world.ctx, LOOK, ROLES)), gateway, keys)
    answer = SlackPort(HttpWorld(world, routers=[side.router(time.time)]), side).send(CLICK)
    assert problem(answer, 503)["title"] == "Not ready"
    assert answer.headers["retry-after"] == "5"
