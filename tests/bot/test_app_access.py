"""Access over a real provider and a real Request Tracker: two people come, one leaves upstream and is shut out.

Everything is asked for and confirmed in Slack; what became true is then read by the test itself in Request Tracker.
"""

import json
import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any, Final

import pytest

from bot.app import Bot
from bot.workspace import WorkspaceServer
from storage import audit
from tests.bot.bot_room import ask, messages, running, settings_for, until, workspace
from tests.desks.request_tracker import MARKS, RequestTracker
from tests.identity.people import Somebody
from tests.identity.scim_server import ScimServer

pytestmark = list(MARKS)

KIM, LEE, ANNA, BEN = "kim@team.example", "lee@team.example", "anna@team.example", "ben@team.example"
TIER: Final = "Tier1"
PATIENCE_S: Final = 60
ACCESS: Final = """
[access]
mode = "ask"
channel = "access"
owner = "mara.lind@example.com"
protected = ["handoff@team.example", "handoff-admin@team.example", "root@localhost"]
brake_least = 3

[[access.roles]]
name = "agent"
desk_role = "Privileged"
groups = ["Support"]
from_groups = ["Tier1"]
"""


@pytest.fixture
def slack() -> Iterator[WorkspaceServer]:
    server = workspace().start()
    yield server
    server.stop()


@pytest.fixture
def upstream(scim_server: ScimServer) -> ScimServer:
    """The company: two agents who are in the desk already, and two who are to come."""
    named = {ANNA: "Anna Berg", BEN: "Ben Okoro", KIM: "Kim Vale", LEE: "Lee Moss"}
    scim_server.people(*(Somebody(email, name, groups=(TIER,)) for email, name in named.items()))
    return scim_server


@pytest.fixture
def bot(slack: WorkspaceServer, request_tracker: RequestTracker, upstream: ScimServer, tmp_path: Path) -> Iterator[Bot]:
    """The demo team with Request Tracker as its desk and the provider as its list of people."""

    def with_access(text: str) -> str:
        text = re.sub(r"(?ms)^\[+(?:access|identity)\b.*?(?=^\[|\Z)", "", text)
        if 'access = "C_ACCESS"' not in text:
            text = text.replace("[channels]\n", '[channels]\naccess = "C_ACCESS"\n')
        return f"""{text}
{ACCESS}
[identity]
kind = "scim"
url = "{upstream.url}"

[desk]
kind = "request_tracker"
url = "{request_tracker.url}"
requester = "handoff@team.example"
"""

    env = {
        "HANDOFF_DESK__TOKEN": request_tracker.token("handoff"),
        "HANDOFF_DESK__ADMIN_TOKEN": request_tracker.token("handoff-admin"),
        "HANDOFF_IDENTITY__TOKEN": upstream.token,
    }
    with running(settings_for(tmp_path, slack.base_url, with_access, env=env)) as bot:
        yield bot


@pytest.fixture(autouse=True)
def _gone_afterwards(request_tracker: RequestTracker) -> Iterator[None]:
    """Users are never deleted there, so those of this test get out of the next one's way."""
    yield
    with request_tracker.client("root") as root:
        for email in (KIM, LEE):
            there = root.get(f"/user/{email}")
            if there.status_code == 200:
                gone = f"gone-{there.json()['id']}@team.example"
                body = {"Name": gone, "EmailAddress": gone, "Privileged": 0, "Disabled": 1}
                root.put(f"/user/{there.json()['id']}", json=body).raise_for_status()


def act(slack: WorkspaceServer, name: str, **body: Any) -> None:
    answer = ask(f"{slack.url}/_control/{name}", body)[1]
    assert answer.get("acked", answer["ok"]), answer


def card(slack: WorkspaceServer, *words: str) -> dict[str, Any]:
    """The message in the channel that holds all these words."""

    def look() -> list[dict[str, Any]]:
        return [one for one in messages(slack, "C_ACCESS") if all(word in shown(one) for word in words)]

    try:
        found: list[dict[str, Any]] = until(look, bool, within_s=PATIENCE_S)
    except AssertionError as exc:
        raise AssertionError(f"no message with {words}: {[shown(one) for one in messages(slack, 'C_ACCESS')]}") from exc
    return found[-1]


