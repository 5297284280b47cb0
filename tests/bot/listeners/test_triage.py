"""The buttons of a decision in Slack: who may press them, what they say, what they show, and what they refuse."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select

from automations.domain import Mode
from automations.triage.asking import EVALUATE
from automations.triage.deciding import APPLY
from bot.wire_triage import FIELD_INTENT, FIELD_PRIORITY, FIELD_QUEUE, NO_INTENT, TriageAct, TriageButton
from storage.engine import Database
from storage.models import AuditEntry, DeskFact, Notification
from tests.automations.failure_tickets.world import World
from tests.automations.triage.stage import Stage
from tests.bot.listeners.people import NO_RIGHTS, Slack, click, form
from tests.bot.views.checks import check
from tests.support import FakeClock, RecordingJobs
from tests.triage_terms import triage_of

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def slack(world: World) -> Iterator[Slack]:
    made = Slack(world)
    world.jobs.clear()
    yield made
    made.close()


@pytest.fixture
def stage(database: Database, clock: FakeClock, jobs: RecordingJobs, world: World) -> Stage:
    made = Stage.on(database, clock, jobs)
    made.ctx = triage_of(world.ctx, Mode.ASK)
    return made


def press(slack: Slack, user: str, number: int, act: TriageAct) -> None:
    assert slack.dispatch(click(user, act, TriageButton(number, act).encode())).status == 200


def send(slack: Slack, user: str, number: int, **fields: str) -> dict[str, Any]:
    value = TriageButton(number, TriageAct.CHANGE).encode()
    answered = slack.dispatch(form(user, TriageAct.CHANGE, value, fields))
    assert answered.status == 200
    return json.loads(answered.body) if answered.body else {}


def test_an_agent_applies_and_the_next_one_is_told_who_did(slack: Slack, stage: Stage, world: World) -> None:
    row = stage.decided("Please refund my invoice")
    press(slack, "U_AGENT1", row.id, TriageAct.APPLY)
    assert slack.told() == [], "the message shows it"
    assert stage.row(row.id).changed_by == "anna@team.example"
    press(slack, "U_AGENT2", row.id, TriageAct.APPLY)
    assert "is being carried out by Anna Berg" in slack.words()
    assert len(world.jobs.of(APPLY)) == 1
    stage.play()
    press(slack, "U_AGENT2", row.id, TriageAct.UNDO)
    stage.play()
    assert stage.state(row) == "undone"


def test_why_shows_everything_to_whoever_asks(slack: Slack, stage: Stage) -> None:
    row = stage.decided("refund <!channel>")
    press(slack, "U_AGENT1", row.id, TriageAct.WHY)
    kind, _, view = slack.told()[-1]
    assert kind == "open_view"
    check(view)
    assert "1. invoices: matched – “refund”" in str(view)
    assert "2. passwords: no – none of its keywords" in str(view)


def test_change_is_a_form_with_what_there_is(slack: Slack, stage: Stage) -> None:
    row = stage.decided("Please refund my invoice")
    press(slack, "U_AGENT1", row.id, TriageAct.CHANGE)
    check(slack.told()[-1][2])
    assert send(slack, "U_AGENT1", row.id, **{FIELD_INTENT: "account", FIELD_QUEUE: "Support"})["errors"]
    told = send(slack, "U_AGENT1", row.id, **{FIELD_INTENT: "x", FIELD_QUEUE: "Support", FIELD_PRIORITY: "high"})
    assert "no intent 'x' here" in str(told["errors"])
    assert stage.state(row) == "proposed"
    chosen = {FIELD_INTENT: NO_INTENT, FIELD_QUEUE: "Support", FIELD_PRIORITY: "high"}
    assert send(slack, "U_AGENT1", row.id, **chosen) == {}
    stage.play()
    done = stage.row(row.id)
    assert (done.state, done.intent, done.queue, done.priority) == ("applied", "", "Support", "high")
    press(slack, "U_AGENT2", row.id, TriageAct.CHANGE)
    assert "was applied by Anna Berg" in slack.words()


def test_leave_and_retry(slack: Slack, stage: Stage) -> None:
    row = stage.decided("Please refund my invoice")
    press(slack, "U_AGENT1", row.id, TriageAct.RETRY)
    assert "waits for somebody to apply it" in slack.words()
    press(slack, "U_AGENT1", row.id, TriageAct.LEAVE)
    assert stage.state(row) == "declined"


def test_who_has_no_agent_in_the_desk_changes_nothing(slack: Slack, stage: Stage, world: World) -> None:
    row = stage.decided("Please refund my invoice")
    with world.begin() as session:
        agents = {"agents": {"ben@team.example": "active"}}
        session.add(DeskFact(system="builtin", name="agents", value=agents, read_at=world.clock.now()))
    press(slack, "U_AGENT1", row.id, TriageAct.APPLY)
    assert "Anna Berg has no agent in the desk, so nothing was changed" in slack.words()
    assert stage.state(row) == "proposed"


def test_the_command_says_where_triage_is_and_lets_leads_have_it_measured(
    slack: Slack, stage: Stage, world: World
) -> None:
    slack.command("U_AGENT1", "triage")
    assert "Nothing was decided today" in str(slack.told()[-1])
    assert slack.words() == "Triage: nothing waits for a person"
    stage.decided("Please refund my invoice")
    with world.begin() as session:
        day = session.scalars(select(Notification).where(Notification.kind == "triage.day")).one()
        day.permalink = "https://chat.example/p/9"
    slack.command("U_AGENT1", "triage")
    check(slack.told()[-1][2])
    assert "https://chat.example/p/9" in str(slack.told()[-1])
    assert "1 decision waits" in str(slack.told()[-1])

    slack.command("U_AGENT1", "triage evaluate 90d")
    assert "Only a lead can have triage measured" in slack.words()
    slack.command("U_LEAD1", "triage evaluate yesterday")
    assert "such as 90d" in slack.words()
    assert world.jobs.of(EVALUATE) == []
    slack.command("U_LEAD1", "triage evaluate 90d")
    assert "tickets of the last 90 days. What was found comes to the channel of triage." in slack.words()
    (asked,) = world.jobs.of(EVALUATE)
    assert (asked.args["days"], asked.args["by"], asked.args["to"]) == (90, "lea@team.example", "U_LEAD1")


def test_strangers_do_nothing_and_it_is_written_down(slack: Slack, stage: Stage, world: World) -> None:
    row = stage.decided("Please refund my invoice")
    for user in NO_RIGHTS:
        press(slack, user, row.id, TriageAct.APPLY)
        send(slack, user, row.id, **{FIELD_INTENT: "billing", FIELD_QUEUE: "Billing", FIELD_PRIORITY: "low"})
    assert stage.state(row) == "proposed"
    with world.database.read() as session:
        refused = session.scalars(select(AuditEntry).where(AuditEntry.target == f"TRIAGE-{row.id}")).all()
    assert len([one for one in refused if one.action == "click.refused"]) == 2 * len(NO_RIGHTS)


@pytest.mark.parametrize("value", ["", "triage:1", "triage:0:apply", "triage:1:dance", "triage:1:undo", "case:1:claim"])
def test_forged_values_are_refused(slack: Slack, stage: Stage, value: str) -> None:
    row = stage.decided("Please refund my invoice")
    slack.dispatch(click("U_AGENT1", TriageAct.APPLY, value))
    assert "Nothing was changed" in slack.words()
    slack.dispatch(click("U_AGENT1", TriageAct.APPLY, TriageButton(99, TriageAct.APPLY).encode()))
    assert "There is no TRIAGE-99" in slack.words()
    assert stage.state(row) == "proposed"
