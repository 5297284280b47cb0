"""Whatever stands in a request at any door, it writes as many lines of the log as a harmless one, each a whole one."""

import io
import json
import os
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.bot.http_world import an_event
from tests.bot.listeners.people import click, command, envelope, form
from tests.bot.test_logs import INJECTIONS
from tests.doors.room import FORM, JSON, Doors, Headers, by_sentry, by_slack, by_token
from tests.figures.told import tell

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
Sent = tuple[str, bytes, Headers]
HARMLESS = "harmless"
CARRIED = [text for text in INJECTIONS if "\ud800" not in text or not os.environ.get("PYTEST_XDIST_WORKER")]
"""Without what the channel between test processes cannot carry; `.ci/run` plays these tests once more without it."""


def payload(doors: Doors, body: dict[str, Any]) -> Sent:
    text = urlencode({"payload": json.dumps(body)}).encode()
    return "/slack/events", text, [("content-type", FORM), *by_slack(text, doors.now)]


def event(doors: Doors, said: dict[str, Any]) -> Sent:
    text = json.dumps(envelope(said)).encode()
    return "/slack/events", text, [("content-type", JSON), *by_slack(text, doors.now)]


def typed(doors: Doors, said: dict[str, Any]) -> Sent:
    text = urlencode(said, errors="replace").encode()
    return "/slack/events", text, [("content-type", FORM), *by_slack(text, doors.now)]


def failure(value: Any, path: str = "/v1/failures", sign: Callable[..., Headers] = by_token) -> Sent:
    text = json.dumps(value).encode()
    return path, text, [("content-type", JSON), *sign(text, 0)]


WAYS: dict[str, Callable[[Doors, str], Sent]] = {
    "a user": lambda doors, text: payload(doors, click(text, "case.claim", "case:1:claim")),
    "an action": lambda doors, text: payload(doors, click("U_AGENT1", text, "case:1:claim")),
    "a button's value": lambda doors, text: payload(doors, click("U_AGENT1", "case.claim", text)),
    "a form's name": lambda doors, text: payload(doors, form("U_AGENT1", text, "case:1:resolve", {"note": "x"})),
    "a form's field": lambda doors, text: payload(
        doors, form("U_GUEST", "case.resolve", "case:1:resolve", {"note": text, text: text})
    ),
    "a command's words": lambda doors, text: typed(doors, command("U_AGENT1", f"new {text}")),
    "a command's name": lambda doors, text: typed(doors, command("U_AGENT1", "x") | {"command": f"/{text}"}),
    "a kind of event": lambda doors, text: event(doors, {"type": text, "user": "U_AGENT1"}),
    "an emoji": lambda doors, text: event(
        doors, {"type": "reaction_added", "user": text, "reaction": text, "item": {"channel": text, "ts": text}}
    ),
    "a source": lambda _doors, text: failure(an_event(source=text)),
    "a failure's words": lambda _doors, text: failure(an_event(summary=text, details=text, dedup_key=text)),
    "Sentry's title": lambda _doors, text: failure(
        {"action": "triggered", "data": {"event": {"event_id": "1", "title": text}}}, "/v1/failures/sentry", by_sentry
    ),
    "an alert's name": lambda _doors, text: failure(
        {"version": "4", "alerts": [{"status": "firing", "labels": {"alertname": text}}]}, "/v1/failures/alertmanager"
    ),
    "a token": lambda _doors, text: ("/v1/failures", b"{}", [("authorization", f"Bearer {text}")]),
    "a signature": lambda _doors, text: ("/slack/events", b"{}", [("x-slack-signature", text)]),
    "a time": lambda _doors, text: ("/slack/events", b"{}", [("x-slack-request-timestamp", text)]),
    "a type": lambda _doors, text: ("/v1/failures", b"{}", [*by_token(b"", 0), ("content-type", text)]),
}
"""Where a text from outside can stand."""


@pytest.fixture
def taken(lines: io.StringIO) -> Callable[[], list[str]]:
    """What was logged since the last look, cut wherever any reader might see a line's end."""

    def take() -> list[str]:
        text = lines.getvalue()
        lines.seek(0)
        lines.truncate()
        return text.splitlines()

    return take


def events_of(written: list[str]) -> list[tuple[str, str]]:
    """The level and event of each line of ours. Raises ValueError for a line that is no JSON.

    Without those of private answers, which go out in their own time, and here to addresses that are none.
    """
    told = [one for one in map(json.loads, written) if one["event"] != "slack.private_answer_failed"]
    return [(one["level"], one["event"]) for one in told if one["logger"].startswith(("bot", "automations", "storage"))]


@pytest.mark.parametrize("way", WAYS)
def test_a_hostile_text_writes_no_line_of_its_own(doors: Doors, taken: Callable[[], list[str]], way: str) -> None:
    doors.send(*WAYS[way](doors, HARMLESS))
    taken()
    harmless = doors.send(*WAYS[way](doors, HARMLESS + "2"))
    usual = events_of(taken())
    for hostile in CARRIED:
        answer = doors.send(*WAYS[way](doors, hostile))
        assert answer.status_code < 500, (way, hostile)
        written = taken()
        assert all(line.isprintable() for line in written), (way, hostile)
        wanted = {len(usual)} if answer.status_code == harmless.status_code else {0, 1}  # what is refused opens no case
        assert len(events_of(written)) in wanted, (way, hostile, written)
    tell("23", f"{way}: {len(CARRIED)} hostile texts, each as many lines as a harmless one ({len(usual)})")