def lacks(value: str, text: str) -> bool:
    return value not in text


def shown(message: dict[str, Any]) -> str:
    return json.dumps(message, ensure_ascii=False)


def provision(slack: WorkspaceServer, email: str, name: str) -> None:
    text = f'{email} agent name "{name}"'
    act(slack, "command", user="U_LEAD1", channel="C_ACCESS", command="/support-provision", text=text)
    proposed = card(slack, f"Provision {name}", "plan.confirm")
    act(slack, "click", user="U_LEAD1", channel="C_ACCESS", ts=proposed["ts"], action_id="plan.confirm")
    done = card(slack, f"Provision {name}", "run.undo")
    assert "plan.confirm" not in shown(done)


def test_two_come_one_leaves_upstream_and_can_do_nothing_any_more(
    bot: Bot, slack: WorkspaceServer, request_tracker: RequestTracker, upstream: ScimServer
) -> None:
    provision(slack, KIM, "Kim Vale")
    provision(slack, LEE, "Lee Moss")
    with request_tracker.client("root") as root:
        for email in (KIM, LEE):
            user = root.get(f"/user/{email}").raise_for_status().json()
            assert (int(user["Privileged"]), int(user["Disabled"])) == (1, 0)
            assert "Support" in group_names(root, user)
    with request_tracker.client(KIM) as kim:
        assert kim.get("/queues/all").status_code == 200

    upstream.delete(KIM)
    act(slack, "command", user="U_LEAD1", channel="C_ACCESS", command="/support-reconcile", text="")
    found = card(slack, "Kim Vale", "finding.confirm")
    assert "Lee Moss" not in shown(found)
    value = next(one for one in values(found) if one.startswith("finding:") and ":confirm:" in one)
    act(
        slack, "click", user="U_LEAD2", channel="C_ACCESS", ts=found["ts"], action_id="finding.confirm", value=value
    )  # fmt: skip

    def disabled() -> bool:
        with request_tracker.client("root") as root:
            return bool(int(root.get(f"/user/{KIM}").json()["Disabled"]))

    until(disabled, bool, within_s=PATIENCE_S)
    with request_tracker.client(KIM) as kim:
        assert kim.get("/queues/all").status_code == 401
    with request_tracker.client(LEE) as lee:
        assert lee.get("/queues/all").status_code == 200
    for _ in ("sessions", "tokens"):  # which Request Tracker's API neither ends nor lists
        waiting = card(slack, "Kim Vale", "step.done_by_hand")
        value = next(one for one in values(waiting) if ":step.done_by_hand:" in one)
        click = {"user": "U_LEAD1", "channel": "C_ACCESS", "ts": waiting["ts"]}
        act(slack, "click", **click, action_id="step.done_by_hand", value=value)
        until(lambda: json.dumps(messages(slack, "C_ACCESS")), partial(lacks, value))
    until(lambda: actions(bot), lambda told: "run.done" in told["finding"], within_s=PATIENCE_S)
    with bot.database.read() as session:
        assert audit.verify(session).ok


def group_names(root: Any, user: dict[str, Any]) -> set[str]:
    ids = [one["id"] for one in user["Memberships"]]
    return {root.get(f"/group/{one}").raise_for_status().json()["Name"] for one in ids}


def values(message: dict[str, Any]) -> list[str]:
    """Every value of a button or an option in a message."""

    def walk(node: Any) -> Iterator[str]:
        if isinstance(node, dict):
            if isinstance(node.get("value"), str):
                yield node["value"]
            for inner in node.values():
                yield from walk(inner)
        elif isinstance(node, list):
            for inner in node:
                yield from walk(inner)

    return list(walk(message["blocks"]))


def actions(bot: Bot) -> dict[str, list[str]]:
    """What was written down of each kind of run, in order."""
    with bot.database.read() as session:
        told: dict[str, list[str]] = {"finding": []}
        kinds = {}
        for entry in audit.entries(session, limit=None):
            if entry.action == "run.asked" and entry.after:
                kinds[entry.target] = entry.after["kind"]
            if entry.target in kinds:
                told.setdefault(kinds[entry.target], []).append(entry.action)
    return told
