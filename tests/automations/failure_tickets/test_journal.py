"""What opening a case and adding to its history writes down, who is called, and which work is asked for."""

from datetime import timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from automations.domain import HANDOFF
from automations.failure_tickets import closing, journal, life, opening
from automations.failure_tickets.plan import route
from storage.models import Notification
from tests.automations.failure_tickets.world import ANNA, BEN, BOOK, LEA, ROSTER, World, an_event


def posted(world: World, case: int) -> None:
    """Slack has the living message."""
    with world.begin() as session:
        session.execute(
            update(Notification)
            .where(Notification.key == journal.card_key(case))
            .values(ts="1.2", posted_channel="C1", state="delivered", delivered_version=1, job_pending=False)
        )
    world.jobs.clear()


def test_opening_writes_everything_in_one_transaction(world: World) -> None:
    case = world.open()
    made = world.case(case)
    assert (made.status, made.owner, made.rule, made.count, made.version) == (
        "open", "anna@team.example", "default", 1, 1,
    )  # fmt: skip
    assert made.escalate_at == world.clock.now() + timedelta(minutes=30)
    assert made.customer_tier == "enterprise"
    (entry,) = world.entries(case)
    assert (entry.seq, entry.verb, entry.to_desk) == (1, "opened", False)
    assert entry.text == "opened this case for Anna Berg (default owner: no rule names an owner)"
    (row,) = world.audited("case.opened")
    assert (row.target, row.actor, row.correlation_id) == ("CASE-1", "handoff", made.correlation_id)
    assert row.before is None
    ticket = world.ticket(case)
    assert ticket.key.startswith("handoff-")
    assert (ticket.state, ticket.wanted_version, ticket.verified_version) == ("wanted", 1, 0)
    card = world.notification("case/1")
    assert card is not None
    assert (card.kind, card.channel, card.data) == ("case.card", "C_FAILURES", {"case_id": 1})
    assert [(job.job, job.key, job.args) for job in world.jobs.calls] == [
        ("slack.deliver", "deliver/case/1/1", {"key": "case/1"}),
        ("ticket.sync", "ticket/1/1", {"case_id": 1}),
    ]


def test_a_second_open_case_of_one_key_is_impossible(world: World) -> None:
    world.open()
    event = an_event()
    routing = route(event, BOOK, ROSTER, {}, world.clock.now())
    with pytest.raises(IntegrityError), world.begin() as session:
        opening.open_case(session, event, routing, None, world.ctx)


def test_two_cases_never_share_a_ticket_key(world: World) -> None:
    one, other = world.open(), world.open(dedup_key="other")
    assert world.ticket(one).key != world.ticket(other).key


def test_a_line_of_history_brings_message_thread_and_ticket_along(world: World) -> None:
    case = world.open()
    posted(world, case)
    with world.begin() as session:
        life.claim(session, case, BEN, world.ctx)
    version = world.case(case).version
    assert [(job.job, job.key) for job in world.jobs.calls] == [
        ("slack.deliver", "deliver/case/1/2"),
        ("slack.deliver", "deliver/case/1/entry/2/1"),
        ("ticket.sync", f"ticket/1/{version}"),
    ]
    line = world.notification("case/1/entry/2")
    assert line is not None
    assert (line.kind, line.parent_key, line.data) == (
        "case.entry", "case/1", {"case_id": 1, "seq": 2, "mention": None},
    )  # fmt: skip


def test_a_new_owner_is_called_once_and_nobody_for_their_own_act(world: World) -> None:
    case = world.open()
    posted(world, case)
    with world.begin() as session:
        life.reassign(session, case, LEA, "ben@team.example", world.ctx)
        life.reassign(session, case, ANNA, "anna@team.example", world.ctx)
        closing.resolve(session, case, BEN, "done", world.ctx)
        closing.reopen(session, case, LEA, world.ctx)
        closing.resolve(session, case, BEN, "done", world.ctx)
        closing.reopen(session, case, ANNA, world.ctx)
    called = [world.notification(f"case/1/entry/{entry.seq}") for entry in world.entries(case)[1:]]
    assert [line.data["mention"] if line else "no line" for line in called] == [
        "ben@team.example", None, None, "anna@team.example", None, None,
    ]  # fmt: skip


def test_before_the_first_post_the_message_itself_calls_the_owner(world: World) -> None:
    case = world.open()
    with world.begin() as session:
        life.reassign(session, case, LEA, "ben@team.example", world.ctx)
    line = world.notification("case/1/entry/2")
    assert line is not None
    assert line.data["mention"] is None
    assert [job.key for job in world.jobs.of("slack.deliver")] == ["deliver/case/1/1"], (
        "the thread waits for its message"
    )


def test_a_refresh_asks_for_one_delivery_while_one_is_pending(world: World) -> None:
    case = world.open()
    posted(world, case)
    for _ in range(3):
        with world.begin() as session:
            journal.refresh(session, session.get_one(type(world.case(case)), case), world.ctx)
    assert [job.key for job in world.jobs.calls] == ["deliver/case/1/2"]
    assert world.case(case).version == 4


def test_a_note_of_the_bot_is_no_last_act_unless_it_says_so(world: World) -> None:
    case = world.open()
    with world.begin() as session:
        row = session.get_one(type(world.case(case)), case)
        text = "saw this failure 10 times"
        journal.note(session, row, verb="counted", actor=HANDOFF, text=text, to_desk=True, mention=None, ctx=world.ctx)
    assert world.case(case).last_act == "opened it"
    assert world.audited("case.counted")[0].after is None
