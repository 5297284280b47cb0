"""What a rollback leaves is looked at, and named in the failure queue until it is as before or a person gives it up."""

from collections.abc import Mapping
from typing import Any

import pytest
from sqlalchemy import select

from automations.runs.left import LEFT
from storage import stuck
from storage.models import RunStep
from tests.automations.runs.outside import Fault
from tests.automations.runs.stage import ADA, ANNA, LEA, Stage, step

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

BACK = step("desk.role", "a")
FOR_GOOD = step("desk.token", "t", undo="")


def rolled_back(stage: Stage, *steps: Mapping[str, Any], **options: Any) -> tuple[int, int]:
    """A run of these, and its undo."""
    run_id = stage.done(*steps, **options)
    undo_id = stage.undo(run_id)
    stage.confirm(undo_id)
    return run_id, undo_id


def test_what_cannot_be_undone_is_named_with_what_to_do(stage: Stage) -> None:
    run_id, _ = rolled_back(stage, BACK, FOR_GOOD)
    assert stage.state(run_id) == "rolled_back"
    (item,) = stage.waiting()
    assert (item.job, item.target, item.owner) == (LEFT, f"RUN-{run_id} step 2", "lea@team.example")
    assert item.reason == (
        f"RUN-{run_id} was taken back, but this is left. desk.token of t (t): cannot be undone. "
        "Put it right by hand where that is needed; Retry looks again, Discard keeps it as it is."
    )
    assert [row.target for row in stage.audited("job.stuck")] == [item.target]


def test_retry_looks_again_and_ends_it_once_it_is_as_before(stage: Stage) -> None:
    run_id, _ = rolled_back(stage, BACK, FOR_GOOD)
    (item,) = stage.waiting()
    stage.retry_from_queue(item.id)
    (again,) = stage.waiting()
    assert again.id != item.id
    stage.outside.drift("desk.token", "t", "out")
    stage.retry_from_queue(again.id)
    assert stage.waiting() == []
    assert stage.states(run_id) == ["rolled_back", "rolled_back"]
    assert [row.outcome for row in stage.audited("step.rolled_back")] == ["verified"]


def test_what_went_with_something_else_is_no_leftover(stage: Stage) -> None:
    """The role of an account that is removed goes with the account."""
    run_id = stage.done(BACK, step("desk.role", "b", undo="", needs=[0]))
    undo_id = stage.undo(run_id)
    stage.outside.written = lambda write: stage.outside.drift("desk.role", "b", write.value)
    stage.confirm(undo_id)
    assert (stage.states(run_id), stage.waiting()) == (["rolled_back", "rolled_back"], [])


def test_what_somebody_changed_since_is_named(stage: Stage) -> None:
    run_id = stage.done(BACK, step("desk.role", "b"))
    stage.outside.drift("desk.role", "b", "boss")
    stage.confirm(stage.undo(run_id))
    assert "desk.role of b (b): it is 'boss' by now, so it is left alone." in stage.waiting()[0].reason


def test_what_nobody_knows_and_nothing_reads_is_named(stage: Stage) -> None:
    stage.outside.meets("blind", "x", Fault.LOST_BEFORE, always=True)
    rolled_back(stage, step("blind", "x"), BACK)
    (item,) = stage.waiting()
    assert (item.job, "nobody knows whether it was done" in item.reason) == (LEFT, True)


def test_a_step_that_failed_and_came_true_afterwards_is_taken_back(stage: Stage) -> None:
    """The outside answered, and showed it only after the look: nobody may find that out by chance."""
    stage.outside.meets("desk.role", "b", Fault.LATE)
    run_id = stage.done(BACK, step("desk.role", "b"))
    assert (stage.states(run_id), stage.outside.value("desk.role", "b")) == (["verified", "failed"], "in")
    stage.confirm(stage.undo(run_id))
    assert (stage.outside.value("desk.role", "b"), stage.waiting()) == ("out", [])
    assert stage.states(run_id) == ["rolled_back", "rolled_back"]


def test_a_run_of_which_nothing_is_known_can_be_taken_back(stage: Stage) -> None:
    stage.outside.meets("desk.role", "a", Fault.LOST_BEFORE, always=True)
    run_id = stage.done(BACK)
    assert stage.states(run_id) == ["unknown"]
    stage.outside.faults.clear()
    stage.outside.drift("desk.role", "a", "in")
    stage.confirm(stage.undo(run_id))
    assert (stage.outside.value("desk.role", "a"), stage.state(run_id)) == ("out", "rolled_back")


def test_what_was_given_to_somebody_by_hand_and_never_answered_is_named(stage: Stage) -> None:
    stage.outside.meets("desk.role", "b", Fault.REJECTED)
    task = step("blind", "x", by_hand="Tick it.", owner=str(ANNA.email), undo="")
    rolled_back(stage, BACK, step("desk.role", "b"), task)
    (item,) = stage.waiting()
    assert "nobody said whether they did" in item.reason


def test_an_undo_that_cannot_be_planned_is_named_and_retry_asks_for_it_anew(stage: Stage) -> None:
    run_id = stage.done(BACK)
    stage.outside.drift("desk.role", "a", "boss")
    undo_id = stage.undo(run_id)
    (item,) = stage.waiting()
    assert (item.target, stage.state(undo_id), stage.state(run_id)) == (f"RUN-{undo_id}", "refused", "done")
    assert "desk.role of a: it is 'boss' by now" in item.reason
    stage.outside.drift("desk.role", "a", "in")
    stage.retry_from_queue(item.id)
    fresh = stage.newest()
    assert (stage.run(fresh).undo_of, stage.state(fresh)) == (run_id, "proposed")
    stage.confirm(fresh)
    assert (stage.state(run_id), stage.waiting()) == ("rolled_back", [])


def test_what_cannot_be_looked_at_is_named_and_does_not_keep_the_rest_from_going_back(stage: Stage) -> None:
    run_id = stage.done(BACK, step("desk.role", "b"))
    with stage.database.begin() as session:
        for row in session.scalars(select(RunStep).where(RunStep.run_id == run_id)):
            row.kind = "gone" if row.target == "b" else row.kind
    undo_id = stage.undo(run_id)
    assert (
        "it cannot be looked at (This version of Handoff knows no step of the kind" in stage.card(undo_id).warnings[0]
    )
    stage.confirm(undo_id)
    assert stage.outside.value("desk.role", "a") == "out"
    assert "it cannot be looked at" in stage.waiting()[0].reason


def test_what_was_given_up_with_a_reason_is_not_named_again(stage: Stage) -> None:
    run_id = stage.done(BACK, FOR_GOOD, step("desk.role", "b"))
    stage.outside.meets("desk.role", "b", Fault.REJECTED)
    undo_id = stage.undo(run_id)
    stage.confirm(undo_id)
    (left,) = [item for item in stage.waiting() if item.job == LEFT]
    with stage.database.begin() as session:
        assert stuck.discard(session, left.id, by=str(ADA.email), note="a new one is made", at=stage.clock.now())
    stage.retry(undo_id, 1, LEA)
    assert (stage.state(run_id), stage.waiting()) == ("rolled_back", [])
