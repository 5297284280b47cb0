"""The main job over a real Request Tracker: a failure becomes an owned ticket, and both sides follow each other."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from bot.app import Bot
from bot.workspace import WorkspaceServer
from tests.bot.bot_room import address, ask, fail, finished_case, messages, running, settings_for, until, workspace
from tests.desks.mails import base64_text, recipients
from tests.desks.request_tracker import AGENTS, MARKS, RequestTracker

pytestmark = list(MARKS)

INES, RAVI = "ines.holt@example.com", "ravi.nair@example.com"
IN_THE_DESK: Final = {INES: "anna@team.example", RAVI: "ben@team.example"}
SLACK: Final = {INES: "U_AGENT1", RAVI: "U_AGENT2"}
NOTE: Final = "The ledger is back."
PATIENCE_S: Final = 60


@pytest.fixture
def slack() -> Iterator[WorkspaceServer]:
    server = workspace().start()
    yield server
    server.stop()


@pytest.fixture
def bot(slack: WorkspaceServer, request_tracker: RequestTracker, tmp_path: Path) -> Iterator[Bot]:
    """The demo team, two of whom work in Request Tracker."""

    def over_request_tracker(text: str) -> str:
        for email, desk in IN_THE_DESK.items():
            text = text.replace(f'email = "{email}"', f'email = "{email}"\ndesk = "{desk}"')
        text = text.replace("[failure_tickets]\n", '[failure_tickets]\nundo_for = "1s"\n')
        text = re.sub(r'default_owner = ".*"', f'default_owner = "{INES}"', text)
        return f"""{text}
[desk]
kind = "request_tracker"
url = "{request_tracker.url}"
requester = "handoff@team.example"
look_every = "1s"

[desk.request_tracker]
on_hold = "waiting"
"""

    env = {"HANDOFF_DESK__TOKEN": request_tracker.token("handoff")}
    with running(settings_for(tmp_path, slack.base_url, over_request_tracker, env=env)) as bot:
        yield bot


def in_the_desk(client: httpx.Client, ticket: str) -> dict[str, Any]:
    """The ticket as Request Tracker itself shows it."""
    shown: dict[str, Any] = client.get(f"/ticket/{ticket}").raise_for_status().json()
    return shown | {field["name"]: field["values"] for field in shown["CustomFields"]}


def act(slack: WorkspaceServer, name: str, **body: Any) -> None:
    answer = ask(f"{slack.url}/_control/{name}", body)[1]
    assert answer.get("acked", answer["ok"]), answer


def case_when(bot: Bot, name: str, good: Any) -> dict[str, Any]:
    found: dict[str, Any] = until(lambda: ask(address(bot, f"/v1/cases/{name}"))[1], good, within_s=PATIENCE_S)
    return found


def test_a_failure_becomes_an_owned_ticket_and_is_solved_there(
    bot: Bot, slack: WorkspaceServer, request_tracker: RequestTracker
) -> None:
    mailed = len(request_tracker.mails())
    name = fail(bot, source="billing-sync", dedup_key="main-job")
    case_when(bot, name, lambda one: one["ticket"]["verified"])
    case = finished_case(bot, name)
    ticket, owner = case["ticket"]["id"], case["owner"]
    assert case["ticket"]["system"] == "request_tracker"
    (message,) = [one for one in messages(slack, "C_FAILURES") if not one.get("subtype")]
    assert f"{request_tracker.url}/Ticket/Display.html?id={ticket}" in json.dumps(message, ensure_ascii=False)

    ts = case["slack"]["ts"]
    act(slack, "click", user=SLACK[owner], channel="C_FAILURES", ts=ts, action_id="case.claim")
    case_when(bot, name, lambda one: one["claimed_by"] == owner and one["ticket"]["verified"])
    until(lambda: json.dumps(messages(slack, "C_FAILURES")), lambda shown: "case.resolve" in shown, within_s=PATIENCE_S)
    act(slack, "click", user=SLACK[owner], channel="C_FAILURES", ts=ts, action_id="case.resolve")
    view = until(lambda: ask(f"{slack.url}/_control/views?user={SLACK[owner]}")[1]["views"], bool)[-1]
    act(slack, "submit", user=SLACK[owner], view_id=view["id"], values={"note": NOTE})
    solved = case_when(bot, name, lambda one: one["ticket"]["verified"] and one["ticket"]["seen"]["status"] == "solved")
    assert solved["status"] == "resolved"

    with request_tracker.client("bokoro") as ben:
        shown = in_the_desk(ben, ticket)
        assert (shown["Status"], shown["Owner"]["id"]) == ("resolved", AGENTS[IN_THE_DESK[owner]])
        assert shown["Handoff key"] == [case["ticket"]["key"]]
        numbers = {"low": "0", "normal": "50", "high": "80", "urgent": "100"}
        assert shown["Priority"] == numbers[case["priority"]]
        assert "handoff" in shown["Tags"]
        assert [one["id"] for one in shown["Requestor"]] == ["handoff"]
        assert ben.get("/queue/" + shown["Queue"]["id"]).json()["Name"] == "Billing"
        ids = ben.get(f"/ticket/{ticket}/attachments", params={"per_page": 100}).json()["items"]
        kept = [ben.get(f"/attachment/{one['id']}").json() for one in ids]
    assert any(NOTE in base64_text(one["Content"]) for one in kept)
    written_to = {line for mail in request_tracker.mails()[mailed:] for line in recipients(mail)}
    assert written_to <= {"handoff@team.example", *AGENTS}, written_to


def test_what_a_colleague_does_in_request_tracker_is_followed_into_slack(
    bot: Bot, slack: WorkspaceServer, request_tracker: RequestTracker
) -> None:
    name = fail(bot, source="billing-sync", dedup_key="followed")
    case_when(bot, name, lambda one: one["ticket"]["verified"])
    case = finished_case(bot, name)
    ticket, ts = case["ticket"]["id"], case["slack"]["ts"]
    (other,) = IN_THE_DESK.keys() - {case["owner"]}
    with request_tracker.client("bokoro") as ben:
        ben.put(f"/ticket/{ticket}", json={"Owner": AGENTS[IN_THE_DESK[other]]}).raise_for_status()
        case_when(bot, name, lambda one: one["owner"] == other and one["ticket"]["verified"])
        said = {"Content": "It was the proxy.", "ContentType": "text/plain"}
        ben.post(f"/ticket/{ticket}/comment", json=said).raise_for_status()
        ben.put(f"/ticket/{ticket}", json={"Status": "resolved"}).raise_for_status()
        closed = case_when(bot, name, lambda one: one["status"] == "resolved" and one["slack"]["up_to_date"])
    assert closed["owner"] == other

    def thread() -> str:
        told = ask(f"{slack.url}/_control/messages?channel=C_FAILURES&thread_ts={ts}")[1]["messages"]
        return json.dumps(told, ensure_ascii=False)

    until(thread, lambda words: "It was the proxy." in words and "Ravi Nair" in words, within_s=PATIENCE_S)
