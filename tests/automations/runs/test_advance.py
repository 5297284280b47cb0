"""Carrying out: looked at again, step after step, what does not stop the others, what is given up, deaths."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta

import pytest

from automations.domain import Mode
from automations.errors import Refused
from automations.runs import approve, doing
from automations.runs.advance import AT_ONCE
from storage.models import Run
from tests.automations.runs.outside import FAULTS, Fault, actions
from tests.automations.runs.stage import ADA, BENS, LEA, LEO, TRIES, Death, Stage, dying, order, step

THREE = [step("desk.role", name) for name in ("a", "b", "c")]
ALL = (
    "step.begun",
    "step.called",
    "step.made",
    "step.ended",
    "run.rested",
)


def approved(stage: Stage, run_id: int) -> None:
    """Confirmed, and not begun."""
    with stage.database.begin() as session:
        approve.approve(session, run_id, session.get_one(Run, run_id).digest, LEA, stage.ctx)


def test_steps_are_made_in_order_each_with_its_own_key_and_read_back(stage: Stage) -> None:
    run_id = stage.done(*THREE)
    assert (stage.state(run_id), stage.states(run_id)) == ("done", ["verified"] * 3)
    assert [(write.target, write.key) for write in stage.outside.writes] == [
        (name, f"run/{run_id}/{number}") for number, name in enumerate("abc", start=1)
    ]
    assert [(row.found, row.found_at, row.tries) for row in stage.steps(run_id)] == [("in", stage.clock.now(), 1)] * 3
    actions = [row.action for row in stage.audited() if row.target == f"RUN-{run_id}"]
    assert actions == [
        "run.asked", "plan.proposed", "plan.approval", "plan.approved", "plan.observed_again",
        "step.verified", "step.verified", "step.verified", "run.done",
    ]  # fmt: skip
    assert stage.heard == [(run_id, "done")]
    assert [key for key, row in stage.messages().items() if row.kind == "run.card"] == [f"run/{run_id}"]


def test_many_steps_are_few_turns(stage: Stage) -> None:
    run_id = stage.ask(*(step("desk.role", f"p{number}") for number in range(3 * AT_ONCE)))
    approved(stage, run_id)
    turns: list[str] = []
    while (turn := stage.runner.advance(run_id)) is not None:
        turns.append(turn)
    assert len(turns) == 4
    assert stage.state(run_id) == "done"


def test_a_plan_that_changed_since_is_shown_anew_and_nothing_applied(stage: Stage) -> None:
    run_id = stage.ask(*THREE, approvals=2)
    stage.outside.drift("desk.role", "b", "elsewhere")
    stage.confirm(run_id, LEO)
    assert (stage.state(run_id), stage.run(run_id).open_key, stage.outside.writes) == ("replaced", None, [])
    fresh = stage.card(stage.newest())
    assert (fresh.state, fresh.replaces, fresh.requested_by.email) == ("proposed", run_id, "lea@team.example")
    assert stage.card(run_id).replaced_by == fresh.id
    assert fresh.approvals == (), "nobody has said yes to what nobody has seen, nor has who asked for the other one"
    (told,) = stage.told(LEA)
    assert told.startswith(f"RUN-{run_id}: The plan has changed since it was shown, so nothing was applied.")
    assert told.endswith(f"RUN-{fresh.id} shows the plan as it is now; please confirm that one.")
    with pytest.raises(Refused, match=rf"RUN-{fresh.id} shows the plan as it is now"):
        stage.confirm(run_id, ADA)
    assert stage.heard == [(run_id, "replaced")]
    stage.confirm(fresh.id, LEA)
    assert stage.state(fresh.id) == "proposed"
    stage.confirm(fresh.id, ADA)
    assert stage.state(fresh.id) == "done"
    assert order(stage) == ["a", "b", "c"]


def test_what_cannot_be_planned_any_more_is_not_applied(stage: Stage) -> None:
    run_id = stage.ask(*THREE)
    with stage.database.begin() as session:
        run = session.get_one(Run, run_id)
        run.asked = {**run.asked, "refuse": "The role is gone."}
    stage.confirm(run_id)
    assert (stage.state(run_id), stage.outside.writes) == ("replaced", [])
    assert (stage.state(stage.newest()), stage.run(stage.newest()).words) == ("refused", "The role is gone.")


def test_a_kind_that_is_not_observed_again_is_not(stage: Stage) -> None:
    run_id = stage.ask(*THREE, kind="once")
    stage.outside.drift("desk.role", "b", "elsewhere")
    stage.confirm(run_id)
    assert (stage.state(run_id), stage.states(run_id)) == ("partial", ["verified", "failed", "verified"])


def test_switched_off_before_the_first_step_nothing_is_applied(stage: Stage) -> None:
    run_id = stage.ask(*THREE)
    approved(stage, run_id)
    stage.mode(Mode.SHADOW)
    stage.play()
    assert (stage.state(run_id), stage.outside.writes) == ("cancelled", [])
    assert stage.run(run_id).words == "Access was switched off before it began, so nothing was applied."
    assert stage.heard == [(run_id, "cancelled")]


def test_switched_off_in_the_middle_what_was_begun_is_carried_out(stage: Stage) -> None:
    """Half of an offboarding is the worst state of all; whoever wants to stop it undoes it."""
    run_id = stage.ask(*THREE)
    with dying("step.ended"), suppress(Death):
        stage.confirm(run_id)
    stage.mode(Mode.OFF)
    stage.play()
    assert (stage.state(run_id), stage.states(run_id)) == ("done", ["verified"] * 3)


def test_what_drifted_is_left_alone_and_says_what_was_found(stage: Stage) -> None:
    run_id = stage.ask(*THREE, kind="once")
    stage.outside.drift("desk.role", "a", "elsewhere")
    stage.confirm(run_id)
    (row, *_) = stage.steps(run_id)
    assert (row.state, row.found) == ("failed", "elsewhere")
    assert row.error == "It is 'elsewhere' by now, neither 'out' as planned nor 'in'"
    assert stage.outside.value("desk.role", "a") == "elsewhere"


def test_what_became_true_meanwhile_is_verified_without_a_call(stage: Stage) -> None:
    run_id = stage.ask(*THREE, kind="once")
    stage.outside.drift("desk.role", "b", "in")
    stage.confirm(run_id)
    assert (stage.state(run_id), order(stage)) == ("done", ["a", "c"])


def test_an_answer_without_effect_is_no_success(stage: Stage) -> None:
    stage.outside.meets("desk.role", "b", Fault.IGNORED)
    run_id = stage.done(*THREE)
    assert (stage.state(run_id), stage.states(run_id)) == ("partial", ["verified", "failed", "verified"])
    assert stage.steps(run_id)[1].error == "It was asked for and answered, but it still is 'out'"


def test_what_nothing_reads_is_stated_and_never_verified(stage: Stage) -> None:
    run_id = stage.done(step("blind", "sessions"), THREE[0])
    assert (stage.state(run_id), stage.states(run_id)) == ("done", ["stated", "verified"])
    assert stage.steps(run_id)[0].found is None


def test_a_refusal_fails_the_step_and_is_kept_without_its_secret(stage: Stage) -> None:
    stage.outside.meets("desk.role", "a", Fault.REJECTED)
    run_id = stage.done(*THREE)
    row = stage.steps(run_id)[0]
    assert (row.state, row.error) == ("failed", "the outside answers 422: api_key=[redacted]")
    assert stage.states(run_id)[1:] == ["verified", "verified"]
    (item,) = stage.waiting()
    assert (item.job, item.target, item.owner) == ("run.step", f"RUN-{run_id} step 1", "lea@team.example")
    assert item.args == {"run_id": run_id, "step": 1}
    assert item.reason == row.error
    assert stage.told(LEA) == [f"RUN-{run_id} is partial: Change {BENS}. Not done: desk.role of a."]


@pytest.mark.parametrize("fault", [Fault.LOST_BEFORE, Fault.LOST_AFTER, Fault.UNAVAILABLE])
def test_what_comes_right_by_a_repeat_does(stage: Stage, fault: Fault) -> None:
    stage.outside.meets("desk.role", "b", fault)
    run_id = stage.done(*THREE)
    assert (stage.state(run_id), stage.states(run_id), stage.waiting()) == ("done", ["verified"] * 3, [])
    assert sorted(order(stage)) == ["a", "b", "c"], "looked up before it is repeated, so nothing is made twice"
    unknown = [row.outcome for row in stage.audited("step.unknown")]
    assert unknown == ([] if fault is Fault.UNAVAILABLE else ["unknown"])


def test_what_does_not_answer_comes_last(stage: Stage) -> None:
    stage.outside.meets("desk.role", "a", Fault.UNAVAILABLE)
    stage.done(*THREE)
    assert order(stage) == ["b", "c", "a"]


def test_who_needs_a_failed_step_stays_planned(stage: Stage) -> None:
    stage.outside.meets("desk.role", "a", Fault.REJECTED)
    run_id = stage.done(
        THREE[0], step("desk.role", "b", needs=[0]), step("desk.role", "c", needs=[1]), step("blind", "d")
    )
    assert (stage.state(run_id), stage.states(run_id)) == ("partial", ["failed", "planned", "planned", "stated"])
    stage.retry(run_id, 1)
    assert (stage.state(run_id), stage.states(run_id)) == ("done", ["verified", "verified", "verified", "stated"])


def test_failed_is_what_changed_nothing(stage: Stage) -> None:
    stage.outside.drift("desk.role", "b", "in")
    stage.outside.meets("desk.role", "a", Fault.REJECTED)
    run_id = stage.done(*THREE[:2])
    assert (stage.state(run_id), stage.states(run_id)) == ("failed", ["failed", "verified"])
    assert not stage.card(run_id).can_undo


def test_given_up_what_was_begun_is_failed_and_the_rest_was_made(stage: Stage) -> None:
    stage.outside.meets("desk.role", "b", Fault.UNAVAILABLE, always=True)
    run_id = stage.done(*THREE)
    assert (stage.state(run_id), stage.states(run_id)) == ("partial", ["verified", "failed", "verified"])
    assert stage.steps(run_id)[1].error == "the outside answers 503"
    assert [(item.job, item.args["step"]) for item in stage.waiting()] == [("run.step", 2)], "one line, and no other"


def test_given_up_before_it_came_to_the_others_they_were_not_tried(stage: Stage) -> None:
    many = [step("desk.role", f"p{number}") for number in range(TRIES + 2)]
    for one in many:
        stage.outside.meets("desk.role", one["target"], Fault.UNAVAILABLE, always=True)
    run_id = stage.done(*many)
    assert (stage.state(run_id), set(stage.states(run_id))) == ("failed", {"failed"})
    errors = [row.error or "" for row in stage.steps(run_id)]
    assert sum(error.startswith("Not tried: the outside answers 503 (tried") for error in errors) == 2
    assert len(stage.waiting()) == len(many)
    assert len(stage.audited("step.failed")) == len(many)


def test_an_answer_that_never_comes_stays_unknown_and_can_be_tried_again(stage: Stage) -> None:
    stage.outside.meets("desk.role", "b", Fault.LOST_BEFORE, always=True)
    run_id = stage.done(*THREE)
    assert (stage.state(run_id), stage.states(run_id)) == ("partial", ["verified", "unknown", "verified"])
    assert stage.told(LEA)[-1].endswith("Not done: desk.role of b (not known).")
    stage.outside.faults.clear()
    stage.retry(run_id, 2)
    assert (stage.state(run_id), stage.states(run_id), stage.waiting()) == ("done", ["verified"] * 3, [])


def test_alone_and_unknown_is_not_taken_for_nothing_changed(stage: Stage) -> None:
    stage.outside.meets("desk.role", "a", Fault.LOST_BEFORE, always=True)
    run_id = stage.done(THREE[0])
    assert (stage.state(run_id), stage.states(run_id)) == ("partial", ["unknown"])


def test_looking_again_that_gives_up_ends_the_run_and_can_be_tried_again(stage: Stage) -> None:
    run_id = stage.ask(*THREE)
    stage.down = TRIES
    stage.confirm(run_id)
    assert (stage.state(run_id), stage.run(run_id).open_key, stage.outside.writes) == ("refused", None, [])
    assert any(f"RUN-{run_id} was not carried out" in text for text in stage.told(LEA))
    (item,) = stage.waiting()
    assert item.job == "run.advance"
    stage.retry_from_queue(item.id)
    fresh = stage.card(stage.newest())
    assert (fresh.state, fresh.replaces, fresh.approvals) == ("proposed", run_id, ()), "nobody's yes is carried over"
    assert (stage.waiting(), stage.outside.writes) == ([], [])


@pytest.mark.parametrize("boundary", ALL)
@pytest.mark.parametrize("passes", [1, 2])
def test_a_death_does_no_harm(stage: Stage, boundary: str, passes: int) -> None:
    run_id = stage.ask(*THREE)
    died = False
    with dying(boundary, passes) as passed:
        try:
            stage.confirm(run_id)
        except Death:
            died = True
    assert died == (passes == 1 or boundary != "run.rested"), passed
    stage.play(twice=True)
    assert (stage.state(run_id), stage.states(run_id)) == ("done", ["verified"] * 3)
    assert sorted(order(stage)) == ["a", "b", "c"]
    assert len(stage.audited("run.done")) == 1
    assert [row.after["step"] for row in stage.audited("step.verified") if row.after] in (
        [1, 2, 3],
        [1, 3, 2],
        [2, 3, 1],
    )


@pytest.mark.parametrize("fault", FAULTS)
def test_a_job_that_is_repeated_after_its_end_does_nothing(stage: Stage, fault: Fault) -> None:
    stage.outside.meets("desk.role", "b", fault, always=True)
    run_id = stage.done(*THREE)
    before, written = len(stage.audited()), len(stage.outside.writes)
    state, states, version = stage.state(run_id), stage.states(run_id), stage.run(run_id).version
    stage.played.clear()
    stage.play(twice=True)
    assert (stage.state(run_id), stage.states(run_id), stage.run(run_id).version) == (state, states, version)
    assert (len(stage.audited()), len(stage.outside.writes)) == (before, written)


def test_no_step_of_a_run_that_has_come_to_rest_is_begun(stage: Stage) -> None:
    stage.outside.meets("desk.role", "a", Fault.REJECTED)
    run_id = stage.done(THREE[0], step("desk.role", "b", needs=[0]), THREE[2])
    made = len(stage.outside.made)
    doing.do(stage.database, run_id, 2, actions(stage.outside), stage.ctx)
    assert (stage.states(run_id)[1], len(stage.outside.made)) == ("planned", made)


def test_an_error_is_kept_in_brief(stage: Stage) -> None:
    run_id = stage.ask(*THREE, kind="once")
    stage.outside.drift("desk.role", "a", "x" * 5_000)
    stage.confirm(run_id)
    row = stage.steps(run_id)[0]
    assert (len(row.error or ""), len(row.found or "")) == (1_000, 1_000)


def test_a_step_this_version_does_not_know_fails_in_words(stage: Stage) -> None:
    run_id = stage.done(step("desk.magic", "a"), THREE[1])
    assert stage.states(run_id) == ["failed", "verified"]
    assert stage.steps(run_id)[0].error == "This version of Handoff knows no step of the kind 'desk.magic'"


def test_a_run_of_a_kind_this_version_does_not_know_waits_in_the_failure_queue(stage: Stage) -> None:
    run_id = stage.ask(*THREE, kind="magic")
    (item,) = stage.waiting()
    assert "knows no run of the kind 'magic'" in item.reason
    assert stage.run(run_id).state == "refused"


def test_two_open_messages_of_a_run_are_never_made(stage: Stage) -> None:
    run_id = stage.done(*THREE)
    stage.clock.move(timedelta(hours=1))
    stage.undo(run_id)
    cards: Sequence[str] = [key for key, row in stage.messages().items() if row.kind == "run.card"]
    assert cards == [f"run/{run_id}", f"run/{stage.newest()}"]
