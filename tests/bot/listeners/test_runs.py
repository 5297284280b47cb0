"""The buttons of a run's card, its forms and its details, through Bolt."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from automations.duty import Rotation
from automations.plan import RunState, StepState
from bot.listeners.runs import OF_A_STEP
from bot.wire_runs import RunAct, RunButton
from storage.models import DutyCover
from tests.automations.failure_tickets.world import BOOK, World
from tests.bot.listeners.access_world import SAM, STEPS, Access
from tests.bot.listeners.people import Slack
from tests.bot.views.checks import check

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
DONE = (StepState.VERIFIED, StepState.VERIFIED)


@pytest.fixture
def access(world: World) -> Access:
    return Access.on(world)


@pytest.fixture
def slack(world: World, access: Access) -> Iterator[Slack]:
    made = Slack(world, access.ctx)
    yield made
    made.close()


def modal(slack: Slack) -> Any:
    """The view that was opened or put in the place of another last."""
    kind, _, view = slack.told()[-1]
    assert kind in ("open_view", "update_view", "push_view")
    check(view)
    return view


def test_one_yes_confirms_where_one_is_enough(slack: Slack, access: Access, world: World) -> None:
    number = access.proposed()
    slack.press("U_LEAD1", access.button(number, RunAct.CONFIRM))
    assert access.run(number).state == RunState.APPROVED
    assert slack.words() == "RUN-1: confirmed. It is carried out now."
    assert [job.args for job in world.jobs.of("run.advance")] == [{"run_id": number}]
    assert [row.actor for row in world.audited("plan.approval")] == ["lea@team.example"]


def test_two_people_confirm_where_two_are_needed_and_the_one_who_asked_is_the_first(
    slack: Slack, access: Access, world: World
) -> None:
    number = access.proposed(needed=2)
    slack.press("U_LEAD1", access.button(number, RunAct.CONFIRM))
    assert "a second person has to confirm it" in slack.words()
    assert access.run(number).state == RunState.PROPOSED
    slack.press("U_ADMIN", access.button(number, RunAct.CONFIRM))
    assert access.run(number).state == RunState.APPROVED
    assert len(world.audited("click.refused")) == 1


def test_a_double_click_is_one_yes(slack: Slack, access: Access, world: World) -> None:
    number = access.proposed()
    button = access.button(number, RunAct.CONFIRM)
    slack.press("U_LEAD1", button)
    slack.press("U_ADMIN", button)
    assert len(world.audited("plan.approval")) == 1
    assert "was confirmed by Lea Lind at 03:14 already" in slack.words()


def test_cancel_gives_a_plan_up(slack: Slack, access: Access) -> None:
    number = access.proposed()
    slack.press("U_ADMIN", access.button(number, RunAct.CANCEL))
    assert access.run(number).state == RunState.CANCELLED
    assert slack.words() == "RUN-1 is cancelled. Nothing was changed."


def test_a_failed_step_is_tried_again(slack: Slack, access: Access, world: World) -> None:
    number = access.settled(access.approved(), RunState.PARTIAL, (StepState.FAILED, StepState.VERIFIED))
    slack.press("U_LEAD1", access.button(number, RunAct.RETRY, 1))
    assert slack.words() == "RUN-1, step 1: it is tried again now."
    assert [job.args for job in world.jobs.of("run.step")] == [{"run_id": number, "step": 1}]


def test_its_owner_says_that_a_step_is_done_by_hand_and_no_other_agent_may(slack: Slack, access: Access) -> None:
    number = access.settled(access.approved(), RunState.RUNNING, (*DONE, StepState.WAITING))
    button = access.button(number, RunAct.DONE_BY_HAND, 3)
    slack.press("U_AGENT3", button)
    assert slack.words() == "Only a lead decides this. Nothing was changed."
    slack.press("U_AGENT1", button)
    assert slack.words().startswith("RUN-1, step 3: thank you.")


def test_an_invitation_is_sent_again(slack: Slack, access: Access, world: World) -> None:
    states = (*DONE, StepState.BY_HAND, StepState.WAITING)
    number = access.settled(access.approved("provision"), RunState.RUNNING, states)
    slack.press("U_LEAD1", access.button(number, RunAct.INVITE_AGAIN, 4))
    assert "the invitation is sent again now" in slack.words()
    assert len(world.audited("invitation.resend")) == 1


def test_undo_asks_for_a_run_of_its_own(slack: Slack, access: Access) -> None:
    number = access.settled(access.approved(), RunState.DONE, DONE)
    slack.press("U_LEAD1", access.button(number, RunAct.UNDO))
    assert [(run.kind, run.undo_of) for run in access.runs()] == [("offboard", None), ("undo", number)]


def test_what_one_person_decided_alone_is_reviewed_by_another(slack: Slack, access: Access) -> None:
    number = access.settled(access.approved("suspend"), RunState.DONE, DONE, review="wanted")
    slack.press("U_LEAD1", access.button(number, RunAct.REVIEW))
    assert "You decided this yourself" in slack.words()
    slack.press("U_ADMIN", access.button(number, RunAct.REVIEW))
    assert access.run(number).review == "done"


def test_suspend_now_asks_why_and_goes_ahead_on_one_persons_word(slack: Slack, access: Access, world: World) -> None:
    number = access.proposed(needed=2)
    button = access.button(number, RunAct.SUSPEND_NOW)
    slack.press("U_ADMIN", button)
    view = modal(slack)
    assert (view["callback_id"], view["private_metadata"]) == (RunAct.SUSPEND_NOW, button.encode())
    assert "Suspend in the desk" in str(view)
    assert len(access.runs()) == 1
    answer = slack.send("U_ADMIN", button, {"reason": "The laptop is stolen"})
    suspend = access.runs()[-1]
    assert (suspend.kind, suspend.subject) == ("suspend", "ben@team.example")
    assert suspend.asked["approved_by"] == "sam@team.example"
    assert suspend.asked["reason"] == "The laptop is stolen"
    assert suspend.asked["offboard"] == number
    assert access.run(number).state == RunState.PROPOSED
    assert "RUN-2: sign-in is being cut, on your word" in str(answer.body)


@pytest.mark.parametrize("reason", ["", "   ", "\u200b"])
def test_suspend_now_wants_a_reason(slack: Slack, access: Access, world: World, reason: str) -> None:
    number = access.proposed()
    answer = slack.send("U_ADMIN", access.button(number, RunAct.SUSPEND_NOW), {"reason": reason})
    assert "why this cannot wait" in str(answer.body)
    assert len(access.runs()) == 1
    assert len(world.audited("click.refused")) == 1


@pytest.mark.parametrize("kind", ["provision", "undo", "findings"])
def test_only_an_offboarding_is_cut_short(slack: Slack, access: Access, kind: str) -> None:
    number = access.proposed(kind)
    slack.press("U_ADMIN", access.button(number, RunAct.SUSPEND_NOW))
    assert "takes nobody's access away" in slack.words()


def test_details_open_and_turn(slack: Slack, access: Access) -> None:
    steps = tuple(replace(step, words=f"{step.words} {'x' * 900}") for step in STEPS * 5)
    number = access.proposed(steps=steps)
    slack.press("U_ADMIN", access.button(number, RunAct.DETAILS))
    first = modal(slack)
    assert "page 1 of" in str(first)
    following = RunButton(number, RunAct.DETAILS, step=2)
    slack.press("U_ADMIN", following, view=in_view(first))
    kind, view_id, second = slack.told()[-1]
    assert (kind, view_id) == ("update_view", "V_DETAILS")
    assert "page 2 of" in str(second)


def test_an_act_in_the_details_shows_them_anew(slack: Slack, access: Access) -> None:
    number = access.proposed()
    slack.press("U_ADMIN", access.button(number, RunAct.DETAILS))
    slack.press("U_ADMIN", access.button(number, RunAct.CONFIRM), view=in_view(modal(slack)))
    assert access.run(number).state == RunState.APPROVED
    assert "Confirmed: it is looked at once more" in str(modal(slack))


def test_a_refusal_in_the_details_is_shown_on_top_of_them(slack: Slack, access: Access) -> None:
    number = access.proposed(needed=2)
    slack.press("U_LEAD1", access.button(number, RunAct.DETAILS))
    slack.press("U_LEAD1", access.button(number, RunAct.CONFIRM), view=in_view(modal(slack)))
    assert slack.told()[-1][0] == "push_view"
    assert "a second person has to confirm it" in str(modal(slack))


@pytest.mark.parametrize("act", RunAct)
def test_the_subject_of_a_run_does_nothing_to_it_and_sees_nothing_of_it(
    slack: Slack, access: Access, world: World, act: RunAct
) -> None:
    states = (StepState.FAILED, StepState.FAILED, StepState.WAITING, StepState.WAITING)
    for number in (
        access.proposed("offboard", "lea@team.example", actor=SAM),
        access.settled(access.proposed("suspend", "lea@team.example", actor=SAM), RunState.PARTIAL, states),
        access.settled(access.proposed("provision", "lea@team.example", actor=SAM), RunState.DONE, review="wanted"),
    ):
        before = [(run.state, run.version, run.review) for run in access.runs()]
        refused = len(world.audited("click.refused"))
        for step in range(1, 6):
            slack.press("U_LEAD1", access.button(number, act, step if act in OF_A_STEP else 0))
            slack.send("U_LEAD1", access.button(number, act), {"reason": "I want to", "until": "2h"})
        assert [(run.state, run.version, run.review) for run in access.runs()] == before
        assert len(world.audited("click.refused")) >= refused + 5
        assert all(kind in ("respond", "ephemeral") for kind, *_ in slack.told())
        assert "lea@team.example" not in str([what for *_, what in slack.told()])


def test_put_on_duty_asks_which_and_until_when(world: World, access: Access) -> None:
    nights = Rotation("nights", ("anna@team.example",), "daily 09:00", "Europe/Oslo", date(2026, 11, 20))
    world.ctx = replace(world.ctx, book=replace(BOOK, rotations=(nights,)))
    slack = Slack(world, access.ctx)
    number = access.settled(access.approved("provision"), RunState.DONE, DONE)
    button = access.button(number, RunAct.ON_DUTY)
    slack.press("U_LEAD1", button)
    assert modal(slack)["callback_id"] == RunAct.ON_DUTY
    answer = slack.send("U_LEAD1", button, {"rotation": "nights", "until": "2h"})
    assert "Ben Okoro has the duty nights until" in str(answer.body)
    assert "end-cover nights" in str(answer.body)
    with world.database.read() as session:
        (row,) = session.query(DutyCover).all()
    assert (row.rotation, row.email, row.set_by) == ("nights", "ben@team.example", "lea@team.example")
    slack.close()


@pytest.mark.parametrize(
    ("kind", "subject", "state", "why"),
    [
        ("provision", "ben@team.example", RunState.DONE, "There is no rotation yet"),
        ("provision", "ben@team.example", RunState.RUNNING, "has not brought anybody in yet"),
        ("offboard", "ben@team.example", RunState.DONE, "has not brought anybody in yet"),
    ],
)
def test_put_on_duty_is_refused_in_words(
    slack: Slack, access: Access, kind: str, subject: str, state: RunState, why: str
) -> None:
    number = access.settled(access.approved(kind, subject), state, DONE)
    slack.press("U_LEAD1", access.button(number, RunAct.ON_DUTY))
    assert why in slack.words()


def test_who_is_not_in_the_list_of_people_is_not_put_on_duty(world: World, access: Access) -> None:
    nights = Rotation("nights", ("anna@team.example",), "daily 09:00", "Europe/Oslo", date(2026, 11, 20))
    world.ctx = replace(world.ctx, book=replace(BOOK, rotations=(nights,)))
    slack = Slack(world, access.ctx)
    number = access.settled(access.approved("provision", "kim@new.example"), RunState.DONE, DONE)
    slack.press("U_LEAD1", access.button(number, RunAct.ON_DUTY))
    assert "is not in Handoff's list of people yet" in slack.words()
    slack.close()


def test_a_person_who_is_blocked_between_two_clicks_does_nothing_more(
    slack: Slack, access: Access, world: World
) -> None:
    number = access.proposed(needed=2)
    access.block("sam@team.example")
    slack.press("U_ADMIN", access.button(number, RunAct.CONFIRM))
    assert slack.words().startswith("Your access to Handoff was taken away.")
    assert access.run(number).state == RunState.PROPOSED
    (row,) = world.audited("click.refused")
    assert (row.actor, row.target) == ("sam@team.example", f"RUN-{number}")
    slack.command("U_ADMIN", "status")
    slack.command("U_ADMIN", "<@U_AGENT2>", "offboard")
    slack.click("U_ADMIN", "case.claim")
    assert world.case(1).claimed_by is None
    assert len(world.audited("click.refused")) == 4


def test_who_is_blocked_while_slack_is_asked_about_them_is_refused(slack: Slack, access: Access, world: World) -> None:
    """The look-up said yes; the block came before the transaction."""
    number = access.proposed(needed=2)
    button = access.button(number, RunAct.CONFIRM)
    blocking = iter([lambda: access.block("sam@team.example")])
    slack.directory.before = lambda: next(blocking, lambda: None)()
    slack.press("U_ADMIN", button)
    assert slack.words().startswith("Your access to Handoff was taken away.")
    assert access.run(number).state == RunState.PROPOSED


def test_a_blocked_person_is_given_no_case(slack: Slack, access: Access, world: World) -> None:
    access.block("ben@team.example")
    slack.submit("U_AGENT1", "case.reassign", {"to": "U_AGENT2"})
    assert world.case(1).owner == "anna@team.example"
    assert len(world.audited("click.refused")) == 1


def in_view(view: Any) -> dict[str, Any]:
    """The view as Slack sends it along with a click in it."""
    return {"id": "V_DETAILS", "type": "modal", "private_metadata": view["private_metadata"]}
