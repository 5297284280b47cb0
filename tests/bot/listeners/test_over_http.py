"""The same listeners behind HTTP: what Slack posts as a form or as JSON has the same effect and the same answers."""

import json
from urllib.parse import urlencode

import pytest
from slack_bolt import BoltRequest, BoltResponse

from tests.automations.failure_tickets.world import World
from tests.bot.listeners.people import CARD_TS, CHANNEL, Slack, click, command, envelope, form

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
FORM, JSON = "application/x-www-form-urlencoded", "application/json"


def post(slack: Slack, body: str, content_type: str) -> BoltResponse:
    """Dispatch what `bot.guard` let through."""
    return slack.app.dispatch(BoltRequest(body=body, headers={"content-type": content_type}))


def test_a_click(slack: Slack, world: World) -> None:
    body = urlencode({"payload": json.dumps(click("U_AGENT1", "case.claim", "case:1:claim"))})
    assert [post(slack, body, FORM).status for _ in range(2)] == [200, 200]
    assert world.case(1).claimed_by == "anna@team.example"
    assert len(world.audited("case.claimed")) == 1


def test_a_form_with_an_error(slack: Slack) -> None:
    sent = form("U_AGENT1", "case.resolve", "case:1:resolve", {"note": ""})
    answer = post(slack, urlencode({"payload": json.dumps(sent)}), FORM)
    assert json.loads(answer.body)["response_action"] == "errors"


def test_a_command(slack: Slack) -> None:
    assert post(slack, urlencode(command("U_AGENT1", "mine")), FORM).status == 200
    assert "CASE-1" in str(slack.told()[0][2])


def test_an_event(slack: Slack, world: World) -> None:
    item = {"type": "message", "channel": CHANNEL, "ts": CARD_TS}
    event = envelope({"type": "reaction_added", "user": "U_AGENT1", "reaction": "eyes", "item": item})
    assert post(slack, json.dumps(event), JSON).status == 200
    assert world.case(1).claimed_by == "anna@team.example"


def test_the_address_is_confirmed(slack: Slack) -> None:
    answer = post(slack, json.dumps({"type": "url_verification", "challenge": "c1"}), JSON)
    assert (answer.status, json.loads(answer.body)) == (200, {"challenge": "c1"})
