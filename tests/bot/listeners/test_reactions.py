"""Reactions on the case message."""

import pytest

from automations.domain import CaseStatus
from automations.failure_tickets import closing
from bot.wire import CaseAct
from tests.automations.failure_tickets.world import BEN, World
from tests.bot.listeners.people import CARD_TS, CHANNEL, Slack, click

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def test_eyes_claim_and_taking_them_back_releases(slack: Slack, world: World) -> None:
    slack.react("U_AGENT1", "eyes")
    assert world.case(1).claimed_by == "anna@team.example"
    slack.react("U_AGENT1", "eyes", removed=True)
    assert world.case(1).status == CaseStatus.OPEN
    assert slack.words() == "CASE-1 is yours. Undo until 03:15:00."
    slack.react("U_AGENT1", "eyes")
    slack.react("U_AGENT1", "eyes")
    assert len(slack.told()) == 2, "of what was so already nothing is said"


def test_a_skin_tone_changes_nothing(slack: Slack, world: World) -> None:
    slack.react("U_AGENT1", "eyes::skin-tone-3")
    assert world.case(1).claimed_by == "anna@team.example"


@pytest.mark.parametrize("user", ["U_AGENT2", "U_LEAD1", "U_MEMBER", "U_GUEST"])
def test_taking_eyes_back_releases_only_ones_own_claim_and_says_nothing(slack: Slack, world: World, user: str) -> None:
    slack.react("U_AGENT1", "eyes")
    slack.react(user, "eyes", removed=True)
    assert world.case(1).claimed_by == "anna@team.example"
    assert len(slack.told()) == 1
    assert world.audited("click.refused") == []


def test_the_second_to_claim_is_told_who_was_first(slack: Slack, world: World) -> None:
    slack.react("U_AGENT1", "eyes")
    slack.react("U_AGENT2", "eyes")
    (_, (kind, to, message)) = slack.told()
    assert (kind, to) == ("ephemeral", f"{CHANNEL}/U_AGENT2")
    assert message["text"].startswith("Anna Berg claimed CASE-1")


@pytest.mark.parametrize(
    ("emoji", "act"), [("white_check_mark", CaseAct.RESOLVE), ("rotating_light", CaseAct.ESCALATE)]
)
def test_an_act_that_needs_words_is_offered_in_private(slack: Slack, world: World, emoji: str, act: CaseAct) -> None:
    slack.react("U_AGENT1", emoji)
    slack.react("U_AGENT1", emoji, removed=True)
    assert world.case(1).status == CaseStatus.OPEN
    ((kind, to, message),) = slack.told()
    assert (kind, to) == ("ephemeral", f"{CHANNEL}/U_AGENT1")
    (button,) = message["blocks"][-1]["elements"]
    assert button["action_id"] == act
    assert slack.dispatch(click("U_AGENT1", button["action_id"], button["value"])).status == 200


def test_nothing_is_offered_for_a_closed_case(slack: Slack, world: World) -> None:
    with world.begin() as session:
        closing.resolve(session, 1, BEN, "replayed", world.ctx)
    slack.react("U_AGENT1", "white_check_mark")
    assert "closed already" in slack.words()


def test_somebody_without_a_role_is_told_once_and_written_down_every_time(slack: Slack, world: World) -> None:
    for emoji in ("eyes", "white_check_mark", "eyes"):
        slack.react("U_GUEST", emoji)
    assert len(slack.told()) == 1
    assert len(world.audited("click.refused")) == 3
    assert world.case(1).status == CaseStatus.OPEN


def test_what_the_state_forbids_is_explained_every_time(slack: Slack, world: World) -> None:
    slack.react("U_AGENT1", "eyes")
    slack.react("U_AGENT2", "eyes")
    slack.react("U_AGENT2", "eyes")
    assert len(slack.told()) == 3


def test_other_emoji_and_other_messages_are_passed_over_without_asking_who(slack: Slack, world: World) -> None:
    slack.react("U_GUEST", "tada")
    slack.react("U_AGENT1", "eyes", ts="1795227240.999999")
    slack.react("U_AGENT1", "tada", removed=True)
    slack.event({"type": "reaction_added", "user": "U_AGENT1", "reaction": "eyes", "item": {"type": "file"}})
    assert world.case(1).status == CaseStatus.OPEN
    assert slack.directory.asked == []
    assert slack.told() == []


def test_the_same_event_three_times_claims_once(slack: Slack, world: World) -> None:
    item = {"type": "message", "channel": CHANNEL, "ts": CARD_TS}
    event = {"type": "reaction_added", "user": "U_AGENT1", "reaction": "eyes", "item": item}
    for _ in range(3):
        assert slack.event(event, "Ev_same").status == 200
    assert len(world.audited("case.claimed")) == 1
