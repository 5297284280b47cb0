"""Every step of every run, failing in every way; and every step of every undo.

`HANDOFF_STEPS=8` plays every run of up to eight steps; by default those of one and of two, on SQLite alone.
"""

import os
from itertools import product

import pytest

from automations.runs.approve import approve
from automations.runs.begin import begin
from storage.models import Run
from tests.automations.runs.outside import Fault
from tests.automations.runs.stage import LEA, Stage, order, step

MOST = int(os.environ.get("HANDOFF_STEPS", "0"))
WAYS = ("rejected", "drift", "ignored", "lost for ever", "lost though done")
PLACES = [(n, k) for n in range(1, (MOST or 2) + 1) for k in range(1, n + 1)]
UNDOS = list(product(WAYS[:4], [False, True])) if MOST else list(zip(WAYS[:4], [False, True] * 2, strict=True))

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(900 if MOST else 120),
    pytest.mark.parametrize("database_url", ["sqlite", "postgresql"] if MOST else ["sqlite"], indirect=True),
]


def names(n: int) -> list[str]:
    return [f"p{number}" for number in range(1, n + 1)]


def begun(stage: Stage, run_id: int) -> None:
    """Confirm it, and let the world be looked at once more; no step is made yet."""
    with stage.database.begin() as session:
        run = session.get_one(Run, run_id)
        approve(session, run_id, run.digest, LEA, stage.ctx)
    begin(stage.database, stage.run(run_id), stage.runner.kind_of(stage.run(run_id)), stage.ctx)


def spoil(stage: Stage, way: str, target: str) -> None:
    """Let the step of this target fail for as long as `mend` is not called."""
    match way:
        case "rejected":
            stage.outside.meets("desk.role", target, Fault.REJECTED, always=True)
        case "drift":
            stage.outside.drift("desk.role", target, "elsewhere")
        case "ignored":
            stage.outside.meets("desk.role", target, Fault.IGNORED, always=True)
        case "lost for ever":
            stage.outside.meets("desk.role", target, Fault.LOST_BEFORE, always=True)
        case _:
            stage.outside.meets("desk.role", target, Fault.LOST_AFTER)


def mend(stage: Stage, way: str, target: str, before: str) -> None:
    stage.outside.faults.clear()
    if way == "drift":
        stage.outside.drift("desk.role", target, before)


def fresh(stage: Stage) -> None:
    stage.outside.values.clear()
    stage.outside.writes.clear()
    stage.outside.faults.clear()


@pytest.mark.parametrize("way", WAYS)
def test_every_step_fails_alone_and_comes_true_by_a_retry(stage: Stage, way: str) -> None:
    for n, k in PLACES:
        fresh(stage)
        run_id = stage.ask(*(step("desk.role", name) for name in names(n)), kind="once")
        spoil(stage, way, f"p{k}")
        stage.confirm(run_id)
        others = [state for number, state in enumerate(stage.states(run_id), start=1) if number != k]
        assert others == ["verified"] * (n - 1)
        if way == "lost though done":
            assert (stage.state(run_id), stage.states(run_id)[k - 1]) == ("done", "verified")
            assert sorted(order(stage)) == names(n), "nothing is made twice"
            continue
        unknown = way == "lost for ever"
        assert stage.states(run_id)[k - 1] == ("unknown" if unknown else "failed")
        assert stage.state(run_id) == ("partial" if n > 1 or unknown else "failed")
        assert [item.target for item in stage.waiting()] == [f"RUN-{run_id} step {k}"]
        assert any(text.startswith(f"RUN-{run_id} is {stage.state(run_id)}") for text in stage.told(LEA))
        mend(stage, way, f"p{k}", "out")
        stage.retry(run_id, k)
        assert (stage.state(run_id), stage.states(run_id), stage.waiting()) == ("done", ["verified"] * n, [])
        stage.confirm(stage.undo(run_id))
        assert (stage.state(run_id), stage.states(run_id)) == ("rolled_back", ["rolled_back"] * n)
        assert order(stage)[-n:] == names(n)[::-1]
        assert {stage.outside.value("desk.role", name) for name in names(n)} == {"out"}


@pytest.mark.parametrize(("way", "kept"), UNDOS)
def test_every_step_of_an_undo_fails_alone_and_comes_true_by_a_retry(stage: Stage, way: str, kept: bool) -> None:
    """`kept`: the step that fails is one of a partial run."""
    for n, k in PLACES:
        fresh(stage)
        if kept:
            stage.outside.meets("desk.role", "lost", Fault.REJECTED, always=True)
        more = [step("desk.role", "lost")] if kept else []
        run_id = stage.done(*(step("desk.role", name) for name in names(n)), *more)
        assert stage.state(run_id) == ("partial" if kept else "done")
        undo_id = stage.undo(run_id)
        number = n - k + 1
        begun(stage, undo_id)
        spoil(stage, way, f"p{k}")
        stage.play()
        states = stage.states(undo_id)
        unknown = way == "lost for ever"
        assert states == [("unknown" if unknown else "failed") if i == number else "verified" for i in range(1, n + 1)]
        assert stage.state(undo_id) == ("partial" if n > 1 or unknown else "failed")
        assert stage.state(run_id) == ("partial" if kept else "done")
        assert stage.states(run_id)[:n] == ["verified" if i == k else "rolled_back" for i in range(1, n + 1)]
        mend(stage, way, f"p{k}", "in")
        stage.retry(undo_id, number)
        assert (stage.state(undo_id), stage.states(undo_id)) == ("done", ["verified"] * n)
        assert (stage.state(run_id), stage.states(run_id)[:n]) == ("rolled_back", ["rolled_back"] * n)
        assert stage.waiting() == []
        assert {stage.outside.value("desk.role", name) for name in names(n)} == {"out"}
