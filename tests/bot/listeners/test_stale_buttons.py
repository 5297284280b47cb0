"""Expired, foreign, edited and replayed buttons of runs and findings: more than two hundred, and none has an effect.

Each is refused in words, in private, and written down. What a person may really do is in `test_runs`, `test_findings`.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from automations.access import findings
from automations.access.card_types import FindingKind
from automations.plan import RunState, StepState
from bot.listeners.runs import OF_A_STEP
from bot.wire import WireError
from bot.wire_runs import FindingAct, FindingButton, RunAct, RunButton
from storage.models import Finding, Notification
from tests.automations.failure_tickets.world import LEA, World
from tests.bot.listeners.access_world import Access
from tests.bot.listeners.people import AccessButton, Slack, click, form
from tests.bot.listeners.test_attacks import rows

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

LOOKS = frozenset({RunAct.DETAILS, RunAct.DETAILS_BACK, FindingAct.PAGE, FindingAct.PAGE_BACK, FindingAct.DETAILS})
"""Acts that show something and change nothing, so they carry no plan that could be out of date."""
CHANGES = tuple(act for act in RunAct if act not in LOOKS)
OVER = (RunState.EXPIRED, RunState.CANCELLED, RunState.REPLACED, RunState.REFUSED, RunState.ROLLED_BACK)
NOT_AGAIN = tuple(act for act in CHANGES if act not in (RunAct.UNDO, RunAct.ON_DUTY))
"""Acts on a run that is done, of which Undo and Put on duty are not out of date."""


@pytest.fixture
def access(world: World) -> Access:
    """Run 1 waits, 2 to 6 are over, 7 is done, 8 is being planned, 9 is carried out, 10 and 11 are reconciliations.

    Run 12 mends the second finding of the first one.
    """
    made = Access.on(world)
    made.proposed(needed=2)
    for number, over in enumerate(OVER):
        made.settled(made.proposed("offboard", f"x{number}@team.example"), over)
    made.settled(made.approved("offboard", "x7@team.example"), RunState.DONE, [StepState.VERIFIED] * 4)
    made.asked("offboard", "x8@team.example")
    made.settled(made.approved("offboard", "x9@team.example"), RunState.RUNNING, [StepState.VERIFIED] * 2)
    made.compared("f1@team.example", "f2@team.example", "f3@team.example", "f4@team.example", "f5@team.example")
    made.compared("f6@team.example")
    confirmed = made.finding(2, FindingAct.CONFIRM)
    with world.begin() as session:
        findings.confirm(session, 2, confirmed.digest, LEA, made.ctx)
        for number, state in ((3, "kept"), (4, "fixed"), (5, "gone")):
            session.execute(update(Finding).where(Finding.id == number).values(state=state))
    return made


@pytest.fixture
def slack(world: World, access: Access) -> Iterator[Slack]:
    made = Slack(world, access.ctx)
    yield made
    made.close()


def of_another_plan(access: Access) -> Iterator[AccessButton]:
    """Made for a plan that is not the run's: an older one, another run's, a digest with a digit changed, or none."""
    others = (access.run(9).digest, "0" * 16, access.run(1).digest[:15], "")
    for act in CHANGES:
        yield from (access.button(1, act, digest=digest) for digest in others)


def of_ended_runs(access: Access) -> Iterator[AccessButton]:
    """Of runs that are over, with the plan they had."""
    for number in range(2, 2 + len(OVER)):
        yield from (access.button(number, act) for act in CHANGES)
    yield from (access.button(7, act) for act in NOT_AGAIN)


def too_early_or_late(access: Access) -> Iterator[AccessButton]:
    """Of a run that is being planned, and of one that is carried out already."""
    yield from (access.button(8, act) for act in CHANGES if act is not RunAct.CANCEL)
    yield from (access.button(9, act) for act in (RunAct.CONFIRM, RunAct.CANCEL, RunAct.SUSPEND_NOW, RunAct.ON_DUTY))


def of_steps_that_are_not_there(access: Access) -> Iterator[AccessButton]:
    """About a step that the run does not have, or that waits for nobody."""
    for act in (RunAct.RETRY, RunAct.DONE_BY_HAND, RunAct.INVITE_AGAIN):
        yield from (RunButton(9, act, access.run(9).digest, step) for step in (0, 1, 2, 5, 99, 9999))


def of_runs_that_are_not_there(access: Access) -> Iterator[AccessButton]:
    """About runs and findings that do not exist."""
    digest = access.run(1).digest
    for number in (13, 99, 10**17):
        yield from (RunButton(number, act, digest, int(act in OF_A_STEP)) for act in CHANGES)
        yield from (FindingButton(number, act, digest, number, "orphaned") for act in FindingAct)


def of_other_findings(access: Access) -> Iterator[AccessButton]:
    """Findings as they were, with another one's digest, or decided already; lists that have changed."""
    acts = (FindingAct.CONFIRM, FindingAct.KEEP, FindingAct.PASS_TO)
    for number in (2, 3, 4, 5):
        yield from (access.finding(number, act) for act in acts if (number, act) != (3, FindingAct.CONFIRM))
    good = access.finding(1, FindingAct.CONFIRM)
    for digest in ("", "0" * 16, access.finding(6, FindingAct.CONFIRM).digest):
        yield from (replace(good, act=act, digest=digest) for act in acts)
    for kind in FindingKind:
        yield from (FindingButton(0, FindingAct.CONFIRM_ALL, good.digest, number, kind) for number in (10, 11))


