"""Runs of two automations side by side: each goes by the context of its own, and by nothing of the other's."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from automations.domain import Mode
from automations.errors import Refused
from automations.runs import approve, ask, card, clockwork, undo
from automations.runs.advance import Runner
from automations.runs.context import RunContext
from automations.runs.journal import MESSAGES
from automations.runs.kinds import RunKind
from bot import run_jobs
from storage import audit, modes
from tests.automations.runs.stage import LEA, Stage, step

CHANGE = step("desk.role", "a")


@pytest.fixture
def customers(stage: Stage) -> RunContext:
    """Another automation beside access, with its own channel, mode and times."""
    made = replace(
        stage.ctx,
        automation="customers",
        channel="C_CUSTOMERS",
        expires_after=timedelta(days=2),
        remind_after=timedelta(hours=4),
    )
    stage.others["customers"] = made
    return made


def asked(stage: Stage, ctx: RunContext, *steps: Any, subject: str = "", kind: str = "change") -> int:
    with stage.database.begin() as session:
        run = ask.ask(session, kind, subject, {"steps": list(steps)} if steps else {}, LEA, ctx)
    stage.play()
    return run.id


def confirmed(stage: Stage, run_id: int, ctx: RunContext) -> None:
    with stage.database.begin() as session:
        approve.approve(session, run_id, stage.run(run_id).digest, LEA, ctx)
    stage.play()


def test_a_run_belongs_to_the_automation_that_asks_and_goes_by_its_context(stage: Stage, customers: RunContext) -> None:
    mine, other = asked(stage, stage.ctx, CHANGE), asked(stage, customers, step("desk.role", "b"), subject="other")
    runs = {number: stage.run(number) for number in (mine, other)}
    assert [runs[one].automation for one in (mine, other)] == ["access", "customers"]
    messages = stage.messages()
    assert [messages[f"run/{one}"].channel for one in (mine, other)] == ["C_ACCESS", "C_CUSTOMERS"]
    assert runs[mine].expires_at == stage.clock.now() + timedelta(hours=8)
    assert runs[other].expires_at == stage.clock.now() + timedelta(days=2)


def test_one_that_is_switched_off_keeps_nothing_of_the_other_from_happening(
    stage: Stage, customers: RunContext
) -> None:
    mine, other = asked(stage, stage.ctx, CHANGE), asked(stage, customers, step("desk.role", "b"), subject="other")
    stage.mode(Mode.OFF)
    with pytest.raises(Refused, match="Access is switched off"):
        confirmed(stage, mine, stage.ctx)
    confirmed(stage, other, customers)
    assert (stage.state(mine), stage.state(other)) == ("proposed", "done")


def test_one_that_is_switched_off_before_its_first_step_is_called_off_by_its_own_mode(
    stage: Stage, customers: RunContext
) -> None:
    other = asked(stage, customers, CHANGE)
    with stage.database.begin() as session:
        approve.approve(session, other, stage.run(other).digest, LEA, customers)
        modes.set_mode(session, "customers", "off", by="os:root", at=stage.clock.now())
    stage.play()
    assert (stage.state(other), stage.outside.writes) == ("cancelled", [])
    assert stage.run(other).words == "Customers was switched off before it began, so nothing was applied."


def test_an_undo_belongs_to_the_automation_of_what_it_takes_back(stage: Stage, customers: RunContext) -> None:
    run_id = asked(stage, customers, CHANGE)
    confirmed(stage, run_id, customers)
    with stage.database.begin() as session:
        undo.undo(session, run_id, LEA, customers)
    stage.play()
    undoing = stage.newest()
    assert (stage.run(undoing).automation, stage.run(undoing).undo_of) == ("customers", run_id)
    assert stage.messages()[f"run/{undoing}"].channel == "C_CUSTOMERS"
    stage.mode(Mode.OFF)
    confirmed(stage, undoing, customers)
    assert stage.state(run_id) == "rolled_back"


def test_the_clock_goes_by_the_times_of_each_and_asks_once_for_each_run(stage: Stage, customers: RunContext) -> None:
    mine, other = asked(stage, stage.ctx, CHANGE), asked(stage, customers, step("desk.role", "b"), subject="other")
    stage.wait(minutes=15)
    assert (len(stage.lines(f"run/{mine}")), len(stage.lines(f"run/{other}"))) == (1, 0)
    stage.wait(hours=4)
    assert len(stage.lines(f"run/{other}")) == 1
    stage.wait(hours=4)
    assert (stage.state(mine), stage.state(other)) == ("expired", "proposed")
    with stage.database.read() as session:
        assert clockwork.unconfirmed(session, stage.ctx) == []
        assert clockwork.expired(session, customers) == []
    stage.wait(days=2)
    assert stage.state(other) == "expired"


def test_steps_that_wait_are_looked_at_by_the_times_of_their_own_automation(
    stage: Stage, customers: RunContext
) -> None:
    stage.others["customers"] = customers = replace(customers, waits_for=timedelta(days=1))
    invited = [step("invite", one, "accepted", before="out", waits=True, undo="") for one in "ab"]
    mine, other = asked(stage, stage.ctx, invited[0]), asked(stage, customers, invited[1], subject="other")
    for run_id, ctx in ((mine, stage.ctx), (other, customers)):
        confirmed(stage, run_id, ctx)
    assert (stage.states(mine), stage.states(other)) == (["waiting"], ["waiting"])
    with stage.database.read() as session:
        looked = [clockwork.waiting(session, ctx)[0][1]["run_id"] for ctx in (stage.ctx, customers)]
    assert looked == [mine, other]
    stage.wait(days=1)
    assert (stage.states(mine), stage.states(other)) == (["waiting"], ["failed"])


def test_runs_of_one_that_is_not_set_up_rest_and_the_other_goes_on(stage: Stage, customers: RunContext) -> None:
    mine, other = asked(stage, stage.ctx, CHANGE), asked(stage, customers, step("desk.role", "b"), subject="other")

    def only_customers(automation: str) -> RunContext:
        if automation != "customers":
            raise Refused("There is no [access] in the settings any more, so its runs rest. Nothing was changed.")
        return customers

    stage.clock.move(timedelta(days=3))
    assert run_jobs.ask(stage.database, ["customers"], only_customers) == 1
    runner = Runner(stage.database, stage.runner.kinds, stage.runner.actions, stage.rooms, only_customers)
    with pytest.raises(Refused, match="its runs rest"):
        runner.advance(mine)
    assert runner.advance(other) is None


def test_a_list_shows_the_runs_of_the_automations_that_are_set_up(stage: Stage, customers: RunContext) -> None:
    mine, other = asked(stage, stage.ctx, CHANGE), asked(stage, customers, step("desk.role", "b"), subject="other")
    with stage.database.read() as session:
        both = card.recent(session, {"access": stage.ctx, "customers": customers}, 10)
        one = card.recent(session, {"customers": customers}, 10)
        assert card.recent(session, {}, 10) == []
    assert [(shown.id, shown.automation) for shown in both] == [(other, "customers"), (mine, "access")]
    assert [shown.id for shown in one] == [other]


def test_a_kind_of_run_with_a_message_of_its_own_is_shown_by_that(stage: Stage, customers: RunContext) -> None:
    kinds = {name: RunKind(name, stage.plan) for name in (*MESSAGES, "change")}
    runner = Runner(stage.database, kinds, {}, stage.rooms, stage.context_of)
    shown = {}
    for name in kinds:
        with stage.database.begin() as session:
            audit.hold(session)
            run_id = ask.ask(session, name, name, {"steps": [CHANGE]}, LEA, customers).id
        runner.plan(run_id)
        shown[name] = stage.messages()[f"run/{run_id}"].kind
    assert shown == {"reconcile": "access.findings", "customers": "customers.sync", "change": "run.card"}


@pytest.mark.parametrize(
    ("kind", "words"),
    [("customers", "Customer sync"), ("customer_changes", "Customer changes"), ("offboard", "Offboard")],
)
def test_a_run_that_is_not_planned_yet_is_called_by_its_kind(kind: str, words: str) -> None:
    assert card.kind_words(kind) == words
