"""Taking back: in reverse order, read back, only what still is as it was left, and what is said of the rest."""

import pytest

from automations.domain import Actor, Mode
from automations.errors import Refused
from automations.plan import RunState
from automations.runs.approve import cancel
from automations.runs.undo import undo
from tests.automations.runs.outside import Fault
from tests.automations.runs.stage import ADA, ANNA, BEN, BENS, LEA, LEO, Rooms, Stage, order, step

THREE = [step("desk.role", name) for name in ("a", "b", "c")]
ANNAS = "anna@team.example"

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""The rows are those that the other tests of runs change on both databases."""


def undone(stage: Stage, run_id: int, by: Actor = LEA) -> int:
    """Undo it, confirmed by the same person."""
    undo_id = stage.undo(run_id, by)
    stage.confirm(undo_id, by)
    return undo_id


def test_it_is_a_run_of_its_own_in_reverse_order(stage: Stage) -> None:
    run_id = stage.done(*THREE)
    undo_id = stage.undo(run_id, LEO)
    card = stage.card(undo_id)
    assert (card.state, card.undo_of, card.title) == ("proposed", run_id, f"Undo RUN-{run_id}: Change {BENS}")
    assert [(one.words, one.before, one.after) for one in card.steps] == [
        (f"Put {name} back", "in", "out") for name in "cba"
    ]
    assert stage.card(run_id).undone_by == undo_id
    assert (stage.state(run_id), order(stage)) == ("done", ["a", "b", "c"])
    stage.confirm(undo_id, LEO)
    assert order(stage) == ["a", "b", "c", "c", "b", "a"]
    assert (stage.state(undo_id), stage.states(undo_id)) == ("done", ["verified"] * 3)
    assert (stage.state(run_id), stage.states(run_id)) == ("rolled_back", ["rolled_back"] * 3)
    assert [row.actor for row in stage.audited("run.rolled_back")] == ["handoff"]
    assert f"RUN-{run_id} (Change {BENS}) was taken back by RUN-{undo_id}." in stage.told(LEA)
    assert stage.heard == [(run_id, "done"), (run_id, "rolled_back")]


def test_it_needs_as_many_people_as_the_run_did(stage: Stage) -> None:
    run_id = stage.ask(*THREE, approvals=2)
    stage.confirm(run_id, LEO)
    undo_id = stage.undo(run_id, ADA)
    with pytest.raises(Refused, match="You asked for"):
        stage.confirm(undo_id, ADA)
    stage.confirm(undo_id, LEA)
    assert stage.state(run_id) == "rolled_back"


def test_asked_twice_it_is_one(stage: Stage) -> None:
    run_id = stage.done(*THREE)
    undo_id = stage.undo(run_id)
    with pytest.raises(Refused, match=rf"RUN-{undo_id} is open for the same"):
        stage.undo(run_id, LEO)
    stage.confirm(undo_id)
    with pytest.raises(Refused, match=rf"RUN-{run_id} is rolled back; only what was done can be undone"):
        stage.undo(run_id)


def test_an_undo_is_not_undone(stage: Stage) -> None:
    undo_id = undone(stage, stage.done(*THREE))
    with pytest.raises(Refused, match="is an undo itself"):
        stage.undo(undo_id)
    assert not stage.card(undo_id).can_undo


def test_a_cancelled_undo_may_be_asked_for_again(stage: Stage) -> None:
    run_id = stage.done(*THREE)
    undo_id = stage.undo(run_id)
    with stage.database.begin() as session:
        cancel(session, undo_id, LEO, stage.ctx)
    stage.play()
    assert (stage.state(run_id), stage.card(run_id).can_undo) == ("done", True)
    undone(stage, run_id)
    assert stage.state(run_id) == "rolled_back"


@pytest.mark.parametrize(("by", "why"), [(ANNA, "Only a lead"), (BEN, "about you")])
def test_whose_it_is_not(stage: Stage, by: Actor, why: str) -> None:
    run_id = stage.done(*THREE)
    with pytest.raises(Refused, match=why):
        stage.undo(run_id, by)


def test_the_subject_does_not_see_an_undo_in_the_channel(stage: Stage) -> None:
    stage.rooms = Rooms(inside={"U_BEN"})
    run_id = stage.done(*THREE)
    undo_id = stage.undo(run_id)
    assert stage.run(undo_id).private
    assert f"run/{undo_id}" not in stage.messages()


@pytest.mark.parametrize("mode", [Mode.OFF, Mode.SHADOW])
def test_taking_back_works_in_every_mode(stage: Stage, mode: Mode) -> None:
    """It only restores, and whoever switches an automation off wants that most of all. Also its failed steps."""
    run_id = stage.done(*THREE)
    stage.mode(mode)
    stage.outside.meets("desk.role", "b", Fault.REJECTED)
    undo_id = stage.undo(run_id)
    assert stage.card(undo_id).mode == "ask", "no shadow: it is carried out"
    stage.confirm(undo_id)
    assert (stage.state(undo_id), stage.state(run_id)) == ("partial", "done")
    stage.retry(undo_id, 2)
    assert (stage.state(undo_id), stage.state(run_id)) == ("done", "rolled_back")
    assert {stage.outside.value("desk.role", name) for name in "abc"} == {"out"}


def test_an_automation_that_only_restores_works_in_every_mode(stage: Stage) -> None:
    stage.reconfigure(only_restores=True)
    stage.mode(Mode.OFF)
    assert stage.state(stage.done(THREE[0])) == "done"


def test_only_what_was_carried_out_can_be_undone(stage: Stage) -> None:
    run_id = stage.ask(*THREE)
    with pytest.raises(Refused, match="is proposed; only what was done"):
        stage.undo(run_id)


def test_nothing_that_can_be_undone(stage: Stage) -> None:
    run_id = stage.done(step("desk.token", "a", undo=""))
    with pytest.raises(Refused, match=rf"Nothing that RUN-{run_id} did can be undone"):
        stage.undo(run_id)


def test_what_cannot_be_undone_is_named(stage: Stage) -> None:
    run_id = stage.done(step("desk.token", "a", undo=""), THREE[0])
    undo_id = stage.undo(run_id)
    assert stage.card(undo_id).warnings == ("desk.token of a: cannot be undone.",)
    stage.confirm(undo_id)
    assert (stage.state(run_id), stage.states(run_id)) == ("rolled_back", ["verified", "rolled_back"])


def test_what_has_changed_since_is_left_alone_and_named(stage: Stage) -> None:
    run_id = stage.done(*THREE)
    stage.outside.drift("desk.role", "b", "boss")
    undo_id = stage.undo(run_id)
    assert stage.card(undo_id).warnings == ("desk.role of b: it is 'boss' by now, so it is left alone.",)
    stage.confirm(undo_id)
    assert stage.outside.value("desk.role", "b") == "boss"
    assert (stage.state(run_id), stage.states(run_id)) == ("rolled_back", ["rolled_back", "verified", "rolled_back"])


def test_where_everything_has_changed_nothing_is_taken_back(stage: Stage) -> None:
    run_id = stage.done(*THREE)
    for name in "abc":
        stage.outside.drift("desk.role", name, "boss")
    undo_id = stage.undo(run_id)
    assert (stage.state(undo_id), stage.state(run_id), stage.states(run_id)) == ("refused", "done", ["verified"] * 3)
    assert stage.run(undo_id).words.startswith(
        f"Nothing of RUN-{run_id} can be taken back. desk.role of c: it is 'boss'"
    )


def test_what_somebody_took_back_already_is_true(stage: Stage) -> None:
    run_id = stage.done(*THREE[:2])
    stage.outside.drift("desk.role", "b", "out")
    undone(stage, run_id)
    assert (order(stage), stage.state(run_id), stage.states(run_id)) == (
        ["a", "b", "a"],
        "rolled_back",
        ["rolled_back"] * 2,
    )


def test_what_was_only_stated_is_taken_back_as_a_statement(stage: Stage) -> None:
    run_id = stage.done(step("blind", "a"))
    undo_id = undone(stage, run_id)
    assert (stage.states(undo_id), stage.states(run_id)) == (["stated"], ["rolled_back"])


def test_what_was_done_by_hand_is_taken_back_by_hand(stage: Stage) -> None:
    """Also where a reading verified it: the bot could not do it, so it cannot take it back."""
    task = step("desk.role", "a", by_hand="Tick it.", owner=ANNAS, undo="Untick it")
    run_id = stage.done(task)
    stage.outside.drift("desk.role", "a", "in")
    stage.wait(minutes=5)
    assert stage.states(run_id) == ["verified"]
    undo_id = undone(stage, run_id)
    assert (stage.state(undo_id), stage.states(undo_id), stage.outside.made) == ("running", ["waiting"], [])
    assert any(text.endswith("Untick it: Untick it") for text in stage.told(ANNA))
    stage.outside.drift("desk.role", "a", "out")
    stage.wait(minutes=5)
    assert (stage.state(undo_id), stage.state(run_id)) == ("done", "rolled_back")


def test_what_nobody_knows_is_looked_up_and_taken_back_if_it_was_done(stage: Stage) -> None:
    stage.outside.meets("desk.role", "a", Fault.LOST_BEFORE, always=True)
    stage.outside.meets("desk.role", "b", Fault.LOST_BEFORE, always=True)
    run_id = stage.done(*THREE)
    assert stage.states(run_id) == ["unknown", "unknown", "verified"]
    stage.outside.faults.clear()
    stage.outside.drift("desk.role", "a", "in")
    undone(stage, run_id)
    assert stage.state(run_id) == "rolled_back"
    assert {stage.outside.value("desk.role", name) for name in "abc"} == {"out"}
    assert stage.states(run_id) == ["rolled_back"] * 3


def test_what_nobody_knows_and_nothing_reads_is_left_alone_and_named(stage: Stage) -> None:
    stage.outside.meets("blind", "x", Fault.LOST_BEFORE, always=True)
    run_id = stage.done(step("blind", "x"), THREE[0])
    undo_id = stage.undo(run_id)
    assert stage.card(undo_id).warnings == ("blind of x: nobody knows whether it was done, so it is left alone.",)


def test_what_still_waited_is_of_no_use_once_it_is_taken_back(stage: Stage) -> None:
    stage.outside.meets("desk.role", "b", Fault.REJECTED)
    task = step("desk.role", "x", by_hand="Tick it.", owner=ANNAS, undo="")
    run_id = stage.done(THREE[0], THREE[1], step("desk.role", "c", needs=[1]), task)
    assert (stage.state(run_id), stage.states(run_id)) == ("partial", ["verified", "failed", "planned", "waiting"])
    undone(stage, run_id)
    assert stage.states(run_id) == ["rolled_back", "failed", "skipped", "skipped"]
    assert stage.waiting() == []
    told = len(stage.told(ANNA))
    stage.wait(days=3)
    assert len(stage.told(ANNA)) == told
    with pytest.raises(Refused, match="nothing to try again"):
        stage.retry(run_id, 2)
    assert stage.states(run_id)[1] == "failed"


def test_while_it_is_taken_back_nothing_of_it_is_tried_again(stage: Stage) -> None:
    stage.outside.meets("desk.role", "b", Fault.REJECTED)
    run_id = stage.done(*THREE)
    stage.outside.meets("desk.role", "a", Fault.REJECTED)
    undo_id = undone(stage, run_id)
    assert (stage.state(undo_id), stage.states(run_id)) == ("partial", ["verified", "failed", "rolled_back"])
    with pytest.raises(Refused, match=rf"RUN-{undo_id} takes RUN-{run_id} back"):
        stage.retry(run_id, 2)


def test_a_run_that_was_tried_again_meanwhile_is_not_taken_back(stage: Stage) -> None:
    stage.outside.meets("desk.role", "b", Fault.REJECTED)
    run_id = stage.done(*THREE)
    undo_id = stage.undo(run_id)
    stage.retry(run_id, 2)
    stage.confirm(undo_id)
    assert (stage.state(undo_id), stage.state(run_id)) == ("replaced", "done"), "there is one step more to take back"
    fresh = stage.newest()
    assert (stage.run(fresh).undo_of, stage.state(fresh), len(stage.steps(fresh))) == (run_id, "proposed", 3)
    stage.confirm(fresh)
    assert stage.state(run_id) == "rolled_back"


def test_an_undo_that_changed_nothing_may_be_asked_for_again(stage: Stage) -> None:
    run_id = stage.done(THREE[0])
    stage.outside.meets("desk.role", "a", Fault.REJECTED)
    undo_id = undone(stage, run_id)
    assert (stage.state(undo_id), stage.state(run_id), stage.states(run_id)) == ("failed", "done", ["verified"])
    assert [item.target for item in stage.waiting()] == [f"RUN-{undo_id} step 1"]
    again = undone(stage, run_id)
    assert (stage.state(again), stage.state(run_id)) == ("done", "rolled_back")
    assert stage.waiting() == [], "what waited of the first one is done by the second"
    with pytest.raises(Refused, match=rf"RUN-{again} has changed a since RUN-{undo_id} was confirmed"):
        stage.retry(undo_id, 1)


def test_the_words_of_who_asks_say_where_it_comes(stage: Stage) -> None:
    run_id = stage.done(*THREE)
    with stage.database.begin() as session:
        said = undo(session, run_id, LEA, stage.ctx)
    assert said == f"RUN-{stage.newest()}: the undo of RUN-{run_id} is being planned; its card comes to the same place."


def test_a_step_of_many_parts_that_failed_is_taken_back_too(stage: Stage) -> None:
    stage.outside.meets("desk.group", "a", Fault.IGNORED)
    whole = stage.done(step("desk.group", "a"))
    assert stage.run(whole).state == RunState.FAILED
    stage.outside.meets("desk.group", "a", Fault.IGNORED)
    parts = stage.done(step("desk.group", "a"), kind="parts")
    assert stage.run(parts).state == RunState.PARTIAL
    stage.outside.drift("desk.group", "a", "in")  # some of it had been made true
    undoing = stage.undo(parts)
    stage.confirm(undoing)
    assert stage.outside.value("desk.group", "a") == "out"
    assert stage.run(parts).state == RunState.ROLLED_BACK