FAMILIES = (
    of_another_plan, of_ended_runs, too_early_or_late, of_steps_that_are_not_there, of_runs_that_are_not_there,
    of_other_findings,
)  # fmt: skip


def payloads(button: AccessButton) -> Iterator[dict[str, Any]]:
    """The press of a button; where its act has a form, the form sent with good answers instead."""
    filled = {"reason": "I want to", "until": "90d", "to": "U_AGENT1", "rotation": "nights"}
    if button.act in (RunAct.SUSPEND_NOW, RunAct.ON_DUTY, FindingAct.KEEP, FindingAct.PASS_TO):
        yield form("U_ADMIN", button.act, button.encode(), filled)
    else:
        yield click("U_ADMIN", button.act, button.encode())


def without_effect(slack: Slack, world: World, body: dict[str, Any]) -> None:
    """Nothing changes but what is written down of the attempt; the person is told why."""
    before, told, refused = rows(world, asked=False), len(slack.told()), len(world.audited("click.refused"))
    answer = slack.dispatch(body)
    assert answer.status == 200
    assert rows(world, asked=False) == before, body
    assert len(world.audited("click.refused")) == refused + 1, body
    assert len(slack.told()) == told + 1 or "errors" in str(answer.body), body


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.__name__)
def test_it_has_no_effect_is_answered_in_words_and_written_down(
    slack: Slack, access: Access, world: World, family: Any
) -> None:
    for button in family(access):
        for body in payloads(button):
            without_effect(slack, world, body)


def test_there_are_two_hundred_of_them(access: Access) -> None:
    buttons = {button.encode() for family in FAMILIES for button in family(access)}
    assert len(buttons) >= 200


def test_a_plan_whose_time_is_over_is_not_confirmed_before_anybody_has_noticed(
    slack: Slack, access: Access, world: World
) -> None:
    bodies = [body for act in (RunAct.CONFIRM, RunAct.SUSPEND_NOW) for body in payloads(access.button(1, act))]
    world.clock.move(timedelta(hours=8))
    for body in bodies:
        without_effect(slack, world, body)
    assert access.run(1).state == RunState.PROPOSED


def test_a_payload_that_comes_twice_has_one_effect_and_one_answer(slack: Slack, access: Access, world: World) -> None:
    for button in (access.button(1, RunAct.CONFIRM), access.finding(1, FindingAct.CONFIRM)):
        (body,) = payloads(button)
        slack.dispatch(body)
        kept, told = rows(world), len(slack.told())
        for _ in range(3):
            assert slack.dispatch(body).status == 200
        assert (rows(world), len(slack.told())) == (kept, told)


def test_a_button_that_did_its_work_does_nothing_more(slack: Slack, access: Access, world: World) -> None:
    for button in (access.button(1, RunAct.CONFIRM), access.finding(1, FindingAct.CONFIRM)):
        for body in payloads(button):
            slack.dispatch(body)
        for user in ("U_ADMIN", "U_LEAD1"):
            without_effect(slack, world, click(user, button.act, button.encode()))


@pytest.mark.parametrize("team", ["T_OTHER", "T_SAMPLE2"])
def test_a_button_pressed_in_another_workspace_does_nothing(
    slack: Slack, access: Access, world: World, team: str
) -> None:
    for act in CHANGES:
        for body in payloads(access.button(1, act)):
            body["user"]["team_id"] = team
            without_effect(slack, world, body)


def test_a_button_in_another_channel_than_its_run_does_nothing(slack: Slack, access: Access, world: World) -> None:
    """The run's message is in one channel; whoever reads another one was never meant to see its buttons."""
    bodies = [click("U_ADMIN", act, access.button(1, act).encode()) for act in CHANGES]
    with world.begin() as session:
        session.execute(update(Notification).where(Notification.key == "run/1").values(posted_channel="C_ACCESS"))
    for body in bodies:
        body["channel"]["id"] = body["container"]["channel_id"] = "C_FAILURES"
        without_effect(slack, world, body)
    here = click("U_ADMIN", RunAct.CONFIRM, access.button(1, RunAct.CONFIRM).encode())
    here["channel"]["id"] = here["container"]["channel_id"] = "C_ACCESS"
    slack.dispatch(here)
    assert "another channel" not in slack.words()


def test_a_value_on_another_button_does_nothing(slack: Slack, access: Access, world: World) -> None:
    for act in CHANGES:
        for value in (access.button(1, RunAct.DETAILS).encode(), access.finding(1, FindingAct.CONFIRM).encode()):
            without_effect(slack, world, click("U_ADMIN", act, value))
    for one in FindingAct:
        without_effect(slack, world, click("U_ADMIN", one, access.button(1, RunAct.CONFIRM).encode()))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_value_with_a_character_changed_never_does_more_than_it_says(
    slack: Slack, access: Access, world: World, data: st.DataObject
) -> None:
    """Whatever became of the value: it is refused, or still is the button of this run and this plan."""
    button = access.button(1, data.draw(st.sampled_from((RunAct.CONFIRM, RunAct.UNDO, RunAct.RETRY, RunAct.REVIEW))))
    value = button.encode()
    place = data.draw(st.integers(0, len(value) - 1))
    edited = value[:place] + data.draw(st.sampled_from("0129af:.x \n")) + value[place + 1 :]
    try:
        same = RunButton.decode(edited) == button
    except WireError:
        same = False
    if not same:
        without_effect(slack, world, click("U_ADMIN", button.act, edited))
