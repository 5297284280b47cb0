"""Runs in a whole bot over the built-in desk: somebody comes, which is undone; somebody leaves, cut off at once."""

import json
import re
from collections.abc import Iterator
from functools import partial
from operator import gt
from pathlib import Path
from typing import Any, Final

import pytest
from sqlalchemy import select

from bot.app import Bot
from bot.workspace import WorkspaceServer
from storage import audit
from storage.models import AccessBlock, Case, DeskUser, Notification, Run, RunStep
from tests.bot.bot_room import ask, fail, finished_case, messages, running, settings_for, workspace
from tests.bot.bot_room import until as soon

until: Final = partial(soon, within_s=60)
"""A card is edited at most once a second, and there is one for each lead."""
RAVI: Final = "ravi.nair@example.com"
ACCESS: Final = """
[access]
mode = "ask"
channel = "access"
owner = "mara.lind@example.com"
by_hand = ["Status page login"]

[[access.roles]]
name = "agent"
desk_role = "agent"
groups = ["Billing"]
"""


@pytest.fixture
def slack() -> Iterator[WorkspaceServer]:
    server = workspace().start()
    yield server
    server.stop()


def with_access(text: str) -> str:
    """The demo team's settings with these rules of access and no list of people."""
    text = re.sub(r"(?ms)^\[+(?:access|identity)\b.*?(?=^\[|\Z)", "", text)
    if 'access = "C_ACCESS"' not in text:
        text = text.replace("[channels]\n", '[channels]\naccess = "C_ACCESS"\n')
    return f"{text}{ACCESS}"


@pytest.fixture
def bot(slack: WorkspaceServer, tmp_path: Path) -> Iterator[Bot]:
    with running(settings_for(tmp_path, slack.base_url, with_access)) as bot:
        yield bot


def act(slack: WorkspaceServer, name: str, **body: Any) -> dict[str, Any]:
    answer: dict[str, Any] = ask(f"{slack.url}/_control/{name}", body)[1]
    assert answer.get("acked", answer["ok"]), answer
    return answer


def command(slack: WorkspaceServer, user: str, name: str, text: str) -> None:
    act(slack, "command", user=user, channel="C_FAILURES", command=f"/support-{name}", text=text)


def run_when(bot: Bot, kind: str, state: str) -> Run:
    """The newest run of a kind once it is in a state."""

    def look() -> Run | None:
        with bot.database.read() as session:
            return session.scalars(select(Run).where(Run.kind == kind).order_by(Run.id.desc()).limit(1)).one_or_none()

    def told() -> tuple[str, dict[str, str]]:
        run = look()
        return (run.state, steps(bot, run)) if run is not None else ("", {})

    until(told, lambda seen: seen[0] == state)
    found = look()
    assert found is not None
    return found


def steps(bot: Bot, run: Run) -> dict[str, str]:
    with bot.database.read() as session:
        rows = session.scalars(select(RunStep).where(RunStep.run_id == run.id).order_by(RunStep.number))
        return {f"{row.kind} {row.target}": row.state for row in rows}


def shown(
    bot: Bot, slack: WorkspaceServer, user: str, run: Run, act_id: str, among: tuple[str, ...] = ("",)
) -> tuple[str, str, str]:
    """Where the card of a run shows this person a button: channel, ts and the value it carries, which ends so."""
    theirs = (f"run/{run.id}", f"run/{run.id}/to/{user}")

    def look() -> tuple[str, str, str] | None:
        with bot.database.read() as session:
            cards = Notification.key.in_(theirs), Notification.ts.is_not(None)
            rows = session.scalars(select(Notification).where(*cards)).all()
        for row in rows:
            for one in messages(slack, row.posted_channel or ""):
                for value in values(one.get("blocks", [])):
                    if one["ts"] == row.ts and f":{act_id}:" in value and value.endswith(among):
                        return row.posted_channel or "", one["ts"], value
        return None

    found: tuple[str, str, str] = until(look, bool)
    return found


def values(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("value"), str):
            yield node["value"]
        for inner in node.values():
            yield from values(inner)
    elif isinstance(node, list):
        for inner in node:
            yield from values(inner)


def press(bot: Bot, slack: WorkspaceServer, user: str, run: Run, act_id: str, among: tuple[str, ...] = ("",)) -> None:
    channel, ts, value = shown(bot, slack, user, run, act_id, among)
    act(slack, "click", user=user, channel=channel, ts=ts, action_id=act_id, value=value)


def agent(bot: Bot, email: str) -> str | None:
    with bot.database.read() as session:
        return session.scalar(select(DeskUser.state).where(DeskUser.email == email, DeskUser.role == "agent"))


