"""People's yes and no: by whom, to what, how often, until when."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from automations.domain import Actor, Mode, Role
from automations.errors import NotFound, Refused
from automations.runs import approve
from automations.runs.ask import ask
from storage.models import Run
from tests.automations.runs.stage import ADA, ANNA, BEN, BENS, LEA, LEO, Stage, step

CHANGE = step("desk.role", BENS)


def cancel(stage: Stage, run_id: int, by: Actor) -> str:
    with stage.database.begin() as session:
        said = approve.cancel(session, run_id, by, stage.ctx)
    stage.play()
    return said


def want_review(stage: Stage, run_id: int) -> None:
    with stage.database.begin() as session:
        session.get_one(Run, run_id).review = "wanted"


def review(stage: Stage, run_id: int, by: Actor) -> str:
    with stage.database.begin() as session:
        return approve.review(session, run_id, by, stage.ctx)


def test_one_yes_of_who_asked_is_enough_where_one_is(stage: Stage) -> None:
    run_id = stage.ask(CHANGE)
    assert stage.confirm(run_id, LEA) == f"RUN-{run_id}: confirmed. It is carried out now."
    assert (stage.state(run_id), stage.states(run_id)) == ("done", ["verified"])
    (yes,) = stage.audited("plan.approved")
    assert yes.after == {"by": ["lea@team.example"], "digest": stage.run(run_id).digest}
    assert f"RUN-{run_id} is done: Change {BENS}." in stage.told(LEA)


def test_two_are_who_asked_and_somebody_else(stage: Stage) -> None:
    run_id = stage.ask(CHANGE, approvals=2)
    with pytest.raises(Refused, match=rf"You asked for RUN-{run_id}; a second person has to confirm it"):
        stage.confirm(run_id, LEA)
    assert stage.state(run_id) == "proposed"
    stage.confirm(run_id, LEO)
    assert stage.state(run_id) == "done"
    assert [one.by.name for one in stage.card(run_id).approvals] == ["Lea Lind", "Leo Lahm"]


def test_three_are_told_how_many_there_are(stage: Stage) -> None:
    run_id = stage.ask(CHANGE, approvals=3)
    said = stage.confirm(run_id, LEO)
    assert said == f"RUN-{run_id}: your yes counts, 2 of 3. Another person has to confirm it too."
    assert stage.lines(f"run/{run_id}") == ["Leo Lahm confirmed: 2 of 3."]
    with pytest.raises(Refused, match="You have confirmed"):
        stage.confirm(run_id, LEO)
    stage.confirm(run_id, ADA)
    assert stage.state(run_id) == "done"


def test_a_double_click_is_one_yes_and_names_who_decided(stage: Stage) -> None:
    run_id = stage.ask(CHANGE)
    stage.confirm(run_id, LEA)
    for again in (LEA, LEO):
        with pytest.raises(Refused, match=rf"RUN-{run_id} was confirmed by Lea Lind at 03:14 already; it is done\."):
            stage.confirm(run_id, again)
    assert len(stage.audited("plan.approval")) == 1
    assert len(stage.outside.writes) == 1


def test_the_second_clicker_is_told_before_it_began_too(stage: Stage) -> None:
    run_id = stage.ask(CHANGE)
    digest = stage.run(run_id).digest
    with stage.database.begin() as session:
        approve.approve(session, run_id, digest, LEA, stage.ctx)
    with pytest.raises(Refused, match="confirmed by Lea Lind at 03:14 already; it is carried out now"):
        stage.confirm(run_id, LEO)


@pytest.mark.parametrize(
    ("by", "why"),
    [
        (BEN, "about you"),
        (ANNA, "Only a lead"),
        (Actor("U_X", "Xi", "xi@team.example"), "Only a lead"),
        (Actor("U_KIM", "Kim", None, Role.LEAD), "about you"),
    ],
)
def test_whose_it_is_not_may_neither_confirm_nor_cancel(stage: Stage, by: Actor, why: str) -> None:
    """The last one is known by the Slack user that was named alone."""
    run_id = stage.ask(CHANGE, kind="leave", slack="U_KIM")
    for act in (stage.confirm, lambda run_id, by: cancel(stage, run_id, by)):
        with pytest.raises(Refused, match=why):
            act(run_id, by)
    assert (stage.state(run_id), stage.outside.writes) == ("proposed", [])


@pytest.mark.parametrize("digest", ["", "0123456789abcdef"])
def test_a_yes_to_another_plan_is_none(stage: Stage, digest: str) -> None:
    run_id = stage.ask(CHANGE)
    with pytest.raises(Refused, match="plan has changed since this message was made"):
        stage.confirm(run_id, digest=digest)
    assert stage.outside.writes == []


def test_a_yes_comes_too_late_even_before_the_clock_ends_it(stage: Stage) -> None:
    run_id = stage.ask(CHANGE)
    stage.clock.move(timedelta(hours=8))
    with pytest.raises(Refused, match=r"ended at 11:14 without being confirmed\. Ask again"):
        stage.confirm(run_id)
    stage.tick()
    with pytest.raises(Refused, match=rf"RUN-{run_id} is expired by Handoff"):
        stage.confirm(run_id)


def test_what_was_cancelled_cannot_be_confirmed(stage: Stage) -> None:
    run_id = stage.ask(CHANGE)
    assert cancel(stage, run_id, LEO) == f"RUN-{run_id} is cancelled. Nothing was changed."
    with pytest.raises(Refused, match=rf"RUN-{run_id} is cancelled by Leo Lahm at 03:14\. Nothing was changed by you"):
        stage.confirm(run_id)
    assert stage.told(LEA) == [f"Leo Lahm cancelled RUN-{run_id} (Change {BENS}). Nothing was changed."]
    assert stage.heard == [(run_id, "cancelled")]
    assert (stage.run(run_id).open_key, stage.outside.writes) == (None, [])


def test_what_is_confirmed_cannot_be_cancelled(stage: Stage) -> None:
    run_id = stage.done(CHANGE)
    with pytest.raises(Refused, match="confirmed by Lea Lind"):
        cancel(stage, run_id, LEO)


def test_a_yes_that_was_withdrawn_does_not_count_any_more(stage: Stage) -> None:
    run_id = stage.ask(CHANGE, approvals=2)
    stage.block("lea@team.example")
    stage.confirm(run_id, LEO)
    assert stage.state(run_id) == "proposed"
    with pytest.raises(Refused, match="taken away"):
        stage.confirm(run_id, LEA)
    stage.confirm(run_id, ADA)
    assert stage.state(run_id) == "done"
    assert {one.by.name for one in stage.card(run_id).approvals} == {"Leo Lahm", "Ada Aas"}


def test_a_yes_withdrawn_before_the_first_step_stops_the_run(stage: Stage) -> None:
    run_id = stage.ask(CHANGE)
    with stage.database.begin() as session:
        approve.approve(session, run_id, session.get_one(Run, run_id).digest, LEO, stage.ctx)
    stage.block("leo@team.example")
    stage.play()
    assert (stage.state(run_id), stage.outside.writes) == ("replaced", [])
    fresh = stage.card(stage.newest())
    assert (fresh.state, fresh.replaces, fresh.approvals) == ("proposed", run_id, ())


def test_who_lost_the_role_may_not_confirm(stage: Stage) -> None:
    run_id = stage.ask(CHANGE)
    with pytest.raises(Refused, match="Only a lead"):
        stage.confirm(run_id, Actor(LEO.id, LEO.name, LEO.email, Role.AGENT))


def test_nothing_is_confirmed_while_it_is_off(stage: Stage) -> None:
    run_id = stage.ask(CHANGE)
    stage.mode(Mode.OFF)
    with pytest.raises(Refused, match="Access is switched off"):
        stage.confirm(run_id)
    assert stage.state(run_id) == "proposed"


def test_a_plan_that_is_not_there_yet_cannot_be_confirmed(stage: Stage) -> None:
    stage.down = 1_000
    with stage.database.begin() as session:
        run_id = ask(session, "change", BENS, {}, LEA, stage.ctx).id
    with pytest.raises(Refused, match="still being planned"):
        stage.confirm(run_id, digest="")


@pytest.mark.parametrize("act", [approve.cancel, approve.review], ids=["cancel", "review"])
def test_a_run_that_is_not_there(stage: Stage, act: Callable[..., str]) -> None:
    with pytest.raises(NotFound, match="There is no RUN-9"), stage.database.begin() as session:
        act(session, 9, LEA, stage.ctx)


def test_a_second_person_reviews_what_one_decided_alone(stage: Stage) -> None:
    run_id = stage.ask(CHANGE)
    with pytest.raises(Refused, match="waits for no review"):
        review(stage, run_id, LEO)
    want_review(stage, run_id)
    stage.confirm(run_id, ADA)
    for decided in (LEA, ADA):
        with pytest.raises(Refused, match="a second person has to look"):
            review(stage, run_id, decided)
    with pytest.raises(Refused, match="about you"):
        review(stage, run_id, BEN)
    assert review(stage, run_id, LEO) == f"RUN-{run_id}: reviewed by you."
    card = stage.card(run_id)
    assert card.reviewed_by is not None
    assert (card.review, card.reviewed_by.name, card.state) == ("done", "Leo Lahm", "done")
    assert [row.actor for row in stage.audited("run.reviewed")] == ["leo@team.example"]
    with pytest.raises(Refused, match="waits for no review"):
        review(stage, run_id, Actor("U_NEW", "New", "new@team.example", Role.LEAD))
