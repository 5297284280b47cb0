"""Stuck work in Slack: who sees it, who may settle it, and that it is tried once."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import update

from automations.failure_tickets import life
from automations.failure_tickets.card import case_card
from storage import stuck, stuck_lists
from storage.models import CaseTicket, Notification, StuckItem
from tests.automations.failure_tickets.world import ANNA, World
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
    assert [job.args for job in world.jobs.of("ticket.sync")] == [{"case_id": 1}]
    last = world.entries(1)[-1]
    assert (last.actor, last.verb) == (ANNAS, "stuck_retried")
    assert last.text == "has this tried again: Bring the ticket up to date (it had failed: the desk refused it)"
    assert world.notification(f"case/1/entry/{last.seq}") is not None, "its thread hears of it"
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


def several(world: World, count: int, *owners: str) -> list[int]:
    return [put(world, owners[number % len(owners)], f"ticket/1/{number}") for number in range(count)]


def cause_of_all(world: World) -> str:
    with world.database.read() as session:
        (cause,) = stuck_lists.causes(session)
    return f"{cause.cause}:{cause.upto}"


def listed(slack: Slack, user: str, page: str = "") -> str:
    slack.dispatch({**command(user, page), "command": "/support-stuck"})
    return str(slack.told()[-1][2])


def test_what_one_cause_hit_stands_as_one_and_is_retried_for_whoever_may(slack: Slack, world: World) -> None:
    numbers = several(world, 6, ANNAS, BENS)
    shown = listed(slack, "U_AGENT1")
    assert "6 stuck for one cause" in shown
    assert "'stuck.retry'" not in shown, "each of them is behind Show each"
    value = f"stuckall:{cause_of_all(world)}:retry_all"
    late = put(world, ANNAS, "ticket/1/99")
    world.jobs.clear()
    slack.dispatch(click("U_AGENT1", "stuck.retry_all", value))
    assert slack.words() == "3 are tried again now. 3 are for their owners or a lead to settle."
    assert [item(world, number).state for number in numbers] == ["retried", "open"] * 3
    assert item(world, late).state == "open", "only what was shown"
    assert len(world.audited("stuck.retry")) == 3
    assert len(world.jobs.of("ticket.sync")) == 3
    assert not world.jobs.of("slack.deliver"), "a hundred cases do not fill the channel"
    assert [entry.verb for entry in world.entries(1)].count("stuck_retried") == 3
    slack.dispatch(click("U_AGENT1", "stuck.retry_all", value))
    assert "Nothing was changed" in slack.words()
    slack.dispatch(click("U_LEAD1", "stuck.retry_all", value))
    assert {item(world, number).state for number in numbers} == {"retried"}


def test_all_of_a_cause_are_given_up_for_one_reason(slack: Slack, world: World) -> None:
    numbers = several(world, 3, ANNAS)
    value = f"stuckall:{cause_of_all(world)}:discard_all"
    slack.dispatch(click("U_AGENT2", "stuck.discard_all", value))
    assert "None of these is yours" in slack.words()
    slack.dispatch(click("U_AGENT1", "stuck.discard_all", value))
    kind, _, modal = slack.told()[-1]
    assert (kind, modal["callback_id"]) == ("open_view", "stuck.discard_all")
    empty = slack.dispatch(form("U_AGENT1", "stuck.discard_all", modal["private_metadata"], {"reason": " "}))
    assert "why these are given up" in str(empty.body)
    slack.dispatch(form("U_AGENT1", "stuck.discard_all", modal["private_metadata"], {"reason": "the desk is replaced"}))
    assert [(item(world, one).state, item(world, one).settled_note) for one in numbers] == [
        ("discarded", "the desk is replaced")
    ] * 3
    assert len(world.audited("stuck.discard")) == 3


def test_each_of_a_cause_can_be_looked_at(slack: Slack, world: World) -> None:
    several(world, 3, ANNAS)
    slack.dispatch(click("U_AGENT1", "stuck.show_all", f"stuckall:{cause_of_all(world)}:show_all"))
    kind, _, modal = slack.told()[-1]
    assert kind == "open_view"
    assert str(modal).count("'stuck.retry'") == 3


def test_a_press_settles_a_hundred_and_says_that_there_are_more(slack: Slack, world: World) -> None:
    several(world, 103, ANNAS)
    slack.dispatch(click("U_AGENT1", "stuck.retry_all", f"stuckall:{cause_of_all(world)}:retry_all"))
    assert slack.words() == "100 are tried again now. 3 more wait: press again for them."


def test_a_ticket_somebody_has_to_look_for_is_not_among_those_retried(slack: Slack, world: World) -> None:
    several(world, 3, ANNAS)
    asked(world)
    value = f"stuckall:{cause_of_all(world)}:retry_all"
    slack.dispatch(click("U_LEAD1", "stuck.retry_all", value))
    assert "somebody has to look first whether the ticket is there" in slack.words()
    assert world.audited("stuck.retry") == []


def test_what_was_tried_stands_in_the_list_and_wholly_behind_a_button(slack: Slack, world: World) -> None:
    number = put(world)
    for minute, reason in enumerate(("the desk answered 503", "the group Billing is not known")):
        world.clock.move(timedelta(minutes=minute + 1))
        with world.begin() as session:
            stuck.add(
                session, job="ticket.sync", key="ticket/1/1", args={"case_id": 1}, target="CASE-1", owner=ANNAS,
                reason=reason, attempts=3, at=world.clock.now(),
            )  # fmt: skip
    shown = listed(slack, "U_AGENT1")
    assert shown.count("the group Billing is not known") == 1
    assert all(words in shown for words in ("Before: ", "the desk answered 503"))
    slack.dispatch(click("U_AGENT2", "stuck.show", f"stuck:{number}:show"))
    kind, _, modal = slack.told()[-1]
    assert kind == "open_view"
    assert all(words in str(modal) for words in ("the desk refused it", "503", "Billing"))


def test_the_list_has_pages(slack: Slack, world: World) -> None:
    with world.begin() as session:
        for number in range(9):
            stuck.add(
                session, job=f"job.{number}", key="k", args={"n": number}, target=f"thing {number}", owner=ANNAS,
                reason="no", attempts=1, at=world.clock.now(),
            )  # fmt: skip
    assert "4 more: `/support-stuck 2`" in listed(slack, "U_AGENT1")
    second = listed(slack, "U_AGENT1", "2")
    assert ("thing 5" in second, "thing 8" in second, "thing 4" in second) == (True, True, False)
    assert "no page 3" in listed(slack, "U_AGENT1", "3")
    assert "did not understand" in listed(slack, "U_AGENT1", "everything")


def test_a_group_that_the_desk_does_not_know_is_corrected_and_tried_again(slack: Slack, world: World) -> None:
    number = put(world)
    before = world.case(1).queue
    assert "stuck.edit" in listed(slack, "U_AGENT1")
    slack.dispatch(click("U_AGENT1", "stuck.edit", f"stuck:{number}:edit"))
    kind, _, modal = slack.told()[-1]
    assert (kind, modal["callback_id"]) == ("open_view", "stuck.edit")
    assert f"'initial_value': '{before}'" in str(modal), "the value of now stands in the form"
    metadata = modal["private_metadata"]
    for wrong, words in (("", "one value"), (before, "already"), ("x" * 256, "one value")):
        answer = slack.dispatch(form("U_AGENT1", "stuck.edit", metadata, {"new_value": wrong}))
        assert words in str(answer.body)
    assert item(world, number).state == "open"
    world.jobs.clear()
    assert slack.dispatch(form("U_AGENT1", "stuck.edit", metadata, {"new_value": "Second Line"})).body == ""
    assert (world.case(1).queue, item(world, number).state) == ("Second Line", "retried")
    assert world.jobs.of("ticket.sync")
    (row,) = world.audited("stuck.edit")
    assert row.after == {"state": "retried", "from": before, "to": "Second Line"}
    again = slack.dispatch(form("U_AGENT1", "stuck.edit", metadata, {"new_value": "Third Line"}))
    assert "was retried by Anna Berg" in str(again.body)
    assert world.case(1).queue == "Second Line"


def test_a_message_that_never_reached_slack_is_given_another_channel(slack: Slack, world: World) -> None:
    with world.begin() as session:
        session.execute(update(Notification).where(Notification.key == "case/1").values(ts=None, state="stuck"))
        number = stuck.add(
            session, job="slack.deliver", key="deliver/case/1/1", args={"key": "case/1"}, target="CASE-1",
            owner=ANNAS, reason="channel_not_found", attempts=1, at=world.clock.now(),
        ).id  # fmt: skip
    slack.deps = replace(slack.deps, channels={"failures": "C_FAILURES", "second": "C_SECOND"})
    slack.dispatch(click("U_AGENT1", "stuck.edit", f"stuck:{number}:edit"))
    modal = slack.told()[-1][2]
    assert "#second" in str(modal)
    metadata = modal["private_metadata"]
    wrong = slack.dispatch(form("U_AGENT1", "stuck.edit", metadata, {"new_value": "C_ELSEWHERE"}))
    assert "no such channel in the settings. Known: #failures, #second" in str(wrong.body)
    slack.dispatch(form("U_AGENT1", "stuck.edit", metadata, {"new_value": "C_SECOND"}))
    moved = world.notification("case/1")
    assert moved is not None
    assert (moved.channel, item(world, number).state) == ("C_SECOND", "retried")
    assert [job.args for job in world.jobs.of("slack.deliver")][-1] == {"key": "case/1"}
    with world.begin() as session:
        life.claim(session, 1, ANNA, world.ctx)
    later = world.notification("case/1")
    assert later is not None
    assert (later.version > moved.version, later.channel, world.case(1).channel) == (True, "C_SECOND", "C_SECOND")


def test_a_message_that_may_have_reached_slack_is_looked_for_and_goes_nowhere_else(slack: Slack, world: World) -> None:
    with world.begin() as session:
        unclear = update(Notification).where(Notification.key == "case/1")
        session.execute(unclear.values(ts=None, state="stuck", attempt_at=world.clock.now()))
        stuck.add(
            session, job="slack.deliver", key="deliver/case/1/1", args={"key": "case/1"}, target="CASE-1",
            owner=ANNAS, reason="not_in_channel", attempts=1, at=world.clock.now(),
        )  # fmt: skip
    shown = listed(slack, "U_AGENT1")
    assert ("stuck.edit" in shown, "stuck.retry" in shown) == (False, True)


def test_other_work_has_nothing_to_correct(slack: Slack, world: World) -> None:
    with world.begin() as session:
        number = stuck.add(
            session, job="case.escalate", key="1/x", args={"case_id": 1}, target="CASE-1", owner=ANNAS, reason="no",
            attempts=1, at=world.clock.now(),
        ).id  # fmt: skip
    assert "stuck.edit" not in listed(slack, "U_AGENT1")
    slack.dispatch(click("U_AGENT1", "stuck.edit", f"stuck:{number}:edit"))
    assert "nothing in this work that a person could correct" in slack.words()


@pytest.mark.parametrize("user", NO_RIGHTS)
def test_whoever_has_no_right_settles_nothing(slack: Slack, world: World, user: str) -> None:
    number = put(world)
    slack.dispatch(click(user, "stuck.retry", f"stuck:{number}:retry"))
    slack.dispatch(form(user, "stuck.discard", f"stuck:{number}:discard", {"reason": "x"}))
    slack.dispatch(form(user, "stuck.edit", f"stuck:{number}:edit", {"new_value": "x"}))
    slack.dispatch(click(user, "stuck.retry_all", f"stuckall:{'0' * 16}:9:retry_all"))
    assert item(world, number).state == "open"
    assert len(world.audited("click.refused")) == 4


@pytest.mark.parametrize(
    "value", ["", "stuck:0:retry", "stuck:1:show", "stuckall:0:1:retry_all", "case:1:claim", "stuck:1:discard"]
)
def test_a_button_that_says_something_else_does_nothing(slack: Slack, world: World, value: str) -> None:
    number = put(world)
    slack.dispatch(click("U_AGENT1", "stuck.retry", value))
    assert item(world, number).state == "open"
    assert "Nothing was changed" in slack.words()
