"""From what was asked to a plan that people see: refused, nothing to do, shadow, who gets the card, what is kept."""

from dataclasses import replace

import pytest

from automations.domain import Actor, Mode
from automations.errors import Refused
from automations.people import Roster
from automations.runs.approve import cancel
from automations.runs.ask import ask
from automations.runs.propose import APPROVED_BY, DIGEST
from tests.automations.runs.outside import SECRET
from tests.automations.runs.stage import ADA, BEN, BENS, LEA, LEO, Death, Rooms, Stage, dying, step

CHANGE = step("desk.role", BENS)

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""The rows are those that the other tests of runs change on both databases."""


def test_a_plan_is_shown_with_its_steps_and_nothing_is_applied(stage: Stage) -> None:
    run_id = stage.ask(CHANGE, step("desk.group", "billing", needs=[0]), facts=[["Seats", "2 left"]])
    card = stage.card(run_id)
    assert (card.state, card.title, card.needed, card.facts) == (
        "proposed",
        f"Change {BENS}",
        1,
        (("Seats", "2 left"),),
    )
    assert [(one.number, one.state, one.before, one.after) for one in card.steps] == [
        (1, "planned", "out", "in"),
        (2, "planned", "out", "in"),
    ]
    assert card.steps[1].needs == (1,)
    assert stage.outside.writes == []
    assert {key: (row.kind, row.channel) for key, row in stage.messages().items()} == {
        f"run/{run_id}": ("run.card", "C_ACCESS")
    }
    (row,) = stage.audited("plan.proposed")
    assert row.after is not None
    assert row.after["digest"] == card.digest
    assert row.after["steps"][0] == f"desk.role {BENS}: out -> in"
    assert stage.proposed == [run_id]


def test_what_is_true_already_is_verified_by_that_reading(stage: Stage) -> None:
    stage.outside.drift("desk.role", BENS, "in")
    run_id = stage.ask(CHANGE, step("desk.group", "billing"))
    assert stage.states(run_id) == ["verified", "planned"]
    assert stage.steps(run_id)[0].found == "in"
    assert stage.card(run_id).steps[0].already


def test_nothing_to_do_ends_at_once(stage: Stage) -> None:
    stage.outside.drift("desk.role", BENS, "in")
    run_id = stage.ask(CHANGE)
    assert (stage.state(run_id), stage.states(run_id)) == ("done", ["verified"])
    assert stage.run(run_id).words == "Nothing to change: everything is as it should be."
    assert stage.heard == [(run_id, "done")]
    assert stage.run(run_id).open_key is None


def test_what_cannot_be_planned_says_why_and_has_no_card(stage: Stage) -> None:
    run_id = stage.ask(refuse=f"The role boss is not known; there are agent and admin. password={SECRET}")
    run = stage.run(run_id)
    assert (run.state, run.open_key) == ("refused", None)
    (told,) = stage.told(LEA)
    assert told.startswith(f"RUN-{run_id} was not planned. The role boss is not known; there are agent and admin.")
    assert SECRET not in f"{run.words}{told}{stage.audited('plan.refused')[0].after}"
    assert [row.kind for row in stage.messages().values()] == ["access.told"]
    assert stage.heard == [(run_id, "refused")]


def test_in_shadow_it_shows_what_it_would_do_and_ends(stage: Stage) -> None:
    stage.mode(Mode.SHADOW)
    run_id = stage.ask(CHANGE, approvals=2)
    assert (stage.state(run_id), stage.run(run_id).words) == ("cancelled", "Shadow mode: this shows what it would do.")
    assert stage.card(run_id).mode == "shadow"
    assert f"run/{run_id}" in stage.messages()
    assert stage.audited("plan.approval") == []
    assert stage.outside.writes == []


@pytest.mark.parametrize("rooms", [Rooms(inside={"U_BEN"}), Rooms(down=True)], ids=["inside", "slack is down"])
def test_a_card_its_subject_could_read_goes_to_the_other_leads(stage: Stage, rooms: Rooms) -> None:
    stage.rooms = rooms
    run_id = stage.ask(CHANGE, kind="leave")
    keys = [f"run/{run_id}/to/{user}" for user in ("U_LEA", "U_LEO", "U_ADA")]
    assert sorted(stage.messages()) == sorted(keys)
    assert [stage.messages()[key].channel for key in keys] == ["U_LEA", "U_LEO", "U_ADA"]
    stage.confirm(run_id)
    assert "U_BEN" not in {row.channel for row in stage.messages().values()}
    assert "C_ACCESS" not in {row.channel for row in stage.messages().values()}


def test_a_lead_whose_access_was_taken_away_gets_no_card_of_others(stage: Stage) -> None:
    stage.rooms = Rooms(inside={"U_BEN"})
    people = (replace(one, blocked=one.slack == "U_LEO") for one in stage.ctx.roster.people)
    stage.ctx = replace(stage.ctx, roster=Roster(tuple(people)))
    run_id = stage.ask(CHANGE, kind="leave")
    assert stage.run(run_id).shown_to == ["U_LEA", "U_ADA"]


def test_outside_the_channel_the_subject_sees_nothing_there(stage: Stage) -> None:
    run_id = stage.ask(CHANGE, kind="leave")
    assert stage.messages()[f"run/{run_id}"].channel == "C_ACCESS"


def test_the_slack_user_that_was_named_counts_where_the_list_knows_none(stage: Stage) -> None:
    stage.rooms = Rooms(inside={"U_KIM"}, people=("U_LEA", "U_KIM"))
    run_id = stage.ask(CHANGE, kind="leave", subject="kim@team.example", slack="U_KIM")
    assert list(stage.messages()) == [f"run/{run_id}/to/U_LEA"]


def test_without_anybody_else_to_ask_it_is_refused(stage: Stage) -> None:
    stage.rooms = Rooms(inside={"U_BEN"}, people=("U_BEN",))
    run_id = stage.ask(CHANGE, kind="leave")
    assert stage.run(run_id).words == "Nobody else may confirm it: there is no other lead. Nothing was changed."


def test_a_yes_given_beforehand_counts_for_the_plan_it_was_given_for(stage: Stage) -> None:
    digest = stage.run(stage.ask(CHANGE)).digest
    run_id = stage.ask(CHANGE, kind="once", confirmed={APPROVED_BY: "lea@team.example"})
    assert (stage.state(run_id), stage.states(run_id)) == ("done", ["verified"])
    (row,) = stage.audited("plan.approval")
    assert (row.actor, row.target) == ("lea@team.example", f"RUN-{run_id}")
    other = stage.ask(CHANGE, kind="lasting", confirmed={APPROVED_BY: "lea@team.example", DIGEST: digest})
    assert stage.state(other) == "refused"
    assert "has changed since it was shown" in stage.run(other).words


@pytest.mark.parametrize("early", [BENS, "leo@team.example"], ids=["subject", "blocked"])
def test_a_yes_given_beforehand_by_somebody_who_may_not_does_not_count(stage: Stage, early: str) -> None:
    stage.ask(CHANGE)
    stage.block("leo@team.example")
    run_id = stage.ask(CHANGE, kind="once", confirmed={APPROVED_BY: early})
    assert (stage.state(run_id), stage.card(run_id).approvals) == ("proposed", ())


def test_one_yes_given_beforehand_is_not_two(stage: Stage) -> None:
    run_id = stage.ask(CHANGE, approvals=2, confirmed={APPROVED_BY: "lea@team.example"})
    assert stage.state(run_id) == "proposed"
    stage.confirm(run_id, LEO)
    assert stage.state(run_id) == "done"


def test_asking_is_the_first_of_two(stage: Stage) -> None:
    run_id = stage.ask(CHANGE, approvals=2)
    assert [one.by.name for one in stage.card(run_id).approvals] == ["Lea Lind"]
    assert [row.actor for row in stage.audited("plan.approval")] == ["lea@team.example"]


def test_the_terminal_is_nobody_who_said_yes(stage: Stage) -> None:
    run_id = stage.ask(CHANGE, approvals=2, by=Actor("os:root", "root"))
    assert stage.card(run_id).approvals == ()
    stage.confirm(run_id, LEA)
    assert stage.state(run_id) == "proposed"
    stage.confirm(run_id, ADA)
    assert stage.state(run_id) == "done"


def test_what_people_read_bears_no_secret_and_what_is_read_back_still_matches(stage: Stage) -> None:
    spoken = f"api_key={SECRET}"
    run_id = stage.ask(
        step("desk.role", BENS, words=spoken, undo=spoken),
        step("desk.role", "x", by_hand=spoken),
        title=spoken,
        facts=[["Note", spoken]],
        warnings=[spoken],
        reason=spoken,
    )
    stage.confirm(run_id)
    kept = [stage.run(run_id).title, stage.run(run_id).plan, stage.run(run_id).asked, stage.card(run_id)]
    kept += [stage.messages(), [(row.words, row.by_hand, row.undo) for row in stage.steps(run_id)]]
    kept += [(row.before, row.after) for row in stage.audited()]
    assert SECRET not in str([*kept, [row.data for row in stage.messages().values()]])
    assert stage.states(run_id) == ["verified", "waiting"]


def test_a_plan_that_no_row_holds_is_refused(stage: Stage) -> None:
    run_id = stage.ask(step("desk.role", "x" * 300))
    assert stage.state(run_id) == "refused"
    assert "more than 255 characters" in stage.run(run_id).words


def test_a_plan_whose_steps_wait_for_themselves_is_refused(stage: Stage) -> None:
    run_id = stage.ask(step("desk.role", BENS, needs=[0]))
    assert stage.run(run_id).words == f"desk.role of {BENS} would wait for ever. Nothing was changed."


def test_what_a_kind_does_not_let_people_undo_has_no_undo(stage: Stage) -> None:
    run_id = stage.done(CHANGE, kind="lasting")
    assert stage.steps(run_id)[0].undo == ""
    assert not stage.card(run_id).can_undo


@pytest.mark.parametrize("boundary", ["run.planned", "run.proposed"])
def test_a_death_while_it_is_planned_leaves_one_proposal(stage: Stage, boundary: str) -> None:
    with dying(boundary):
        try:
            stage.ask(CHANGE)
        except Death:
            pass
        else:
            pytest.fail("nobody died")
    stage.play(twice=True)
    assert stage.state(stage.newest()) == "proposed"
    assert len(stage.audited("plan.proposed")) == 1


def test_a_planner_that_gets_no_answer_is_tried_again(stage: Stage) -> None:
    stage.down = 2
    assert stage.state(stage.ask(CHANGE)) == "proposed"
    assert stage.waiting() == []


def test_a_planner_that_gives_up_frees_the_key_and_can_be_tried_again(stage: Stage) -> None:
    stage.down = 4
    first = stage.ask(CHANGE)
    run = stage.run(first)
    assert (run.state, run.open_key) == ("refused", None)
    assert run.words.startswith("the outside answers 503 (tried 4 times). Nothing was changed")
    assert [text for text in stage.told(LEA) if "was not planned" in text]
    (item,) = stage.waiting()
    assert (item.job, item.owner) == ("run.plan", "lea@team.example")
    stage.retry_from_queue(item.id)
    fresh = stage.run(stage.newest())
    assert (fresh.state, fresh.replaces, fresh.requested_by) == ("proposed", first, "lea@team.example")
    stage.play(twice=True)
    assert (stage.newest(), stage.waiting(), stage.state(first)) == (fresh.id, [], "refused")


def test_cancelling_while_it_is_planned_ends_it(stage: Stage) -> None:
    with stage.database.begin() as session:
        run_id = ask(session, "change", BENS, {"steps": [CHANGE]}, LEA, stage.ctx).id
        cancel(session, run_id, LEO, stage.ctx)
    stage.play()
    assert (stage.state(run_id), stage.steps(run_id)) == ("cancelled", [])
    assert stage.heard == [(run_id, "cancelled")]


def test_who_is_named_by_many_steps_does_not_decide_about_themselves(stage: Stage) -> None:
    run_id = stage.ask(CHANGE, subject="")
    with pytest.raises(Refused, match="about you"):
        stage.confirm(run_id, BEN)
    stage.confirm(run_id, LEO)
    assert stage.state(run_id) == "done"
