"""Stuck work in Slack: who sees it, who may settle it, and that it is tried once."""

import pytest

from storage import stuck
from storage.models import StuckItem
from tests.automations.failure_tickets.world import World
from tests.bot.listeners.people import NO_RIGHTS, Slack, click, command, form

ANNAS, BENS = "anna@team.example", "ben@team.example"


def put(world: World, owner: str = ANNAS, key: str = "ticket/1/1") -> int:
    with world.begin() as session:
        item = stuck.add(
            session, job="ticket.sync", key=key, args={"case_id": 1}, target="CASE-1", owner=owner,
            reason="the desk refused it", attempts=20, at=world.clock.now(),
        )  # fmt: skip
        return item.id


def item(world: World, number: int) -> StuckItem:
    with world.database.read() as session:
        return session.get_one(StuckItem, number)


def test_the_owner_has_it_tried_again_once(slack: Slack, world: World) -> None:
    number = put(world)
    world.jobs.clear()
    for _ in range(2):
        slack.dispatch(click("U_AGENT1", "stuck.retry", f"stuck:{number}:retry"))
    assert item(world, number).state == "retried"
    assert [(job.job, job.args) for job in world.jobs.calls] == [("ticket.sync", {"case_id": 1})]
    (row,) = world.audited("stuck.retry")
    assert (row.actor, row.target, row.outcome) == (ANNAS, "CASE-1", "retried")
    assert "retried by Anna Berg" in slack.words(), "the second click is told who was first"


def test_somebody_elses_work_needs_a_lead(slack: Slack, world: World) -> None:
    number = put(world)
    slack.dispatch(click("U_AGENT2", "stuck.retry", f"stuck:{number}:retry"))
    assert item(world, number).state == "open"
    assert "Anna Berg or a lead" in slack.words()
    assert len(world.audited("click.refused")) == 1
    slack.dispatch(click("U_LEAD1", "stuck.retry", f"stuck:{number}:retry"))
    assert item(world, number).state == "retried"


def test_giving_up_asks_for_a_reason_first(slack: Slack, world: World) -> None:
    number = put(world)
    slack.dispatch(click("U_AGENT1", "stuck.discard", f"stuck:{number}:discard"))
    kind, _, modal = slack.told()[-1]
    assert (kind, modal["callback_id"]) == ("open_view", "stuck.discard")
    metadata = modal["private_metadata"]
    empty = slack.dispatch(form("U_AGENT1", "stuck.discard", metadata, {"reason": "  "}))
    assert "why this is given up" in str(empty.body)
    assert item(world, number).state == "open"
    slack.dispatch(form("U_AGENT1", "stuck.discard", metadata, {"reason": "done by hand, password=hunter2hunter2Xy9"}))
    assert item(world, number).state == "discarded"
    assert "hunter2" not in str(item(world, number).settled_note)
    (row,) = world.audited("stuck.discard")
    assert row.after is not None
    assert row.after["reason"].startswith("done by hand")


def test_the_list_has_buttons_for_those_who_may(slack: Slack, world: World) -> None:
    slack.dispatch({**command("U_AGENT1", ""), "command": "/support-stuck"})
    assert slack.words() == "Nothing is stuck."
    put(world)
    put(world, BENS, "ticket/1/2")
    slack.dispatch({**command("U_AGENT1", ""), "command": "/support-stuck"})
    assert str(slack.told()[-1][2]).count("stuck.retry") == 1
    slack.dispatch({**command("U_LEAD1", ""), "command": "/support-stuck"})
    assert str(slack.told()[-1][2]).count("stuck.retry") == 2
    assert slack.words() == "2 stuck"


@pytest.mark.parametrize("user", NO_RIGHTS)
def test_whoever_has_no_right_settles_nothing(slack: Slack, world: World, user: str) -> None:
    number = put(world)
    slack.dispatch(click(user, "stuck.retry", f"stuck:{number}:retry"))
    slack.dispatch(form(user, "stuck.discard", f"stuck:{number}:discard", {"reason": "x"}))
    assert item(world, number).state == "open"
    assert len(world.audited("click.refused")) == 2


@pytest.mark.parametrize("value", ["", "stuck:0:retry", "stuck:1:edit", "case:1:claim", "stuck:1:discard"])
def test_a_button_that_says_something_else_does_nothing(slack: Slack, world: World, value: str) -> None:
    number = put(world)
    slack.dispatch(click("U_AGENT1", "stuck.retry", value))
    assert item(world, number).state == "open"
    assert "Nothing was changed" in slack.words()
