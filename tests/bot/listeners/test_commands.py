"""`/support …`, a mention of the bot, and the Home tab."""

import pytest
from sqlalchemy import select

from bot.views.lists import PAGE
from storage.models import InboxRow
from tests.automations.failure_tickets.world import World
from tests.bot.listeners.people import CHANNEL, Slack
from tests.bot.views.checks import check

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.mark.parametrize("text", ["", "help", " HELP ", "“help”"])
def test_help_is_for_every_member(slack: Slack, text: str) -> None:
    slack.command("U_MEMBER", text)
    ((kind, to, message),) = slack.told()
    assert kind == "respond"
    assert to.startswith("https://hooks.example/commands/")
    check(message)
    assert "/support mine" in str(message["blocks"])


def test_what_is_not_understood_is_named_with_what_is_known(slack: Slack) -> None:
    slack.command("U_AGENT1", "fix <!channel>")
    ((_, _, message),) = slack.told()
    assert message["text"].startswith("I do not know “fix”")
    assert "/support mine" in str(message["blocks"])


@pytest.mark.parametrize("text", ["ghp_{}", "mine ghp_{}", "mine password={}"])
def test_a_secret_typed_by_mistake_is_neither_repeated_nor_kept(slack: Slack, world: World, text: str) -> None:
    secret = "16C7e42F292c6912E7710c838347Ae178B4a"
    slack.command("U_AGENT1", text.format(secret, secret))
    assert secret[:20] not in str(slack.told())
    with world.database.read() as session:
        (row,) = session.scalars(select(InboxRow))
    assert secret[:20] not in f"{row.body} {row.outcome}"


@pytest.mark.parametrize("text", ["status", "mine", "cases"])
def test_lists_need_a_role(slack: Slack, world: World, text: str) -> None:
    slack.command("U_MEMBER", text)
    assert "needs the role agent" in slack.words()
    assert len(world.audited("click.refused")) == 1


def test_guests_get_no_help_either(slack: Slack) -> None:
    slack.command("U_GUEST", "help")
    assert "Guests" in slack.words()


def test_mine_shows_ones_own_cases_alone(slack: Slack, world: World) -> None:
    world.open(dedup_key="second", summary="Second failure")
    slack.command("U_AGENT1", "mine")
    slack.command("U_AGENT2", "mine")
    first, second = (str(message["blocks"]) for _, _, message in slack.told())
    mine, others = (first, second) if "CASE-1" in first else (second, first)
    assert "Second failure" in mine
    assert "none." in others


def test_long_lists_are_turned_page_by_page(slack: Slack, world: World) -> None:
    for number in range(PAGE):
        world.open(dedup_key=f"key-{number}", summary=f"Failure {number}")
    slack.command("U_AGENT1", "cases")
    ((_, _, first),) = slack.told()
    check(first)
    assert "/support cases 2" in str(first["blocks"])
    assert str(first["blocks"]).count("CASE-") == PAGE


def test_the_second_page_holds_the_rest(slack: Slack, world: World) -> None:
    for number in range(PAGE):
        world.open(dedup_key=f"key-{number}")
    slack.command("U_AGENT1", "cases 2")
    ((_, _, second),) = slack.told()
    assert str(second["blocks"]).count("CASE-") == 1
    assert "shows more" not in str(second["blocks"])


def test_status_counts(slack: Slack) -> None:
    slack.command("U_AGENT1", "status")
    ((_, _, message),) = slack.told()
    check(message)
    assert message["text"] == "1 open, 0 claimed, 0 stuck"


def test_a_mention_is_answered_with_help_in_private(slack: Slack) -> None:
    slack.event({"type": "app_mention", "user": "U_AGENT1", "channel": CHANNEL, "text": "<@U_HANDOFF> hi"})
    ((kind, to, message),) = slack.told()
    assert (kind, to) == ("ephemeral", f"{CHANNEL}/U_AGENT1")
    assert "/support" in message["text"]


def test_the_home_tab_shows_ones_cases(slack: Slack) -> None:
    slack.event({"type": "app_home_opened", "user": "U_AGENT1", "channel": "D1", "tab": "home"})
    ((kind, to, view),) = slack.told()
    assert (kind, to) == ("publish_home", "U_AGENT1")
    check(view)
    assert "CASE-1" in str(view)


@pytest.mark.parametrize("user", ["U_MEMBER", "U_GUEST", "U_STRANGER"])
def test_the_home_tab_is_closed_to_people_without_a_role(slack: Slack, world: World, user: str) -> None:
    slack.event({"type": "app_home_opened", "user": user, "channel": "D1", "tab": "home"})
    ((_, _, view),) = slack.told()
    check(view)
    assert "CASE-1" not in str(view)
    assert world.audited("click.refused") == []


def test_the_messages_tab_is_passed_over(slack: Slack) -> None:
    slack.event({"type": "app_home_opened", "user": "U_AGENT1", "channel": "D1", "tab": "messages"})
    assert slack.told() == []
