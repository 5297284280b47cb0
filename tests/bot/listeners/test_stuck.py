"""Stuck work in Slack: who sees it, who may settle it, and that it is tried once."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from automations.failure_tickets.card import case_card
from storage import stuck
from storage.models import CaseTicket, StuckItem
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


def asked(world: World) -> None:
    """The desk did not say whether it made the ticket of case 1, and somebody is asked to look."""
    with world.begin() as session:
        values = {"state": "unknown", "unclear_at": world.clock.now(), "missing": "Look for “[CASE-1]”"}
        session.execute(update(CaseTicket).values(values))
    world.clock.move(timedelta(minutes=5))


def test_an_unclear_ticket_is_settled_from_the_list_and_from_the_cases_menu(slack: Slack, world: World) -> None:
    number = put(world)
    asked(world)
    slack.dispatch({**command("U_AGENT1", ""), "command": "/support-stuck"})
    shown = str(slack.told()[-1][2])
    assert "stuck.retry" not in shown, "to try again would be to make it again"
    assert all(words in shown for words in ("case.ticket_found", "case.ticket_absent", "stuck.discard"))
    world.jobs.clear()
    for _ in range(2):
        slack.dispatch(click("U_AGENT1", "case.ticket_found", "case:1:ticket_found"))
        kind, _, modal = slack.told()[-1]
        assert (kind, modal["callback_id"]) == ("open_view", "case.ticket_found")
    wrong = slack.submit("U_AGENT1", "case.ticket_found", {"ticket": "? ?"})
    assert "Please give the number" in str(wrong.body)
    assert slack.submit("U_AGENT1", "case.ticket_found", {"ticket": "#4711"}).body == ""
    again = slack.submit("U_LEAD1", "case.ticket_absent", {"note": ""})
    assert "Anna Berg found the ticket of CASE-1 already: #4711" in str(again.body)
    row = world.ticket(1)
    assert (row.state, row.named, row.named_by) == ("unknown", "4711", ANNAS)
    assert (item(world, number).state, item(world, number).settled_by) == ("done", ANNAS)
    assert len(world.jobs.of("ticket.sync")) == 1
    slack.choose("U_AGENT1", "case.ticket_absent")
    assert "already: #4711" in slack.words()


def test_a_ticket_that_is_not_there_is_made_by_a_click_and_its_form(slack: Slack, world: World) -> None:
    asked(world)
    slack.choose("U_AGENT2", "case.ticket_absent")
    assert slack.told()[-1][2]["callback_id"] == "case.ticket_absent"
    assert world.ticket(1).state == "unknown", "the click alone makes nothing"
    for _ in range(2):
        slack.submit("U_AGENT2", "case.ticket_absent", {"note": "looked in All tickets"})
    assert world.ticket(1).state == "wanted"
    (row,) = world.audited("case.ticket_absent")
    assert (row.actor, row.after) == (BENS, {"ticket": "ticket_absent", "note": "looked in All tickets"})
    with world.database.read() as session:
        assert not case_card(session, 1, world.ctx).ticket.asked


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
