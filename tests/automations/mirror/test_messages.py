"""Who spoke on a ticket, which of an agent's messages answer, and who opened it."""

from datetime import datetime

from hypothesis import given

from automations.domain import Ticket
from automations.mirror.messages import Talk, talk
from tests.automations.mirror.histories import History, at, event, histories, ticket
from tests.support import START

OURS = "handoff-0123456789abcdef"


def answers(found: Talk) -> list[tuple[datetime, datetime | None, bool, int | None]]:
    return [(one.at, one.asked_at, one.first, one.waited_s) for one in found.messages if one.asked_at is not None]


@given(histories())
def test_each_question_is_answered_once_and_in_order(history: History) -> None:
    found = talk(history.ticket, history.events)
    said = [one for one in history.events if one.kind in ("customer", "public")]
    assert [one.at for one in found.messages] == [one.at for one in said]
    last = START
    for one in found.messages:
        if one.asked_at is None:
            assert not one.first
            continue
        assert one.side == "agent"
        assert last <= one.asked_at <= one.at, "after the answer before"
        assert one.waited_s == (one.at - one.asked_at).total_seconds()
        last = one.at
    first = [one.at for one in found.messages if one.first]
    assert first == ([found.first_reply_at] if found.first_reply_at else [])
    asked = [one.at for one in found.messages if one.side == "customer"]
    if found.waiting_since is not None:
        assert found.waiting_since in [START, *asked]
        assert all(one.side != "agent" or one.at <= found.waiting_since for one in found.messages if one.asked_at)
    again = talk(history.ticket, sorted(history.events, key=lambda one: (-one.at.timestamp(), int(one.id))))
    assert again == found, "in any order of delivery"


def test_the_first_answer_and_the_later_ones() -> None:
    found = talk(
        ticket(),
        [
            event(0, "customer"),
            event(5, "customer"),
            event(9, "internal"),
            event(10, "public"),
            event(11, "public"),
            event(30, "customer"),
            event(45, "public"),
            event(50, "customer"),
        ],
    )
    assert answers(found) == [(at(10), START, True, 600), (at(45), at(30), False, 900)]
    assert (found.opened_by, found.first_reply_at, found.waiting_since) == ("customer", at(10), at(50))
    assert [one.author for one in found.messages if one.side == "customer"] == [""] * 4, "no address of theirs is kept"
    assert found.messages[2].author == "anna@team.example"


def test_opening_words_that_are_told_as_no_message_count_from_the_creation() -> None:
    late = talk(ticket(), [event(20, "public"), event(30, "customer")])
    assert (late.opened_by, late.waiting_since) == ("customer", at(30))
    assert answers(late) == [(at(20), START, True, 1200)]
    assert talk(ticket(), []).waiting_since == START
    imported = talk(ticket(key="import/4711"), [])
    assert (imported.opened_by, imported.waiting_since) == ("customer", START)


def test_a_ticket_that_an_agent_opened_waits_for_nobody_until_the_customer_writes() -> None:
    opened = event(0, "public")
    assert talk(ticket(), [opened]).waiting_since is None
    found = talk(ticket(), [opened, event(3, "public"), event(10, "customer"), event(12, "public")])
    assert (found.opened_by, found.first_reply_at) == ("agent", at(12))
    assert answers(found) == [(at(12), at(10), True, 120)]


def test_our_own_ticket_is_the_bots() -> None:
    ours: Ticket = ticket(key=OURS)
    assert (talk(ours, []).opened_by, talk(ours, []).waiting_since) == ("bot", None)
    found = talk(ours, [event(0, "internal"), event(10, "customer"), event(20, "public", ours=True)])
    assert (found.opened_by, found.first_reply_at) == ("bot", at(20)), "a reply that a person confirmed is an agent's"


def test_a_bot_opens_and_answers_nothing_for_people() -> None:
    found = talk(ticket(), [event(0, "customer"), event(1, "public", automatic=True), event(20, "public")])
    assert [one.side for one in found.messages] == ["customer", "bot", "agent"]
    assert answers(found) == [(at(20), START, True, 1200)]
    assert talk(ticket(), [event(0, "public", automatic=True)]).opened_by == "bot"
