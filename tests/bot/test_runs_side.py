"""The runs of every automation in one runner: each by its own kinds, actions and context, at rest where not set up."""

from dataclasses import dataclass, replace

import pytest

from automations.errors import Refused
from automations.runs.ask import ask
from automations.runs.context import RunContext
from automations.runs.kinds import Actions, Kinds, RunKind
from bot.run_jobs import BY_THE_CLOCK, ROUTES
from bot.runs_side import RunsSide
from storage.engine import Database
from tests.automations.runs.outside import actions
from tests.automations.runs.stage import LEA, Stage, step
from tests.support import FakeClock, RecordingJobs

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def stage(database: Database, clock: FakeClock, jobs: RecordingJobs) -> Stage:
    return Stage.on(database, clock, jobs)


@dataclass
class Side:
    """One automation. Without a context it is not set up."""

    name: str
    kinds: Kinds
    actions: Actions
    ctx: RunContext | None

    @property
    def is_set_up(self) -> bool:
        return self.ctx is not None

    def context(self) -> RunContext:
        if self.ctx is None:
            raise Refused(f"There is no [{self.name}] in the settings any more. Nothing was changed.")
        return self.ctx


def side(stage: Stage, name: str, *, set_up: bool = True, kind: str = "", actions: Actions | None = None) -> Side:
    kind = kind or f"change.{name}"
    ctx = replace(stage.ctx, automation=name, channel=f"C_{name}")
    return Side(name, {kind: RunKind(kind, stage.plan)}, actions or {}, ctx if set_up else None)


def test_each_run_is_planned_by_its_own_kind_and_context(stage: Stage) -> None:
    made = [side(stage, name) for name in ("access", "customers")]
    runs = RunsSide(stage.database, stage.rooms, made)
    for one in made:
        ctx = one.context()
        with stage.database.begin() as session:
            run_id = ask(session, f"change.{one.name}", "", {"steps": [step("a", "b")]}, LEA, ctx).id
        runs.runner.plan(run_id)
        assert stage.messages()[f"run/{run_id}"].channel == f"C_{one.name}"


def test_what_is_due_is_asked_for_of_those_that_are_set_up(stage: Stage) -> None:
    off, on = side(stage, "access", set_up=False), side(stage, "customers")
    runs = RunsSide(stage.database, stage.rooms, [off, on])
    for name in ("access", "customers"):
        ctx = replace(stage.ctx, automation=name)
        with stage.database.begin() as session:
            run_id = ask(session, "change.customers", name, {"steps": [step("a", "b")]}, LEA, ctx).id
        RunsSide(stage.database, stage.rooms, [side(stage, "access"), on]).runner.plan(run_id)
    stage.clock.at = stage.clock.at.replace(year=stage.clock.at.year + 1)
    assert runs.ask_for_what_is_due() == 1
    assert [job.args for job in stage.jobs.of("run.expire")] == [{"run_id": 2}]
    with pytest.raises(Refused, match=r"no \[access\]"):
        runs.context("access")


def test_a_job_of_a_run_that_rests_is_given_up_without_a_fault(stage: Stage) -> None:
    on = side(stage, "customers")
    with stage.database.begin() as session:
        run_id = ask(session, "change.customers", "", {"steps": [step("a", "b")]}, LEA, on.context()).id
    off = RunsSide(stage.database, stage.rooms, [side(stage, "access"), side(stage, "customers", set_up=False)])
    specs = {spec.name: spec for spec in off.specs()}
    for job, args in (("run.plan", {}), ("run.advance", {}), ("run.step", {"step": 1})):
        spec = specs[job]
        with pytest.raises(Refused, match=r"no \[customers\]"):
            spec.advance({"run_id": run_id, **args})
        assert spec.on_stuck is not None
        with stage.database.begin() as session:
            spec.on_stuck(session, {"run_id": run_id, **args}, "There is no [customers]")
    assert stage.run(run_id).state == "asked", "it rests, and goes on once customers are set up again"


def test_an_automation_that_nobody_brings_is_refused(stage: Stage) -> None:
    with pytest.raises(Refused, match=r"knows no automation 'billing'\. Nothing was changed"):
        RunsSide(stage.database, stage.rooms, []).context("billing")


def test_two_of_one_name_are_a_fault_of_ours(stage: Stage) -> None:
    kinds = [side(stage, "access", kind="change"), side(stage, "customers", kind="change")]
    with pytest.raises(AssertionError, match="kind of run of one name"):
        RunsSide(stage.database, stage.rooms, kinds)
    acts = actions(stage.outside)
    steps = [side(stage, "access", actions=acts), side(stage, "customers", actions=acts)]
    with pytest.raises(AssertionError, match="kind of step of one name"):
        RunsSide(stage.database, stage.rooms, steps)


def test_its_jobs_are_those_of_runs(stage: Stage) -> None:
    specs = RunsSide(stage.database, stage.rooms, []).specs()
    assert {spec.name for spec in specs} == {route.name for route in ROUTES} - BY_THE_CLOCK


@pytest.mark.parametrize(("state", "job"), [("asked", "plan/1"), ("approved", "run/1/1"), ("running", "run/1/1")])
def test_after_a_restore_without_the_engines_tables_runs_under_way_go_on(stage: Stage, state: str, job: str) -> None:
    on = side(stage, "customers")
    with stage.database.begin() as session:
        ask(session, "change.customers", "", {"steps": [step("a", "b")]}, LEA, on.context()).state = state
    asked = [one.key for one in stage.jobs.calls]
    runs = RunsSide(stage.database, stage.rooms, [on])
    assert runs.ask_for_what_was_lost() == 1
    if state == "asked":
        assert [one.key for one in stage.jobs.calls] == asked == [job], "what the engine knows is not asked for twice"
    stage.jobs.forget()
    assert RunsSide(stage.database, stage.rooms, [side(stage, "customers", set_up=False)]).ask_for_what_was_lost() == 0
    assert runs.ask_for_what_was_lost() == 1
    assert [(one.key, one.args) for one in stage.jobs.calls] == [(job, {"run_id": 1})]
