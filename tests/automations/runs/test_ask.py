"""Asking for a run: who may, when, and once for the same."""

import pytest
from sqlalchemy import select

from automations.domain import HANDOFF, Actor, Mode
from automations.errors import Refused
from automations.runs.ask import ask
from storage.models import Run
from tests.automations.runs.stage import ANNA, BENS, LEA, LEO, Stage, step

CHANGE = step("desk.role", BENS)


def test_asking_changes_nothing_and_is_written_down(stage: Stage) -> None:
    with stage.database.begin() as session:
        run = ask(session, "change", "Ben@Team.example", {"steps": [CHANGE]}, LEA, stage.ctx)
    assert (run.state, run.subject, run.requested_by, run.owner) == (
        "asked",
        BENS,
        "lea@team.example",
        run.requested_by,
    )
    assert [(job.job, job.args) for job in stage.jobs.calls] == [("run.plan", {"run_id": run.id})]
    (row,) = stage.audited("run.asked")
    assert (row.actor, row.target, row.outcome) == ("lea@team.example", "RUN-1", "asked")
    assert stage.messages() == {}
    assert stage.outside.looks == []


@pytest.mark.parametrize("how", ["settings", "command"])
def test_nothing_is_asked_for_while_it_is_off(stage: Stage, how: str) -> None:
    if how == "settings":
        stage.reconfigure(mode=Mode.OFF)
    else:
        stage.mode(Mode.OFF)
    with pytest.raises(Refused, match=r"Access is switched off.*handoff automations mode access ask"):
        stage.ask(CHANGE)
    assert stage.audited() == []
    stage.mode(Mode.ASK)
    assert stage.state(stage.ask(CHANGE)) == "proposed"


def test_a_mode_above_ask_is_none_at_all(stage: Stage) -> None:
    stage.mode(Mode.AUTO)
    with pytest.raises(Refused, match="switched off"):
        stage.ask(CHANGE)


def test_an_agent_may_not_ask(stage: Stage) -> None:
    for nobody in (ANNA, Actor("U_GUEST", "Gus", "gus@elsewhere.example")):
        with pytest.raises(Refused, match="needs the role lead"):
            stage.ask(CHANGE, by=nobody)


@pytest.mark.parametrize("by", [HANDOFF, Actor("os:root", "root")])
def test_the_timetable_and_the_terminal_may_ask(stage: Stage, by: Actor) -> None:
    run = stage.run(stage.ask(CHANGE, by=by))
    assert (run.state, run.requested_by, run.owner) == ("proposed", by.id, "ada@team.example")


def test_who_was_blocked_may_not_ask(stage: Stage) -> None:
    stage.ask(CHANGE)
    stage.block("leo@team.example")
    with pytest.raises(Refused, match="taken away"):
        stage.ask(CHANGE, by=LEO, subject="kim@team.example")


def test_the_same_is_not_asked_for_twice(stage: Stage) -> None:
    stage.ask(CHANGE)
    with pytest.raises(
        Refused, match=r"RUN-1 is open for the same: asked for by Lea Lind at 03:14\. Confirm or cancel"
    ):
        stage.ask(CHANGE, by=LEO, subject="BEN@team.example")
    other = stage.ask(CHANGE, kind="leave"), stage.ask(step("desk.role", "kim"), subject="kim@team.example")
    assert [stage.state(one) for one in other] == ["proposed", "proposed"]


def test_once_it_has_ended_it_may_be_asked_for_again(stage: Stage) -> None:
    first = stage.done(CHANGE)
    assert stage.run(first).open_key is None
    second = stage.ask(step("desk.role", BENS, "out"))
    assert (stage.state(first), stage.state(second)) == ("done", "proposed")


def test_a_name_tells_apart_what_is_asked_for_about_one_person(stage: Stage) -> None:
    with stage.database.begin() as session:
        for name in ("a", "b"):
            ask(session, "change", BENS, {"steps": [CHANGE]}, LEA, stage.ctx, name=name)
        keys = session.scalars(select(Run.open_key).order_by(Run.id)).all()
    assert keys == [f"change/{BENS}/a", f"change/{BENS}/b"]


def test_an_address_that_no_column_holds_is_refused(stage: Stage) -> None:
    with pytest.raises(Refused, match="too long for an e-mail address"):
        stage.ask(CHANGE, subject=f"{'b' * 250}@team.example")
