"""`/support-undo` through Bolt: a run, failure tickets, triage, and who may."""

import pytest
from sqlalchemy import select

from automations.failure_tickets.withdrawing import WITHDRAW
from automations.plan import RunState
from automations.triage.restoring import RESTORE
from storage.models import Run
from tests.automations.failure_tickets.world import World
from tests.bot.listeners.people import NO_RIGHTS, Slack
from tests.bot.views.checks import check

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def slack(world: World) -> Slack:
    return Slack(world)


def runs(world: World) -> list[Run]:
    with world.database.read() as session:
        return list(session.scalars(select(Run).order_by(Run.id)))


def test_a_lead_asks_for_cases_to_be_withdrawn(slack: Slack, world: World) -> None:
    slack.command("U_LEAD1", "failure-tickets source invoicer since 2h because the probe was wrong", "undo")
    (run,) = runs(world)
    assert (run.kind, run.state, run.automation) == (WITHDRAW, RunState.ASKED, "failure_tickets")
    assert (run.requested_by, run.asked["reason"]) == ("lea@team.example", "the probe was wrong")
    assert slack.words() == "RUN-1: looking which cases nobody has touched. Nothing changes by it."
    assert world.case(1).status == "open"
    slack.command("U_LEAD1", "failure-tickets source invoicer since 1h", "undo")
    assert "is open for the same" in slack.words()


def test_a_lead_asks_for_triage_to_be_put_back(slack: Slack, world: World) -> None:
    slack.command("U_LEAD1", "triage since 2h", "undo")
    (run,) = runs(world)
    assert (run.kind, run.automation) == (RESTORE, "triage")
    assert slack.words() == "RUN-1: looking where these tickets stand now. Nothing changes by it."


def test_a_run_is_taken_back_by_its_number(slack: Slack, world: World) -> None:
    slack.command("U_LEAD1", "failure-tickets source invoicer since 2h", "undo")
    slack.command("U_LEAD1", "RUN-1", "undo")
    assert "RUN-1 is asked; only what was done can be undone" in slack.words()
    slack.command("U_LEAD1", "RUN-9", "undo")
    assert "There is no RUN-9" in slack.words()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "/support-undo takes back what an automation did: RUN-7, or"),
        ("everything", "I do not know “everything”"),
        ("failure-tickets since 2h", "Of which source or rule? Known sources: invoicer"),
        ("failure-tickets source nosuch since 2h", "No case was opened by the source 'nosuch'"),
        ("triage since next week", "I cannot read “next week” as a time"),
    ],
)
def test_what_cannot_be_read_or_done_is_said_in_words(slack: Slack, world: World, text: str, said: str) -> None:
    slack.command("U_LEAD1", text, "undo")
    assert said in slack.words()
    check(slack.told()[-1][2])
    assert runs(world) == []


@pytest.mark.parametrize("user", ["U_AGENT1", *NO_RIGHTS])
def test_nobody_but_a_lead_asks_for_it(slack: Slack, world: World, user: str) -> None:
    slack.command(user, "failure-tickets source invoicer since 2h", "undo")
    assert runs(world) == []
    assert len(world.audited("click.refused")) == 1