def owner(bot: Bot) -> str:
    with bot.database.read() as session:
        return session.scalars(select(Case.owner)).one()


def test_a_newcomer_gets_what_was_asked_for_and_it_can_be_taken_back(bot: Bot, slack: WorkspaceServer) -> None:
    command(slack, "U_LEAD1", "provision", 'kim@example.com agent name "Kim Vale"')
    proposed = run_when(bot, "provision", "proposed")
    assert agent(bot, "kim@example.com") is None
    press(bot, slack, "U_LEAD1", proposed, "plan.confirm")
    done = run_when(bot, "provision", "done")
    assert set(steps(bot, done).values()) == {"verified"}
    assert agent(bot, "kim@example.com") == "active"

    press(bot, slack, "U_LEAD2", done, "run.undo")
    undoing = run_when(bot, "undo", "proposed")
    press(bot, slack, "U_LEAD2", undoing, "plan.confirm")
    run_when(bot, "undo", "done")
    assert agent(bot, "kim@example.com") is None
    assert run_when(bot, "provision", "rolled_back").id == done.id


def test_somebody_is_cut_off_at_once_by_one_and_offboarded_by_two(bot: Bot, slack: WorkspaceServer) -> None:
    name = fail(bot, source="billing-sync", dedup_key="theirs")
    case = finished_case(bot, name)
    with bot.database.begin() as session:
        row = session.scalars(select(Case)).one()
        row.owner = RAVI
    assert case["owner"]
    command(slack, "U_LEAD1", "offboard", f"{RAVI} to ines.holt@example.com because they leave")
    leaving = run_when(bot, "offboard", "proposed")

    channel, ts, value = shown(bot, slack, "U_LEAD1", leaving, "plan.suspend_now")
    act(slack, "click", user="U_LEAD1", channel=channel, ts=ts, action_id="plan.suspend_now", value=value)
    form = until(lambda: ask(f"{slack.url}/_control/views?user=U_LEAD1")[1]["views"], bool)[-1]
    act(slack, "submit", user="U_LEAD1", view_id=form["id"], values={"reason": "Their laptop was stolen"})
    at_once = run_when(bot, "suspend", "running")
    until(lambda: agent(bot, RAVI), lambda state: state == "suspended")
    with bot.database.read() as session:
        assert session.scalars(select(AccessBlock.email).where(AccessBlock.lifted_at.is_(None))).all() == [RAVI]
        assert session.get_one(Run, at_once.id).review == "wanted"
    act(slack, "command", user="U_AGENT2", channel="C_FAILURES", command="/support", text="mine")
    private = until(lambda: ask(f"{slack.url}/_control/ephemerals?user=U_AGENT2")[1]["messages"], bool)
    assert "taken away" in json.dumps(private[-1])

    press(bot, slack, "U_LEAD2", at_once, "run.review")
    with bot.database.read() as session:
        assert session.get_one(Run, at_once.id).review == "done"
    # Whoever is blocked owns nothing for long. A case that moves between the two clicks changes what they confirm.
    until(lambda: owner(bot), "ines.holt@example.com".__eq__)

    press(bot, slack, "U_LEAD2", leaving, "plan.confirm")
    fresh = run_when(bot, "offboard", "proposed")
    assert fresh.id != leaving.id, "the suspension changed what was confirmed, so it is shown anew"
    press(bot, slack, "U_LEAD2", fresh, "plan.confirm")
    press(bot, slack, "U_LEAD1", fresh, "plan.confirm")
    fresh = run_when(bot, "offboard", "running")
    until(lambda: agent(bot, RAVI), lambda state: state is None)
    assert owner(bot) == "ines.holt@example.com"

    def waiting() -> set[str]:
        return {step for step, state in steps(bot, fresh).items() if state == "waiting"}

    until(lambda: set(steps(bot, fresh).values()), lambda seen: seen == {"verified", "waiting"})
    named = f"handoff.rules {RAVI}"
    others = waiting() - {named}
    while left := waiting() - {named}:
        among = tuple(f":{list(steps(bot, fresh)).index(step) + 1}" for step in left)
        press(bot, slack, "U_LEAD1", fresh, "step.done_by_hand", among)
        until(lambda: len(waiting() - {named}), partial(gt, len(left)))
    states = steps(bot, fresh)
    assert (states.pop(named), fresh.state) == ("waiting", "running"), "they still stand in the settings"
    assert set(states.values()) == {"verified", "by_hand"}
    assert {step for step, state in states.items() if state == "by_hand"} == others
    with bot.database.read() as session:
        assert audit.verify(session).ok
