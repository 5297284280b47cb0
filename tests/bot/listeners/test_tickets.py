"""Buttons, menu and forms on a case, in every state."""

import json

import pytest

from automations.domain import CaseStatus
from automations.failure_tickets import closing, life
from bot.wire import CaseAct
from tests.automations.failure_tickets.world import ANNA, BEN, World
from tests.bot.listeners.people import Slack, click, form
from tests.bot.views.checks import check

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def claimed(world: World) -> None:
    with world.begin() as session:
        life.claim(session, 1, ANNA, world.ctx)


def closed(world: World) -> None:
    with world.begin() as session:
        closing.resolve(session, 1, BEN, "replayed", world.ctx)


ASKING = (CaseAct.REASSIGN, CaseAct.ESCALATE, CaseAct.SNOOZE, CaseAct.RESOLVE, CaseAct.NOT_NEEDED)


@pytest.mark.parametrize("act", ASKING)
def test_an_act_that_asks_something_opens_its_form_and_changes_nothing(
    slack: Slack, world: World, act: CaseAct
) -> None:
    before = world.case(1).version
    slack.click("U_AGENT1", act)
    ((kind, trigger, view),) = slack.told()
    assert (kind, trigger[:7]) == ("open_view", "trigger")
    assert (view["callback_id"], view["private_metadata"]) == (act, f"case:1:{act.removeprefix('case.')}")
    check(view)
    assert world.case(1).version == before


def test_the_overflow_menu_does_what_its_entry_says(slack: Slack, world: World) -> None:
    claimed(world)
    slack.choose("U_AGENT1", CaseAct.RELEASE)
    assert world.case(1).status == CaseStatus.OPEN
    slack.choose("U_AGENT1", CaseAct.NOT_NEEDED)
    ((kind, _, view),) = slack.told()
    assert (kind, view["callback_id"]) == ("open_view", CaseAct.NOT_NEEDED)


def test_release_by_somebody_else_is_refused_in_words(slack: Slack, world: World) -> None:
    claimed(world)
    slack.choose("U_AGENT2", CaseAct.RELEASE)
    assert world.case(1).claimed_by == "anna@team.example"
    assert "only they or a lead" in slack.words()


def test_reassign_gives_the_case_to_the_person_picked(slack: Slack, world: World) -> None:
    answer = slack.submit("U_AGENT1", CaseAct.REASSIGN, {"to": "U_AGENT2"})
    assert (answer.status, answer.body) == (200, "")
    assert world.case(1).owner == "ben@team.example"
    assert slack.words() == "CASE-1 is with Ben Okoro now. Undo until 03:15:00."


@pytest.mark.parametrize(
    ("picked", "words"),
    [
        ("", "choose who is to own"),
        ("U_GUEST", "Guests"),
        ("U_BOT", "bots"),
        ("U_MEMBER", "not in Handoff's list"),
        ("U_AGENT3", "away until"),
        ("U_UNKNOWN", "try again"),
    ],
)
def test_an_owner_who_cannot_be_is_refused_at_the_field(slack: Slack, world: World, picked: str, words: str) -> None:
    answer = json.loads(slack.submit("U_AGENT1", CaseAct.REASSIGN, {"to": picked}).body)
    assert answer["response_action"] == "errors"
    assert words in answer["errors"]["to"]
    assert world.case(1).owner == "anna@team.example"
    assert len(world.audited("click.refused")) == 1


def test_escalate_needs_a_reason_and_happens_once(slack: Slack, world: World) -> None:
    answer = json.loads(slack.submit("U_AGENT1", CaseAct.ESCALATE, {"reason": "  "}).body)
    assert "why" in answer["errors"]["reason"]
    slack.submit("U_AGENT1", CaseAct.ESCALATE, {"reason": "customer calls"})
    assert world.case(1).escalation_reason == "customer calls"
    assert world.notification("case/1/escalation/1") is not None
    answer = json.loads(slack.submit("U_AGENT2", CaseAct.ESCALATE, {"reason": "me too"}).body)
    assert "Anna Berg escalated" in answer["errors"]["reason"]
    slack.click("U_AGENT2", CaseAct.ESCALATE)
    assert "escalated already by Anna Berg" in slack.words()


def test_resolve_needs_a_note_and_the_same_form_may_be_sent_again(slack: Slack, world: World) -> None:
    body = form("U_AGENT1", CaseAct.RESOLVE, "case:1:resolve", {"note": ""})
    assert "errors" in json.loads(slack.dispatch(body).body)
    again = form("U_AGENT1", CaseAct.RESOLVE, "case:1:resolve", {"note": "replayed"})
    again["view"] |= {"id": body["view"]["id"], "hash": body["view"]["hash"]}
    assert slack.dispatch(again).body == ""
    assert world.case(1).close_note == "replayed"


def test_not_needed_takes_no_note(slack: Slack, world: World) -> None:
    assert slack.submit("U_AGENT1", CaseAct.NOT_NEEDED, {"note": ""}).body == ""
    assert world.case(1).status == CaseStatus.NOT_NEEDED


def test_a_form_sent_after_somebody_else_closed_the_case_says_so_at_the_field(slack: Slack, world: World) -> None:
    slack.click("U_AGENT1", CaseAct.RESOLVE)
    closed(world)
    answer = json.loads(slack.submit("U_AGENT1", CaseAct.RESOLVE, {"note": "me too"}).body)
    assert answer["errors"]["note"].startswith("Ben Okoro resolved CASE-1")


def test_a_role_lost_while_the_form_was_open_counts(slack: Slack, world: World) -> None:
    answer = json.loads(slack.submit("U_MEMBER", CaseAct.RESOLVE, {"note": "done"}).body)
    assert "needs the role agent" in answer["errors"]["note"]
    assert world.case(1).status == CaseStatus.OPEN


@pytest.mark.parametrize("act", ASKING)
def test_no_form_opens_for_a_closed_case(slack: Slack, world: World, act: CaseAct) -> None:
    closed(world)
    slack.click("U_AGENT1", act)
    ((kind, _, message),) = slack.told()
    assert kind == "respond"
    assert "closed already by Ben Okoro" in message["text"]


def test_reopen_brings_a_closed_case_back_unless_a_newer_one_took_its_place(slack: Slack, world: World) -> None:
    closed(world)
    slack.click("U_AGENT1", CaseAct.REOPEN)
    assert world.case(1).status == CaseStatus.OPEN
    closed(world)
    newer = world.open()
    slack.click("U_AGENT1", CaseAct.REOPEN)
    assert f"CASE-{newer}" in slack.words()
    assert world.case(1).status == CaseStatus.RESOLVED


def test_a_form_whose_metadata_is_not_its_own_is_refused(slack: Slack, world: World) -> None:
    for metadata in ("case:1:claim", "case:1:escalate", "{}", ""):
        body = form("U_AGENT1", CaseAct.RESOLVE, metadata, {"note": "done"})
        assert "errors" in json.loads(slack.dispatch(body).body)
    assert world.case(1).status == CaseStatus.OPEN


def test_a_case_that_does_not_exist_is_named(slack: Slack) -> None:
    slack.dispatch(click("U_AGENT1", CaseAct.CLAIM, "case:999:claim"))
    assert "CASE-999" in slack.words()


def test_a_note_longer_than_slack_lets_people_type_is_cut(slack: Slack, world: World) -> None:
    slack.submit("U_AGENT1", CaseAct.RESOLVE, {"note": "x" * 60_000})
    assert world.case(1).close_note == "x" * 3_000
