"""Buttons, the list and the form of a group, as people press them."""

from collections.abc import Iterator
from typing import Any

import pytest

from bot.wire import CASE_MORE, CaseAct, CaseButton, GroupAct, GroupButton
from storage.engine import Database
from tests.automations.failure_tickets.groups_world import burst, groups
from tests.automations.failure_tickets.world import World
from tests.bot.listeners.people import NO_RIGHTS, Slack, click, form
from tests.bot.views.checks import check
from tests.support import FakeClock, RecordingJobs

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def world(database: Database, clock: FakeClock, jobs: RecordingJobs) -> World:
    made = World.on(database, clock, jobs)
    burst(made, 23)
    return made


@pytest.fixture
def slack(world: World) -> Iterator[Slack]:
    made = Slack(world)
    yield made
    made.close()


def press(slack: Slack, user: str, act: GroupAct, number: int = 0) -> None:
    slack.dispatch(click(user, act, GroupButton(1, act, number).encode()))


def inside(act: str, value: str, *, page: int = 1, option: bool = False) -> dict[str, Any]:
    """A click in the list: no channel, no address to answer to."""
    body = click("U_AGENT1", act, value)
    view = {"id": "V1", "type": "modal", "private_metadata": GroupButton(1, GroupAct.PAGE, page).encode()}
    body |= {"view": view, "container": {"type": "view", "view_id": "V1"}}
    del body["channel"], body["response_url"]
    if option:
        body["actions"][0] |= {"type": "overflow", "selected_option": {"value": value}}
    return body


def test_claim_all_answers_privately_with_undo(slack: Slack, world: World) -> None:
    press(slack, "U_AGENT1", GroupAct.CLAIM_ALL)
    ((kind, _, said),) = slack.told()
    assert kind == "respond"
    assert "23 cases are yours." in said["text"]
    button = said["blocks"][-1]["elements"][0]
    assert button["action_id"] == GroupAct.UNDO
    assert {world.case(number).status for number in range(1, 24)} == {"claimed"}
    slack.dispatch(click("U_AGENT1", button["action_id"], button["value"]))
    kind, _, said = slack.told()[-1]
    assert (kind, said["text"]) == ("replace", "Taken back for 23 cases.")
    assert {world.case(number).status for number in range(1, 24)} == {"open"}


def test_the_second_is_told_who_was_first(slack: Slack) -> None:
    press(slack, "U_AGENT1", GroupAct.CLAIM_ALL)
    press(slack, "U_AGENT2", GroupAct.CLAIM_ALL)
    assert "nothing to claim" in slack.words()
    assert "Anna Berg has 23" in slack.words()


def test_resolve_all_asks_for_one_note(slack: Slack, world: World) -> None:
    press(slack, "U_AGENT1", GroupAct.RESOLVE_ALL)
    ((kind, _, view),) = slack.told()
    assert (kind, view["callback_id"]) == ("open_view", GroupAct.RESOLVE_ALL)
    check(view)
    metadata = view["private_metadata"]
    refused = slack.dispatch(form("U_AGENT1", GroupAct.RESOLVE_ALL, metadata, {"note": " "}))
    assert "Please say in a sentence" in str(refused.body)
    slack.dispatch(form("U_AGENT1", GroupAct.RESOLVE_ALL, metadata, {"note": "The ledger is back."}))
    kind, to, said = slack.told()[-1]
    assert (kind, to) == ("ephemeral", "C_FAILURES/U_AGENT1")
    assert "23 cases are closed." in said["text"]
    assert groups(world)[0].closed_at is not None
    press(slack, "U_AGENT1", GroupAct.RESOLVE_ALL)
    assert "closed already" in slack.words()


def test_the_list_turns_its_pages_in_place(slack: Slack) -> None:
    press(slack, "U_AGENT1", GroupAct.SHOW)
    ((kind, _, view),) = slack.told()
    assert kind == "open_view"
    check(view)
    assert "page 1 of 3" in str(view)
    slack.dispatch(inside(GroupAct.PAGE, GroupButton(1, GroupAct.PAGE, 2).encode()))
    kind, to, view = slack.told()[-1]
    assert (kind, to) == ("update_view", "V1")
    assert "page 2 of 3" in str(view)
    slack.dispatch(inside(GroupAct.BACK, GroupButton(1, GroupAct.BACK, 1).encode(), page=2))
    assert "page 1 of 3" in str(slack.told()[-1][2])


def test_an_act_in_the_list_shows_there_and_can_be_taken_back(slack: Slack, world: World) -> None:
    slack.dispatch(inside(CASE_MORE, CaseButton(7, CaseAct.CLAIM).encode(), option=True))
    assert world.case(7).claimed_by == "anna@team.example"
    (updated, offered) = slack.told()
    assert updated[:2] == ("update_view", "V1")
    assert "CASE-7 is yours." in str(updated[2])
    assert offered[:2] == ("ephemeral", "C_FAILURES/U_AGENT1")


def test_a_form_asked_for_in_the_list_opens_on_top_of_it(slack: Slack) -> None:
    slack.dispatch(inside(CASE_MORE, CaseButton(7, CaseAct.RESOLVE).encode(), option=True))
    ((kind, _, view),) = slack.told()
    assert (kind, view["callback_id"]) == ("push_view", CaseAct.RESOLVE)


def test_a_refusal_in_the_list_is_shown_on_top_of_it(slack: Slack) -> None:
    slack.dispatch(inside(CASE_MORE, CaseButton(999, CaseAct.CLAIM).encode(), option=True))
    ((kind, _, view),) = slack.told()
    assert kind == "push_view"
    assert "There is no CASE-999." in str(view)
    check(view)


@pytest.mark.parametrize("user", NO_RIGHTS)
def test_without_the_role_nothing_happens(slack: Slack, world: World, user: str) -> None:
    press(slack, user, GroupAct.CLAIM_ALL)
    assert {world.case(number).status for number in range(1, 24)} == {"open"}
    assert world.audited("click.refused")[-1].target == "GROUP-1"


@pytest.mark.parametrize("value", ["", "group:0:claim_all:0", "group:1:explode:0", "group:1:show:0", "case:1:claim"])
def test_a_value_that_is_not_ours_changes_nothing(slack: Slack, world: World, value: str) -> None:
    slack.dispatch(click("U_AGENT1", GroupAct.CLAIM_ALL, value))
    assert "Nothing was changed." in slack.words()
    assert {world.case(number).status for number in range(1, 24)} == {"open"}
