"""What people do about single steps: again, by hand, another invitation; and the failure queue that follows."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from automations.domain import Actor, Mode
from automations.errors import NotFound, Refused, Rejected
from automations.plan import Step
from automations.runs import retry
from automations.runs.kinds import Action
from storage.models import Run, RunStep
from tests.automations.runs import outside
from tests.automations.runs.outside import Fault
from tests.automations.runs.stage import ANNA, BEN, BENS, LEA, LEO, Death, Stage, dying, step

ANNAS = "anna@team.example"
BY_HAND = step("desk.role", "a", by_hand="Open the page and tick it.", owner=ANNAS, undo="Untick it")
UNREAD = step("blind", "a", after="", before="", by_hand="Tell them.", owner=ANNAS, undo="")
INVITED = step("invite", BENS, after="accepted", before="out", waits=True, undo="")


def by_hand(stage: Stage, run_id: int, number: int, by: Actor) -> str:
    with stage.database.begin() as session:
        said = retry.done_by_hand(session, run_id, number, by, stage.ctx)
    stage.play()
    return said


def again(stage: Stage, run_id: int, number: int, by: Actor = LEA) -> str:
    with stage.database.begin() as session:
        said = retry.invite_again(session, run_id, number, by, stage.ctx)
    stage.play()
    return said


def failing(stage: Stage, fault: Fault = Fault.REJECTED) -> int:
    stage.outside.meets("desk.role", "a", fault)
    return stage.done(step("desk.role", "a"), step("desk.role", "b"))


def test_a_retry_makes_the_step_and_settles_its_line(stage: Stage) -> None:
    run_id = failing(stage)
    assert stage.retry(run_id, 1) == f"RUN-{run_id}, step 1: it is tried again now."
    assert (stage.state(run_id), stage.states(run_id), stage.waiting()) == ("done", ["verified"] * 2, [])
    (row,) = stage.audited("stuck.retry")
    assert (row.actor, row.target) == ("lea@team.example", f"RUN-{run_id} step 1")
    assert [row.actor for row in stage.audited("step.retry")] == ["lea@team.example"]
    assert [text.split(":")[0] for text in stage.told(LEA)] == [f"RUN-{run_id} is partial", f"RUN-{run_id} is done"]
    assert stage.run(run_id).settled_by == "handoff"


def test_a_retry_that_fails_is_one_try_and_one_line(stage: Stage) -> None:
    run_id = failing(stage)
    stage.outside.meets("desk.role", "a", Fault.REJECTED, always=True)
    stage.outside.made.clear()
    stage.retry(run_id, 1)
    assert stage.outside.made == [("desk.role", "a")], "it is tried once for each time that somebody asks"
    assert (stage.state(run_id), stage.states(run_id)) == ("partial", ["failed", "verified"])
    assert [item.target for item in stage.waiting()] == [f"RUN-{run_id} step 1"]


def test_a_retry_from_the_failure_queue_is_the_same(stage: Stage) -> None:
    run_id = failing(stage)
    stage.outside.meets("desk.role", "a", Fault.REJECTED)
    stage.outside.made.clear()
    stage.retry_from_queue(stage.waiting()[0].id)
    assert (stage.outside.made, stage.state(run_id)) == ([("desk.role", "a")], "partial")
    stage.retry_from_queue(stage.waiting()[0].id)
    assert (stage.state(run_id), stage.waiting()) == ("done", [])


def test_a_retry_whose_job_gives_up_fails_its_step_alone(stage: Stage) -> None:
    run_id = failing(stage)
    stage.outside.meets("desk.role", "a", Fault.UNAVAILABLE, always=True)
    stage.retry(run_id, 1)
    assert (stage.state(run_id), stage.states(run_id)) == ("partial", ["failed", "verified"])
    (item,) = stage.waiting()
    assert (item.job, item.target) == ("run.step", f"RUN-{run_id} step 1")
    stage.retry(run_id, 1)
    assert len(stage.waiting()) == 1
    stage.outside.faults.clear()
    stage.retry(run_id, 1)
    assert (stage.state(run_id), stage.waiting()) == ("done", [])


@pytest.mark.parametrize("boundary", ["step.begun", "step.called", "step.ended", "run.rested"])
def test_a_death_in_a_retry_does_no_harm(stage: Stage, boundary: str) -> None:
    run_id = failing(stage)
    with dying(boundary), pytest.raises(Death):
        stage.retry(run_id, 1)
    stage.play(twice=True)
    assert (stage.state(run_id), stage.waiting()) == ("done", [])
    assert len([write for write in stage.outside.writes if write.target == "a"]) == 1


def test_who_may_not_decide_may_not_retry(stage: Stage) -> None:
    run_id = failing(stage)
    for by, why in ((ANNA, "Only a lead"), (BEN, "about you")):
        with pytest.raises(Refused, match=why):
            stage.retry(run_id, 1, by)
    assert stage.states(run_id) == ["failed", "verified"]


def test_what_is_not_failed_is_not_tried_again(stage: Stage) -> None:
    run_id = failing(stage)
    with pytest.raises(Refused, match=rf"Step 2 of RUN-{run_id} is verified; there is nothing to try again"):
        stage.retry(run_id, 2)
    with pytest.raises(NotFound, match=rf"RUN-{run_id} has no step 3"):
        stage.retry(run_id, 3)
    stage.retry(run_id, 1)
    with pytest.raises(Refused, match="nothing to try again"):
        stage.retry(run_id, 1)


def test_an_unclear_step_is_looked_up_while_the_run_is_carried_out(stage: Stage) -> None:
    run_id = failing(stage, Fault.LOST_BEFORE)
    with stage.database.begin() as session:
        session.execute(update(RunStep).where(RunStep.number == 1).values(state="unknown"))
        session.execute(update(Run).values(state="running"))
    with pytest.raises(Refused, match="being looked up already"):
        stage.retry(run_id, 1)


@pytest.mark.parametrize("mode", [Mode.OFF, Mode.SHADOW])
def test_switched_off_nothing_is_tried_again(stage: Stage, mode: Mode) -> None:
    run_id = failing(stage)
    stage.mode(mode)
    with pytest.raises(Refused, match="Access is switched off"):
        stage.retry(run_id, 1)
    made = len(stage.outside.made)
    stage.retry_from_queue(stage.waiting()[0].id)
    assert (stage.states(run_id), len(stage.outside.made)) == (["failed", "verified"], made)
    assert [item.reason for item in stage.waiting()] == [
        "Access is switched off, so nothing is applied. Nothing was changed."
    ]
    stage.mode(Mode.ASK)
    stage.retry_from_queue(stage.waiting()[0].id)
    assert (stage.state(run_id), stage.waiting()) == ("done", [])


def test_a_run_that_is_carried_out_again_is_open_again(stage: Stage) -> None:
    run_id = failing(stage)
    assert stage.run(run_id).open_key is None
    stage.outside.meets("desk.role", "a", Fault.UNAVAILABLE)
    with stage.database.begin() as session:
        retry.retry_step(session, run_id, 1, LEA, stage.ctx)
    assert stage.run(run_id).open_key == f"change/{BENS}"
    with pytest.raises(Refused, match=rf"RUN-{run_id} is open for the same"):
        stage.ask(step("desk.role", "a"))
    stage.play()
    assert (stage.state(run_id), stage.run(run_id).open_key) == ("done", None)


def test_what_was_asked_for_anew_since_is_not_carried_out_again(stage: Stage) -> None:
    run_id = failing(stage)
    other = stage.ask(step("desk.role", "a"))
    with pytest.raises(Refused, match=rf"RUN-{other} is open for the same"):
        stage.retry(run_id, 1)
    assert stage.states(run_id) == ["failed", "verified"]


def test_what_another_run_has_changed_since_is_not_made_as_it_was_planned(stage: Stage) -> None:
    """Else a retry would bring somebody into a group who was offboarded after it had failed."""
    run_id = failing(stage)
    stage.clock.move(timedelta(days=1))
    other = stage.done(step("desk.token", "a", "revoked"), kind="leave")
    with pytest.raises(Refused, match=rf"RUN-{other} has changed a since RUN-{run_id} was confirmed"):
        stage.retry(run_id, 1)
    stage.retry_from_queue(stage.waiting()[0].id)
    assert (stage.states(run_id)[0], stage.outside.value("desk.role", "a")) == ("failed", "out")
    assert stage.waiting()[0].reason.startswith(f"RUN-{other} has changed a")


def test_a_task_by_hand_is_its_owners_and_checked_by_reading(stage: Stage) -> None:
    run_id = stage.done(BY_HAND)
    assert (stage.state(run_id), stage.states(run_id), stage.outside.made) == ("running", ["waiting"], [])
    assert stage.told(ANNA) == [
        f"RUN-{run_id}, Change {BENS}: this is yours to do by hand. desk.role of a: Open the page and tick it."
    ]
    assert by_hand(stage, run_id, 1, ANNA) == f"RUN-{run_id}, step 1: thank you. It is checked now."
    (row,) = stage.steps(run_id)
    assert (row.state, row.found, row.error) == ("waiting", "out", "Anna Berg says it is done, but it still is 'out'")
    stage.outside.drift("desk.role", "a", "in")
    stage.clock.move(timedelta(minutes=1))
    by_hand(stage, run_id, 1, ANNA)
    (row,) = stage.steps(run_id)
    assert (row.state, row.found, row.stated_by, row.error) == ("verified", "in", ANNAS, None)
    assert stage.state(run_id) == "done"
    assert [one.actor for one in stage.audited("step.stated")] == [ANNAS, ANNAS]


def test_a_task_that_nothing_reads_is_stated_by_a_person_and_never_green(stage: Stage) -> None:
    run_id = stage.done(UNREAD)
    assert by_hand(stage, run_id, 1, ANNA).endswith("Nothing can check it, so it is shown as stated by you.")
    (line,) = stage.card(run_id).steps
    assert line.stated_by is not None
    assert (line.state, line.stated_by.name, stage.state(run_id)) == ("by_hand", "Anna Berg", "done")


def test_a_task_that_cannot_be_looked_at_goes_on_waiting(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    run_id = stage.done(BY_HAND)

    def look(_self: Action, _step: Step) -> str:
        raise Rejected("the outside answers 404", system="outside")

    monkeypatch.setattr(outside.Thing, "look", look)
    by_hand(stage, run_id, 1, ANNA)
    (row,) = stage.steps(run_id)
    assert row.error == "Anna Berg says it is done, but it could not be looked at: the outside answers 404"
    assert (row.state, stage.state(run_id)) == ("waiting", "running")


def test_whose_task_it_is_not(stage: Stage) -> None:
    run_id = stage.done({**BY_HAND, "owner": BENS})
    for by, why in (
        (ANNA, "Only a lead"),
        (BEN, "not yours"),
        (Actor("U_BEN", "Ben", BENS), "not yours"),
    ):
        with pytest.raises(Refused, match=why):
            by_hand(stage, run_id, 1, by)
    by_hand(stage, run_id, 1, LEO)
    assert stage.audited("step.stated")[0].actor == "leo@team.example"


def test_an_owner_who_was_blocked_states_nothing(stage: Stage) -> None:
    run_id = stage.done(UNREAD)
    stage.block(ANNAS)
    with pytest.raises(Refused, match="not yours"):
        by_hand(stage, run_id, 1, ANNA)


def test_an_owner_without_slack_is_named_in_the_thread(stage: Stage) -> None:
    run_id = stage.done({**BY_HAND, "owner": "kim@team.example"})
    assert stage.lines(f"run/{run_id}") == ["desk.role of a, by hand, for Kim: Open the page and tick it."]
    stage.wait(days=1)
    assert len(stage.lines(f"run/{run_id}")) == 2


def test_nobodys_hand_is_waited_for(stage: Stage) -> None:
    run_id = stage.done(step("desk.role", "a"), INVITED)
    for number, state in ((1, "verified"), (2, "waiting")):
        with pytest.raises(Refused, match=rf"is {state}; it waits for nobody's hand"):
            by_hand(stage, run_id, number, LEO)


def test_an_invitation_is_waited_for_and_found_accepted(stage: Stage) -> None:
    run_id = stage.done(INVITED, step("desk.role", "b", needs=[0]))
    assert (stage.state(run_id), stage.states(run_id)) == ("running", ["waiting", "planned"])
    assert stage.outside.made == []
    stage.wait(minutes=5)
    assert stage.states(run_id) == ["waiting", "planned"]
    stage.outside.drift("invite", BENS, "accepted")
    stage.wait(minutes=5)
    assert (stage.state(run_id), stage.states(run_id)) == ("done", ["verified", "verified"])


def test_an_invitation_that_nobody_accepts_is_spoken_of_then_fails_and_is_sent_again(stage: Stage) -> None:
    run_id = stage.done(INVITED, step("desk.role", "b"))
    for day in range(1, 7):
        stage.wait(days=1)
        assert len([text for text in stage.told(LEA) if "is not so yet" in text]) == day
    stage.wait(days=1)
    assert (stage.state(run_id), stage.states(run_id)) == ("partial", ["failed", "verified"])
    assert stage.steps(run_id)[0].error == "Not so within 7 days; it still was 'out' at the last look"
    (item,) = stage.waiting()
    assert item.target == f"RUN-{run_id} step 1"
    assert again(stage, run_id, 1) == f"RUN-{run_id}: the invitation is sent again now."
    assert stage.outside.made == [("invite", BENS), ("desk.role", "b")][::-1]
    assert (stage.state(run_id), stage.states(run_id), stage.waiting()) == ("running", ["waiting", "verified"], [])
    assert stage.steps(run_id)[0].due_at == stage.clock.now() + timedelta(days=7)
    stage.outside.drift("invite", BENS, "accepted")
    stage.wait(minutes=5)
    assert stage.state(run_id) == "done"


def test_two_clicks_on_send_again_are_one_letter(stage: Stage) -> None:
    run_id = stage.done(INVITED)
    with stage.database.begin() as session:
        for _ in range(2):
            retry.invite_again(session, run_id, 1, LEA, stage.ctx)
    stage.play()
    assert stage.outside.made == [("invite", BENS)]
    stage.clock.move(timedelta(minutes=1))
    again(stage, run_id, 1)
    assert stage.outside.made == [("invite", BENS)] * 2
    assert len(stage.audited("invitation.sent")) == 2


def test_a_letter_that_is_refused_says_so_and_waits_in_the_queue(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    run_id = stage.done(INVITED)

    def make(_self: Action, _step: Step, _value: str, *, key: str) -> None:
        raise Rejected("the mailbox does not exist", system="outside")

    monkeypatch.setattr(outside.Thing, "make", make)
    again(stage, run_id, 1)
    (row,) = stage.steps(run_id)
    assert (row.state, row.error) == ("waiting", "The invitation was not sent again: the mailbox does not exist")
    assert [(item.job, item.reason) for item in stage.waiting()] == [("run.invite", "the mailbox does not exist")]


def test_no_letter_where_none_waits_or_it_is_off(stage: Stage) -> None:
    run_id = stage.done(step("desk.role", "b"), INVITED)
    with pytest.raises(Refused, match="is verified; no invitation waits there"):
        again(stage, run_id, 1)
    with pytest.raises(Refused, match="about you"):
        again(stage, run_id, 2, BEN)
    stage.mode(Mode.OFF)
    with pytest.raises(Refused, match="switched off"):
        again(stage, run_id, 2)


def test_waiting_and_failed_is_partial_and_the_waiting_one_still_comes_true(stage: Stage) -> None:
    stage.outside.meets("desk.role", "a", Fault.REJECTED)
    run_id = stage.done(INVITED, step("desk.role", "a"))
    assert (stage.state(run_id), stage.states(run_id)) == ("partial", ["waiting", "failed"])
    stage.outside.drift("invite", BENS, "accepted")
    stage.wait(minutes=5)
    assert (stage.state(run_id), stage.states(run_id)) == ("partial", ["verified", "failed"])
    stage.retry(run_id, 2)
    assert stage.state(run_id) == "done"


def test_what_needs_a_step_that_waited_is_made_in_a_partial_run_too(stage: Stage) -> None:
    stage.outside.meets("desk.role", "a", Fault.REJECTED)
    run_id = stage.done(INVITED, step("desk.role", "b", needs=[0]), step("desk.role", "a"))
    assert (stage.state(run_id), stage.states(run_id)) == ("partial", ["waiting", "planned", "failed"])
    stage.outside.drift("invite", BENS, "accepted")
    stage.wait(minutes=5)
    assert (stage.state(run_id), stage.states(run_id)) == ("partial", ["verified", "verified", "failed"])
    assert len(stage.audited("run.went_on")) == 1


def test_a_partial_run_that_is_switched_off_does_not_go_on_by_itself(stage: Stage) -> None:
    stage.outside.meets("desk.role", "a", Fault.REJECTED)
    run_id = stage.done(INVITED, step("desk.role", "b", needs=[0]), step("desk.role", "a"))
    stage.mode(Mode.OFF)
    stage.outside.drift("invite", BENS, "accepted")
    stage.wait(minutes=5)
    assert (stage.state(run_id), stage.states(run_id)) == ("partial", ["verified", "planned", "failed"])


def test_a_step_that_waits_again_after_a_retry_ends_its_run(stage: Stage) -> None:
    run_id = stage.done(INVITED)
    stage.wait(days=7)
    assert (stage.state(run_id), stage.states(run_id)) == ("failed", ["failed"])
    stage.retry(run_id, 1)
    assert (stage.state(run_id), stage.states(run_id)) == ("running", ["waiting"])
    stage.outside.drift("invite", BENS, "accepted")
    stage.wait(minutes=5)
    assert (stage.state(run_id), stage.states(run_id)) == ("done", ["verified"])


def test_what_waits_in_a_partial_run_and_fails_has_its_line_too(stage: Stage) -> None:
    stage.outside.meets("desk.role", "a", Fault.REJECTED)
    run_id = stage.done(INVITED, step("desk.role", "a"))
    stage.wait(days=7)
    assert (stage.state(run_id), stage.states(run_id)) == ("partial", ["failed", "failed"])
    assert sorted(item.target for item in stage.waiting()) == [f"RUN-{run_id} step 1", f"RUN-{run_id} step 2"]


def test_what_waits_and_cannot_be_looked_at_any_more_fails(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    run_id = stage.done(INVITED)

    def look(_self: Action, _step: Step) -> str:
        raise NotFound("There is no such invitation.")

    monkeypatch.setattr(outside.Thing, "look", look)
    stage.wait(minutes=5)
    assert (stage.state(run_id), stage.states(run_id)) == ("failed", ["failed"])
    assert stage.steps(run_id)[0].error == "There is no such invitation."


def test_a_death_after_the_look_does_not_leave_the_run_running(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    run_id = stage.done(INVITED)
    stage.outside.drift("invite", BENS, "accepted")
    stage.runner.look(run_id, 1)
    assert (stage.states(run_id), stage.state(run_id)) == (["verified"], "running")
    stage.play()
    assert stage.state(run_id) == "done", "what is next was asked for in the transaction of the look"


def test_an_equal_look_changes_nothing_and_another_is_kept(stage: Stage) -> None:
    run_id = stage.done(INVITED)
    version = stage.run(run_id).version
    stage.runner.look(run_id, 1)
    assert stage.run(run_id).version == version
    stage.outside.drift("invite", BENS, "opened")
    stage.runner.look(run_id, 1)
    assert (stage.steps(run_id)[0].found, stage.run(run_id).version) == ("opened", version + 1)
